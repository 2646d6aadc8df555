package anomaly

import (
	"context"
	"strings"
	"testing"

	"flowbook/internal/table"
)

// TestTrainableRefuses gives what no detector can be fitted on.
func TestTrainableRefuses(t *testing.T) {
	tab := table.Must(table.New("flows", table.Float("rate", "", []float64{1, 2}), table.Float("w", "", []float64{1, 2}).As(table.Ignore)))
	weighted := table.Must(tab.With(tab.Column("w").As(table.Weight)))
	spoilt := table.Must(tab.With(table.Float("w", "", []float64{1, -2}).As(table.Weight)))
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []struct {
		ctx  context.Context
		v    table.View
		says string
	}{
		{context.Background(), table.View{}, "no rows"},
		{context.Background(), tab.View().Take([]int{}), "no rows"},
		{context.Background(), tab.View().Select(), "no features"},
		{context.Background(), weighted.View(), "row weights"},
		{context.Background(), spoilt.View(), "weight -2"},
		{context.Background(), table.Seal(tab).Describe("a test"), "sealed"},
		{ended, tab.View(), "canceled"},
	} {
		if err := trainable(c.ctx, c.v); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("got %v, want an error with %q", err, c.says)
		}
	}
	if err := trainable(context.Background(), tab.View()); err != nil {
		t.Error(err)
	}
}
