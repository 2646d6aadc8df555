package hypothesis

import (
	"math"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/num"
	"flowbook/internal/rng"
)

// count is 0, 1, …, n-1, moved.
func count(n int, by float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = by + float64(i)
	}
	return x
}

// Of groups that do not overlap p is 2/C(m+n, m); here it underflows. Python's whole
// numbers: log10(2/C(6000,3000)) and log10(2/C(2500,500)).
func TestKolmogorovSmirnovUnderflow(t *testing.T) {
	for _, c := range []struct {
		m, n int
		want float64
	}{{3000, 3000, -1803.891790328913}, {500, 2000, -541.303802257091}} {
		r, err := KolmogorovSmirnov(count(c.m, 0), count(c.n, 1e5))
		if err != nil || r.P != 0 && r.P > 1e-300 {
			t.Fatal(r.P, err)
		}
		near(t, r.Log10P, c.want, 1e-11, 0, "log10 p")
	}
	r := rng.New(5).Rand() // both ways of counting paths agree where both can
	for range 300 {
		m, n := 1+r.IntN(30), 1+r.IntN(30)
		apart := 1 + r.IntN(m*n)
		near(t, firstOutside(m, n, apart).P, outside(m, n, apart), 1e-11, 1e-300, "paths")
	}
}

// The chance of a first cell, by six logarithms of factorials a term.
func TestHypergeometric(t *testing.T) {
	r := rng.New(6).Rand()
	for range 200 {
		row0, row1 := float64(1+r.IntN(60)), float64(1+r.IntN(400))
		col0 := float64(1 + r.IntN(int(row0+row1)-1))
		h := newHypergeometric(row0, row1, col0)
		a := r.IntN(len(h.log))
		log := func(k int) float64 {
			c := h.low + float64(k)
			return lchoose(row0, c) + lchoose(row1, col0-c) - lchoose(row0+row1, col0)
		}
		p, above := 0.0, 0.0
		tilt := 3 * r.NormFloat64()
		all := 0.0
		for k := range h.log {
			if log(k) <= log(a)+1e-7 {
				p += math.Exp(log(k))
			}
			w := math.Exp(log(k) + tilt*float64(k-a))
			all += w
			if k >= a {
				above += w
			}
		}
		near(t, h.atMostAsLikely(h.low+float64(a)).P, min(1, p), 1e-9, 0, "at most as likely")
		near(t, math.Exp(h.mass(tilt, a, len(h.log)-1)-h.mass(tilt, 0, len(h.log)-1)), above/all, 1e-9, 0, "tilted")
	}
}

// Rounding is no spread, nor may values too large to square pass for results.
func TestNoSpreadButRounding(t *testing.T) {
	nan, big := math.NaN(), 1e200
	one := func(_ Result, err error) error { return err }
	for name, err := range map[string]error{
		"equal but for rounding": one(PairedT([]float64{.8, .81, .82, .79}, []float64{.7, .71, .72, .69})),
		"difference overflows":   one(Wilcoxon([]float64{1e308, 2, 3}, []float64{-1e308, 2, 1})),
		"paired squares":         one(PairedT([]float64{big, 2 * big, 5 * big}, []float64{0, 0, 0})),
		"Levene squares":         one(Levene([]float64{big, 2 * big, 5 * big}, []float64{0, 1, 3})),
		"Welch squares":          one(WelchANOVA([]float64{big, 2 * big, 5 * big}, []float64{0, 1, 3})),
		"ANOVA squares":          one(ANOVA([]float64{big, 2 * big, 5 * big}, []float64{0, 1, 3})),
		"Pearson squares":        one(Pearson([]float64{big, 2 * big, 5 * big, 0}, []float64{0, 1, 3, 4})),
		"statistic NaN":          one(Permutation{Of: func(x, y []float64) float64 { return nan }}.Test(count(9, 0), count(9, 3))),
	} {
		if err == nil || !strings.HasPrefix(err.Error(), "hypothesis: ") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if _, err := Levene([]float64{1, 2}); err == nil || err.Error() != "hypothesis: Levene: 1 groups; want at least 2" {
		t.Errorf("Levene of one group: %v", err)
	}
	if _, err := KruskalWallis([]float64{nan, 1, math.Inf(1)}, []float64{1}); err == nil || !strings.Contains(err.Error(), "+Inf as value 3") {
		t.Errorf("the place of an infinite value is given as in %v", err)
	}
	x := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9.5}
	want, _ := DAgostino(x)
	for _, scale := range []float64{1e-100, 1e100, 1e300} {
		y := slices.Clone(x)
		for i := range y {
			y[i] *= scale
		}
		r, err := DAgostino(y)
		if err != nil {
			t.Fatal(err)
		}
		near(t, r.P, want.P, 1e-9, 0, "D'Agostino's p in another unit")
	}
}

