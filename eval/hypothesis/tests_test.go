package hypothesis

import (
	"encoding/json"
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"flowbook/internal/num"
	"flowbook/internal/rng"
)

// number reads a float that JSON cannot hold ("inf") from its text.
type number float64

func (n *number) UnmarshalJSON(b []byte) error {
	text := string(b)
	if u, err := strconv.Unquote(text); err == nil {
		text = u
	}
	v, err := strconv.ParseFloat(text, 64)
	*n = number(v)
	return err
}

type more struct {
	Student []struct {
		X, Y []float64
		T, P float64
		G    []float64
	}
	Paired []struct {
		X, Y []float64
		T, P float64
		G    []float64
		V    float64
		WP   float64
		RB   []*float64
	}
	Groups []struct {
		G             [][]float64
		H, HP         float64
		Eps, W, Omega []float64
		Levene, BF    []float64
	}
	Tables []struct {
		T     [][]int
		G, GP float64
		DF    float64
		FP    float64
		Odds  []number
	}
	McNemar []struct {
		Cells []int
		P     float64
		Odds  []number
		Diff  []float64
		Mid   float64
	}
	Normal []struct {
		X                 []float64
		K2, P, Skew, Kurt float64
		ZS, ZK            float64
	}
	KS []struct {
		X, Y        []float64
		D, P, Limit float64
	}
	KS1 []struct {
		X    []float64
		D, P float64
	}
	Deals []struct {
		X, Y, P []float64
		Two     float64
	}
	BCa []struct {
		Value                float64
		Draws, Without, Ends []float64
	}
	Power []struct {
		D             float64
		M, N          int
		Power, Detect float64
	}
	Correlation []struct {
		X, Y                       []float64
		Pearson, Spearman, Kendall []float64
	}
}

