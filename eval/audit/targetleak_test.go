package audit

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"flowbook/datasets/nslkdd/nslkddtest"
	"flowbook/internal/exhibit"
	"flowbook/internal/rng"
	"flowbook/internal/table"
)

// Training: level a has 30 of 40 x and 10 of 60 y, b has 10 and 50. So "x" is said of a.
// Test: a has 20 of 25 x and 15 of 50 y, c, unknown, has 5 and 20, b the rest.
// Balanced accuracy: (20/25 + 5/25/2 + 15/50 + 20/50/2) / 2 = 0.7.
func TestLeaksByHand(t *testing.T) {
	make := func(name string, counts map[string][2]int) table.View {
		var level, class []string
		var x []float64
		for _, l := range []string{"a", "b", "c"} {
			for k, n := range counts[l] {
				for range n {
					level, class = append(level, l), append(class, []string{"x", "y"}[k])
					x = append(x, 1)
				}
			}
		}
		return table.Must(table.New(name, table.Float("one", "", x), table.Text("level", level), table.Text("class", class).As(table.Label))).View()
	}
	train := make("train", map[string][2]int{"a": {30, 10}, "b": {10, 50}})
	test := make("test", map[string][2]int{"a": {20, 15}, "b": {0, 15}, "c": {5, 20}})
	got, err := Leaks(train, test)
	if err != nil || got[0].Feature != "level" || got[0].Class != "x" || !(math.Abs(got[0].Balanced-0.7) <= 1e-12) || got[1] != (Leak{"one", "x", 0.5}) {
		t.Errorf("%v %v", got, err)
	}
	c, err := TargetLeak(train, test, "test")
	if err != nil || c.Status != exhibit.Pass || c.Value != got[0].Balanced || c.Rows[0] != "level: 0.7 for x" {
		t.Errorf("%+v %v", c, err)
	}
	few := make("few", map[string][2]int{"a": {19, 0}, "b": {0, 50}})
	if c, err := TargetLeak(train, few, "few"); err != nil || c.Status != exhibit.Warn || !math.IsNaN(c.Value) {
		t.Errorf("19 rows of a class: %+v %v", c, err)
	}
	if c, err := TargetLeak(train.Select(), test, "test"); err != nil || c.Status != exhibit.Warn {
		t.Errorf("no features: %+v %v", c, err)
	}
	if _, err := TargetLeak(train, table.Must(table.New("other")).View(), "other"); err == nil {
		t.Error("a missing column is accepted")
	}
	if _, err := TargetLeak(train.WithTarget("one"), test, "test"); err == nil {
		t.Error("a target of numbers is accepted")
	}
	if _, err := TargetLeak(train, table.Seal(test.Table()).Describe("no"), "test"); err == nil {
		t.Error("a rule is judged on a sealed test")
	}
}

// A copy is found in whatever clothes; what is no copy is not, however many levels it has.
func TestTargetLeakInClothes(t *testing.T) {
	g := rng.New(12).Rand()
	const n = 3000
	class := make([]string, n)
	rare := make([]bool, n)
	for i := range class {
		class[i] = []string{"dos", "normal", "normal", "probe"}[g.IntN(4)]
		if i%20 == 3 {
			class[i] = "u2r"
		}
		rare[i] = class[i] == "u2r"
	}
	of := map[string]float64{"dos": 4, "normal": 1, "probe": 9, "u2r": 2}
	for _, c := range []struct {
		name string
		cell func(i int) (number float64, level string)
		want exhibit.Status
	}{
		{"a number", func(i int) (float64, string) { return of[class[i]], "" }, exhibit.Fail},
		{"a number with noise", func(i int) (float64, string) { return of[class[i]] + 0.2*g.Float64(), "" }, exhibit.Fail},
		{"a number, one in a hundred wrong", func(i int) (float64, string) {
			if i%100 == 50 {
				return 1, ""
			}
			return of[class[i]], ""
		}, exhibit.Fail},
		{"other words", func(i int) (float64, string) { return 0, fmt.Sprint("type ", 7-of[class[i]]) }, exhibit.Fail},
		{"a flag of one rare class", func(i int) (float64, string) {
			if rare[i] {
				return 1, ""
			}
			return 0, ""
		}, exhibit.Fail},
		{"missing for one rare class", func(i int) (float64, string) {
			if rare[i] {
				return math.NaN(), ""
			}
			return g.NormFloat64(), ""
		}, exhibit.Fail},
		{"noise", func(int) (float64, string) { return g.NormFloat64(), "" }, exhibit.Pass},
		{"an id", func(i int) (float64, string) { return 0, fmt.Sprint(i) }, exhibit.Pass},
		{"an honest feature", func(i int) (float64, string) { return of[class[i]] + 3*g.NormFloat64(), "" }, exhibit.Pass},
	} {
		x, s := make([]float64, n), make([]string, n)
		for i := range n {
			x[i], s[i] = c.cell(i)
		}
		noise := make([]float64, n)
		for i := range noise {
			noise[i] = g.NormFloat64()
		}
		feature := table.Float("suspect", "", x)
		if s[0] != "" {
			feature = table.Text("suspect", s)
		}
		v := table.Must(table.New("t", table.Float("noise", "", noise), feature, table.Text("class", class).As(table.Label))).View()
		order := g.Perm(n)
		got, err := TargetLeak(v.Take(order[:2000]), v.Take(order[2000:]), "test")
		if err != nil || got.Status != c.want || c.want == exhibit.Fail && !strings.HasPrefix(got.Detail, "suspect alone tells ") {
			t.Errorf("%s: %+v %v", c.name, got, err)
		}
	}
}

// NSL-KDD's classes have no leak; src_bytes is close to one.
func TestTargetLeakOfNSLKDD(t *testing.T) {
	v := nslkddtest.View(t, "KDDTrain+")
	var even, odd []int
	for i := range v.Rows() {
		if i%2 == 0 {
			even = append(even, i)
		} else {
			odd = append(odd, i)
		}
	}
	c, err := TargetLeak(v.Take(even), v.Take(odd), "the odd rows")
	if err != nil || c.Status != exhibit.Warn || !(math.Abs(c.Value-0.954) <= 5e-4) || !strings.HasPrefix(c.Rows[0], "src_bytes") {
		t.Errorf("%+v %v", c, err)
	}
	c, err = TargetLeak(v, nslkddtest.View(t, "KDDTest+"), "KDDTest+")
	if err != nil || c.Status != exhibit.Pass {
		t.Errorf("%+v %v", c, err)
	}
}
