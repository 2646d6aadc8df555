package eval

import (
	"slices"

	"flowbook/eval/metric"
)

// ordered returns the indices of values, best first by the metric's direction,
// NaN last, ties in order.
func ordered(values []float64, m metric.Metric) []int {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case m.Better(values[a], values[b]):
			return -1
		case m.Better(values[b], values[a]):
			return 1
		}
		return 0
	})
	return order
}
