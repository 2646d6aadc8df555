package decompose

import (
	"context"
	"fmt"
	"slices"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/encode"
	"flowbook/models/internal/dense"
)

// PCA finds the directions in which the rows vary most: principal components
// (Pearson 1901, Hotelling 1933). The features must be numbers without gaps, and of
// comparable scale, for a feature of large numbers is a direction of large variance.
// The zero value keeps all components.
//
// Each component has length 1, and of its entries the largest is positive (of several
// within a millionth of the largest, the first one): the same whatever the order of the
// rows. That is svd_flip of scikit-learn 1.5 and later; earlier ones look at the scores.
//
// A row of weight w counts as w rows: variances are sums of squares over the sum of
// weights less 1.
type PCA struct {
	K     int     // components, at most the columns and one less than the rows; 0: by Share
	Share float64 // where K is 0: as many components as explain this share of the variance, in (0, 1]; 0 means all
	// Solver says how they are found; the zero value is precise. See Solver.
	Solver     Solver
	Oversample int      // of Randomised: columns drawn beyond K; 0 means 10
	Power      int      // of Randomised: power iterations, at least 1; 0 means 4
	Seed       rng.Seed // of Randomised
}

// Solver is a way to the components.
type Solver uint8

const (
	// Auto takes the eigenvectors of the Gram matrix, one pass over the compact rows,
	// where those are as good as an SVD's: up to 1000 columns, fewer than rows, no
	// component wanted with less than a ten-thousandth of the first one's variance (the
	// square of a hundredth: Gram matrices square the condition number). Else Full.
	Auto Solver = iota
	// Full is the SVD of the centred rows, of their QR factors where there are more rows
	// than columns. Singular values are right to some 1e-15 of the largest.
	Full
	// Randomised is subspace iteration from random directions (Halko, Martinsson, Tropp
	// 2011, SIAM Review 53, 217-288, algorithm 4.4 on the transposed rows): K + Oversample
	// columns, one pass over the rows an iteration, for thousands of columns. It needs K.
	// What it finds is the better the faster the variances fall beyond K.
	Randomised
)

// Name returns "PCA".
func (PCA) Name() string { return "PCA" }

// Step returns the PCA as a step for encode.Then and encode.Pipeline, to stand behind
// steps that make numbers.
func (p PCA) Step() encode.Step { return step{p} }

type step struct{ PCA }

func (s step) Fit(ctx context.Context, train table.View) (models.Transformer, error) {
	return s.PCA.Fit(ctx, train)
}

// Fit finds the components of the view's features; the target is not looked at. It
// fails for sealed rows, categories, gaps and infinite values, for fewer than two rows,
// and where numbers are too large to be squared. With n rows and p columns of which e
// entries a row differ from their column's usual value, Auto takes O(n e² + p³) and
// Full O(n p²).
func (p PCA) Fit(ctx context.Context, train table.View) (*PCAModel, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	d, err := p.bind(ctx, train)
	if err != nil {
		return nil, err
	}
	most := min(d.some-1, d.p)
	if p.K > most {
		return nil, fmt.Errorf("decompose: K is %d; %d rows of %d columns have at most %d components", p.K, d.some, d.p, most)
	}
	var found *spectrum
	switch p.Solver {
	case Randomised:
		found, err = p.random(ctx, d)
	case Auto:
		found, err = p.gram(ctx, d)
	}
	if found == nil && err == nil {
		found, err = d.full(ctx)
	}
	if err != nil {
		return nil, err
	}
	return found.model(d, p.keep(found, most)), nil
}

func (p PCA) check() error {
	switch {
	case p.K < 0:
		return fmt.Errorf("decompose: K is %d; want at least 1, or 0 for all", p.K)
	case !(p.Share >= 0 && p.Share <= 1):
		return fmt.Errorf("decompose: Share is %v; want a value in (0, 1], or 0 for all", p.Share)
	case p.K > 0 && p.Share > 0:
		return fmt.Errorf("decompose: both K and Share are set; want one of them")
	case p.Solver > Randomised:
		return fmt.Errorf("decompose: Solver is %d; want Auto, Full or Randomised", p.Solver)
	case p.Solver == Randomised && p.K == 0:
		return fmt.Errorf("decompose: the randomised solver needs K; want at least 1")
	case p.Oversample < 0 || p.Power < 0:
		return fmt.Errorf("decompose: Oversample is %d and Power %d; want at least 1, or 0 for 10 and 4", p.Oversample, p.Power)
	}
	return nil
}

// keep is the number of components wanted of those found, at most most.
func (p PCA) keep(s *spectrum, most int) int {
	if p.K > 0 {
		return p.K
	}
	if p.Share == 0 {
		return most
	}
	k, sum := 0, 0.0
	for k < most && (k == 0 || sum < p.Share*s.total) {
		sum += s.squares[k]
		k++
	}
	return k
}

// bound is the rows to decompose: n of p columns, some of them with a weight above 0.
type bound struct {
	plan    *dense.Plan
	rows    *dense.Rows
	n, p    int
	some    int
	weights []float64 // nil: all 1
	sum     float64   // of the weights
}

func (p PCA) bind(ctx context.Context, train table.View) (*bound, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := train.Unsealed(); err != nil {
		return nil, fmt.Errorf("decompose: %w", err)
	}
	if train.Rows() > 0 && len(train.Features()) == 0 {
		return nil, fmt.Errorf("decompose: no features to fit on; give a column the role feature")
	}
	d := &bound{n: train.Rows(), some: train.Rows(), sum: float64(train.Rows())}
	var err error
	if d.weights, err = train.Weights(); err != nil {
		return nil, fmt.Errorf("decompose: %w", err)
	}
	if d.weights != nil {
		d.some, d.sum = 0, 0
		for _, w := range d.weights {
			d.sum += w
			if w > 0 {
				d.some++
			}
		}
	}
	if d.some < 2 || !(d.sum > 1) {
		return nil, fmt.Errorf("decompose: %d rows of weight %g in all; want at least 2, and weights that add up to more than 1", d.some, d.sum)
	}
	if d.plan, err = dense.Of("decompose", train); err != nil {
		return nil, err
	}
	d.p = d.plan.Width()
	d.rows, err = d.plan.Bind("decompose", train)
	return d, err
}

// weight of row i.
func (d *bound) weight(i int) float64 {
	if d.weights == nil {
		return 1
	}
	return d.weights[i]
}

// spectrum is what a solver found: squared singular values of the centred rows, falling,
// and a unit vector for each.
type spectrum struct {
	mean    []float64
	squares []float64
	vectors [][]float64
	total   float64 // the sum of squares of the centred rows
}

func (s *spectrum) model(d *bound, k int) *PCAModel {
	m := &PCAModel{plan: d.plan, mean: s.mean, squares: slices.Clone(s.squares[:k]), total: s.total, weight: d.sum}
	for _, v := range s.vectors[:k] {
		m.components = append(m.components, flip(v)...)
	}
	return m
}

// flip makes the largest entry positive, in place.
func flip(v []float64) []float64 {
	most := 0.0
	for _, x := range v {
		most = max(most, x, -x)
	}
	for _, x := range v {
		if max(x, -x) >= (1-1e-6)*most {
			if x < 0 {
				for j := range v {
					v[j] = -v[j]
				}
			}
			break
		}
	}
	return v
}
