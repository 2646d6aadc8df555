package svm_test

import (
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/encode"
	"flowbook/models/modeltest"
	"flowbook/models/svm"
)

var limits = []modeltest.Option{modeltest.NumericOnly, modeltest.NoMissing, modeltest.Saved(svm.Kinds())}

func TestConformance(t *testing.T) {
	modeltest.Run(t, svm.RBF{Tolerance: 1e-9}, append(limits, modeltest.Tolerance(1e-6))...)
}

func TestConformanceEncoded(t *testing.T) {
	l := encode.Then(svm.RBF{C: 10, Tolerance: 1e-9}, encode.Impute{}, encode.OneHot{})
	modeltest.Run(t, l, modeltest.Tolerance(1e-5), modeltest.Saved(svm.Kinds(), encode.Kinds()))
}

func TestConformanceNystroem(t *testing.T) {
	for _, m := range []int{80, 20} {
		modeltest.Run(t, svm.Nystroem{Landmarks: m, C: 10}, append(limits, modeltest.Tolerance(1e-4))...)
	}
}

// noisy is n rows of two classes that overlap, mostly zeros in some columns.
func noisy(n int) (x [][]float64, y []int) {
	g := rng.New(4).Rand()
	for i := range n {
		row := []float64{g.NormFloat64(), g.NormFloat64(), 0, 0, 0}
		row[2+g.IntN(3)] = 1 + float64(g.IntN(3))
		x = append(x, row)
		y = append(y, 0)
		if math.Sin(2*row[0])+row[1]*row[2]/2+g.NormFloat64()/2 > 0.3 {
			y[i] = 1
		}
	}
	return x, y
}

// At the optimum a row without a coefficient has a margin of at least 1, one at its
// bound of at most 1, and one between of 1 (Karush, Kuhn, Tucker), and coefficients
// sum to 0. Margins are those that Predict computes, in float64.
func TestConditionsOfTheOptimum(t *testing.T) {
	x, y := noisy(3000)
	g := rng.New(5).Rand()
	w := make([]float64, len(x))
	for i := range w {
		w[i] = g.ExpFloat64()
	}
	const tol = 1e-6
	m := fit[*svm.Machine](t, svm.RBF{C: 3, Gamma: 0.5, Tolerance: tol}, tabled(x, y, w))
	f := must[[]float64](t)(m.Margins(context.Background(), tabled(x, nil, nil)))
	beta := m.Coefficients(0)
	free, zero, bounded := 0, 0, 0
	sum := 0.0
	for i, margin := range f {
		yi := float64(2*y[i] - 1)
		alpha := yi * beta[i]
		sum += beta[i]
		yf := yi * margin
		const slack = tol + 2e-4 // the kernel of training is rounded to float32
		switch {
		case alpha < 0 || alpha > 3*w[i]:
			t.Errorf("row %d: coefficient %v is not from 0 to %v", i, alpha, 3*w[i])
		case alpha == 0:
			zero++
			if !(yf >= 1-slack) {
				t.Errorf("row %d without a coefficient has the margin %v, less than 1", i, yf)
			}
		case alpha == 3*w[i]:
			bounded++
			if !(yf <= 1+slack) {
				t.Errorf("row %d at its bound has the margin %v, more than 1", i, yf)
			}
		default:
			free++
			if !(math.Abs(yf-1) <= slack) {
				t.Errorf("row %d between its bounds has the margin %v, want 1", i, yf)
			}
		}
	}
	if free < 50 || zero < 500 || bounded < 500 {
		t.Errorf("%d rows free, %d at zero, %d at the bound; want enough of each", free, zero, bounded)
	}
	if !(math.Abs(sum) <= 1e-9) {
		t.Errorf("coefficients sum to %v, want 0", sum)
	}
	if p := m.Pairs()[0]; p.Vectors != free+bounded || p.Bounded != bounded || !(p.Gap <= tol) || !p.Converged {
		t.Errorf("pair %+v", p)
	}
}

// Cores and the size of the cache change the time and nothing else; so does shrinking,
// whose rows are taken back.
func TestCoresAndCacheChangeNothing(t *testing.T) {
	x, y := noisy(3000)
	v := tabled(x, y, nil)
	fresh := tabled(x[:500], nil, nil)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var want []float64
	for _, c := range []struct{ procs, mb int }{{1, 0}, {2, 0}, {7, 0}, {2, 1}} {
		runtime.GOMAXPROCS(c.procs)
		m := fit[*svm.Machine](t, svm.RBF{C: 2, CacheMB: c.mb}, v)
		got := must[[]float64](t)(m.Margins(context.Background(), fresh))
		if want == nil {
			want = got
		} else if !slices.Equal(got, want) {
			t.Errorf("%d cores, %d MB: other margins", c.procs, c.mb)
		}
	}
}

