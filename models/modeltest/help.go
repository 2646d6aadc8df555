package modeltest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"flowbook/internal/table"
	"flowbook/models"
)

// fit fits or ends the test.
func (s *suite) fit(t *testing.T, train table.View) models.Classifier {
	t.Helper()
	c, err := s.learner.Fit(context.Background(), train)
	if err != nil {
		t.Fatalf("Fit: %v", err)
	}
	return c
}

// predict scores or ends the test, and looks at the scores.
func predict(t *testing.T, c models.Classifier, rows table.View) models.Prediction {
	t.Helper()
	p, err := c.Predict(context.Background(), rows)
	if err != nil {
		t.Fatalf("Predict: %v", err)
	}
	if err := valid(p, c, rows.Rows()); err != nil {
		t.Fatal(err)
	}
	return p
}

// valid checks the shape of a prediction and that scores are shares of 1.
func valid(p models.Prediction, c models.Classifier, rows int) error {
	if !slices.Equal(p.Classes, c.Classes()) {
		return fmt.Errorf("prediction of classes %q by a model of %q", p.Classes, c.Classes())
	}
	if !slices.IsSorted(p.Classes) {
		return fmt.Errorf("classes %q are not sorted", p.Classes)
	}
	if len(p.P) != rows*len(p.Classes) {
		return fmt.Errorf("%d scores for %d rows and %d classes", len(p.P), rows, len(p.Classes))
	}
	for i := range rows {
		sum := 0.0
		for _, v := range p.Row(i) {
			if !(v >= 0) {
				return fmt.Errorf("row %d has scores %v; want numbers of at least 0", i, p.Row(i))
			}
			sum += v
		}
		if !(math.Abs(sum-1) <= 1e-9) {
			return fmt.Errorf("scores of row %d sum to %v; want 1", i, sum)
		}
	}
	return nil
}

// same reports the first score in which two predictions differ by more than tol;
// with a tol of 0 they must agree to the bit.
func same(got, want models.Prediction, tol float64) error {
	if len(got.P) != len(want.P) {
		return fmt.Errorf("%d scores, want %d", len(got.P), len(want.P))
	}
	for i, v := range got.P {
		w := want.P[i]
		if tol == 0 && math.Float64bits(v) != math.Float64bits(w) || !(math.Abs(v-w) <= tol) {
			k := len(want.Classes)
			return fmt.Errorf("row %d, class %q: score %v, want %v (tolerance %g)", i/k, want.Classes[i%k], v, w, tol)
		}
	}
	return nil
}

// accuracy is the share of rows whose best class is their own.
func accuracy(p models.Prediction, rows table.View) float64 {
	c, _ := rows.Target()
	hits := 0
	for i := range p.Rows() {
		if p.Classes[p.Best(i)] == c.String(i) {
			hits++
		}
	}
	return float64(hits) / float64(p.Rows())
}

// refused ends the test unless there is an error.
func refused(t *testing.T, what string, err error) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error", what)
	} else if err.Error() == "" {
		t.Errorf("%s: an error that says nothing", what)
	}
}

// text is the whole table as bytes, for comparing before and after.
func text(t *table.Table) string {
	var b []byte
	for _, c := range t.Columns() {
		b = fmt.Appendf(b, "%s %v %v %q\n", c.Name, c.Kind, c.Role, c.Unit)
		switch c.Kind {
		case table.FloatKind:
			for _, v := range c.Floats() {
				b = fmt.Appendf(b, "%x ", math.Float64bits(v))
			}
		case table.CodeKind:
			b = fmt.Appendf(b, "%v %q", c.Codes(), c.Levels())
		default:
			b = fmt.Appendf(b, "%v", c.Ints())
		}
	}
	return string(b)
}
