package forecast

import (
	"context"
	"fmt"
)

// Watch follows a fitted model over a series: for each value from index first (at least 1)
// the one-step forecast from those before it, with its interval and the Surprise. The
// model's parameters stay as they are, so fit it to days without events.
func Watch(ctx context.Context, m Model, y []float64, first int, level float64) (Track, error) {
	if first < 1 || first >= len(y) {
		return Track{}, fmt.Errorf("forecast: watch: first is %d; want an index of the series' %d values from 1", first, len(y))
	}
	origins := make([]int, 0, len(y)-first)
	for o := first; o < len(y); o++ {
		origins = append(origins, o)
	}
	paths, err := forecastEach(ctx, m, y, origins, 1, level)
	if err != nil {
		return Track{}, err
	}
	var t Track
	for i, o := range origins {
		t.add(o, y[o], paths[i])
	}
	return t, nil
}
