package encode

import (
	"context"
	"fmt"
	"math"

	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
)

// Standardize gives each numeric feature mean 0 and standard deviation 1
// (population, over the values present) in the training rows. A feature that is
// constant there becomes 0 in every row, also where a later row differs. Missing
// values stay missing; an infinite one is an error. Categories pass.
type Standardize struct{}

// Name is "standardize".
func (Standardize) Name() string { return "standardize" }

// Fit learns means and deviations.
func (s Standardize) Fit(_ context.Context, train table.View) (models.Transformer, error) {
	return fitStep(s, train)
}

func (s Standardize) extend(r *dense.Rows) (*dense.Plan, error) {
	return numeric(r, s.Name(), func(c dense.Column, m moments, _ []float64) dense.Column {
		if m.min == m.max || m.n == 0 {
			return c.With(dense.Op{Kind: dense.Zero}, "sd")
		}
		return c.With(dense.Op{Kind: dense.Scale, A: m.mean, B: m.sd}, "sd")
	})
}

// MinMax maps the range that each numeric feature has in the training rows to 0
// to 1. Later rows may fall outside; Clip is not applied. A feature that is
// constant in training becomes 0 in every row. Missing values stay missing; an
// infinite one is an error. Categories pass.
type MinMax struct{}

// Name is "min-max".
func (MinMax) Name() string { return "min-max" }

// Fit learns the ranges.
func (s MinMax) Fit(_ context.Context, train table.View) (models.Transformer, error) {
	return fitStep(s, train)
}

func (s MinMax) extend(r *dense.Rows) (*dense.Plan, error) {
	return numeric(r, s.Name(), func(c dense.Column, m moments, _ []float64) dense.Column {
		if m.min == m.max || m.n == 0 {
			return c.With(dense.Op{Kind: dense.Zero}, "")
		}
		return c.With(dense.Op{Kind: dense.Scale, A: m.min, B: m.max - m.min}, "")
	})
}

// moments describes the values present of one column.
type moments struct {
	n              float64
	min, max       float64
	mean, sd, skew float64 // sd and skew of the population; sd 0 and skew 0 of a constant
}

// numeric maps every numeric column of the rows by f, which is given its moments
// and its values. Columns are shared out over the cores; each is summed in order.
func numeric(r *dense.Rows, name string, f func(c dense.Column, m moments, values []float64) dense.Column) (*dense.Plan, error) {
	plan := &dense.Plan{Source: r.Plan().Source, Columns: make([]dense.Column, r.Plan().Width())}
	errs := make([]error, r.Plan().Width())
	par.Do(len(errs), func(j int) {
		c := r.Plan().Columns[j]
		if plan.Columns[j] = c; c.Kind == dense.Category {
			return
		}
		if c.Kind == dense.Hot {
			plan.Columns[j] = f(c, hotMoments(r, c), nil)
			return
		}
		x := make([]float64, r.Len())
		r.Values(j, x, 0, len(x))
		for i, v := range x {
			if math.IsInf(v, 0) {
				errs[j] = r.Bad("encode: "+name, j, i, v)
				return
			}
		}
		plan.Columns[j] = f(c, momentsOf(x), x)
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	for _, c := range plan.Columns {
		for _, o := range c.Ops {
			if math.IsInf(o.A, 0) || math.IsInf(o.B, 0) {
				return nil, fmt.Errorf("encode: %s: the values of column %q are too large to scale; take their logarithm first", name, c.Name)
			}
		}
	}
	return plan, nil
}

// momentsOf takes two passes: mean, then deviations, corrected for the rounding
// of the mean (Chan, Golub, LeVeque 1983, eq. 1.7).
func momentsOf(x []float64) moments {
	m := moments{min: math.Inf(1), max: math.Inf(-1)}
	sum := 0.0
	for _, v := range x {
		if v == v {
			m.n++
			sum += v
			m.min, m.max = min(m.min, v), max(m.max, v)
		}
	}
	if m.n == 0 || m.min == m.max {
		m.mean = m.min
		return m
	}
	m.mean = sum / m.n
	var s1, s2, s3 float64
	for _, v := range x {
		if v == v {
			d := v - m.mean
			q := float64(d * d)
			s1 += d
			s2 += q
			s3 += float64(q * d)
		}
	}
	m.sd = math.Sqrt((s2 - float64(s1*s1)/m.n) / m.n)
	m.skew = s3 / m.n / (m.sd * m.sd * m.sd)
	return m
}

// hotMoments needs the count of one level only.
func hotMoments(r *dense.Rows, c dense.Column) moments {
	on := 0.0
	for _, code := range r.Codes(c.Source) {
		if code == c.Code {
			on++
		}
	}
	n := float64(r.Len())
	m := moments{n: n, min: min(c.On, c.Off), max: max(c.On, c.Off)}
	switch on {
	case 0:
		m.min, m.max = c.Off, c.Off
	case n:
		m.min, m.max = c.On, c.On
	}
	q := on / n
	d := c.On - c.Off
	m.mean = c.Off + q*d
	m.sd = math.Sqrt(q*(1-q)) * math.Abs(d)
	if m.sd > 0 {
		m.skew = (1 - 2*q) / math.Sqrt(q*(1-q))
		if d < 0 {
			m.skew = -m.skew
		}
	}
	return m
}
