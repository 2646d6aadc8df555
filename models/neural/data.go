package neural

import (
	"flowbook/internal/table"
	"flowbook/models/internal/dense"
	"flowbook/models/internal/layers"
)

// data is the encoded training rows in one of two forms.
type data struct {
	n, p   int
	sparse *layers.Sparse // what differs from each column's usual value; or
	rows   []float32      // n × p numbers
}

// newData encodes the rows. They are kept sparse if no more than two fifths of their
// numbers differ from the usual: an entry costs about 2.5 times what a number does.
func newData(plan *dense.Plan, train table.View) (data, error) {
	rows, err := plan.Bind("neural", train)
	if err != nil {
		return data{}, err
	}
	d := data{n: rows.Len(), p: plan.Width()}
	compact, err := dense.NewCompact(rows, "neural")
	if err != nil {
		return d, err
	}
	entries := 0
	for _, b := range compact.Blocks {
		entries += len(b.Col)
	}
	if 5*entries <= 2*d.n*d.p {
		if s, ok := layers.NewSparse(compact); ok {
			d.sparse = s
			return d, nil
		}
	}
	d.rows, err = dense.Matrix[float32](rows, "neural") // which names the number that is too large
	return d, err
}

// input is the first layers of a net over the data, with units units.
func (d data) input(units int) []layers.Layer {
	if d.sparse != nil {
		return []layers.Layer{layers.SparseAffine{Data: d.sparse, Out: units}}
	}
	return []layers.Layer{layers.Take{Data: d.rows, Width: d.p}, layers.Affine{In: d.p, Out: units}}
}

// counted leaves out the rows of weight 0.
func counted[T any](train table.View, target []T, weights []float64) (table.View, []T, []float64) {
	if weights == nil {
		return train, target, nil
	}
	var rows []int
	var t []T
	var w []float64
	for i, v := range weights {
		if v > 0 {
			rows, t, w = append(rows, i), append(t, target[i]), append(w, v)
		}
	}
	return train.Take(rows), t, w
}

// scaled brings weights to a mean of 1.
func scaled(weights []float64) []float32 {
	if weights == nil {
		return nil
	}
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	out := make([]float32, len(weights))
	for i, w := range weights {
		out[i] = float32(w / sum * float64(len(weights)))
	}
	return out
}
