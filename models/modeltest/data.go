package modeltest

import (
	"math"

	"flowbook/internal/rng"
	"flowbook/internal/table"
)

// flows simulates n rows of three classes that a few features tell apart, with
// some noise: two floats, a count, a flag, and (unless the learner takes numbers
// only) two categories.
func (s *suite) flows(n int) *table.Table {
	n = min(n, s.maxRows)
	g := rng.New(1).At("flows").Rand()
	rate, bytes, noise := make([]float64, n), make([]float64, n), make([]float64, n)
	count, flag := make([]int64, n), make([]int64, n)
	service, proto, class := make([]string, n), make([]string, n), make([]string, n)
	services := []string{"dns", "ftp", "http", "mail", "ntp", "ssh"}
	for i := range n {
		c := i % 7 // unequal classes, without ties: 4, 2 and 1 of seven
		k := 0
		if c >= 4 {
			k = 1
		}
		if c == 6 {
			k = 2
		}
		class[i] = []string{"normal", "probe", "flood"}[k]
		rate[i] = g.NormFloat64() + 4*float64(k)
		bytes[i] = g.NormFloat64() - 5*float64(k%2)
		noise[i] = g.Float64()
		count[i] = int64(g.IntN(20) + 12*k)
		flag[i] = int64(g.IntN(2))
		service[i] = services[(g.IntN(4)+2*k)%6]
		proto[i] = []string{"tcp", "udp", "icmp"}[(g.IntN(2)+k)%3]
	}
	columns := []table.Column{
		table.Float("rate", "1/s", rate),
		table.Float("bytes", "bytes", bytes),
		table.Int("count", "", count),
		table.Int("flag", "", flag),
		table.Float("noise", "", noise),
	}
	if !s.numericOnly {
		columns = append(columns, table.Text("service", service), table.Text("proto", proto))
	}
	return table.Must(table.New("flows", append(columns, table.Text("class", class).As(table.Label))...))
}

// column returns a copy of a numeric column's values.
func column(t *table.Table, name string) []float64 { return t.View().Floats(name) }

// with returns t with columns added or replaced.
func with(t *table.Table, columns ...table.Column) *table.Table {
	return table.Must(t.With(columns...))
}

// ints returns 0 … n-1.
func ints(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// holes returns values with every third one missing.
func holes(values []float64) []float64 {
	for i := range values {
		if i%3 == 1 {
			values[i] = math.NaN()
		}
	}
	return values
}
