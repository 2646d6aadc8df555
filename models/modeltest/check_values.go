package modeltest

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/table"
)

// gappy is a table in which a third of a numeric and of a categorical column is missing.
func gappy(s *suite, n int) *table.Table {
	tab := s.flows(n)
	out := with(tab, table.Float("rate", "1/s", holes(column(tab, "rate"))))
	if !s.numericOnly {
		codes := slices.Clone(tab.Column("service").Codes())
		for i := range codes {
			if i%3 == 2 {
				codes[i] = 0
			}
		}
		out = with(out, table.Code("service", codes, tab.Column("service").Levels()))
	}
	return out
}

func missing(t *testing.T, s *suite) {
	v := gappy(s, 200).View()
	c, err := s.learner.Fit(context.Background(), v)
	if s.noMissing {
		refused(t, "missing values in training", err)
		return
	}
	if err != nil {
		t.Fatalf("Fit: %v", err)
	}
	if got := accuracy(predict(t, c, v), v); !s.baseline && !(got >= 0.75) {
		t.Errorf("accuracy %.3f on its own rows, a third of two columns missing; want at least 0.75", got)
	}
	tab := v.Table()
	nothing := slices.Repeat([]float64{math.NaN()}, tab.Rows())
	v = with(tab, table.Float("nothing", "", nothing)).View()
	predict(t, s.fit(t, v), v)
}

func missingLater(t *testing.T, s *suite) {
	c := s.fit(t, s.flows(200).View())
	v := gappy(s, 200).View()
	if s.noMissing {
		_, err := c.Predict(context.Background(), v)
		refused(t, "missing values in prediction", err)
		return
	}
	predict(t, c, v)
}

func infinite(t *testing.T, s *suite) {
	tab := s.flows(200)
	values := column(tab, "rate")
	values[3], values[4] = math.Inf(1), math.Inf(-1)
	v := with(tab, table.Float("rate", "1/s", values)).View()
	if c, err := s.learner.Fit(context.Background(), v); err == nil {
		predict(t, c, v)
	}
	c := s.fit(t, tab.View())
	if p, err := c.Predict(context.Background(), v); err == nil {
		if err := valid(p, c, v.Rows()); err != nil {
			t.Error(err)
		}
	}
}

func categoricalRefused(t *testing.T, s *suite) {
	if !s.numericOnly {
		t.Skip("the learner takes categories")
	}
	tab := s.flows(60)
	v := with(tab, table.Text("service", slices.Repeat([]string{"a", "b"}, tab.Rows())[:tab.Rows()])).View()
	_, err := s.learner.Fit(context.Background(), v)
	refused(t, "a categorical feature", err)
	if err != nil && !strings.Contains(err.Error(), "service") {
		t.Errorf("the error does not name the column: %v", err)
	}
}

func unseenLevel(t *testing.T, s *suite) {
	if s.numericOnly {
		t.Skip("the learner takes no categories")
	}
	tab := s.flows(200)
	c := s.fit(t, tab.View())
	odd := with(tab, table.Text("service", slices.Repeat([]string{"gopher"}, tab.Rows())))
	predict(t, c, odd.View())
}

func columnMissing(t *testing.T, s *suite) {
	tab := s.flows(100)
	c := s.fit(t, tab.View())
	for _, name := range []string{"rate", "flag"} {
		var kept []table.Column
		for _, col := range tab.Columns() {
			if col.Name != name {
				kept = append(kept, col)
			}
		}
		_, err := c.Predict(context.Background(), table.Must(table.New("fewer", kept...)).View())
		refused(t, "a missing column", err)
		if err != nil && !strings.Contains(err.Error(), name) {
			t.Errorf("the error does not name the column %q: %v", name, err)
		}
	}
	words := with(tab, table.Text("rate", slices.Repeat([]string{"fast"}, tab.Rows())))
	_, err := c.Predict(context.Background(), words.View())
	refused(t, "a column of another kind", err)
}
