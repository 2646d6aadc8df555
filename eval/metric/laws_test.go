package metric

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"

	"flowbook/internal/rng"
)

// random makes n rows of k classes, with scores of one digit where ties is set.
func random(n, k int, ties bool, positive int) Outcome {
	g := rng.New(7).Index("n", n).Index("k", k).Rand()
	o := Outcome{Classes: letters(k), Positive: positive}
	for range n {
		t := g.IntN(k)
		o.Truth = append(o.Truth, t)
		row, sum := make([]float64, k), 0.0
		for c := range row {
			row[c] = g.Float64()
			if c == t {
				row[c] += 0.5
			}
			if ties {
				row[c] = math.Round(row[c]*4) / 4
			}
			sum += row[c]
		}
		for _, v := range row {
			if sum == 0 {
				v, sum = 1, float64(k)
			}
			o.P = append(o.P, v/sum)
		}
	}
	return o
}

// The area is the share of pairs won; this counts all pairs.
func naiveAUC(o Outcome, class int) float64 {
	k, won, pairs := len(o.Classes), 0.0, 0.0
	for i, t := range o.Truth {
		for j, u := range o.Truth {
			if t == class && u != class {
				pairs++
				switch a, b := o.P[i*k+class], o.P[j*k+class]; {
				case a > b:
					won++
				case a == b:
					won += 0.5
				}
			}
		}
	}
	return won / pairs
}

func TestAUCAgreesWithItsNaiveTwin(t *testing.T) {
	for _, ties := range []bool{true, false} {
		o := random(300, 3, ties, 1)
		if got, want := ROCAUC.Of(o), naiveAUC(o, 1); !(math.Abs(got-want) <= 1e-14) {
			t.Errorf("ties %v: %.17g, want %.17g", ties, got, want)
		}
	}
}

func TestAUCOfTheOtherClass(t *testing.T) {
	o := random(500, 2, true, 0)
	a := ROCAUC.Of(o)
	o.Positive = 1 // its score is one minus the other's
	if b := ROCAUC.Of(o); !(math.Abs(a-b) <= 1e-12) {
		t.Errorf("%g and %g", a, b)
	}
	for i := range o.P {
		o.P[i] = 1 - o.P[i]
	}
	if b := ROCAUC.Of(o); !(math.Abs(a+b-1) <= 1e-12) {
		t.Errorf("AUC(s) + AUC(-s) = %g", a+b)
	}
}

// Order of rows and names of classes do not matter, an integer weight is a row
// repeated, and a row of weight 0 is no row.
func TestLaws(t *testing.T) {
	for _, positive := range []int{-1, 2} {
		o := random(400, 4, true, positive)
		n := len(o.Truth)
		shuffled := Outcome{Classes: o.Classes, Positive: positive}
		for _, r := range rng.New(3).Rand().Perm(n) {
			shuffled.Truth = append(shuffled.Truth, o.Truth[r])
			shuffled.P = append(shuffled.P, o.P[4*r:4*r+4]...)
		}
		weighted, repeated := o, Outcome{Classes: o.Classes, Positive: positive}
		g := rng.New(4).Rand()
		for r := range n {
			w := g.IntN(4)
			weighted.Weights = append(weighted.Weights, float64(w))
			for range w {
				repeated.Truth = append(repeated.Truth, o.Truth[r])
				repeated.P = append(repeated.P, o.P[4*r:4*r+4]...)
			}
		}
		for _, m := range all {
			if a, b := m.Of(o), m.Of(shuffled); !(math.Abs(a-b) <= 1e-12) {
				t.Errorf("%s: %g, with rows shuffled %g", m, a, b)
			}
			if a, b := m.Of(weighted), m.Of(repeated); !(math.Abs(a-b) <= 1e-12) {
				t.Errorf("%s: %g by weights, %g by repetition", m, a, b)
			}
		}
	}
	// Renaming classes: the columns in reverse. Ties of the highest score would
	// go elsewhere, so there are none.
	o := random(400, 3, false, -1)
	reversed := Outcome{Classes: o.Classes, Positive: -1, P: slices.Clone(o.P)}
	for r, c := range o.Truth {
		reversed.Truth = append(reversed.Truth, 2-c)
		slices.Reverse(reversed.P[3*r : 3*r+3])
	}
	for _, m := range all {
		if a, b := m.Of(o), m.Of(reversed); !(math.Abs(a-b) <= 1e-12) {
			t.Errorf("%s: %g, with classes renamed %g", m, a, b)
		}
	}
}

func TestIntervalsDoNotDependOnCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	o := random(500, 3, true, -1)
	var want [][2]float64
	for _, procs := range []int{1, 2, 7} {
		runtime.GOMAXPROCS(procs)
		for i, m := range all {
			low, high := m.Interval(o, 0.9)
			if procs == 1 {
				want = append(want, [2]float64{low, high})
			} else if want[i] != [2]float64{low, high} {
				t.Errorf("%s at %d cores: [%g, %g], want %v", m, procs, low, high, want[i])
			}
		}
	}
}

// The binomial sampler agrees with its distribution: mean, variance, and the share
// at or below the mean within five standard errors, in both of its methods.
func TestBinomial(t *testing.T) {
	const draws = 40000
	for _, c := range []struct {
		n int
		p float64
	}{{1, .3}, {10, .5}, {12, .9}, {500, .01}, {40, .3}, {1000, .25}, {100000, .002}, {126000, .53}} {
		g := rng.New(1).Index("n", c.n).Rand()
		N := float64(c.n)
		want := make([]float64, c.n+1) // the exact probabilities, by logarithms
		for k := range want {
			want[k] = math.Exp(lgamma(N+1) - lgamma(float64(k)+1) - lgamma(N-float64(k)+1) +
				float64(k)*math.Log(c.p) + (N-float64(k))*math.Log1p(-c.p))
		}
		sum, squares := 0.0, 0.0
		count := make([]int, c.n+1)
		for range draws {
			k := binomial(g, c.n, c.p)
			count[k]++
			d := float64(k) - N*c.p
			sum += d
			squares += d * d
		}
		variance := N * c.p * (1 - c.p)
		if z := sum / math.Sqrt(variance*draws); !(math.Abs(z) < 5) {
			t.Errorf("n=%d p=%g: mean off by %.1f standard errors", c.n, c.p, z)
		}
		if r := squares / draws / variance; !(math.Abs(r-1) < 0.05) {
			t.Errorf("n=%d p=%g: variance off by a factor of %.3f", c.n, c.p, r)
		}
		// Chi-square over cells with at least ten expected draws.
		chi, cells := 0.0, 0.0
		for k, p := range want {
			if e := p * draws; e >= 10 {
				chi += (float64(count[k]) - e) * (float64(count[k]) - e) / e
				cells++
			}
		}
		if !(math.Abs(chi-cells) < 5*math.Sqrt(2*cells)+1) {
			t.Errorf("n=%d p=%g: chi-square %.1f over %.0f cells", c.n, c.p, chi, cells)
		}
	}
}

func TestPPVAt(t *testing.T) {
	// Axelsson's setting: 2 in 100,000 rows; recall 1, fpr 1e-5 gives 2e-5/(2e-5+0.99998e-5).
	if got := PPVAt(1, 1e-5, 2e-5); !(math.Abs(got-2/(2+.99998)) <= 1e-12) {
		t.Errorf("got %g", got)
	}
	if !math.IsNaN(PPVAt(0, 0, 0.1)) {
		t.Error("no alarm has a PPV")
	}
}

func TestConfusion(t *testing.T) {
	o := random(200, 3, false, -1)
	c := NewConfusion("three", o)
	if c.Rows() != 200 {
		t.Errorf("%d rows", c.Rows())
	}
	hits, supports, answers, balanced := 0, 0, 0, 0.0
	for k := range 3 {
		hits += c.Counts[k][k]
		supports += c.Support(k)
		answers += c.Answers(k)
		balanced += c.Recall(k) / 3
	}
	if supports != 200 || answers != 200 {
		t.Errorf("supports %d, answers %d", supports, answers)
	}
	if got := float64(hits) / 200; got != Accuracy.Of(o) {
		t.Errorf("accuracy %g", got)
	}
	if !(math.Abs(balanced-BalancedAccuracy.Of(o)) <= 1e-12) {
		t.Errorf("balanced accuracy %g", balanced)
	}
	g := c.Grid()
	for _, row := range g.Rows {
		if len(row) != len(g.Columns) {
			t.Errorf("a line of %d cells under %d columns", len(row), len(g.Columns))
		}
	}
	if len(g.Rows) != 4 || g.Rows[1][2].Value != float64(c.Counts[1][1]) {
		t.Errorf("grid %v", g.Rows)
	}
}

func BenchmarkMetrics(b *testing.B) {
	for _, o := range []Outcome{random(22544, 2, false, 0), random(22544, 5, false, -1)} {
		benchmark(b, o)
	}
}

func benchmark(b *testing.B, o Outcome) {
	size := fmt.Sprintf("/rows=%d/classes=%d", len(o.Truth), len(o.Classes))
	for _, m := range all {
		b.Run(m.Name+"/of"+size, func(b *testing.B) {
			for b.Loop() {
				m.Of(o)
			}
		})
		b.Run(m.Name+"/interval"+size, func(b *testing.B) {
			for b.Loop() {
				m.Interval(o, 0.95)
			}
		})
	}
}
