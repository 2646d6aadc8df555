package modeltest

import (
	"context"
	"fmt"
	"math"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
)

// RunRegression is Run for a model of a number: the same table with a number to
// predict, and the same options, as far as they mean something for a regressor. A
// Tolerance is a share of the largest estimate.
func RunRegression(t *testing.T, learner models.RegressionLearner, options ...Option) {
	t.Helper()
	if l, ok := learner.(models.Seeded); ok {
		learner = l.WithSeed(rng.New(7).At("modeltest")).(models.RegressionLearner)
	}
	s := &regression{suite: suite{maxRows: 400, skip: map[string]string{}}, learner: learner}
	for _, o := range options {
		o(&s.suite)
	}
	for _, c := range []struct {
		name  string
		check func(*testing.T, *regression)
	}{
		{"name", namedRegression},
		{"learns", learnsNumber},
		{"reproducible", reproducibleNumber},
		{"input untouched", untouchedByNumber},
		{"constant column", constantColumnNumber},
		{"constant target", constantTarget},
		{"one row", oneRowNumber},
		{"more columns than rows", wideNumber},
		{"missing values", missingNumber},
		{"empty view", emptyNumber},
		{"bad target", badNumber},
		{"weights", weightsNumber},
		{"weight 0", weightZeroNumber},
		{"bad weights", badWeightsNumber},
		{"unseen level", unseenLevelNumber},
		{"column missing", columnMissingNumber},
		{"cancelled", cancelledNumber},
		{"one row alone", aloneNumber},
		{"concurrent", concurrentNumber},
		{"columns by name", byNameNumber},
		{"view as table", viewAsTableNumber},
		{"columns reordered", reorderedNumber},
		{"sealed", sealedNumber},
		{"saved and loaded", savedNumber},
	} {
		t.Run(c.name, func(t *testing.T) {
			if why, ok := s.skip[c.name]; ok {
				t.Skip(why)
			}
			c.check(t, s)
		})
	}
}

type regression struct {
	suite
	learner models.RegressionLearner
}

// sizes is flows with a number in the place of the class: a sum of what some features
// tell, and some noise.
func (s *regression) sizes(n int) *table.Table {
	tab := s.flows(n)
	g := rng.New(2).At("sizes").Rand()
	size := column(tab, "rate")
	bytes, count := column(tab, "bytes"), column(tab, "count")
	for i := range size {
		size[i] = 100 + 3*size[i] - 2*bytes[i] + 0.5*count[i] + 0.3*g.NormFloat64()
		if !s.numericOnly && tab.Column("proto").String(i) == "udp" {
			size[i] += 4
		}
	}
	return with(tab, tab.Column("class").As(table.Ignore), table.Float("size", "bytes", size).As(table.Label))
}

func (s *regression) fit(t *testing.T, train table.View) models.Regressor {
	t.Helper()
	r, err := s.learner.FitRegression(context.Background(), train)
	if err != nil {
		t.Fatalf("FitRegression: %v", err)
	}
	return r
}

// estimate estimates or ends the test; estimates are finite numbers, one a row.
func estimate(t *testing.T, r models.Regressor, rows table.View) []float64 {
	t.Helper()
	y, err := r.Estimate(context.Background(), rows)
	if err != nil {
		t.Fatalf("Estimate: %v", err)
	}
	if len(y) != rows.Rows() {
		t.Fatalf("%d estimates for %d rows", len(y), rows.Rows())
	}
	for i, v := range y {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			t.Fatalf("row %d: estimate %v", i, v)
		}
	}
	return y
}

// near reports the first estimate that differs by more than tol times the largest
// wanted one; with a tol of 0 they must agree to the bit.
func (s *regression) near(got, want []float64, tol float64) error {
	if len(got) != len(want) {
		return fmt.Errorf("%d estimates, want %d", len(got), len(want))
	}
	most := 0.0
	for _, v := range want {
		most = max(most, math.Abs(v))
	}
	for i, v := range got {
		if tol == 0 && math.Float64bits(v) != math.Float64bits(want[i]) || !(math.Abs(v-want[i]) <= tol*most) {
			return fmt.Errorf("row %d: estimate %v, want %v (tolerance %g of %g)", i, v, want[i], tol, most)
		}
	}
	return nil
}

// explained is R²: the share of the target's variance that the estimates explain.
func explained(t *testing.T, y []float64, rows table.View) float64 {
	t.Helper()
	c, ok := rows.Target()
	if !ok {
		t.Fatal("no target")
	}
	mean := 0.0
	for i := range y {
		mean += c.At(i) / float64(len(y))
	}
	left, all := 0.0, 0.0
	for i, v := range y {
		left += (v - c.At(i)) * (v - c.At(i))
		all += (c.At(i) - mean) * (c.At(i) - mean)
	}
	return 1 - left/all
}
