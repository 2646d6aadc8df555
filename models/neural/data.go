package neural

import "flowbook/internal/table"

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