func loadMore(t *testing.T) (g more) {
	t.Helper()
	b, err := os.ReadFile("testdata/tests.json")
	if err == nil {
		err = json.Unmarshal(b, &g)
	}
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// effect holds an effect with its interval against the reference.
func effect(t *testing.T, r Result, want []float64, rel float64, what string) {
	t.Helper()
	near(t, r.Effect, want[0], 1e-9, 1e-13, what)
	near(t, r.EffectLow, want[1], rel, 1e-10, what+" low")
	near(t, r.EffectHigh, want[2], rel, 1e-10, what+" high")
}

func TestStudentT(t *testing.T) {
	for _, c := range loadMore(t).Student {
		r, err := StudentT(c.X, c.Y)
		if err != nil {
			t.Fatal(err)
		}
		near(t, r.Statistic, c.T, 1e-11, 0, "t")
		checkP(t, r.P, r.Log10P, c.P, "p")
		effect(t, r, c.G, 1e-9, "g")
		f, err := ANOVA(c.X, c.Y)
		if err != nil {
			t.Fatal(err)
		}
		near(t, f.Statistic, r.Statistic*r.Statistic, 1e-11, 0, "F is t²")
		near(t, f.P, r.P, 1e-9, 0, "p of F and t")
	}
}

func TestPairs(t *testing.T) {
	for _, c := range loadMore(t).Paired {
		r, err := PairedT(c.X, c.Y)
		if err != nil {
			t.Fatal(err)
		}
		near(t, r.Statistic, c.T, 1e-10, 0, "paired t")
		checkP(t, r.P, r.Log10P, c.P, "paired p")
		effect(t, r, c.G, 1e-9, "paired g")

		w, err := Wilcoxon(c.X, c.Y)
		if err != nil {
			t.Fatal(err)
		}
		near(t, w.Statistic, c.V, 0, 0, "V")
		checkP(t, w.P, w.Log10P, c.WP, "Wilcoxon p")
		near(t, w.Effect, *c.RB[0], 1e-12, 1e-14, "rank-biserial")
		if c.RB[1] != nil {
			near(t, w.EffectLow, *c.RB[1], 1e-9, 1e-12, "rank-biserial low")
			near(t, w.EffectHigh, *c.RB[2], 1e-9, 1e-12, "rank-biserial high")
		} else if !math.IsNaN(w.EffectLow) {
			t.Errorf("differences of one sign have an interval: %v", w.EffectLow)
		}
		back, _ := Wilcoxon(c.Y, c.X)
		near(t, back.P, w.P, 1e-12, 0, "Wilcoxon p of the pairs swapped")
		near(t, back.Effect, -w.Effect, 1e-12, 1e-14, "rank-biserial of the pairs swapped")
	}
}

func TestSeveralGroups(t *testing.T) {
	for _, c := range loadMore(t).Groups {
		h, err := KruskalWallis(c.G...)
		if err != nil {
			t.Fatal(err)
		}
		near(t, h.Statistic, c.H, 1e-11, 0, "H")
		checkP(t, h.P, h.Log10P, c.HP, "H p")
		effect(t, h, c.Eps, 1e-7, "epsilon2")
		w, err := WelchANOVA(c.G...)
		if err != nil {
			t.Fatal(err)
		}
		near(t, w.Statistic, c.W[0], 1e-10, 0, "Welch F")
		near(t, w.DF, c.W[1], 0, 0, "df")
		near(t, w.DF2, c.W[2], 1e-10, 0, "df2")
		checkP(t, w.P, w.Log10P, c.W[3], "Welch p")
		effect(t, w, c.Omega, 1e-6, "omega2")
		l, err := Levene(c.G...)
		if err != nil {
			t.Fatal(err)
		}
		near(t, l.Statistic, c.Levene[0], 1e-10, 0, "Levene F")
		checkP(t, l.P, l.Log10P, c.Levene[1], "Levene p")
		b, err := BrownForsythe(c.G...)
		if err != nil {
			t.Fatal(err)
		}
		near(t, b.Statistic, c.BF[0], 1e-10, 0, "Brown-Forsythe F")
		checkP(t, b.P, b.Log10P, c.BF[1], "Brown-Forsythe p")

		names := []string{"a", "b", "c", "d"}[:len(c.G)]
		pairs, err := Pairwise(names, WelchT, c.G...)
		if err != nil || len(pairs) != len(c.G)*(len(c.G)-1)/2 {
			t.Fatalf("%d pairs, %v", len(pairs), err)
		}
		one, _ := WelchT(c.G[0], c.G[1])
		near(t, pairs[0].P, one.P, 0, 0, "the first pair")
		if !(pairs[0].PCorrected >= pairs[0].P) || pairs[0].Groups[1] != "b" {
			t.Errorf("pair %+v", pairs[0])
		}
		if len(c.G) == 2 { // Welch's F of two groups is the square of his t
			near(t, w.Statistic, one.Statistic*one.Statistic, 1e-11, 0, "F is t²")
			near(t, w.DF2, one.DF, 1e-11, 0, "df of F and t")
		}
	}
}

func tableOf(counts [][]int) Contingency {
	c := Contingency{Count: counts}
	for i := range counts {
		c.Rows = append(c.Rows, string(rune('a'+i)))
	}
	for j := range counts[0] {
		c.Cols = append(c.Cols, string(rune('A'+j)))
	}
	return c
}

func TestTables(t *testing.T) {
	for _, c := range loadMore(t).Tables {
		g, err := GTestOf(tableOf(c.T))
		if err != nil {
			t.Fatal(err)
		}
		near(t, g.Statistic, c.G, 1e-11, 0, "G")
		near(t, g.DF, c.DF, 0, 0, "df")
		checkP(t, g.P, g.Log10P, c.GP, "G p")
		if c.Odds == nil {
			if _, err := Fisher(tableOf(c.T)); err == nil {
				t.Error("Fisher takes a table of 2 x 3")
			}
			continue
		}
		f, err := Fisher(tableOf(c.T))
		if err != nil {
			t.Fatal(err)
		}
		near(t, f.P, c.FP, 1e-9, 0, "Fisher p")
		for i, got := range []float64{f.Effect, f.EffectLow, f.EffectHigh} {
			if want := float64(c.Odds[i]); got != want {
				near(t, got, want, 1e-7, 1e-12, "odds ratio "+strconv.Itoa(i))
			}
		}
		turned := [][]int{{c.T[0][0], c.T[1][0]}, {c.T[0][1], c.T[1][1]}}
		back, _ := Fisher(tableOf(turned))
		near(t, back.P, f.P, 1e-9, 0, "Fisher p of the table turned")
	}
}

func TestMcNemar(t *testing.T) {
	for _, c := range loadMore(t).McNemar {
		var first, second []bool
		for i, n := range c.Cells { // both right, first only, second only, neither
			for range n {
				first, second = append(first, i < 2), append(second, i%2 == 0)
			}
		}
		r, err := McNemar(first, second)
		if err != nil {
			t.Fatal(err)
		}
		checkP(t, r.P, r.Log10P, c.P, "p")
		near(t, r.Get("mid-p"), c.Mid, 1e-9, 1e-12, "mid-p")
		d := r.Extra[0]
		near(t, d.Value, c.Diff[0], 1e-12, 1e-15, "difference")
		near(t, d.Low, c.Diff[1], 1e-10, 1e-14, "difference low")
		near(t, d.High, c.Diff[2], 1e-10, 1e-14, "difference high")
		for i, got := range []float64{r.EffectLow, r.EffectHigh} {
			if want := float64(c.Odds[i]); got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
				near(t, got, want, 1e-9, 1e-12, "odds "+strconv.Itoa(i))
			}
		}
	}
}

