package ensemble

import (
	"math"
	"slices"
	"testing"

	"flowbook/internal/rng"
)

// The pooled values are max over a ≤ i of min over b ≥ i of the mean of a … b.
func TestIsotonicIsMaxMin(t *testing.T) {
	g := rng.New(8).Rand()
	for range 50 {
		n := 1 + g.IntN(30)
		scores, hit, weights := make([]float64, n), make([]bool, n), make([]float64, n)
		order := g.Perm(n)
		for i := range n {
			scores[i], hit[i], weights[i] = float64(order[i]), g.Float64() < float64(order[i])/float64(n), 0.1+g.Float64()
		}
		s := fitSteps(scores, hit, weights)
		at := make([]int, n)
		for i, o := range order {
			at[o] = i
		}
		for i := range n {
			want := math.Inf(-1)
			for a := 0; a <= i; a++ {
				low := math.Inf(1)
				for b := i; b < n; b++ {
					sum, total := 0.0, 0.0
					for _, r := range at[a : b+1] {
						total += weights[r]
						if hit[r] {
							sum += weights[r]
						}
					}
					low = min(low, sum/total)
				}
				want = max(want, low)
			}
			if got := s.at(float64(i)); !(math.Abs(got-want) <= 1e-12) {
				t.Fatalf("%v at %d, want %v", got, i, want)
			}
		}
	}
}

// Log-odds of a model that is already right are left as they are, within what 4000
// rows can tell; Platt's curve in the score itself is not.
func TestLogOddsKeepsAProbability(t *testing.T) {
	g := rng.New(9).Rand()
	p, labels := make([]float64, 0, 8000), make([]int, 4000)
	for i := range labels {
		q := logistic(4 * g.NormFloat64())
		p = append(p, 1-q, q)
		if g.Float64() < q {
			labels[i] = 1
		}
	}
	away := func(logOdds bool) float64 {
		c := Calibrated{LogOdds: logOdds}
		m := &Calibration{classes: []string{"a", "b"}, logOdds: logOdds, curves: c.curves(p, labels, nil, 2)}
		worst := 0.0
		for q := 0.01; q < 1; q += 0.01 {
			worst = max(worst, math.Abs(m.Curve("b", q)-q))
			if one := m.Curve("a", 1-q) + m.Curve("b", q); !(math.Abs(one-1) <= 1e-12) {
				t.Fatalf("both classes make %v", one)
			}
		}
		return worst
	}
	if a, b := away(true), away(false); !(a < 0.04) || !(b > 0.05) {
		t.Errorf("log-odds are %.3f away, want less than 0.04; scores %.3f, want more than 0.05", a, b)
	}
}

// All scores equal: the chance is the smoothed share, whatever the score.
func TestSigmoidOfOneScore(t *testing.T) {
	s := fitSigmoid([]float64{0.3, 0.3, 0.3, 0.3, 0.3}, []bool{true, false, false, false, true}, nil)
	// Two hits aim at 3/4, three others at 1/5: (2·3/4 + 3·1/5)/5 = 0.42.
	if got := s.at(0.3); s.a != 0 || !(math.Abs(got-0.42) <= 1e-12) {
		t.Errorf("chance %v with slope %v, want 0.42 and 0", got, s.a)
	}
}

// Where no class has a chance all have the same.
func TestNoChanceAtAll(t *testing.T) {
	never := steps{[]float64{0}, []float64{0}}
	row := []float64{0.2, 0.3, 0.5}
	(&Calibration{curves: []curve{never, never, never}}).calibrate(row)
	if !slices.Equal(row, []float64{1. / 3, 1. / 3, 1. / 3}) {
		t.Errorf("chances %v, want equal ones", row)
	}
}

// The curve is where the slope of the loss is 0, also for scores with far outliers
// and for few hits, where whole Newton steps overshoot.
func TestSigmoidIsFlat(t *testing.T) {
	g := rng.New(10).Rand()
	for round := range 300 {
		n := 3 + g.IntN(200)
		scores, hit := make([]float64, n), make([]bool, n)
		hits := 0.0
		for i := range n {
			scores[i] = g.NormFloat64() / math.Pow(g.Float64(), float64(round%4))
			if hit[i] = g.Float64()*float64(1+round%7) < logistic(5*scores[i]); hit[i] {
				hits++
			}
		}
		s := fitSigmoid(scores, hit, nil)
		da, db, size := 0.0, 0.0, 0.0
		for i, f := range scores {
			aim := 1 / (float64(n) - hits + 2)
			if hit[i] {
				aim = (hits + 1) / (hits + 2)
			}
			da += (aim - s.at(f)) * f
			db += aim - s.at(f)
			size += math.Abs(aim * f)
		}
		if !(math.Abs(da) <= 1e-9*(1+size)) || !(math.Abs(db) <= 1e-9*float64(n)) {
			t.Errorf("%d rows, %v hits: %v, where the loss has slopes %v and %v", n, hits, s, da, db)
		}
	}
}
