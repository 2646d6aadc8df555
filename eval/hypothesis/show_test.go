package hypothesis

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/exhibit"
	"flowbook/internal/table"
)

var (
	attack = []float64{0, 0, 1, 2, 3, 5, 8, 13, 21, 30, 31, 32}
	normal = []float64{20, 33, 34, 40, 41, 45, 50, 61, 70, 88, 90, 95}
)

func ExampleMannWhitney() {
	r, err := MannWhitney(attack, normal)
	if err != nil {
		panic(err)
	}
	r = r.About("hypothesis/demo/src_bytes", "src_bytes", "attack", "normal")
	fmt.Println(r.Sentence())
	// Output:
	// Attack rows have lower src_bytes than normal rows in 97.2 % of pairs, ties counting one half (A12 0.02778, 95 % CI 0.003182 to 0.2036; U 4, p = 9.7e-05), which is more than chance explains at the 5 % level.
}

func ExampleCrosstab() {
	c, _ := Crosstab(
		[]string{"http", "http", "http", "http", "smtp", "smtp", "smtp", "smtp", "smtp", "dns", "dns", "dns"},
		[]string{"normal", "normal", "normal", "attack", "attack", "attack", "attack", "attack", "attack", "normal", "normal", "attack"})
	r, _ := ChiSquareOf(c)
	fmt.Printf("%.4f %v %.4f\n", r.Statistic, r.DF, r.Effect)
	fmt.Println(r.Warnings[0])
	// chi2 by hand: expected attack 7/12 of 4, 5, 3; normal 5/12 of them.
	// (1-2.333)²/2.333 + (5-2.917)²/2.917 + (1-1.75)²/1.75 + (3-1.667)²/1.667 + (0-2.083)²/2.083 + (2-1.25)²/1.25

	// Output:
	// 6.1714 2 0.7171
	// 6 of 6 cells expect fewer than 5 rows (least 1.2): p is approximate
}

func ids(e exhibit.Exhibit) []string {
	var out []string
	for _, m := range e.Measures {
		out = append(out, m.ID)
	}
	return out
}

func TestMeasureIDs(t *testing.T) {
	c, err := Crosstab([]string{"a", "b", "a", "b"}, []string{"x", "y", "x", "x"})
	if err != nil {
		t.Fatal(err)
	}
	r, err := ChiSquareOf(c)
	if err != nil {
		t.Fatal(err)
	}
	r.ID = "hypothesis/KDDTrain+_20Percent/service"
	got := ids(r.Exhibit())
	for _, want := range []string{"chi2", "df", "p", "log10-p", "cramers-v", "v-bias-corrected"} {
		if !slices.Contains(got, "hypothesis/kddtrain+-20percent/service/"+want) {
			t.Errorf("no %s in %q", want, got)
		}
	}
	r.Subject, r.Data = "service", "KDDTest+"
	if got := r.Exhibit().Grids[0].Title; got != "chi-square of independence: service (KDDTest+)" {
		t.Errorf("title %q", got)
	}
	for _, m := range r.Measures("x") {
		if m.ID == "x/cramers-v" && (!m.HasInterval() || m.Rows != 4) {
			t.Errorf("%+v", m)
		}
	}
}