func TestDAgostino(t *testing.T) {
	for _, c := range loadMore(t).Normal {
		r, err := DAgostino(c.X)
		if err != nil {
			t.Fatal(err)
		}
		near(t, r.Statistic, c.K2, 1e-9, 0, "K2")
		checkP(t, r.P, r.Log10P, c.P, "p")
		near(t, r.Effect, c.Skew, 1e-10, 1e-12, "skewness")
		if !math.IsNaN(r.EffectLow) || !math.IsNaN(r.EffectHigh) {
			t.Errorf("the skewness has an interval: %v to %v", r.EffectLow, r.EffectHigh)
		}
		near(t, r.Get("excess kurtosis"), c.Kurt, 1e-10, 1e-12, "kurtosis")
		near(t, r.Get("z skewness"), c.ZS, 1e-9, 1e-12, "z skewness")
		near(t, r.Get("z kurtosis"), c.ZK, 1e-9, 1e-12, "z kurtosis")
	}
}

func TestCorrelations(t *testing.T) {
	for _, c := range loadMore(t).Correlation {
		for _, k := range []struct {
			name string
			test func(x, y []float64) (Result, error)
			want []float64
		}{{"Pearson", Pearson, c.Pearson}, {"Spearman", Spearman, c.Spearman}, {"Kendall", Kendall, c.Kendall}} {
			r, err := k.test(c.X, c.Y)
			if err != nil {
				t.Fatal(err)
			}
			near(t, r.Effect, k.want[0], 1e-11, 1e-14, k.name)
			checkP(t, r.P, r.Log10P, k.want[1], k.name+" p")
			near(t, r.EffectLow, k.want[2], 1e-9, 1e-11, k.name+" low")
			near(t, r.EffectHigh, k.want[3], 1e-9, 1e-11, k.name+" high")
			minus := make([]float64, len(c.Y))
			for i, v := range c.Y {
				minus[i] = -v
			}
			back, _ := k.test(c.X, minus)
			near(t, back.Effect, -r.Effect, 1e-12, 1e-14, k.name+" of x and -y")
			near(t, back.P, r.P, 1e-10, 0, k.name+" p of x and -y")
		}
	}
}

func TestKolmogorovSmirnov(t *testing.T) {
	g := loadMore(t)
	for _, c := range g.KS {
		r, err := KolmogorovSmirnov(c.X, c.Y)
		if err != nil {
			t.Fatal(err)
		}
		near(t, r.Statistic, c.D, 1e-12, 0, "D")
		checkP(t, r.P, r.Log10P, c.P, "p")
		m, n := float64(len(c.X)), float64(len(c.Y))
		limit := kolmogorov(c.D * math.Sqrt(m*n/(m+n)))
		near(t, limit.P, c.Limit, 1e-11, 0, "limit p")
		near(t, limit.Log10, math.Log10(c.Limit), 1e-11, 1e-12, "limit log10 p")
		back, _ := KolmogorovSmirnov(c.Y, c.X)
		near(t, back.P, r.P, 1e-10, 0, "p of the groups swapped")
	}
	for _, c := range g.KS1 {
		r, err := KolmogorovSmirnovOne(c.X, "the standard normal", func(v float64) float64 { return 0.5 * math.Erfc(-v/math.Sqrt2) })
		if err != nil {
			t.Fatal(err)
		}
		near(t, r.Statistic, c.D, 1e-11, 0, "D of one sample")
		checkP(t, r.P, r.Log10P, c.P, "p of one sample")
	}
	// One path of the six from (0,0) to (2,2) never leaves |i-j| < 1: none; four stay below 2.
	near(t, outside(2, 2, 2), 1, 0, 0, "paths that reach |i-j| = 1")
	near(t, outside(2, 2, 4), 2.0/6, 1e-15, 0, "paths that reach |i-j| = 2")
}

