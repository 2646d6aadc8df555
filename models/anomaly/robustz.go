package anomaly

import (
	"context"
	"math"
	"slices"

	"flowbook/internal/num"
	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models/internal/dense"
	"flowbook/models/internal/wire"
)

// RobustZ scores a row by its most unusual number: the largest |x - median| / (1.4826 MAD)
// over the features (Iglewicz, Hoaglin 1993, How to detect and handle outliers, who call
// 3.5 an outlier). It sees no combination of features; it is the floor that other
// detectors must clear. It has no settings.
//
// MAD is the median distance from the median. Where it is 0, at least half of the values
// being equal, the mean distance times √(π/2) takes its place, which also estimates the
// deviation of normal values; where that is 0 as well the feature is not looked at, and
// neither is a missing value. Features must be numbers; infinite ones and row weights are
// refused. Time O(n p log n), and O(p) to score a row.
type RobustZ struct{}

// Name returns "robust z".
func (RobustZ) Name() string { return "robust z" }

// FitDetector finds medians and scales.
func (RobustZ) FitDetector(ctx context.Context, train table.View) (Model, error) {
	if err := trainable(ctx, train); err != nil {
		return nil, err
	}
	plan, err := dense.Of("anomaly", train)
	if err != nil {
		return nil, err
	}
	rows, err := plan.Bind("anomaly", train)
	if err != nil {
		return nil, err
	}
	type centre struct{ median, scale float64 }
	found, err := par.Map(ctx, plan.Width(), func(_ context.Context, j int) (centre, error) {
		x := make([]float64, rows.Len())
		rows.Values(j, x, 0, len(x))
		for i, v := range x {
			if math.IsInf(v, 0) {
				return centre{}, rows.Bad("anomaly", j, i, v)
			}
		}
		x, _ = num.DropNaN(x)
		if len(x) == 0 {
			return centre{}, nil
		}
		c := centre{median: num.Median(x)}
		for i, v := range x {
			x[i] = math.Abs(v - c.median)
		}
		if c.scale = num.MADScale * num.Median(x); c.scale == 0 {
			c.scale = math.Sqrt(math.Pi/2) * num.Mean(x)
		}
		if !(c.scale <= math.MaxFloat64) {
			c.scale = math.MaxFloat64
		}
		return c, nil
	})
	if err != nil {
		return nil, err
	}
	m := &robustZ{plan: plan}
	for _, c := range found {
		m.median, m.scale = append(m.median, c.median), append(m.scale, c.scale)
	}
	return m, nil
}

// robustZ is a fitted RobustZ.
type robustZ struct {
	plan          *dense.Plan
	median, scale []float64 // by column; a scale of 0 is not looked at
}

// Size is the number of features.
func (m *robustZ) Size() (int, string) { return m.plan.Width(), "features" }

// Score returns the largest robust z of each row, 0 where there is nothing to look at.
func (m *robustZ) Score(ctx context.Context, rows table.View) ([]float64, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r, err := m.plan.Bind("anomaly", rows)
	if err != nil {
		return nil, err
	}
	out := make([]float64, r.Len())
	_, err = par.Map(ctx, par.Count(r.Len(), 4096), func(_ context.Context, b int) (struct{}, error) {
		lo, hi := b*4096, min(r.Len(), (b+1)*4096)
		x := make([]float64, hi-lo)
		for j, scale := range m.scale {
			if scale == 0 {
				continue
			}
			r.Values(j, x, lo, hi)
			for i, v := range x {
				if math.IsInf(v, 0) {
					return struct{}{}, r.Bad("anomaly", j, lo+i, v)
				}
				if z := min(math.Abs(v-m.median[j])/scale, math.MaxFloat64); z > out[lo+i] { // false for a gap
					out[lo+i] = z
				}
			}
		}
		return struct{}{}, nil
	})
	return out, err
}

// Kind names the saved form.
func (m *robustZ) Kind() string { return "anomaly.robustZ" }

// Schema lists the columns that the model reads.
func (m *robustZ) Schema() table.Schema { return slices.Clone(m.plan.Source) }

// Save appends the columns with their medians and scales.
func (m *robustZ) Save(w *wire.Writer) {
	m.plan.Save(w)
	w.Floats(m.median)
	w.Floats(m.scale)
}

func robustZKinds() wire.Kinds {
	return wire.Kinds{"anomaly.robustZ": func(r *wire.Reader) any {
		m := &robustZ{plan: dense.LoadPlan(r), median: r.Finites(), scale: r.Finites()}
		p := m.plan.Width()
		r.Check(len(m.median) == p && len(m.scale) == p, "anomaly: %d medians and %d scales of %d columns", len(m.median), len(m.scale), p)
		r.Check(p > 0 && slices.Min(append(m.scale, 0)) >= 0, "anomaly: a scale below 0, or no columns")
		r.Check(m.plan.Numeric("anomaly") == nil, "anomaly: a column is a category")
		return m
	}}
}
