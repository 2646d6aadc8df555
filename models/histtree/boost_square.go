package histtree

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models"
)

// Regressed is a Boost fitted to a number. It is immutable and safe for concurrent use.
type Regressed struct {
	model *Model  // schema and trees, one a round
	base  float64 // mean of the target
	gain  []Gain
}

// FitRegression boosts under the squared loss (Friedman 2001, algorithm 2): each tree
// fits what the ones before it have left of a numeric target without gaps. The second
// derivative of a row is its weight, so that a leaf gains the mean of what is left,
// times Rate, and MinHessian is a second MinLeaf. EarlyStop looks at the squared error.
// One tree at rate 1 is a regression tree:
//
//	histtree.Boost{Trees: 1, Rate: 1, Leaves: 100, MinLeaf: 5}
//
// The target is scaled by a power of two, so that no square of it is too large, and
// what is left of it is counted in units that shrink round by round as the largest of
// it does: a unit is below 1e-11 of that for 10⁶ rows, however large the target.
//
// It fails where a field is out of its range, as models.TrainableNumber does, and where
// a category has more than 65535 levels. The result is a *Regressed.
func (l Boost) FitRegression(ctx context.Context, train table.View) (models.Regressor, error) {
	l, err := l.filled()
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("histtree: %w", err)
	}
	target, weights, err := models.TrainableNumber("histtree", train)
	if err != nil {
		return nil, err
	}
	b, err := bin(ctx, train, make([]int, len(target)), []string{""}, weights, l.MaxBins)
	if err != nil {
		return nil, err
	}
	byPosition := make([]float64, b.rows())
	for i, at := range b.place {
		if at > 0 {
			byPosition[at-1] = target[i]
		}
	}
	return l.regress(ctx, b, byPosition)
}

// regress boosts rows in bins; it takes target, which is by position, as its own.
func (l Boost) regress(ctx context.Context, b *binned, target []float64) (*Regressed, error) {
	s, scale := newSquares(b, target)
	l.L1 /= scale
	l.MaxStep = math.Inf(1) // second derivatives are weights: no step overshoots
	trees, err := l.boost(ctx, b, s)
	if err != nil {
		return nil, fmt.Errorf("histtree: %w", err)
	}
	for _, t := range trees {
		for i := range t.values {
			t.values[i] *= scale
		}
	}
	return &Regressed{assemble(b.schema, nil, trees, nil), s.base[0] * scale, gains(b.schema, trees)}, nil
}

// newSquares prepares the squared loss. It divides the target by scale, a power of two,
// so that every value is below 2, takes the mean from it, and lets scores begin at 0:
// they keep the small digits of a target that varies little about a large mean.
func newSquares(b *binned, target []float64) (s *losses, scale float64) {
	_, e := math.Frexp(largest(target, nil))
	scale = math.Ldexp(1, max(-1022, e-1))
	s = &losses{binned: b, weights: b.weights(), target: target}
	s.units = newUnits(b.rows(), s.weights, 0)
	s.units.gradient = power(62 - s.units.exponent)
	sum := int64(0) // in units, so that the order of rows does not matter
	for i, y := range target {
		target[i] = y / scale
		sum += s.product(target[i], s.binned.weight(i))
	}
	mean := float64(sum) / s.units.gradient / b.total
	for i := range target {
		target[i] -= mean
	}
	s.base = []float64{mean}
	s.start(0)
	return s, scale
}

// squares computes the cells of all rows: the gradient is score less target, the second
// derivative 1, both times the weight. Units suit the largest gradient of the round.
func (s *losses) squares() {
	scores, target, cells := s.scores[0], s.target, s.cells[0]
	_, e := math.Frexp(largest(scores, target))
	s.units.gradient = power(63 - s.units.exponent - e)
	par.Blocks(s.rows(), lossBlock, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			w := s.binned.weight(i)
			cells[i] = cell{s.product(scores[i]-target[i], w), s.second(w)}
		}
	})
}

// largest is the largest absolute value of x, or of x - y.
func largest(x, y []float64) float64 {
	part := make([]float64, par.Count(len(x), lossBlock))
	par.Blocks(len(x), lossBlock, func(b, lo, hi int) {
		most := 0.0
		for i := lo; i < hi; i++ {
			v := x[i]
			if y != nil {
				v -= y[i]
			}
			most = max(most, math.Abs(v))
		}
		part[b] = most
	})
	return slices.Max(part)
}

// product is x·w in units of a gradient; whole weights are worth rows.
func (u *units) product(x, w float64) int64 {
	if u.whole {
		return int64(x*u.gradient) * int64(w)
	}
	return int64(float64(x*w) * u.gradient)
}

// second is a second derivative of w, and the weight.
func (u *units) second(w float64) uint64 {
	own := uint64(w)
	if !u.whole {
		own = uint64(max(1, math.Round(w*u.weight)))
	}
	return uint64(int64(float64(w*u.hessian)+0.5))<<u.bits | own
}

// Size is the number of nodes of all trees, leaves included.
func (m *Regressed) Size() (int, string) { return m.model.Size() }

// Trees is the number of trees, one a round.
func (m *Regressed) Trees() int { return m.model.Trees() }

// Depth is the number of splits on the longest way to a leaf.
func (m *Regressed) Depth() int { return m.model.Depth() }

// Importance is the gain of each feature's splits as a share of all gain, most
// important first, equal ones by name: by how much they lower the squared error of the
// training rows. All are 0 if no tree has a split.
func (m *Regressed) Importance() []Gain { return slices.Clone(m.gain) }

// Estimate adds up, for each row, the values of the leaves it comes to, tree by tree in
// order, and the mean of the training rows. Time O(n · trees · depth), all cores.
func (m *Regressed) Estimate(ctx context.Context, rows table.View) ([]float64, error) {
	out := make([]float64, rows.Rows())
	err := m.model.sum(ctx, rows, make([]float64, 1), func(i int, sum []float64) { m.add(out[i:i+1], sum) })
	if err != nil {
		return nil, err
	}
	return out, nil
}

// add adds the mean to a row's sum over the trees.
func (m *Regressed) add(y, sum []float64) { y[0] = sum[0] + m.base }
