package num

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"testing"
)

type golden struct {
	Normal          [][]float64 `json:"normal"`
	Student         [][]float64 `json:"student"`
	Chi2            [][]float64 `json:"chi2"`
	F               [][]float64 `json:"f"`
	NormalQuantile  [][]float64 `json:"normal_quantile"`
	StudentQuantile [][]float64 `json:"student_quantile"`
	Chi2Quantile    [][]float64 `json:"chi2_quantile"`
	BetaQuantile    [][]float64 `json:"beta_quantile"`
	Wilson          [][]float64 `json:"wilson"`
	ClopperPearson  [][]float64 `json:"clopper_pearson"`
	NCX2            [][]float64 `json:"ncx2"`
	NCF             [][]float64 `json:"ncf"`
	MADScale        float64     `json:"mad_scale"`
	Sample          struct {
		X, Y, Grid, KDE, Ranks                                                      []float64
		Mean, Variance, Median, IQR, MAD, Silverman, Scott, Ties, Pearson, Spearman float64
		ScottKDE                                                                    []float64 `json:"scott_kde"`
	}
}

func load(t *testing.T) (g golden) {
	t.Helper()
	b, err := os.ReadFile("testdata/num.json")
	if err == nil {
		err = json.Unmarshal(b, &g)
	}
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// near fails where got is farther than rel of want (than abs, near zero).
func near(t *testing.T, got, want, rel, abs float64, what string, args ...any) {
	t.Helper()
	if got == want {
		return
	}
	if !(math.Abs(got-want) <= rel*math.Abs(want)+abs) {
		t.Errorf(what+": got %.17g, want %.17g", append(args, got, want)...)
	}
}

func tailNear(t *testing.T, got Tail, p, log10 float64, name string, args ...float64) {
	t.Helper()
	if p >= 1e-300 {
		near(t, got.P, p, 1e-11, 0, name+"%v P", args)
	}
	near(t, got.Log10, log10, 1e-13, 1e-12, name+"%v Log10", args)
}

func TestTails(t *testing.T) {
	g := load(t)
	for _, r := range g.Normal {
		tailNear(t, NormalTail(r[0]), r[1], r[2], "normal", r[0])
	}
	for _, r := range g.Student {
		tailNear(t, StudentTail(r[0], r[1]), r[2], r[3], "student", r[:2]...)
	}
	for _, r := range g.Chi2 {
		tailNear(t, ChiSquareTail(r[0], r[1]), r[2], r[3], "chi2", r[:2]...)
	}
	for _, r := range g.F {
		tailNear(t, FTail(r[0], r[1], r[2]), r[3], r[4], "F", r[:3]...)
	}
	if p := StudentTail(math.NaN(), 3); !math.IsNaN(p.P) || !math.IsNaN(p.Log10) {
		t.Errorf("NaN in gave %v", p)
	}
	// Laws: t² is F(1, df); F(d1, ∞) is chi-square over d1.
	near(t, StudentTail(3.3, 17).P*2, FTail(3.3*3.3, 1, 17).P, 1e-13, 0, "t² is F")
	near(t, FTail(2.2, 5, math.Inf(1)).P, ChiSquareTail(11, 5).P, 1e-13, 0, "F at infinity")
	near(t, StudentTail(1e200, 2).Log10, -400-math.Log10(2), 1e-12, 0, "t = 1e200, df 2")
}

func TestNoncentral(t *testing.T) {
	g := load(t)
	for _, r := range g.NCX2 {
		near(t, NoncentralChiSquareCDF(r[0], r[1], r[2]), r[3], 1e-9, 1e-14, "ncx2 %v", r[:3])
	}
	for _, r := range g.NCF {
		near(t, NoncentralFCDF(r[0], r[1], r[2], r[3]), r[4], 1e-9, 1e-14, "ncf %v", r[:4])
	}
}

func TestQuantiles(t *testing.T) {
	g := load(t)
	for _, r := range g.NormalQuantile {
		near(t, NormalQuantile(r[0]), r[1], 1e-13, 1e-15, "normal quantile %v", r[0])
	}
	for _, r := range g.StudentQuantile {
		near(t, StudentQuantile(r[0], r[1]), r[2], 1e-12, 1e-16, "student quantile %v", r[:2])
	}
	for _, r := range g.Chi2Quantile {
		near(t, ChiSquareQuantile(r[0], r[1]), r[2], 1e-12, 0, "chi2 quantile %v", r[:2])
	}
	for _, r := range g.BetaQuantile {
		near(t, BetaQuantile(r[0], r[1], r[2]), r[3], 1e-12, 0, "beta quantile %v", r[:3])
	}
	for _, r := range g.Wilson {
		lo, hi := Wilson(int(r[0]), int(r[1]), r[2])
		near(t, lo, r[3], 1e-12, 1e-16, "wilson low %v", r[:3])
		near(t, hi, r[4], 1e-12, 0, "wilson high %v", r[:3])
	}
	for _, r := range g.ClopperPearson {
		lo, hi := ClopperPearson(int(r[0]), int(r[1]), r[2])
		near(t, lo, r[3], 1e-11, 0, "clopper-pearson low %v", r[:3])
		near(t, hi, r[4], 1e-11, 0, "clopper-pearson high %v", r[:3])
	}
	near(t, StudentQuantile(1e-300, 1), -1/(math.Pi*1e-300), 1e-11, 0, "Cauchy quantile far out")
	near(t, MADScale, g.MADScale, 1e-15, 0, "MADScale")
}

func TestSample(t *testing.T) {
	s := load(t).Sample
	mean, variance := MeanVariance(s.X)
	near(t, mean, s.Mean, 1e-14, 0, "mean")
	near(t, variance, s.Variance, 1e-13, 0, "variance")
	near(t, Median(s.X), s.Median, 0, 0, "median")
	near(t, MAD(s.X), s.MAD, 1e-15, 0, "MAD")
	near(t, IQR(s.X), s.IQR, 1e-14, 0, "IQR")
	near(t, Silverman(s.X), s.Silverman, 1e-13, 0, "Silverman")
	near(t, Scott(s.X), s.Scott, 1e-13, 0, "Scott")
	near(t, Pearson(s.X, s.Y), s.Pearson, 1e-12, 0, "Pearson")
	near(t, Spearman(s.X, s.Y), s.Spearman, 1e-12, 0, "Spearman")
	ranks, ties := Ranks(s.X)
	near(t, ties, s.Ties, 0, 0, "ties")
	for i := range ranks {
		near(t, ranks[i], s.Ranks[i], 0, 0, "rank %d", i)
	}
	for i, d := range KDE(s.X, s.Grid, s.Silverman) {
		near(t, d, s.KDE[i], 1e-12, 1e-15, "kde at %v", s.Grid[i])
	}
	for i, d := range KDE(s.X, s.Grid, s.Scott) {
		near(t, d, s.ScottKDE[i], 1e-12, 1e-15, "scott kde at %v", s.Grid[i])
	}
}

func TestSumsStayExact(t *testing.T) {
	near(t, Sum([]float64{1, 1e100, 1, -1e100}), 2, 0, 0, "Neumaier's own example")
	near(t, Sum([]float64{math.Inf(1), 1}), math.Inf(1), 0, 0, "infinite sum")
	near(t, Variance([]float64{1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16}), 30, 1e-15, 0, "large mean")
	// The mean 1e15 + 2/3 is not a float; without the correction this is 0.3359.
	near(t, Variance([]float64{1e15, 1e15 + 1, 1e15 + 1}), 1.0/3, 1e-15, 0, "mean between floats")
	for name, v := range map[string]float64{"Mean": Mean(nil), "Variance": Variance([]float64{3}), "Median": Median(nil),
		"Median of NaN": Median([]float64{1, math.NaN(), 3}), "Pearson": Pearson([]float64{1, 1}, []float64{2, 3})} {
		if !math.IsNaN(v) {
			t.Errorf("%s: got %v, want NaN", name, v)
		}
	}
}

func TestRoot(t *testing.T) {
	near(t, Root(func(x float64) float64 { return x*x - 2 }, 0, 5, 0), math.Sqrt2, 1e-15, 0, "√2")
	if r := Root(func(x float64) float64 { return x*x + 1 }, -1, 1, 0); !math.IsNaN(r) {
		t.Errorf("no root: got %v", r)
	}
}

// naiveKDE is the double sum that KDE stands for.
func naiveKDE(x, grid []float64, h float64) []float64 {
	out := make([]float64, len(grid))
	for i, g := range grid {
		for _, v := range x {
			z := (g - v) / h
			out[i] += math.Exp(-z * z / 2)
		}
		out[i] /= float64(len(x)) * h * math.Sqrt(2*math.Pi)
	}
	return out
}

func TestKDEIsTheDoubleSum(t *testing.T) {
	g := rand.New(rand.NewPCG(1, 2))
	for _, h := range []float64{1e-3, 0.1, 1, 30, 1e5} {
		x := make([]float64, 3000)
		for i := range x {
			x[i] = math.Round(math.Exp(3*g.NormFloat64())*100) / 100
		}
		grid := make([]float64, 200)
		for i := range grid {
			grid[i] = -10 + 0.37*float64(i)
		}
		peak := 1 / (h * math.Sqrt(2*math.Pi))
		want := naiveKDE(x, grid, h)
		total := 0.0
		for i, d := range KDE(x, grid, h) {
			near(t, d, want[i], 0, 1e-13*peak, "h=%v at %v", h, grid[i])
			total += d * 0.37
		}
		if h == 1 && !(total > 0.5 && total < 1) {
			t.Errorf("density sums to %v over most of the values", total)
		}
	}
	for _, d := range KDE([]float64{1}, []float64{1}, 0) {
		if !math.IsNaN(d) {
			t.Errorf("bandwidth 0: got %v", d)
		}
	}
	near(t, Silverman([]float64{7, 7, 7}), 1, 0, 0, "bandwidth of a constant")
}

func BenchmarkKDE(b *testing.B) {
	g := rand.New(rand.NewPCG(1, 2))
	x := make([]float64, 126000)
	for i := range x {
		x[i] = g.NormFloat64()
	}
	grid := make([]float64, 512)
	for i := range grid {
		grid[i] = -4 + float64(i)/64
	}
	b.Run("rows=126000/grid=512", func(b *testing.B) {
		for b.Loop() {
			KDE(x, grid, 0.1)
		}
	})
}