func TestPermutation(t *testing.T) {
	for _, c := range loadMore(t).Deals {
		for i, a := range []Alternative{Greater, Less} {
			r, err := Permutation{Alternative: a}.Test(c.X, c.Y)
			if err != nil {
				t.Fatal(err)
			}
			near(t, r.P, c.P[i], 1e-12, 0, a.String())
		}
		exact, _ := Permutation{}.Test(c.X, c.Y)
		near(t, exact.P, c.Two, 1e-12, 0, "two-sided")
		if n := exact.Get("ways of dealing"); n > 50 {
			drawn, err := Permutation{Draws: int(n) - 1, Seed: rng.New(4)}.Test(c.X, c.Y)
			if err != nil || !(math.Abs(drawn.P-exact.P) < 4*math.Sqrt(exact.P*(1-exact.P)/n)) {
				t.Errorf("drawn p %v, exact %v, %v", drawn.P, exact.P, err)
			}
		}
	}
	var p [3]float64
	for i, procs := range []int{1, 2, 7} {
		old := runtime.GOMAXPROCS(procs)
		r, err := Permutation{Seed: rng.New(5)}.Test(attack, normal)
		runtime.GOMAXPROCS(old)
		if err != nil {
			t.Fatal(err)
		}
		p[i] = r.P
	}
	if p[0] != p[1] || p[1] != p[2] || !(p[0] < 0.001) {
		t.Errorf("p at 1, 2, 7 cores: %v", p)
	}
}