// Deals as extreme as the groups themselves count, also where rounding of large values
// parts them; a deal of which nobody knows counts as extreme.
func TestPermutationRounding(t *testing.T) {
	x, y := []float64{.1, .2, .3, .1, .2}, []float64{.2, .3, .3, .1}
	small, err := Permutation{}.Test(x, y)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range [][]float64{x, y} {
		for i := range v {
			v[i] += 1e9
		}
	}
	large, err := Permutation{}.Test(x, y)
	if err != nil || small.P != large.P {
		t.Errorf("p %v, and %v of the values moved by 1e9, %v", small.P, large.P, err)
	}
	r, err := Permutation{Of: func(x, y []float64) float64 {
		if x[0] != 0 {
			return math.NaN()
		}
		return num.Mean(y) - num.Mean(x)
	}}.Test(count(4, 0), count(4, 10))
	if err != nil || !(r.P > 0.5) { // 35 deals of 70 do not begin with 0
		t.Errorf("p %v, %v", r.P, err)
	}
}

// The statistic is called no more often the more rows there are, and the interval of
// many rows is that of the mean's standard error.
func TestBootstrapOfManyRows(t *testing.T) {
	const n = 20000
	r := rng.New(7).Rand()
	x := make([]float64, n)
	for i := range x {
		x[i] = r.ExpFloat64()
	}
	calls := make(chan int, 1)
	calls <- 0
	mean := func(rows []int) float64 {
		calls <- 1 + <-calls
		sum := 0.0
		for _, i := range rows {
			sum += x[i]
		}
		return sum / float64(len(rows))
	}
	v, err := Bootstrap{Draws: 200, Seed: rng.New(8)}.Rows(n, mean)
	if err != nil || v.Method != "BCa" {
		t.Fatal(v, err)
	}
	if made := <-calls; made != 200+1000+1 {
		t.Errorf("%d calls for %d rows", made, n)
	}
	if se := num.StdDev(x) / math.Sqrt(n); !(math.Abs(v.High-v.Low-3.92*se) < 0.8*se) {
		t.Errorf("interval %v to %v; the standard error is %v", v.Low, v.High, se)
	}
	undefined := func(rows []int) float64 {
		if rows[0] != 0 {
			return math.NaN()
		}
		return 1
	}
	if _, err := (Bootstrap{}).Rows(50, undefined); err == nil {
		t.Error("a statistic that most draws leave undefined gets an interval")
	}
}

func TestPowerAtNoLevel(t *testing.T) {
	for _, alpha := range []float64{0, -1, 1, math.NaN()} {
		if p := PowerT(1, 9, 9, alpha); !math.IsNaN(p) {
			t.Errorf("level %v: power %v", alpha, p)
		}
		if d := DetectableT(9, 9, alpha, 0.8); !math.IsNaN(d) {
			t.Errorf("level %v: difference %v", alpha, d)
		}
	}
}

// Intervals hold the true effect, not only the null one, about as often as they say: of
// 2000 draws of 60 pairs with correlation 0.6, and of differences 0.8 sd off 0.
func TestCoverageOfAnEffect(t *testing.T) {
	const n, draws = 60, 2000
	r := rng.New(3).Rand()
	positive, pairPositive := 0.5*math.Erfc(-0.8/math.Sqrt2), 0.5*math.Erfc(-0.8)
	truth := map[string]float64{"r": 0.6, "tau-b": 2 / math.Pi * math.Asin(0.6), "rho": 6 / math.Pi * math.Asin(0.3), "Hedges' g": 0.8,
		"rank-biserial correlation": 2*(2*positive+(n-1)*pairPositive)/(n+1) - 1}
	held := map[string]int{}
	for range draws {
		x, y, d := make([]float64, n), make([]float64, n), make([]float64, n)
		for i := range x {
			x[i] = r.NormFloat64()
			y[i] = 0.6*x[i] + 0.8*r.NormFloat64()
			d[i] = 0.8 + r.NormFloat64()
		}
		for _, c := range []struct {
			test func(x, y []float64) (Result, error)
			x, y []float64
		}{{Pearson, x, y}, {Kendall, x, y}, {Spearman, x, y}, {PairedT, d, make([]float64, n)}, {Wilcoxon, d, make([]float64, n)}} {
			res, err := c.test(c.x, c.y)
			if err != nil {
				t.Fatal(err)
			}
			if want := truth[res.EffectName]; res.EffectLow <= want && want <= res.EffectHigh {
				held[res.EffectName]++
			}
		}
	}
	for name := range truth {
		if low, high := num.ClopperPearson(held[name], draws, 0.999); !(low <= 0.95 && high >= 0.95) {
			t.Errorf("%s: %d of %d intervals hold it", name, held[name], draws)
		}
	}
}

// Sentences give counts whole, and say which side is the smaller.
func TestSentencesOfPairs(t *testing.T) {
	first, second := make([]bool, 50000), make([]bool, 50000)
	for i := range first {
		first[i], second[i] = i < 12345, i >= 12345 && i < 12345+23456
	}
	r, err := McNemar(first, second)
	if want := "Group 1 alone is right on 12345 rows and group 2 alone on 23456"; err != nil || !strings.HasPrefix(r.Sentence(), want) {
		t.Errorf("%v: %q; want %q", err, r.Sentence(), want)
	}
	r, err = PairedT([]float64{1, 2, 4}, []float64{3, 5, 6})
	if want := "Value is on average 2.333 smaller in group 1 than in group 2"; err != nil || !strings.HasPrefix(r.Sentence(), want) {
		t.Errorf("%v: %q; want %q", err, r.Sentence(), want)
	}
}
