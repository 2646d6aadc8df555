package anomaly

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/par"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models/internal/dense"
)

// Forest is an isolation forest (Liu, Ting, Zhou 2008, Isolation forest, ICDM, 413-422;
// 2012, ACM TKDD 6(1), article 3): trees that split samples of the rows at random until
// each row is alone. Unusual rows are alone after few splits. The zero value has the
// authors' settings.
//
// A split draws a feature among those whose values differ in its node, and a threshold
// evenly between the smallest and the largest. It goes beyond the paper in two ways: a
// category splits one level, drawn among those in the node, from the others (a missing
// value is a level, and one that training did not know is among the others), so that no
// one-hot encoding is needed and a category has as many chances as a number; and a
// missing number goes to a side drawn for each split. Infinite numbers are refused in
// training. Scales do not matter: any two numbers differ that do as float64, where
// scikit-learn takes those within 1e-7 for equal. Row weights are refused.
//
// Scores are 2^(-E h/c(ψ)), in (0, 1): h is the path length, with c(n) added for the n
// rows of a leaf that were not told apart, c(n) the mean path length of an unsuccessful
// search in a binary search tree of n, ψ the rows of a tree. Near 1 is unusual; 0.5 or
// less is usual, and what everything gets where all rows are equal or one.
//
// Time O(n p) to look for infinite numbers and O(trees ψ p) to fit; O(trees log ψ) to score
// a row. Space O(trees ψ).
type Forest struct {
	Trees  int // 0 means 100
	Sample int // rows that a tree is grown on, drawn without replacement, at most all; 0 means 256
	Seed   rng.Seed
}

// Name returns "isolation forest".
func (Forest) Name() string { return "isolation forest" }

// WithSeed returns the forest with another seed.
func (f Forest) WithSeed(seed rng.Seed) Detector { f.Seed = seed; return f }

// FitDetector grows the trees. The order of the columns does not matter.
func (f Forest) FitDetector(ctx context.Context, train table.View) (Model, error) {
	if f.Trees < 0 || f.Sample < 0 {
		return nil, fmt.Errorf("anomaly: %d trees of %d rows; want at least 1, or 0 for 100 and 256", f.Trees, f.Sample)
	}
	if f.Trees == 0 {
		f.Trees = 100
	}
	if f.Sample == 0 {
		f.Sample = 256
	}
	if err := trainable(ctx, train); err != nil {
		return nil, err
	}
	f.Sample = min(f.Sample, train.Rows())
	m, err := newForest(ctx, train, f.Sample)
	if err != nil {
		return nil, err
	}
	progress := par.Track(ctx, f.Name(), f.Trees)
	defer progress.Done()
	trees, err := par.Map(ctx, f.Trees, func(_ context.Context, t int) (isolationTree, error) {
		defer progress.Add(1)
		g := f.Seed.At("isolation").Index("tree", t).Rand()
		rows, err := m.plan.Bind("anomaly", train.Take(sample(g, train.Rows(), f.Sample)))
		if err != nil {
			return isolationTree{}, err
		}
		return growIsolation(g, rows), nil
	})
	m.trees = trees
	return m, err
}

// isolationForest is a fitted Forest.
type isolationForest struct {
	plan   *dense.Plan // the features by name; categories stay categories
	sample int
	trees  []isolationTree
}

func newForest(ctx context.Context, train table.View, size int) (*isolationForest, error) {
	names := table.SchemaOf(train).Names()
	slices.Sort(names)
	m := &isolationForest{plan: dense.Identity(train.Select(names...)), sample: size}
	rows, err := m.plan.Bind("anomaly", train)
	if err != nil {
		return nil, err
	}
	_, err = par.Map(ctx, len(names), func(_ context.Context, j int) (struct{}, error) {
		if m.plan.Columns[j].Kind == dense.Category || m.plan.Source[j].Kind != table.FloatKind {
			return struct{}{}, nil
		}
		var x [1024]float64
		for lo := 0; lo < rows.Len(); lo += len(x) {
			hi := min(rows.Len(), lo+len(x))
			rows.Values(j, x[:], lo, hi)
			for i, v := range x[:hi-lo] {
				if math.IsInf(v, 0) {
					return struct{}{}, rows.Bad("anomaly", j, lo+i, v)
				}
			}
		}
		return struct{}{}, nil
	})
	return m, err
}

// Size is the number of nodes.
func (m *isolationForest) Size() (int, string) {
	n := 0
	for _, t := range m.trees {
		n += len(t.nodes)
	}
	return n, "nodes"
}

// scoreRows is how many rows walk down a tree before the next tree: what they hold and
// the tree stay in the second-level cache.
const scoreRows = 128

// Score walks every row down every tree.
func (m *isolationForest) Score(ctx context.Context, rows table.View) ([]float64, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r, err := m.plan.Bind("anomaly", rows)
	if err != nil {
		return nil, err
	}
	used := m.used()
	out := make([]float64, r.Len())
	usual := meanPath(m.sample)
	_, err = par.Map(ctx, par.Count(r.Len(), 16*scoreRows), func(ctx context.Context, b int) (struct{}, error) {
		x, column := make([]float64, scoreRows*len(m.plan.Columns)), make([]float64, scoreRows)
		for lo := b * 16 * scoreRows; lo < min(r.Len(), (b+1)*16*scoreRows); lo += scoreRows {
			if err := ctx.Err(); err != nil {
				return struct{}{}, err
			}
			hi := min(r.Len(), lo+scoreRows)
			for _, j := range used {
				m.fill(r, j, x, column, lo, hi)
			}
			sum := out[lo:hi]
			for t := range m.trees {
				m.trees[t].add(x, len(m.plan.Columns), sum)
			}
			for i, h := range sum {
				sum[i] = 0.5
				if usual > 0 {
					sum[i] = math.Exp2(-h / float64(len(m.trees)) / usual)
				}
			}
		}
		return struct{}{}, nil
	})
	return out, err
}

// used are the columns that a node looks at.
func (m *isolationForest) used() []int {
	at := make([]bool, len(m.plan.Columns))
	for _, t := range m.trees {
		for _, n := range t.nodes {
			at[n.feature>>3] = at[n.feature>>3] || n.feature&7 != 0
		}
	}
	var list []int
	for j, u := range at {
		if u {
			list = append(list, j)
		}
	}
	return list
}

// fill writes column j of rows lo ≤ i < hi to the row-major x: numbers, or codes.
func (m *isolationForest) fill(r *dense.Rows, j int, x, column []float64, lo, hi int) {
	numbers(r, j, column, lo, hi)
	p := len(m.plan.Columns)
	for i, v := range column[:hi-lo] {
		x[i*p+j] = v
	}
}

// numbers writes column j of rows lo ≤ i < hi, of a category its codes.
func numbers(r *dense.Rows, j int, dst []float64, lo, hi int) {
	c := r.Plan().Columns[j]
	if c.Kind != dense.Category {
		r.Values(j, dst, lo, hi)
		return
	}
	for i, code := range r.Codes(c.Source)[lo:hi] {
		dst[i] = float64(code)
	}
}
