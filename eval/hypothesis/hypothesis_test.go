package hypothesis

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"
)

type twoGolden struct {
	Name     string
	X, Y     []float64
	T        float64
	TP       float64 `json:"t_p"`
	DF, D, G float64
	GLow     float64 `json:"g_low"`
	GHigh    float64 `json:"g_high"`
	DiffLow  float64 `json:"diff_low"`
	DiffHigh float64 `json:"diff_high"`
	U        float64
	UP       []float64 `json:"u_p"`
	UPPlain  float64   `json:"u_p_plain"`
	A12      []float64
}

type golden struct {
	Two   []twoGolden
	Anova []struct {
		Groups                        [][]float64
		F, P, Eta2, Low, High, Omega2 float64
	}
	Tables []struct {
		T                                [][]int
		X2, DF, P, V, Low, High, Bergsma float64
		AssociationV                     float64 `json:"association_v"`
		Residuals                        [][]float64
	}
	P, Holm, BH []float64
	Logit       struct {
		V, Coef, SE, P []float64
		C              []string
		Y              []bool
		CI             [][]float64
		LLF, LLNull    float64
		LRP            float64 `json:"lr_p"`
	}
	Firth struct {
		Y           []bool
		Coef, SE, P []float64
		CI          [][]float64
		LLF, LR     float64
	}
	Deciles struct {
		X         []float64
		Y         []bool
		X2, DF, P float64
		Counts    [][]int
	}
}

