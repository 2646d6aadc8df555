package modeltest

import (
	"context"
	"math"
	"testing"

	"flowbook/internal/table"
)

func weights(t *testing.T, s *suite) {
	tab := s.flows(150)
	w := make([]int64, tab.Rows())
	var rows []int
	for i := range w {
		w[i] = int64(1 + i*i/7%4) // in no step with the classes
		for range w[i] {
			rows = append(rows, i)
		}
	}
	weighted := with(tab, table.Int("w", "", w).As(table.Weight))
	switch {
	case s.ignoresWeights:
		if c, err := s.learner.Fit(context.Background(), weighted.View()); err == nil {
			want := predict(t, s.fit(t, tab.View()), tab.View())
			if err := same(predict(t, c, tab.View()), want, 0); err != nil {
				t.Errorf("weights are not ignored: %v", err)
			}
		}
		return
	case s.drawsRows:
		predict(t, s.fit(t, weighted.View()), tab.View())
		return
	}
	want := predict(t, s.fit(t, tab.View().Take(rows)), tab.View())
	if err := same(predict(t, s.fit(t, weighted.View()), tab.View()), want, s.tol); err != nil {
		t.Errorf("a weight of k is not k rows: %v", err)
	}
}

func weightZero(t *testing.T, s *suite) {
	if s.ignoresWeights {
		t.Skip("the learner does not use weights")
	}
	tab := s.flows(150)
	w := make([]float64, tab.Rows())
	labels := append([]int32(nil), tab.Column("class").Codes()...)
	var rows []int
	for i := range w {
		if i%5 == 3 {
			labels[i] = labels[(i+1)%len(labels)] // a wrong label that must not matter
			continue
		}
		w[i] = 1
		rows = append(rows, i)
	}
	marked := with(tab, table.Float("w", "", w).As(table.Weight), table.Code("class", labels, tab.Column("class").Levels()).As(table.Label))
	want := predict(t, s.fit(t, tab.View().Take(rows)), tab.View())
	if err := same(predict(t, s.fit(t, marked.View()), tab.View()), want, s.tol); err != nil {
		t.Errorf("rows of weight 0 matter: %v", err)
	}
}

func badWeights(t *testing.T, s *suite) {
	tab := s.flows(50)
	for _, bad := range []float64{-1, math.NaN()} {
		w := make([]float64, tab.Rows())
		for i := range w {
			w[i] = 1
		}
		w[3] = bad
		_, err := s.learner.Fit(context.Background(), with(tab, table.Float("w", "", w).As(table.Weight)).View())
		if !s.ignoresWeights {
			refused(t, "a weight that is not a number of at least 0", err)
		}
	}
}
