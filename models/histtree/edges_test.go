package histtree

import (
	"math"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
)

// Quantile bins: at most so many, about equally heavy, a heavy value alone.
func TestCut(t *testing.T) {
	c := newCounter()
	random := newStream(rng.New(1))
	for range 20000 {
		x := float64(random.below(5000))
		if random.below(2) == 0 {
			x = 77
		}
		id := c.id(x)
		c.weight[id]++
	}
	e, bin := c.cut(50)
	if len(e.lower) > 50 || len(e.lower) < 45 {
		t.Errorf("%d bins", len(e.lower))
	}
	heavy := c.id(77)
	weight := make([]float64, len(e.lower))
	for id, b := range bin {
		weight[b] += c.weight[id]
		if x := c.values[id]; !(x >= e.lower[b] && x <= e.upper[b]) || e.find(x) != int(b) {
			t.Fatalf("%v is not in its bin", x)
		}
		if b == bin[heavy] && uint32(id) != heavy {
			t.Errorf("%v shares the bin of 77", c.values[id])
		}
	}
	for b, w := range weight {
		if b != int(bin[heavy]) && b != int(bin[heavy])-1 && !(w > 100 && w < 400) {
			t.Errorf("bin %d weighs %v, want about 210", b, w)
		}
	}
}

// A column of more distinct values than are counted one by one.
func TestContinuousColumn(t *testing.T) {
	n := manyValues + 9000
	random := newStream(rng.New(1))
	x, class := make([]float64, n), make([]string, n)
	for i := range x {
		x[i] = float64(random.next()>>11) / (1 << 53)
		class[i] = "low"
		if x[i] > 0.625 {
			class[i] = "high"
		}
	}
	x[5] = math.NaN()
	tab := table.Must(table.New("continuous", table.Float("x", "", x), table.Text("class", class).As(table.Label)))
	m := fitted(t, Tree{MaxDepth: 1}, tab.View())
	if got := accuracy(predicted(t, m, tab.View()), tab.View()); !(got >= 0.999) {
		t.Errorf("accuracy %v of one cut", got)
	}
}

// A sample of the rows must not be one of missing values only.
func TestContinuousColumnMissingInEveryOtherRow(t *testing.T) {
	n := sampleRows + 2
	x, class := make([]float64, n), make([]int32, n)
	for i := range x {
		x[i], class[i] = float64(i), int32(1+2*i/n)
		if i%2 == 0 {
			x[i] = math.NaN()
		}
	}
	tab := table.Must(table.New("gappy", table.Float("x", "", x), table.Code("class", class, []string{"early", "late"}).As(table.Label)))
	m := fitted(t, Tree{MaxDepth: 1}, tab.View())
	if got := accuracy(predicted(t, m, tab.View()), tab.View()); !(got >= 0.74) {
		t.Errorf("accuracy %v; one cut tells the rows that have a value, and half of the others", got)
	}
}
