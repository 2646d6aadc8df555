package histtree

import (
	"context"
	"fmt"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
)

// Rows that weigh next to nothing leave nothing but rounding on their side of a cut,
// whose score may then be anything. AdaBoost's weights come to that after some
// rounds. The first 100 of 300 rows, all of one class, must be cut off all the same.
func TestRoundingIsNoGain(t *testing.T) {
	for k := 2; k <= 3; k++ {
		for seed := range 200 {
			r := rng.New(uint64(seed)).Rand()
			const n = 300
			x, w, class := make([]float64, n), make([]float64, n), make([]string, n)
			for i := range x {
				x[i], w[i], class[i] = float64(i), r.Float64()/150, fmt.Sprint(r.IntN(k))
				if i < 100 {
					class[i] = "0"
				}
				if i >= n-5 {
					w[i] = 0x1p-52
				}
			}
			v := table.Must(table.New("rows", table.Float("x", "", x), table.Text("class", class).As(table.Label), table.Float("weight", "", w).As(table.Weight))).View()
			m, err := Tree{MaxDepth: 1}.Fit(context.Background(), v)
			if err != nil {
				t.Fatal(err)
			}
			p, err := m.Predict(context.Background(), v)
			if err != nil {
				t.Fatal(err)
			}
			if !(p.Row(0)[0] > 0.9) {
				t.Fatalf("%d classes, seed %d: the first row's class has %v", k, seed, p.Row(0)[0])
			}
		}
	}
}