func TestBootstrap(t *testing.T) {
	for _, c := range loadMore(t).BCa {
		got := Interval{Value: c.Value, Level: 0.95}
		got.ends(c.Draws, c.Without)
		near(t, got.Low, c.Ends[0], 1e-9, 1e-12, "BCa low")
		near(t, got.High, c.Ends[1], 1e-9, 1e-12, "BCa high")
		if got.Method != "BCa" {
			t.Errorf("method %q", got.Method)
		}
	}
	// Rows that come in groups of five equal ones: drawn singly they look like five times
	// as much evidence, drawn by group the interval holds its level.
	r := rng.New(12).Rand()
	const trials = 400
	single, grouped := 0, 0
	for trial := range trials {
		var x []float64
		var group []string
		for g := range 25 {
			v := r.NormFloat64()
			for range 5 {
				x, group = append(x, v), append(group, strconv.Itoa(g))
			}
		}
		mean := func(rows []int) float64 {
			s := 0.0
			for _, i := range rows {
				s += x[i]
			}
			return s / float64(len(rows))
		}
		o := Bootstrap{Draws: 400, Seed: rng.New(uint64(trial))}
		a, err := o.Rows(len(x), mean)
		if err != nil {
			t.Fatal(err)
		}
		b, err := o.Groups(group, mean)
		if err != nil || b.Groups != 25 {
			t.Fatal(b.Groups, err)
		}
		if a.Low <= 0 && 0 <= a.High {
			single++
		}
		if b.Low <= 0 && 0 <= b.High {
			grouped++
		}
	}
	t.Logf("of %d intervals %d hold the truth drawn by group, %d drawn by row", trials, grouped, single)
	if low, high := num.ClopperPearson(grouped, trials, 0.999); !(low <= 0.95 && high >= 0.93) {
		t.Errorf("%d of %d intervals by group hold the truth", grouped, trials)
	}
	if single > 300 {
		t.Errorf("%d of %d intervals by row hold the truth: the rows were meant to mislead", single, trials)
	}
	for name, run := range map[string]func() error{
		"one row":   func() error { _, err := Bootstrap{}.Rows(1, func([]int) float64 { return 1 }); return err },
		"NaN":       func() error { _, err := Bootstrap{}.Rows(9, func([]int) float64 { return math.NaN() }); return err },
		"few draws": func() error { _, err := Bootstrap{Draws: 3}.Rows(9, func([]int) float64 { return 1 }); return err },
		"one group": func() error {
			_, err := Bootstrap{}.Groups([]string{"a", "a"}, func([]int) float64 { return 1 })
			return err
		},
		"wrong level": func() error { _, err := Bootstrap{Level: 95}.Rows(9, func([]int) float64 { return 1 }); return err },
	} {
		if run() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestPower(t *testing.T) {
	for _, c := range loadMore(t).Power {
		near(t, PowerT(c.D, c.M, c.N, 0.05), c.Power, 1e-7, 0, "power")
		near(t, DetectableT(c.M, c.N, 0.05, 0.8), c.Detect, 1e-7, 0, "detectable difference")
	}
	// Noether's formula against 4,000 draws of normal groups 0.8 sd apart: A12 = Φ(0.8/√2).
	r, hits := rng.New(17).Rand(), 0
	const draws = 4000
	for range draws {
		x, y := make([]float64, 25), make([]float64, 30)
		for i := range x {
			x[i] = r.NormFloat64() + 0.8
		}
		for i := range y {
			y[i] = r.NormFloat64()
		}
		if u, err := MannWhitney(x, y); err != nil {
			t.Fatal(err)
		} else if u.P < 0.05 {
			hits++
		}
	}
	a12 := 0.5 * math.Erfc(-0.8/2)
	if got, want := PowerA12(a12, 25, 30, 0.05), float64(hits)/draws; !(math.Abs(got-want) < 0.05) {
		t.Errorf("power of A12 %.3f: %.3f by formula, %.3f drawn", a12, got, want)
	}
	near(t, PowerA12(DetectableA12(11, 1564, 0.05, 0.8), 11, 1564, 0.05), 0.8, 1e-9, 0, "power of the detectable A12")
}

// Under the null hypothesis a test at 5 % rejects in 5 % of draws, within the error of
// 10,000 draws, or less where p is discrete.
func TestNulls(t *testing.T) {
	if testing.Short() {
		t.Skip("long work of one kind: not under the race detector")
	}
	const draws = 10000
	r := rng.New(31).Rand()
	normal := func(n int) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = r.NormFloat64()
		}
		return x
	}
	coins := func(n int) []bool {
		x := make([]bool, n)
		for i := range x {
			x[i] = r.IntN(2) == 0
		}
		return x
	}
	bools := func(n int) Contingency {
		a, b := coins(n), coins(n)
		c := tableOf([][]int{{0, 0}, {0, 0}})
		for i := range a {
			row, col := 0, 0
			if a[i] {
				row = 1
			}
			if b[i] {
				col = 1
			}
			c.Count[row][col]++
		}
		return c
	}
	for _, k := range []struct {
		name     string
		discrete bool
		draw     func() (Result, error)
	}{
		{"Student t", false, func() (Result, error) { return StudentT(normal(12), normal(20)) }},
		{"paired t", false, func() (Result, error) { return PairedT(normal(15), normal(15)) }},
		{"Wilcoxon, exact", true, func() (Result, error) { return Wilcoxon(normal(15), normal(15)) }},
		{"Wilcoxon, normal", false, func() (Result, error) { return Wilcoxon(normal(60), normal(60)) }},
		{"Kruskal-Wallis", false, func() (Result, error) { return KruskalWallis(normal(30), normal(30), normal(30)) }},
		{"Welch ANOVA", false, func() (Result, error) { return WelchANOVA(normal(30), normal(40), normal(50)) }},
		{"Brown-Forsythe", false, func() (Result, error) { return BrownForsythe(normal(60), normal(61)) }},
		{"G", false, func() (Result, error) { return GTestOf(bools(400)) }},
		{"Fisher", true, func() (Result, error) { return Fisher(bools(40)) }},
		{"McNemar", true, func() (Result, error) { return McNemar(coins(60), coins(60)) }},
		{"Kolmogorov-Smirnov", true, func() (Result, error) { return KolmogorovSmirnov(normal(20), normal(25)) }},
		{"one sample", false, func() (Result, error) {
			return KolmogorovSmirnovOne(normal(20), "the normal", func(v float64) float64 { return 0.5 * math.Erfc(-v/math.Sqrt2) })
		}},
		{"permutation", true, func() (Result, error) {
			return Permutation{Draws: 99, Seed: rng.New(r.Uint64())}.Test(normal(8), normal(9))
		}},
		{"D'Agostino", false, func() (Result, error) { return DAgostino(normal(100)) }},
		{"Pearson", false, func() (Result, error) { return Pearson(normal(12), normal(12)) }},
		{"Spearman", false, func() (Result, error) { return Spearman(normal(40), normal(40)) }},
		{"Kendall, exact", true, func() (Result, error) { return Kendall(normal(12), normal(12)) }},
		{"Kendall, normal", false, func() (Result, error) { return Kendall(normal(50), normal(50)) }},
	} {
		rejected, covered, intervals := 0, 0, 0
		for range draws {
			res, err := k.draw()
			if err != nil {
				t.Fatalf("%s: %v", k.name, err)
			}
			if res.P < 0.05 {
				rejected++
			}
			if !math.IsNaN(res.EffectLow) {
				intervals++
				if res.EffectLow <= res.EffectNull && res.EffectNull <= res.EffectHigh {
					covered++
				}
			}
		}
		low, high := num.ClopperPearson(rejected, draws, 0.999)
		t.Logf("%-18s rejects %.4f; %.4f of %d intervals hold the null", k.name, float64(rejected)/draws, float64(covered)/float64(intervals), intervals)
		if !(low <= 0.05) || !(high >= 0.05) && !k.discrete {
			t.Errorf("%s rejects %d of %d nulls", k.name, rejected, draws)
		}
	}
}

