package audit

import (
	"fmt"
	"strconv"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
)

// simulated is rows of 20 features, half of them categories, with a class and a time.
func simulated(n int) table.View {
	g := rng.New(1).Rand()
	var columns []table.Column
	class, stamp := make([]string, n), make([]int64, n)
	for i := range n {
		class[i], stamp[i] = strconv.Itoa(g.IntN(5)), g.Int64N(int64(n))
	}
	for k := range 10 {
		x, s := make([]float64, n), make([]string, n)
		for i := range n {
			x[i], s[i] = g.NormFloat64(), strconv.Itoa(g.IntN(60))
		}
		columns = append(columns, table.Float(fmt.Sprint("x", k), "", x), table.Text(fmt.Sprint("s", k), s))
	}
	return table.Must(table.New("t", append(columns, table.Time("time", stamp), table.Text("class", class).As(table.Label))...)).View()
}

func bench(b *testing.B, f func(train, test table.View) error) {
	const n = 100_000
	v := simulated(n)
	order := rng.New(2).Rand().Perm(n)
	train, test := v.Take(order[:n*7/10]), v.Take(order[n*7/10:])
	b.Run(fmt.Sprintf("rows=%d/cols=20", n), func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := f(train, test); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}

func BenchmarkTargetLeak(b *testing.B) {
	bench(b, func(train, test table.View) error {
		_, err := TargetLeak(train, test, "test")
		return err
	})
}

func BenchmarkTimeOrder(b *testing.B) {
	bench(b, func(train, test table.View) error {
		_, err := TimeOrder(train, test, "time", "test")
		return err
	})
}

func BenchmarkUnits(b *testing.B) {
	v := simulated(100_000)
	ids, groups, values := v.Strings("time"), v.Strings("class"), v.Floats("x0")
	b.Run("rows=100000", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Units(ids, groups, values, "t"); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(100_000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}
