package linear_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"flowbook/internal/rng"
	"flowbook/models"
	"flowbook/models/linear"
)

// Squares of numbers from 1e154 on are infinite: a Hessian of them makes every step 0,
// which must not pass for the optimum.
func TestFarRow(t *testing.T) {
	v := tabled([][]float64{{0}, {0}, {-1e160}, {0}}, []int{0, 1, 0, 1}).View()
	for _, l := range []models.Learner{linear.Logistic{}, linear.Logistic{L1Ratio: 0.5}, linear.SVM{}, linear.SVM{Loss: linear.Hinge}} {
		if _, err := l.Fit(context.Background(), v); err == nil || !strings.Contains(err.Error(), "row 3 is more than 1e+150 away") {
			t.Errorf("%s: error %v", l.Name(), err)
		}
	}
}

// watched is a context that notes how long nobody looked at it; it ends a second after
// the third look, which is that of the first round.
type watched struct {
	context.Context
	mu      sync.Mutex
	looks   int
	first   time.Time
	last    time.Time
	longest time.Duration
}

func (w *watched) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if w.looks++; w.looks <= 3 {
		w.first, w.last = now, now
		return nil
	}
	w.longest, w.last = max(w.longest, now.Sub(w.last)), now
	if now.Sub(w.first) > time.Second {
		return context.Canceled
	}
	return nil
}

// One Hessian of many columns without a usual value takes seconds, in which the context
// is looked at.
func TestCancelledInAHessian(t *testing.T) {
	g := rng.New(5).Rand()
	x, y := make([][]float64, 5000), make([]int, 5000)
	for i := range x {
		x[i], y[i] = make([]float64, 900), g.IntN(3)
		for j := range x[i] {
			x[i][j] = g.NormFloat64()
		}
	}
	v := tabled(x, y).View()
	for _, l := range []models.Learner{linear.Logistic{}, linear.Logistic{L1Ratio: 1}, linear.SVM{}} {
		w := &watched{Context: context.Background()}
		if _, err := l.Fit(w, v); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v", l.Name(), err)
		}
		if w.longest > 2*time.Second { // half a second under the race detector
			t.Errorf("%s: nobody looked for %v", l.Name(), w.longest)
		}
	}
}