func TestMoreRefused(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	one := func(_ Result, err error) error { return err }
	for name, err := range map[string]error{
		"lengths":           one(PairedT([]float64{1}, []float64{1, 2})),
		"one pair":          one(PairedT([]float64{1, nan}, []float64{1, 2})),
		"equal differences": one(PairedT([]float64{1, 2}, []float64{2, 3})),
		"no difference":     one(Wilcoxon([]float64{1, 2}, []float64{1, 2})),
		"infinite":          one(Wilcoxon([]float64{inf}, []float64{1})),
		"all equal":         one(KruskalWallis([]float64{1, 1}, []float64{1})),
		"one group":         one(KruskalWallis([]float64{1, 1})),
		"constant group":    one(WelchANOVA([]float64{1, 1}, []float64{1, 2})),
		"single":            one(WelchANOVA([]float64{1}, []float64{1, 2})),
		"same spread":       one(Levene([]float64{1, 2}, []float64{5, 6})),
		"3 x 2":             one(Fisher(tableOf([][]int{{1, 2}, {3, 4}, {5, 6}}))),
		"empty column":      one(Fisher(tableOf([][]int{{1, 0}, {3, 0}}))),
		"no rows":           one(McNemar(nil, nil)),
		"seven values":      one(DAgostino(make([]float64, 7))),
		"constant":          one(DAgostino(make([]float64, 9))),
		"three pairs":       one(Pearson([]float64{1, 2, 3}, []float64{1, 2, 4})),
		"constant y":        one(Spearman([]float64{1, 2, 3, 4}, []float64{1, 1, 1, 1})),
		"tied y":            one(Kendall([]float64{1, 2, 3, 4, 5}, []float64{1, 1, 1, 1, 1})),
	} {
		if err == nil || !strings.HasPrefix(err.Error(), "hypothesis: ") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if r, err := Wilcoxon([]float64{1, 2, 3, nan}, []float64{1, 1, 1, 1}); err != nil || r.N[0] != 3 || len(r.Warnings) != 3 {
		t.Errorf("%v, %d rows, warnings %q; want one each of missing, equal and too few", err, r.N, r.Warnings)
	}
	if r, err := Pearson([]float64{1, 2, 3, 4}, []float64{2, 4, 6, 8}); err != nil || r.Effect != 1 || !(r.P < 1e-9) {
		t.Errorf("a straight line: %v, r %v, p %v", err, r.Effect, r.P)
	}
}

// A million rows take no test more than a second or so.
func BenchmarkMillionRows(b *testing.B) {
	r := rng.New(3).Rand()
	x, y := make([]float64, 1e6), make([]float64, 1e6)
	for i := range x {
		x[i], y[i] = r.NormFloat64(), math.Round(10*r.NormFloat64())
	}
	for name, test := range map[string]func() (Result, error){
		"PairedT":       func() (Result, error) { return PairedT(x, y) },
		"Wilcoxon":      func() (Result, error) { return Wilcoxon(x, y) },
		"KruskalWallis": func() (Result, error) { return KruskalWallis(x, y) },
		"BrownForsythe": func() (Result, error) { return BrownForsythe(x, y) },
		"DAgostino":     func() (Result, error) { return DAgostino(x) },
		"Spearman":      func() (Result, error) { return Spearman(x, y) },
		"Kendall":       func() (Result, error) { return Kendall(x, y) },
		"Fisher":        func() (Result, error) { return Fisher(tableOf([][]int{{250000, 251000}, {249000, 250000}})) },
	} {
		b.Run("test="+name, func(b *testing.B) {
			for b.Loop() {
				if _, err := test(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
