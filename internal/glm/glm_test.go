package glm

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"testing"
)

type golden struct {
	Cases []struct {
		Name      string
		P         int
		X, Y      []float64
		W, O      []float64
		Firth     bool
		Coef, SE  []float64
		LogLik    float64
		J         int
		Low, High float64
		LR        float64
	}
	Spline struct {
		V, Y, Knots, Fitted []float64
		LogLik, Linear      float64
	}
}

func load(t *testing.T) (g golden) {
	t.Helper()
	b, err := os.ReadFile("testdata/glm.json")
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

func TestFits(t *testing.T) {
	for _, c := range load(t).Cases {
		t.Run(c.Name, func(t *testing.T) {
			p := Problem{X: c.X, P: c.P, Y: c.Y, Weight: c.W, Offset: c.O}
			do, rel := Logistic, 1e-9
			if c.Firth {
				// The reference maximises numerically: 1e-6 is what it can tell.
				do, rel = Firth, 1e-6
			}
			for _, q := range []Problem{p, Compact(p)} {
				f, err := do(q, Options{})
				if err != nil || !f.Converged || f.Separated != nil {
					t.Fatalf("%v, %+v", err, f)
				}
				for j := range c.Coef {
					near(t, f.Coef[j], c.Coef[j], rel, rel*c.SE[j], "coefficient")
					near(t, f.SE[j], c.SE[j], rel, 0, "standard error")
				}
				near(t, f.LogLik, c.LogLik, 1e-11, 0, "log-likelihood")
				if c.J == 0 {
					continue
				}
				lo, hi, err := Profile(q, f, c.J, 0.95)
				if err != nil {
					t.Fatal(err)
				}
				near(t, lo, c.Low, 1e-6, 1e-6, "profile low")
				near(t, hi, c.High, 1e-6, 1e-6, "profile high")
				lr, tail, err := Ratio(q, f, c.J)
				if err != nil {
					t.Fatal(err)
				}
				near(t, lr, c.LR, 1e-8, 1e-8, "likelihood ratio")
				near(t, tail.P, math.Erfc(math.Sqrt(c.LR/2)), 1e-7, 0, "p")
			}
		})
	}
}

// In a fourfold table Firth's estimate is the log odds ratio with ½ added to each cell.
func TestFirthOfAFourfoldTable(t *testing.T) {
	for _, c := range [][4]float64{{10, 3, 4, 12}, {7, 0, 5, 9}, {0, 8, 6, 0}, {1, 0, 40, 90}, {1, 0, 1, 0}} {
		p := Problem{P: 2, X: []float64{1, 1, 1, 1, 1, 0, 1, 0}, Y: []float64{1, 0, 1, 0}, Weight: c[:]}
		f, err := Firth(p, Options{})
		if err != nil || !f.Converged || f.Iterations > 25 {
			t.Fatal(err, f)
		}
		near(t, f.Coef[1], math.Log((c[0]+.5)*(c[3]+.5)/(c[1]+.5)/(c[2]+.5)), 1e-10, 1e-12, "log odds ratio")
	}
}

// The same law for a category of 70 levels, many of which separate, some with one row.
func TestFirthOfManyLevels(t *testing.T) {
	const levels = 70
	p := Problem{P: levels}
	cell := func(l int) (hits, misses float64) {
		switch l % 3 {
		case 0:
			return 400 / float64(l+1), 300 // the reference level 0 has 400 and 300
		case 1:
			return 0, float64(1 + l/10)
		}
		return float64(1 + l*l), 0
	}
	for l := range levels {
		for class := range 2 {
			row := make([]float64, levels)
			row[0], row[l] = 1, 1
			hits, misses := cell(l)
			p.X = append(p.X, row...)
			p.Y = append(p.Y, float64(class))
			p.Weight = append(p.Weight, []float64{misses, hits}[class])
		}
	}
	f, err := Firth(Compact(p), Options{})
	if err != nil || !f.Converged || f.Iterations > 30 {
		t.Fatal(err, f.Converged, f.Iterations)
	}
	a, b := cell(0)
	for l := 1; l < levels; l++ {
		c, d := cell(l)
		near(t, f.Coef[l], math.Log((c+.5)/(d+.5)*(b+.5)/(a+.5)), 1e-9, 1e-10, "log odds ratio")
	}
}

// A column of bytes that spans nine decades is hard, but does not separate.
func TestHeavyTails(t *testing.T) {
	g := rand.New(rand.NewPCG(5, 6))
	p := Problem{P: 2}
	for range 4000 {
		v := math.Exp(4 + 3*g.NormFloat64())
		p.X = append(p.X, 1, v)
		y := 0.0
		if g.Float64() < 1/(1+math.Exp(1-v/500)) {
			y = 1
		}
		p.Y = append(p.Y, y)
	}
	f, err := Logistic(p, Options{})
	if err != nil || !f.Converged || f.Separated != nil {
		t.Fatalf("%v %+v", err, f)
	}
	near(t, f.Coef[1], 1.0/500, 0, 4*f.SE[1], "slope, within four standard errors of the truth")
}

func TestSeparation(t *testing.T) {
	x := []float64{}
	y := []float64{}
	for i := range 40 {
		level := float64(i / 30)
		x = append(x, 1, float64(i%7), level)
		v := float64(i * 5 % 3 % 2)
		if level == 1 {
			v = 1
		}
		y = append(y, v)
	}
	f, err := Logistic(Problem{X: x, P: 3, Y: y}, Options{})
	if err != nil || f.Converged || !slices.Equal(f.Separated, []int{2}) {
		t.Errorf("quasi-separation: %v %+v", err, f)
	}
	f, err = Logistic(Problem{X: []float64{1, 1, 1, 2, 1, 3, 1, 4}, P: 2, Y: []float64{0, 0, 1, 1}}, Options{})
	if err != nil || f.Converged || len(f.Separated) != 2 {
		t.Errorf("complete separation: %v %+v", err, f)
	}
	near(t, f.LogLik, 0, 0, 1e-6, "log-likelihood at its limit")
}

func TestRefused(t *testing.T) {
	if _, err := Logistic(Problem{X: []float64{1, 2, 1, 2, 1, 2}, P: 2, Y: []float64{0, 1, 1}}, Options{}); !errors.Is(err, ErrSingular) {
		t.Errorf("dependent columns: %v", err)
	}
	for _, p := range []Problem{{}, {X: []float64{1}, P: 2, Y: []float64{1}}, {X: []float64{math.NaN()}, P: 1, Y: []float64{1}},
		{X: []float64{1}, P: 1, Y: []float64{2}}, {X: []float64{1}, P: 1, Y: []float64{1}, Weight: []float64{-1}}} {
		if _, err := Firth(p, Options{}); err == nil {
			t.Errorf("%+v was taken", p)
		}
	}
}

func TestSpline(t *testing.T) {
	g := load(t).Spline
	s, err := NewSpline(g.V, 5)
	if err != nil {
		t.Fatal(err)
	}
	for i, k := range s.Knots {
		near(t, k, g.Knots[i], 1e-13, 0, "knot")
	}
	curve, line := Problem{P: 5, Y: g.Y}, Problem{P: 2, Y: g.Y}
	for _, v := range g.V {
		curve.X = s.Basis(append(curve.X, 1), v)
		line.X = append(line.X, 1, v)
	}
	f, err := Logistic(curve, Options{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := Logistic(line, Options{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, f.LogLik, g.LogLik, 1e-9, 0, "spline log-likelihood")
	near(t, l.LogLik, g.Linear, 1e-11, 0, "linear log-likelihood")
	for i, want := range g.Fitted {
		eta := 0.0
		for j, b := range f.Coef {
			eta += b * curve.X[i*5+j]
		}
		near(t, 1/(1+math.Exp(-eta)), want, 1e-6, 0, "fitted")
	}
	if _, err := NewSpline([]float64{0, 0, 0, 0, 0, 1}, 5); err == nil {
		t.Error("a tied column got a spline")
	}
}

func large(n, k int) Problem {
	g := rand.New(rand.NewPCG(3, 4))
	p := Problem{P: k, X: make([]float64, n*k), Y: make([]float64, n)}
	for i := range n {
		eta := -0.5
		p.X[i*k] = 1
		for j := 1; j < k; j++ {
			p.X[i*k+j] = g.NormFloat64()
			eta += p.X[i*k+j] / float64(j+1)
		}
		if g.Float64() < 1/(1+math.Exp(-eta)) {
			p.Y[i] = 1
		}
	}
	return p
}

func TestSameBitsAtAnyCores(t *testing.T) {
	p := large(7000, 5)
	var first Fit
	for _, procs := range []int{1, 2, 7} {
		old := runtime.GOMAXPROCS(procs)
		f, err := Firth(p, Options{})
		runtime.GOMAXPROCS(old)
		if err != nil {
			t.Fatal(err)
		}
		if procs == 1 {
			first = f
		}
		if !slices.Equal(f.Coef, first.Coef) || !slices.Equal(f.Cov, first.Cov) || f.LogLik != first.LogLik {
			t.Errorf("GOMAXPROCS %d changes the fit", procs)
		}
	}
}

func BenchmarkLogistic(b *testing.B) {
	p := large(126000, 12)
	b.Run("rows=126000/cols=12", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Logistic(p, Options{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("firth/rows=126000/cols=12", func(b *testing.B) {
		for b.Loop() {
			if _, err := Firth(p, Options{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
