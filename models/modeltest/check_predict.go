package modeltest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"flowbook/internal/table"
	"flowbook/models"
)

func cancelled(t *testing.T, s *suite) {
	v := s.flows(400).View()
	c := s.fit(t, v)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.learner.Fit(ctx, v); !errors.Is(err, context.Canceled) {
		t.Errorf("Fit with a cancelled context: error %v; want context.Canceled", err)
	}
	if _, err := c.Predict(ctx, v); !errors.Is(err, context.Canceled) {
		t.Errorf("Predict with a cancelled context: error %v; want context.Canceled", err)
	}
}

func alone(t *testing.T, s *suite) {
	v := s.flows(300).View()
	c := s.fit(t, v.Take(ints(v.Rows())[:v.Rows()/2]))
	batch := predict(t, c, v)
	for i := 0; i < v.Rows(); i += 7 {
		one := predict(t, c, v.Take([]int{i}))
		if err := same(one, models.Prediction{Classes: batch.Classes, P: batch.Row(i)}, 0); err != nil {
			t.Fatalf("row %d alone: %v", i, err)
		}
	}
	back := ints(v.Rows())
	slices.Reverse(back)
	turned := predict(t, c, v.Take(back))
	for i, r := range back {
		if !slices.Equal(turned.Row(i), batch.Row(r)) {
			t.Fatalf("row %d differs in a reversed batch", r)
		}
	}
}

func concurrent(t *testing.T, s *suite) {
	v := s.flows(200).View()
	c := s.fit(t, v)
	want := predict(t, c, v)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 3 {
				got, err := c.Predict(context.Background(), v)
				if err == nil {
					err = same(got, want, 0)
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// byName gives the model a table with more columns, in another order, with another
// target and with levels that shift the codes.
func byName(t *testing.T, s *suite) {
	tab := s.flows(200)
	c := s.fit(t, tab.View())
	want := predict(t, c, tab.View())
	columns := slices.Clone(tab.Columns())
	slices.Reverse(columns)
	columns = append([]table.Column{table.Float("extra", "", make([]float64, tab.Rows()))}, columns...)
	for i, col := range columns {
		if col.Kind == table.CodeKind && col.Role == table.Feature {
			codes := slices.Clone(col.Codes())
			for j := range codes {
				codes[j]++
			}
			columns[i] = table.Code(col.Name, codes, append([]string{"\x01first"}, col.Levels()...))
		}
	}
	if err := same(predict(t, c, table.Must(table.New("other", columns...)).View()), want, 0); err != nil {
		t.Error(err)
	}
}

func viewAsTable(t *testing.T, s *suite) {
	v := s.flows(200).View()
	var rows []int
	for i := v.Rows() - 1; i >= 0; i -= 2 {
		rows = append(rows, i)
	}
	part := v.Take(rows)
	want := predict(t, s.fit(t, part.Materialize().View()), v)
	if err := same(predict(t, s.fit(t, part), v), want, 0); err != nil {
		t.Errorf("rows of a view and the same rows as a table: %v", err)
	}
}

// renamed renames the classes, once keeping their order and once turning it round.
func renamed(t *testing.T, s *suite) {
	tab := s.flows(200)
	names := tab.View().Strings("class")
	want := predict(t, s.fit(t, tab.View()), tab.View())
	for _, to := range []struct {
		names map[string]string
		tol   float64
	}{
		{map[string]string{"flood": "a", "normal": "b", "probe": "c"}, 0},
		{map[string]string{"flood": "z", "normal": "y", "probe": "x"}, s.tol},
	} {
		other := make([]string, len(names))
		for i, n := range names {
			other[i] = to.names[n]
		}
		p := predict(t, s.fit(t, with(tab, table.Text("class", other).As(table.Label)).View()), tab.View())
		got := models.NewPrediction(want.Classes, want.Rows())
		for k, class := range want.Classes {
			for i, v := range p.Scores(to.names[class]) {
				got.P[i*len(want.Classes)+k] = v
			}
		}
		if err := same(got, want, to.tol); err != nil {
			t.Errorf("classes renamed %v: %v", to.names, err)
		}
	}
}

func reordered(t *testing.T, s *suite) {
	v := s.flows(200).View()
	want := predict(t, s.fit(t, v), v)
	var names []string
	for _, c := range v.Features() {
		names = append(names, c.Name)
	}
	slices.Reverse(names)
	if err := same(predict(t, s.fit(t, v.Select(names...)), v), want, s.tol); err != nil {
		t.Errorf("columns in another order: %v", err)
	}
}

func sealed(t *testing.T, s *suite) {
	tab := s.flows(100)
	c := s.fit(t, tab.View())
	seal := table.Seal(tab)
	v := seal.Describe("modeltest")
	_, err := s.learner.Fit(context.Background(), v)
	refused(t, "fitting a sealed test set", err)
	_, err = c.Predict(context.Background(), v)
	refused(t, "predicting a sealed test set", err)
	if err != nil && !strings.Contains(err.Error(), "sealed") {
		t.Errorf("the error does not say that the set is sealed: %v", err)
	}
	predict(t, c, seal.Open("modeltest"))
}