// K(x, z) does not change when all rows move by the same.
func TestMovedRows(t *testing.T) {
	x, y := noisy(200)
	moved := make([][]float64, len(x))
	for i, row := range x {
		for _, v := range row {
			moved[i] = append(moved[i], v+1000)
		}
	}
	l := svm.RBF{Gamma: 0.3, Tolerance: 1e-9}
	a := must[[]float64](t)(fit[*svm.Machine](t, l, tabled(x, y, nil)).Margins(context.Background(), tabled(x, nil, nil)))
	b := must[[]float64](t)(fit[*svm.Machine](t, l, tabled(moved, y, nil)).Margins(context.Background(), tabled(moved, nil, nil)))
	for i := range a {
		if !near(a[i], b[i], 1e-6) {
			t.Errorf("row %d: margin %v, moved %v", i, a[i], b[i])
		}
	}
}

func TestErrors(t *testing.T) {
	x, y := noisy(30)
	v := tabled(x, y, nil)
	far := [][]float64{{1, 2}, {1e200, 1}, {3, 4}, {3, 5}}
	for _, c := range []struct {
		l    models.Learner
		v    table.View
		want string
	}{
		{svm.RBF{C: -1}, v, "C is -1; want"},
		{svm.RBF{Gamma: math.Inf(1)}, v, "Gamma is +Inf"},
		{svm.RBF{Tolerance: math.NaN()}, v, "Tolerance is NaN"},
		{svm.RBF{MaxSteps: -1}, v, "MaxSteps is -1"},
		{svm.RBF{MaxRows: -1}, v, "MaxRows is -1"},
		{svm.RBF{CacheMB: -1}, v, "CacheMB is -1"},
		{svm.RBF{MaxRows: 29}, v, "30 rows; want at most 29, for its cost grows with their square; use svm.Nystroem"},
		{svm.Nystroem{Landmarks: 2001}, v, "Landmarks is 2001; want 1 to 2000"},
		{svm.Nystroem{C: math.NaN()}, v, "C is NaN"},
		{svm.Nystroem{Gamma: -1}, v, "Gamma is -1"},
		{svm.Nystroem{Tolerance: -1}, v, "Tolerance is -1"},
		{svm.Nystroem{MaxRounds: -1}, v, "MaxRounds is -1"},
		{svm.RBF{}, tabled(far, []int{0, 1, 0, 1}, nil), "row 2"},
		{svm.Nystroem{C: 1e39}, v, "more than float32 holds; lower C from 1e+39"},
	} {
		if _, err := c.l.Fit(context.Background(), c.v); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: got %v, want an error with %q", c.l, err, c.want)
		}
	}
	if m := fit[*svm.Machine](t, svm.RBF{MaxSteps: 3}, v); m.Warning() == "" || m.Pairs()[0].Steps != 3 {
		t.Errorf("three steps and no warning: %+v", m.Pairs())
	}
	if m := fit[*svm.NystroemModel](t, svm.Nystroem{MaxRounds: 1}, v); m.Warning() == "" || m.Rounds()[0] != 1 {
		t.Errorf("one round and no warning: %v", m.Rounds())
	}
	// A tolerance that float64 cannot reach ends all the same, and says so.
	if m := fit[*svm.Machine](t, svm.RBF{Tolerance: 1e-300, MaxSteps: 1e6}, v); m.Warning() == "" || !(m.Pairs()[0].Gap < 1e-9) {
		t.Errorf("no tolerance and no warning: %+v", m.Pairs())
	}
}

// A row too far away to measure has no kernel with any vector.
func TestFarRow(t *testing.T) {
	x, y := noisy(60)
	m := fit[*svm.Machine](t, svm.RBF{}, tabled(x, y, nil))
	far := [][]float64{{1e160, 0, 0, 0, 0}, {1e308, -1e308, 1e308, 0, 0}}
	for i, f := range must[[]float64](t)(m.Margins(context.Background(), tabled(far, nil, nil))) {
		if f != m.Pairs()[0].Intercept {
			t.Errorf("row %d: margin %v, want the intercept %v", i, f, m.Pairs()[0].Intercept)
		}
	}
}

// Numbers so close that one over their variance is infinite have a kernel all the same.
func TestCloseNumbers(t *testing.T) {
	m := fit[*svm.Machine](t, svm.RBF{}, tabled([][]float64{{0}, {1e-155}, {0}, {1e-155}}, []int{0, 1, 0, 1}, nil))
	if m.Gamma() != 1 {
		t.Errorf("γ is %v, want 1", m.Gamma())
	}
}

// The eigenvalues of many landmarks take half a minute.
func TestCancelledAmongLandmarks(t *testing.T) {
	x, y := noisy(2000)
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := svm.Nystroem{Landmarks: 1200}.Fit(ctx, tabled(x, y, nil))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	if took := time.Since(start); took > 1300*time.Millisecond {
		t.Errorf("stopped after %v", took)
	}
}

// A fit under way stops soon after its context ends.
func TestCancelledUnderWay(t *testing.T) {
	x, y := noisy(8000)
	v := tabled(x, y, nil)
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := svm.RBF{C: 1000, Gamma: 5, Tolerance: 1e-9}.Fit(ctx, v)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("stopped after %v", took)
	}
}
