package kmeans

import (
	"cmp"
	"context"
	"math"
	"slices"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
	"flowbook/models/internal/wire"
)

// Model is a fitted k-means, immutable and safe for concurrent use.
type Model struct {
	plan       *dense.Plan // shifted by the base
	base       []float64
	beta, bias []float64 // scores |c|² - 2 x·c of rows and centers shifted by the base: beta[j*k+c], bias[c]
	sizes      []float64
	clustering models.Clustering
}

// newModel keeps centers, which count from the base, by falling weight.
func newModel(plan *dense.Plan, base []float64, centers [][]float64, mass []float64, rounds int) *Model {
	order := falling(mass, func(a, b int) int { return slices.Compare(centers[a], centers[b]) })
	k := len(centers)
	m := &Model{plan: shifted(plan, base), base: base, beta: make([]float64, len(base)*k), sizes: pick(mass, order)}
	for c, from := range order {
		for j, v := range centers[from] {
			m.beta[j*k+c] = -2 * v
		}
	}
	m.clustering.Rounds = rounds
	m.finish()
	return m
}

// falling orders places by falling mass, and by tie.
func falling(mass []float64, tie func(a, b int) int) []int {
	order := make([]int, len(mass))
	for c := range order {
		order[c] = c
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(mass[b], mass[a]), tie(a, b)) })
	return order
}

func pick(x []float64, order []int) []float64 {
	out := make([]float64, len(order))
	for to, from := range order {
		out[to] = x[from]
	}
	return out
}

func shifted(plan *dense.Plan, base []float64) *dense.Plan {
	out := &dense.Plan{Source: plan.Source, Columns: slices.Clone(plan.Columns)}
	for j, b := range base {
		out.Columns[j] = plan.Columns[j].With(dense.Op{Kind: dense.Scale, A: b, B: 1}, plan.Columns[j].Unit)
	}
	return out
}

// finish derives bias and centers from beta.
func (m *Model) finish() {
	k := len(m.sizes)
	m.bias, m.clustering.K, m.clustering.Centers = make([]float64, k), k, make([][]float64, k)
	for c := range k {
		center := make([]float64, len(m.base))
		for j, b := range m.base {
			v := m.beta[j*k+c] / -2
			m.bias[c] += float64(v * v)
			center[j] = v + b
		}
		m.clustering.Centers[c] = center
	}
}

// label gives the rows of Fit their clusters. Where ties move so much weight that
// the order no longer falls, clusters change places and rows are labelled again.
func (m *Model) label(ctx context.Context, rows table.View, weights []float64) error {
	const turns = 3
	for turn := range turns {
		labels, near, err := m.assign(ctx, rows)
		if err != nil {
			return err
		}
		clear(m.sizes)
		m.clustering.Labels, m.clustering.Inertia = labels, 0
		for i, c := range labels {
			w := 1.0
			if weights != nil {
				w = weights[i]
			}
			m.sizes[c] += w
			m.clustering.Inertia += w * max(near[i], 0)
		}
		order := falling(m.sizes, cmp.Compare[int])
		if slices.IsSorted(order) || turn == turns-1 {
			break
		}
		k := len(order)
		for lo := 0; lo < len(m.beta); lo += k {
			copy(m.beta[lo:lo+k], pick(m.beta[lo:lo+k], order))
		}
		m.finish()
	}
	return nil
}

// Clustering is the outcome on the rows of Fit: clusters by falling weight, then by
// center. A model fitted on a Source, or loaded, has no Labels; use Assign. Callers
// only read.
func (m *Model) Clustering() models.Clustering { return m.clustering }

// Sizes is the weight of the rows of each cluster; without weights, how many there are.
func (m *Model) Sizes() []float64 { return slices.Clone(m.sizes) }

// Columns lists the features that the centers have.
func (m *Model) Columns() []string { return m.plan.Names() }

// Assign returns the nearest center of each row, the lower cluster of a tie.
func (m *Model) Assign(ctx context.Context, rows table.View) ([]int, error) {
	labels, _, err := m.assign(ctx, rows)
	return labels, err
}

// assign also returns the squared distances, which rounding may leave below 0.
func (m *Model) assign(ctx context.Context, rows table.View) ([]int, []float64, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	bound, err := m.plan.Bind("kmeans", rows)
	if err != nil {
		return nil, nil, err
	}
	z, err := dense.Linear(bound, "kmeans", m.beta, m.bias)
	if err != nil {
		return nil, nil, err
	}
	norm := dense.Norms(bound)
	k := len(m.bias)
	labels := make([]int, bound.Len())
	for i := range labels {
		best := math.Inf(1)
		for c, v := range z[i*k : (i+1)*k] {
			if v < best {
				best, labels[i] = v, c
			}
		}
		norm[i] += best
	}
	return labels, norm, nil
}

// Kind is the form in which a Model is saved.
func (*Model) Kind() string { return "kmeans.Model" }

// Schema lists the columns that Assign reads, by name.
func (m *Model) Schema() table.Schema { return m.plan.Source }

// Save appends the model without the labels of the rows of Fit.
func (m *Model) Save(w *wire.Writer) {
	m.plan.Save(w)
	w.Floats(m.base)
	w.Floats(m.beta)
	w.Floats(m.sizes)
	w.Float(m.clustering.Inertia)
	w.Int(m.clustering.Rounds)
}

// Kinds is what this package can load.
func Kinds() wire.Kinds { return wire.Kinds{"kmeans.Model": loadModel} }

func loadModel(r *wire.Reader) any {
	m := &Model{plan: dense.LoadPlan(r), base: r.Finites(), beta: r.Finites(), sizes: r.Finites()}
	m.clustering.Inertia, m.clustering.Rounds = r.Finite(), r.Int(0, math.MaxInt32)
	if err := m.plan.Numeric("kmeans"); err != nil {
		r.Fail("%w", err)
	}
	p, k := m.plan.Width(), len(m.sizes)
	if r.Check(p > 0 && k > 0, "kmeans: %d columns and %d centers", p, k) &&
		r.Check(len(m.base) == p && len(m.beta) == p*k, "kmeans: %d and %d numbers for %d columns and %d centers", len(m.base), len(m.beta), p, k) {
		m.finish()
	}
	return m
}
