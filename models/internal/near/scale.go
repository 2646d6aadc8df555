package near

import (
	"fmt"
	"math"

	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models/internal/dense"
)

// Scaling says in what units columns are compared.
type Scaling uint8

const (
	Standard Scaling = iota // deviations from the mean: mean 0, population deviation 1
	Range                   // shares of the range in training
	Raw                     // the numbers as they are; a category's columns are 0 and 1
)

// Scaled is the plan of a view's features: categories one-hot, all columns scaled
// by the weighted training rows. Columns that are constant there become 0.
func Scaled(pkg string, train table.View, weights []float64, scale Scaling) (*dense.Plan, error) {
	if scale > Raw {
		return nil, fmt.Errorf("%s: Scale is %d; want Standard, Range or Raw", pkg, scale)
	}
	raw := dense.Identity(train)
	rows, err := raw.Bind(pkg, train)
	if err != nil {
		return nil, err
	}
	made := make([][]dense.Column, raw.Width())
	errs := make([]error, raw.Width())
	par.Do(raw.Width(), func(j int) {
		if c := raw.Columns[j]; c.Kind == dense.Category {
			made[j] = levels(rows, c, weights, scale)
		} else if scale == Raw {
			made[j] = []dense.Column{c}
		} else {
			var op dense.Op
			op, errs[j] = measure(pkg, rows, j, weights, scale)
			made[j] = []dense.Column{c.With(op, "")}
		}
	})
	plan := &dense.Plan{Source: raw.Source}
	for j, columns := range made {
		if errs[j] != nil {
			return nil, errs[j]
		}
		plan.Columns = append(plan.Columns, columns...)
	}
	return plan, nil
}

// levels are the scaled one-hot columns of the levels that occur.
func levels(r *dense.Rows, c dense.Column, weights []float64, scale Scaling) []dense.Column {
	names := r.Plan().Source[c.Source].Levels
	count, all := make([]float64, len(names)+2), 0.0
	for i, code := range r.Codes(c.Source) {
		count[code+1] += weight(weights, i)
		all += weight(weights, i)
	}
	var out []dense.Column
	for l, name := range names {
		on := count[l+2]
		if on == 0 {
			continue
		}
		hot := dense.Column{Name: c.Name + "=" + name, Kind: dense.Hot, Source: c.Source, Code: int32(l + 1), On: 1}
		q := on / all
		switch {
		case scale == Raw:
		case on == all:
			hot = hot.With(dense.Op{Kind: dense.Zero}, "")
		case scale == Standard:
			hot = hot.With(dense.Op{Kind: dense.Scale, A: q, B: math.Sqrt(q * ((all - on) / all))}, "")
		}
		out = append(out, hot)
	}
	return out
}

// measure returns the scaling of column j.
func measure(pkg string, r *dense.Rows, j int, weights []float64, scale Scaling) (dense.Op, error) {
	x := make([]float64, r.Len())
	r.Values(j, x, 0, len(x))
	lowest, highest, sum, all := math.Inf(1), math.Inf(-1), 0.0, 0.0
	for i, v := range x {
		if v-v != 0 {
			return dense.Op{}, r.Bad(pkg, j, i, v)
		}
		if w := weight(weights, i); w > 0 {
			lowest, highest = min(lowest, v), max(highest, v)
			sum += float64(w * v)
			all += w
		}
	}
	if lowest == highest {
		return dense.Op{Kind: dense.Zero}, nil
	}
	op := dense.Op{Kind: dense.Scale, A: lowest, B: highest - lowest}
	if scale == Standard { // two passes, corrected (Chan, Golub, LeVeque 1983, eq. 1.7)
		op.A = sum / all
		var s1, s2 float64
		for i, v := range x {
			if w := weight(weights, i); w > 0 {
				d := v - op.A
				s1 += float64(w * d)
				s2 += float64(w * float64(d*d))
			}
		}
		op.B = math.Sqrt((s2 - float64(s1*s1)/all) / all)
	}
	if op.A-op.A != 0 || op.B-op.B != 0 || op.B == 0 {
		return op, fmt.Errorf("%s: the values of column %q cannot be scaled in float64; take their logarithm first", pkg, r.Plan().Columns[j].Name)
	}
	return op, nil
}

func weight(weights []float64, i int) float64 {
	if weights == nil {
		return 1
	}
	return weights[i]
}
