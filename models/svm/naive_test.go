package svm_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"flowbook/internal/rng"
	"flowbook/models/svm"
)

// naive solves the dual, Σ yβ − ½ βᵀKβ over 0 ≤ yβ ≤ C with Σβ = 0, by going through
// all pairs of rows again and again, each time moving what is best from one to the
// other. It reads the intercept off the rows between their bounds.
func naive(x [][]float64, y []int, c []float64, gamma float64) (beta []float64, intercept float64) {
	n := len(x)
	k := make([][]float64, n)
	f := make([]float64, n) // y − Kβ
	low, high := make([]float64, n), make([]float64, n)
	for i := range x {
		k[i] = make([]float64, n)
		for j := range x {
			d := 0.0
			for e := range x[i] {
				d += (x[i][e] - x[j][e]) * (x[i][e] - x[j][e])
			}
			k[i][j] = math.Exp(-gamma * d)
		}
		if f[i] = -1; y[i] == 1 {
			f[i], high[i] = 1, c[i]
		} else {
			low[i] = -c[i]
		}
	}
	beta = make([]float64, n)
	for range 20000 {
		moved := 0.0
		for i := range n {
			for j := range n {
				move := (f[i] - f[j]) / (k[i][i] + k[j][j] - 2*k[i][j])
				move = min(move, high[i]-beta[i], beta[j]-low[j])
				if i == j || !(move > 0) {
					continue
				}
				beta[i] += move
				beta[j] -= move
				for e := range n {
					f[e] -= move * (k[i][e] - k[j][e])
				}
				moved = max(moved, move)
			}
		}
		if moved < 1e-13 {
			break
		}
	}
	free, sum := 0, 0.0
	for i, b := range beta {
		if b > low[i]+1e-9 && b < high[i]-1e-9 {
			free++
			sum += f[i]
		}
	}
	return beta, sum / float64(free)
}

func TestNaive(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			g := rng.New(seed).Rand()
			n, gamma, cost := 12+g.IntN(14), 0.3+g.Float64(), 0.5+3*g.Float64()
			x, y, w, c := make([][]float64, n), make([]int, n), make([]float64, n), make([]float64, n)
			for i := range x {
				x[i] = []float64{g.NormFloat64(), g.NormFloat64()}
				if y[i] = i % 2; x[i][0]*x[i][1] > 0 && g.IntN(4) > 0 {
					y[i] = 1
				}
				w[i] = 0.2 + g.ExpFloat64()
				c[i] = cost * w[i]
			}
			beta, intercept := naive(x, y, c, gamma)
			m := fit[*svm.Machine](t, svm.RBF{C: cost, Gamma: gamma, Tolerance: 1e-10}, tabled(x, y, w))
			for i, got := range m.Coefficients(0) {
				if !(math.Abs(got-beta[i]) <= 2e-5) { // the kernel is rounded to float32
					t.Errorf("coefficient %d is %v, want %v", i, got, beta[i])
				}
			}
			if got := m.Pairs()[0].Intercept; !(math.Abs(got-intercept) <= 2e-5) {
				t.Errorf("intercept %v, want %v", got, intercept)
			}
		})
	}
}

// With more landmarks the answers near those of all rows as landmarks, which is the
// kernel machine of the squared hinge (TestAllLandmarks); from that to RBF, whose hinge
// is not squared, is no longer a matter of landmarks.
func TestNystroemNearsItsLimit(t *testing.T) {
	const n = 600
	x, y := noisy(n + 1000)
	v, fresh := tabled(x[:n], y[:n], nil), tabled(x[n:], nil, nil)
	answers := func(landmarks int) []float64 {
		m := fit[*svm.NystroemModel](t, svm.Nystroem{Landmarks: landmarks, Gamma: 0.5}, v)
		return must[[]float64](t)(m.Margins(context.Background(), fresh))
	}
	differ := func(a, b []float64) (n int) {
		for i := range a {
			if (a[i] > 0) != (b[i] > 0) {
				n++
			}
		}
		return n
	}
	limit := answers(n)
	last := len(limit)
	for _, landmarks := range []int{3, 30, 100, 300} {
		d := differ(answers(landmarks), limit)
		if t.Logf("%d landmarks: %d of %d answers differ from the limit", landmarks, d, len(limit)); d > last {
			t.Errorf("%d landmarks: %d answers differ from the limit, %d with fewer", landmarks, d, last)
		}
		last = d
	}
	if last > len(limit)/200 {
		t.Errorf("%d answers of 300 landmarks differ from the limit, want next to none", last)
	}
	rbf := must[[]float64](t)(fit[*svm.Machine](t, svm.RBF{Gamma: 0.5}, v).Margins(context.Background(), fresh))
	if d := differ(rbf, limit); d > len(limit)/20 {
		t.Errorf("%d answers differ from RBF's, want one in twenty at most", d)
	} else {
		t.Logf("%d of %d answers differ from RBF's", d, len(limit))
	}
}
