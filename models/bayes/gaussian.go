package bayes

import (
	"context"
	"fmt"
	"math"

	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
)

// Gaussian takes each number as normal within each class. The zero value is ready.
//
//	log p(x, c) = log π_c − ½ Σ_j [ log 2π(σ²_cj + ε) + (x_j − μ_cj)² / (σ²_cj + ε) ]
//
// with the weighted mean μ and population variance σ² of the class's rows, and ε
// Smoothing times the largest variance of any column over all rows, as
// scikit-learn's GaussianNB has it. (Its ε does not look at sample weights; here a
// weight of k is k rows throughout.) With raw columns of very different units ε
// drowns the small ones: put encode.Standardize before it, or use Mixed.
//
// Features must be numbers; one-hot columns of encode.OneHot count as numbers and
// cost one look-up a category. Missing values are left out, infinite ones are an
// error; a class without a value in a column takes the column's mean and variance
// over all classes. Time O(n p).
type Gaussian struct {
	Smoothing float64 // at least 0; 0 means 1e-9
	Priors    []Prior // one for each class, summing to 1; nil means the classes' shares of the training weight
}

// Name is "Gaussian naive Bayes".
func (Gaussian) Name() string { return "Gaussian naive Bayes" }

// Fit learns means and variances of numeric features.
func (g Gaussian) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	if _, _, _, err := models.Trainable("bayes", train); err != nil {
		return nil, err
	}
	return g.FitPlan(ctx, dense.Identity(train), train)
}

// FitPlan fits the columns of a plan; encode.Then calls it.
func (g Gaussian) FitPlan(ctx context.Context, plan *dense.Plan, train table.View) (models.Classifier, error) {
	if err := smoothing(&g.Smoothing); err != nil {
		return nil, err
	}
	if err := plan.Numeric("bayes"); err != nil {
		return nil, err
	}
	t, err := begin(ctx, plan, train, g.Priors)
	if err != nil {
		return nil, err
	}
	if err := t.bells(ctx); err != nil {
		return nil, err
	}
	hot := t.sources(dense.Hot)
	largest := 0.0
	for _, b := range t.model.bells {
		largest = max(largest, b.spread)
	}
	for _, c := range plan.Columns {
		if c.Kind == dense.Hot {
			count := t.counts[c.Source]
			largest = max(largest, spread(c, sum(count[int(c.Code+1)*t.k():int(c.Code+2)*t.k()]), sum(count)))
		}
	}
	if largest == 0 {
		largest = 1 // nothing varies: any ε serves
	}
	eps := g.Smoothing * largest
	for i := range t.model.bells {
		t.model.bells[i].finish(eps)
	}
	t.model.charts = make([]chart, len(hot))
	par.Do(len(hot), func(i int) { t.model.charts[i] = t.hot(hot[i], normal(eps)) })
	return t.model, nil
}

// spread is the variance of a one-hot column that is on in a part of all weight.
func spread(c dense.Column, on, all float64) float64 {
	d := c.On - c.Off
	return on / all * ((all - on) / all) * (d * d)
}

func smoothing(v *float64) error {
	if *v == 0 {
		*v = 1e-9
	}
	if !(*v > 0) || math.IsInf(*v, 0) {
		return fmt.Errorf("bayes: Smoothing is %v; want a number above 0", *v)
	}
	return nil
}

// normal returns the log densities of a one-hot column's two values.
func normal(eps float64) func(c dense.Column, on, n []float64) ([]float64, []float64) {
	return func(c dense.Column, on, n []float64) (offScore, onScore []float64) {
		offScore, onScore = make([]float64, len(n)), make([]float64, len(n))
		d := c.On - c.Off
		for k := range n {
			if n[k] == 0 {
				continue // a class of weight 0
			}
			q := on[k] / n[k]
			rest := (n[k] - on[k]) / n[k]
			variance := float64(q*rest)*(d*d) + eps
			top := -0.5 * math.Log(2*math.Pi*variance)
			offScore[k] = top - float64(q*d)*(q*d)/(2*variance)
			onScore[k] = top - float64(rest*d)*(rest*d)/(2*variance)
		}
		return offScore, onScore
	}
}

// bells fits the normal densities of all numbers, without smoothing. A column
// that has no value is left out.
func (t *task) bells(ctx context.Context) error {
	columns := t.numbers()
	all, err := par.Map(ctx, len(columns), func(_ context.Context, i int) (bell, error) { return t.bell(columns[i]) })
	for _, b := range all {
		if b.mean != nil {
			t.model.bells = append(t.model.bells, b)
		}
	}
	return err
}

// bell takes two passes over a column: means, then deviations, corrected for the
// rounding of the means (Chan, Golub, LeVeque 1983, eq. 1.7). half holds the
// variances until finish.
func (t *task) bell(column int) (bell, error) {
	k := t.k()
	n, mean := make([]float64, k), make([]float64, k)
	x := make([]float64, tile)
	lowest, highest := math.Inf(1), math.Inf(-1)
	b := bell{column: column}
	for lo := 0; lo < t.rows.Len(); lo += tile {
		x := x[:min(tile, t.rows.Len()-lo)]
		if err := finite(t.rows, column, x, lo, lo+len(x)); err != nil {
			return b, err
		}
		for i, v := range x {
			if w := t.weight(lo + i); w > 0 && v == v {
				c := t.labels[lo+i]
				n[c] += w
				mean[c] += float64(w * v)
				lowest, highest = min(lowest, v), max(highest, v)
			}
		}
	}
	total, grand := sum(n), sum(mean)
	if total == 0 {
		return bell{}, nil
	}
	grand /= total
	for c := range mean {
		if mean[c] /= n[c]; n[c] == 0 {
			mean[c] = grand
		}
	}
	s1, s2 := make([]float64, k), make([]float64, k)
	for lo := 0; lo < t.rows.Len(); lo += tile {
		x := x[:min(tile, t.rows.Len()-lo)]
		t.rows.Values(column, x, lo, lo+len(x))
		for i, v := range x {
			if w := t.weight(lo + i); w > 0 && v == v {
				c := t.labels[lo+i]
				d := v - mean[c]
				s1[c] += float64(w * d)
				s2[c] += float64(float64(d*d) * w)
			}
		}
	}
	variance := make([]float64, k)
	for c := range variance {
		if n[c] > 0 {
			variance[c] = max(0, s2[c]-float64(s1[c]*s1[c])/n[c]) / n[c]
			m := mean[c] - grand
			b.spread += float64((variance[c] + float64(m*m)) * n[c])
		}
	}
	if b.spread /= total; lowest == highest {
		b.spread, variance = 0, make([]float64, k) // nothing but the rounding of the mean
	}
	if math.IsInf(b.spread, 0) || math.IsNaN(b.spread) {
		return b, fmt.Errorf("bayes: the values of column %q are too large to square; take their logarithm first", t.rows.Plan().Columns[column].Name)
	}
	for c := range variance {
		if n[c] == 0 {
			variance[c] = b.spread
		}
	}
	b.mean, b.half = mean, variance
	return b, nil
}

// finish turns variances into the factors of the log density.
func (b *bell) finish(eps float64) {
	b.top = make([]float64, len(b.half))
	for c, v := range b.half {
		b.half[c] = 1 / (2 * (v + eps))
		b.top[c] = -0.5 * math.Log(2*math.Pi*(v+eps))
	}
}

func sum(x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s += v
	}
	return s
}
