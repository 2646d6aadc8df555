package neighbors

import (
	"context"
	"strings"
	"testing"

	"flowbook/internal/table"
	"flowbook/models/internal/wire"
)

// TestTooManyNeighboursAreNotSaved: a model whose predictions could take for ever is
// refused when it is saved, as it would be when it is loaded.
func TestTooManyNeighboursAreNotSaved(t *testing.T) {
	n := 70000
	x, class := make([]float64, n), make([]string, n)
	for i := range x {
		x[i], class[i] = float64(i), "ab"[i%2:i%2+1]
	}
	v := table.Must(table.New("t", table.Float("x", "", x), table.Text("class", class).As(table.Label))).View()
	for k, fits := range map[int]bool{5: true, n: false} {
		m, err := KNN{K: k}.Fit(context.Background(), v)
		if err != nil {
			t.Fatal(err)
		}
		var w wire.Writer
		w.Nested(m)
		if _, err := w.Bytes(); (err == nil) != fits || err != nil && !strings.Contains(err.Error(), "fit with a smaller K") {
			t.Errorf("K = %d: %v", k, err)
		}
	}
}