func load(t *testing.T) (g golden) {
	t.Helper()
	b, err := os.ReadFile("testdata/hypothesis.json")
	if err == nil {
		err = json.Unmarshal(b, &g)
	}
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func near(t *testing.T, got, want, rel, abs float64, what string) {
	t.Helper()
	if !(math.Abs(got-want) <= rel*math.Abs(want)+abs) {
		t.Errorf("%s: got %.15g, want %.15g", what, got, want)
	}
}

// checkP holds p and its logarithm against scipy's p, where that is above 1e-300.
func checkP(t *testing.T, p, log10, want float64, what string) {
	t.Helper()
	if want < 1e-300 {
		return
	}
	near(t, p, want, 1e-9, 0, what)
	near(t, log10, math.Log10(want), 1e-10, 1e-10, what+" log10")
}

func TestWelchT(t *testing.T) {
	for _, c := range load(t).Two {
		t.Run(c.Name, func(t *testing.T) {
			r, err := WelchT(c.X, c.Y)
			if err != nil {
				t.Fatal(err)
			}
			near(t, r.Statistic, c.T, 1e-11, 0, "t")
			near(t, r.DF, c.DF, 1e-11, 0, "df")
			checkP(t, r.P, r.Log10P, c.TP, "p")
			near(t, r.Get("Cohen's d"), c.D, 1e-11, 0, "d")
			near(t, r.Effect, c.G, 1e-9, 0, "g")
			near(t, r.EffectLow, c.GLow, 1e-7, 1e-9, "g low")
			near(t, r.EffectHigh, c.GHigh, 1e-7, 1e-9, "g high")
			near(t, r.Extra[0].Low, c.DiffLow, 1e-9, 1e-12, "difference low")
			near(t, r.Extra[0].High, c.DiffHigh, 1e-9, 1e-12, "difference high")
			back, _ := WelchT(c.Y, c.X)
			near(t, back.Statistic, -r.Statistic, 0, 0, "t of the groups swapped")
		})
	}
}

func TestMannWhitney(t *testing.T) {
	for _, c := range load(t).Two {
		t.Run(c.Name, func(t *testing.T) {
			for i, a := range []Alternative{TwoSided, Greater, Less} {
				r, err := RankSum{Alternative: a}.Test(c.X, c.Y)
				if err != nil {
					t.Fatal(err)
				}
				near(t, r.Statistic, c.U, 0, 0, "U")
				checkP(t, r.P, r.Log10P, c.UP[i], "p "+a.String())
				near(t, r.Effect, c.A12[0], 1e-12, 0, "A12")
				near(t, r.EffectLow, c.A12[1], 1e-8, 1e-10, "A12 low")
				near(t, r.EffectHigh, c.A12[2], 1e-8, 1e-10, "A12 high")
			}
			if r, _ := (RankSum{NoContinuity: true}).Test(c.X, c.Y); min(len(c.X), len(c.Y)) > 8 {
				checkP(t, r.P, r.Log10P, c.UPPlain, "p without continuity")
				near(t, r.P, 2*0.5*math.Erfc(math.Abs(r.Get("z"))/math.Sqrt2), 1e-9, 0, "p from z")
			}
			x, _ := MannWhitney(c.X, c.Y)
			y, _ := MannWhitney(c.Y, c.X)
			near(t, x.Effect+y.Effect, 1, 1e-15, 0, "A12 of both directions")
			near(t, y.P, x.P, 1e-12, 0, "p of the groups swapped")
		})
	}
}

// The smallest p of m and n values is 2/C(m+n, m): no test of such groups can do better.
func TestMannWhitneyFloor(t *testing.T) {
	r, err := MannWhitney([]float64{1, 2, 3}, []float64{4, 5, 6, 7})
	if err != nil {
		t.Fatal(err)
	}
	near(t, r.P, 2.0/35, 1e-14, 0, "p of complete separation, 3 against 4")
	if len(r.Warnings) == 0 || !strings.Contains(r.Warnings[0], "nothing can reach 0.05") {
		t.Errorf("warnings %q", r.Warnings)
	}
}

func TestANOVA(t *testing.T) {
	for _, c := range load(t).Anova {
		r, err := ANOVA(c.Groups...)
		if err != nil {
			t.Fatal(err)
		}
		near(t, r.Statistic, c.F, 1e-11, 0, "F")
		checkP(t, r.P, r.Log10P, c.P, "p")
		near(t, r.Effect, c.Eta2, 1e-11, 0, "eta2")
		near(t, r.EffectLow, c.Low, 1e-7, 1e-9, "eta2 low")
		near(t, r.EffectHigh, c.High, 1e-7, 1e-9, "eta2 high")
		near(t, r.Get("omega2"), c.Omega2, 1e-10, 1e-14, "omega2")
	}
	// Law: F of two groups is the square of Student's t, and with equal sizes of Welch's.
	x, y := []float64{1, 4, 2, 8}, []float64{5, 9, 7, 12}
	f, _ := ANOVA(x, y)
	w, _ := WelchT(x, y)
	near(t, f.Statistic, w.Statistic*w.Statistic, 1e-13, 0, "F and t²")
}

func TestChiSquare(t *testing.T) {
	for _, c := range load(t).Tables {
		tab := Contingency{Count: c.T}
		for i := range c.T {
			tab.Rows = append(tab.Rows, string(rune('a'+i)))
		}
		for j := range c.T[0] {
			tab.Cols = append(tab.Cols, string(rune('A'+j)))
		}
		r, err := ChiSquareOf(tab)
		if err != nil {
			t.Fatal(err)
		}
		near(t, r.Statistic, c.X2, 1e-12, 0, "chi2")
		near(t, r.DF, c.DF, 0, 0, "df")
		checkP(t, r.P, r.Log10P, c.P, "p")
		near(t, r.Effect, c.V, 1e-12, 0, "V")
		near(t, r.Effect, c.AssociationV, 1e-12, 0, "V of scipy")
		near(t, r.EffectLow, c.Low, 1e-7, 1e-9, "V low")
		near(t, r.EffectHigh, c.High, 1e-7, 1e-9, "V high")
		near(t, r.Get("V bias-corrected"), c.Bergsma, 1e-11, 0, "bias-corrected V")
		for j, col := range tab.Cols {
			res, err := ResidualsOf(tab, col)
			if err != nil {
				t.Fatal(err)
			}
			for _, cell := range res.Cells {
				near(t, cell.Value, c.Residuals[cell.Level[0]-'a'][j], 1e-10, 1e-12, "residual "+cell.Level+col)
			}
		}
	}
}

func TestCrosstab(t *testing.T) {
	c, err := Crosstab([]string{"b", "a", "", "b", "b"}, []string{"y", "x", "x", "", "y"})
	if err != nil || c.Dropped != 2 || len(c.Rows) != 2 || c.Count[1][1] != 2 || c.Count[0][0] != 1 || c.Count[1][0] != 0 {
		t.Errorf("%v %+v", err, c)
	}
}

func TestCorrections(t *testing.T) {
	g := load(t)
	results := make([]Result, len(g.P)+1)
	for i, p := range g.P {
		results[i].P, results[i].Log10P = p, math.Log10(p)
	}
	results[len(g.P)] = blank("not tested", "") // NaN: must not count
	h, b := Holm(results), BenjaminiHochberg(results)
	for i := range g.P {
		near(t, h[i].PCorrected, g.Holm[i], 1e-12, 0, "Holm")
		near(t, h[i].Log10PCorrected, math.Log10(g.Holm[i]), 1e-12, 1e-12, "Holm log10")
		near(t, b[i].PCorrected, g.BH[i], 1e-12, 0, "Benjamini-Hochberg")
	}
	if !math.IsNaN(h[len(g.P)].PCorrected) {
		t.Error("a test without p got one")
	}
	// By hand: 0.5·2/1 is more than the larger p, 0.52·2/2, which therefore caps it.
	two := BenjaminiHochberg([]Result{{P: 0.52, Log10P: math.Log10(0.52)}, {P: 0.5, Log10P: math.Log10(0.5)}})
	near(t, two[1].PCorrected, 0.52, 1e-15, 0, "Benjamini-Hochberg, capped")
	// Where p has underflowed the order of the logarithms decides.
	under := Holm([]Result{{P: 0, Log10P: -500}, {P: 0, Log10P: -400}})
	near(t, under[0].Log10PCorrected, -500+math.Log10(2), 1e-12, 0, "underflown p, first")
	near(t, under[1].Log10PCorrected, -400, 1e-12, 0, "underflown p, second")
}

func TestLogistic(t *testing.T) {
	g := load(t).Logit
	d, err := Dummies("flag", g.C, "SF")
	if err != nil {
		t.Fatal(err)
	}
	// sorted levels without the reference: REJ S0 SH, as in the reference
	r, err := Logistic(g.Y, append([]Predictor{{Name: "v", Values: g.V}}, d...)...)
	if err != nil || !r.Converged || len(r.Separated) > 0 {
		t.Fatal(err, r.Separated)
	}
	for j, c := range append([]Coefficient{r.Intercept}, r.Terms...) {
		near(t, c.Value, g.Coef[j], 1e-9, 1e-10, c.Name)
		near(t, c.SE, g.SE[j], 1e-9, 0, c.Name+" SE")
		near(t, c.P, g.P[j], 1e-8, 0, c.Name+" p")
		near(t, c.Low, g.CI[j][0], 1e-8, 1e-9, c.Name+" low")
		near(t, c.OddsHigh, math.Exp(g.CI[j][1]), 1e-8, 0, c.Name+" odds high")
	}
	near(t, r.LogLik, g.LLF, 1e-11, 0, "log-likelihood")
	near(t, r.Null, g.LLNull, 1e-11, 0, "null log-likelihood")
	near(t, r.LRT.P, g.LRP, 1e-8, 0, "likelihood-ratio p")
	near(t, r.LRT.Effect, 1-g.LLF/g.LLNull, 1e-9, 0, "McFadden")
}

func TestFirth(t *testing.T) {
	g := load(t)
	d, err := Dummies("flag", g.Logit.C, "SF")
	if err != nil {
		t.Fatal(err)
	}
	predictors := append([]Predictor{{Name: "v", Values: g.Logit.V}}, d...)
	ml, err := Logistic(g.Firth.Y, predictors...)
	if err != nil || ml.Converged || len(ml.Separated) != 1 || !strings.HasPrefix(ml.Separated[0], "flag=SH (") {
		t.Errorf("%v: separated %q", err, ml.Separated)
	}
	if len(ml.Warnings) == 0 || !strings.Contains(ml.Warnings[0], "flag=SH") {
		t.Errorf("warnings %q", ml.Warnings)
	}
	r, err := Firth(g.Firth.Y, predictors...)
	if err != nil || !r.Converged {
		t.Fatal(err)
	}
	for j, c := range append([]Coefficient{r.Intercept}, r.Terms...) {
		near(t, c.Value, g.Firth.Coef[j], 1e-8, 1e-9, c.Name)
		near(t, c.SE, g.Firth.SE[j], 1e-8, 0, c.Name+" SE")
		near(t, c.Low, g.Firth.CI[j][0], 1e-7, 1e-7, c.Name+" low")
		near(t, c.High, g.Firth.CI[j][1], 1e-7, 1e-7, c.Name+" high")
		near(t, c.P, g.Firth.P[j], 1e-6, 0, c.Name+" p")
	}
	near(t, r.LogLik, g.Firth.LLF, 1e-11, 0, "penalised log-likelihood")
	near(t, r.LRT.Statistic, g.Firth.LR, 1e-9, 0, "penalised likelihood ratio")
}

func TestDeciles(t *testing.T) {
	g := load(t).Deciles
	d, err := Deciles(g.X, g.Y)
	if err != nil {
		t.Fatal(err)
	}
	near(t, d.Statistic, g.X2, 1e-11, 0, "chi2")
	near(t, d.DF, g.DF, 0, 0, "df")
	checkP(t, d.P, d.Log10P, g.P, "p")
	for i, b := range d.Bins {
		if b.N-b.Hits != g.Counts[i][0] || b.Hits != g.Counts[i][1] {
			t.Errorf("bin %d: %+v, want %v", i, b, g.Counts[i])
		}
	}
}

func TestSplineLogisticSeesAU(t *testing.T) {
	var x []float64
	var y []bool
	for i := range 400 {
		v := float64(i%40)/20 - 1 // -1 … 0.95
		x, y = append(x, v), append(y, float64((i*7919)%100)/100 < 0.1+0.8*v*v)
	}
	c, err := SplineLogistic(x, y, 5)
	if err != nil {
		t.Fatal(err)
	}
	low, p := c.Lowest()
	if !(c.Bend.P < 1e-6) || !(math.Abs(low) < 0.35) || !(p < c.Prob[0]) || !(p < c.Prob[100]) {
		t.Errorf("bend p %g, lowest %g at %g", c.Bend.P, p, low)
	}
	for i := range c.X {
		if !(c.Low[i] <= c.Prob[i] && c.Prob[i] <= c.High[i]) {
			t.Fatalf("interval at %g: %g %g %g", c.X[i], c.Low[i], c.Prob[i], c.High[i])
		}
	}
	if _, err := SplineLogistic([]float64{0, 1, 0, 1}, []bool{true, false, true, true}, 3); err == nil {
		t.Error("two distinct values got a curve")
	}
}

func TestRefused(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	bad := []struct {
		name string
		run  func() error
	}{
		{"one value", func() error { _, err := WelchT([]float64{1}, []float64{1, 2}); return err }},
		{"only NaN", func() error { _, err := MannWhitney([]float64{nan}, []float64{1, 2}); return err }},
		{"infinite", func() error { _, err := MannWhitney([]float64{inf}, []float64{1, 2}); return err }},
		{"constants", func() error { _, err := WelchT([]float64{1, 1}, []float64{2, 2}); return err }},
		{"one group", func() error { _, err := ANOVA([]float64{1, 2}); return err }},
		{"one level", func() error { _, err := ChiSquare([]string{"a", "a"}, []string{"x", "y"}); return err }},
		{"lengths", func() error { _, err := ChiSquare([]string{"a"}, []string{"x", "y"}); return err }},
		{"one class", func() error {
			_, err := Logistic([]bool{true, true}, Predictor{Name: "v", Values: []float64{1, 2}})
			return err
		}},
		{"no predictor", func() error { _, err := Firth([]bool{true, false}); return err }},
		{"constant predictor", func() error {
			_, err := Logistic([]bool{true, false, true}, Predictor{Name: "v", Values: []float64{2, 2, 2}})
			return err
		}},
		{"level", func() error { _, err := RankSum{Level: 2}.Test([]float64{1}, []float64{2}); return err }},
	}
	for _, b := range bad {
		if err := b.run(); err == nil {
			t.Errorf("%s: no error", b.name)
		} else if !strings.HasPrefix(err.Error(), "hypothesis: ") {
			t.Errorf("%s: %v", b.name, err)
		}
	}
	r, err := MannWhitney([]float64{1, nan, 2, nan}, []float64{3, 4})
	if err != nil || r.N[0] != 2 || !strings.Contains(strings.Join(r.Warnings, "\n"), "2 missing values of 4") {
		t.Errorf("NaN: %v %v %q", err, r.N, r.Warnings)
	}
	same, err := MannWhitney([]float64{5, 5, 5}, []float64{5, 5, 5, 5})
	if err != nil || same.P != 1 || same.Effect != 0.5 {
		t.Errorf("constants: %v, p %g, A12 %g", err, same.P, same.Effect)
	}
}