// Every shown grid has as many cells as columns, and every measure a different ID.
func TestExhibitsAreWhole(t *testing.T) {
	w, _ := WelchT(attack, normal)
	u, _ := MannWhitney(attack, normal)
	a, _ := ANOVA(attack, normal, []float64{1, 2, 3})
	var x []float64
	var hit []bool
	var level, class []string
	for i, v := range append(slices.Clone(attack), normal...) {
		x, hit = append(x, v), append(hit, i%3 == 0 || v < 4)
		level = append(level, []string{"SF", "S0", "SH"}[i%3])
		class = append(class, []string{"no", "yes"}[i/12])
	}
	d, err := Dummies("flag", level, "SF")
	if err != nil {
		t.Fatal(err)
	}
	l, err := Logistic(hit, d...)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Firth(hit, append(d, Predictor{Name: "bytes", Values: x})...)
	if err != nil {
		t.Fatal(err)
	}
	key, err := Model{Firth: true, Wald: true, Key: []string{"bytes"}}.Fit(hit, append(d, Predictor{Name: "bytes", Values: x})...)
	if err != nil {
		t.Fatal(err)
	}
	one, _ := f.Term("bytes")
	two, _ := key.Term("bytes")
	if one != two || key.Terms[0].Low == f.Terms[0].Low {
		t.Errorf("the key term is not the profiled one: %+v %+v", one, two)
	}
	s, err := SplineLogistic(x, hit, 4)
	if err != nil {
		t.Fatal(err)
	}
	q, err := Deciles(x, hit)
	if err != nil {
		t.Fatal(err)
	}
	c, _ := Crosstab(level, class)
	res, err := ResidualsOf(c, "")
	if err != nil {
		t.Fatal(err)
	}
	tab := table.Must(table.New("demo", table.Float("bytes", "", x), table.Float("constant", "", make([]float64, len(x))),
		table.Text("flag", level), table.Text("hit", class).As(table.Label)))
	scan, err := Scan(tab.View(), "hit", WelchT)
	if err != nil {
		t.Fatal(err)
	}
	if scan.Groups[0] != "yes" || len(scan.Results) != 1 || len(scan.Skipped) != 1 || !strings.HasPrefix(scan.Skipped[0], "constant: ") {
		t.Errorf("%q %q", scan.Groups, scan.Skipped)
	}
	gx, gy, names, err := Groups(tab.View(), "bytes", "hit")
	if err != nil || !slices.Equal(gx, normal) || !slices.Equal(gy, attack) || names[0] != "yes" {
		t.Errorf("Groups: %v %v %v %q", err, gx, gy, names)
	}
	if pos, _, err := Outcome(tab.View(), "hit"); err != nil || pos[0] || !pos[12] {
		t.Errorf("Outcome: %v %v", err, pos)
	}
	if _, _, _, err := Groups(tab.View(), "flag", "hit"); err == nil {
		t.Error("Groups of a category")
	}
	cat, err := ScanCategorical(tab.View(), "hit")
	if err != nil {
		t.Fatal(err)
	}
	for name, shown := range map[string]exhibit.Shower{"welch": w, "mann-whitney": u, "anova": a, "logistic": l, "firth": f,
		"spline": s, "deciles": q, "residuals": res, "scan": scan.Named("a/b"), "scan categorical": cat, "holm": Holm([]Result{w, u})[0]} {
		e := shown.Exhibit()
		if len(e.Grids) == 0 {
			t.Errorf("%s shows nothing", name)
		}
		for _, g := range e.Grids {
			for _, row := range g.Rows {
				if len(row) != len(g.Columns) {
					t.Errorf("%s: %d cells for columns %q", name, len(row), g.Columns)
				}
			}
		}
		seen := make(map[string]bool)
		for _, m := range e.Measures {
			if seen[m.ID] {
				t.Errorf("%s: %s twice", name, m.ID)
			}
			seen[m.ID] = true
		}
		type speaker interface{ Sentence() string }
		if s := shown.(speaker).Sentence(); strings.Contains(s, "%!") || strings.Contains(s, "NaN") || !strings.HasSuffix(s, ".") {
			t.Errorf("%s: %s", name, s)
		} else {
			t.Log(name, s)
		}
	}
}

func TestScanRefuses(t *testing.T) {
	tab := table.Must(table.New("demo", table.Float("bytes", "", []float64{1, 2, 3}), table.Text("class", []string{"a", "b", "c"})))
	if _, err := Scan(tab.View(), "class", MannWhitney); err == nil || !strings.Contains(err.Error(), "want two") {
		t.Errorf("three classes: %v", err)
	}
	if _, err := Scan(tab.View(), "nope", MannWhitney); err == nil {
		t.Error("no such label")
	}
	if _, err := Scan(table.View{}, "class", MannWhitney); err == nil {
		t.Error("no rows")
	}
	if _, err := ScanCategorical(table.View{}, "class"); err == nil {
		t.Error("no rows")
	}
}

func TestSentenceBeginsWithALetterOfAnyAlphabet(t *testing.T) {
	r, err := MannWhitney([]float64{1, 2, 3}, []float64{4, 5, 6})
	if err != nil {
		t.Fatal(err)
	}
	if s := r.About("", "bytes", "épuisement", "normal").Sentence(); !strings.HasPrefix(s, "Épuisement") {
		t.Errorf("sentence %q", s)
	}
}
