package forecast

import (
	"context"
	"fmt"
	"testing"

	"flowbook/internal/rng"
)

func benchSeries(n int) []float64 {
	g := rng.New(2).Rand()
	s := ARIMA{P: 1, Q: 1}.system([]float64{0.5, 0.3}, false)
	y := simulate(g, s, n)
	for t := 1; t < n; t++ {
		y[t] += y[t-1]
	}
	return y
}

func BenchmarkARIMA(b *testing.B) {
	for _, c := range []struct {
		a ARIMA
		n int
	}{{ARIMA{P: 1, D: 1, Q: 1}, 92}, {ARIMA{P: 3, Q: 2}, 92}, {ARIMA{D: 1, Q: 1, Season: 7, SD: 1, SQ: 1}, 92}, {ARIMA{P: 1, D: 1, Q: 1}, 10000}} {
		b.Run(fmt.Sprintf("order=%s/n=%d", c.a.Name(), c.n), func(b *testing.B) {
			y := benchSeries(c.n)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.a.Fit(context.Background(), y); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAutoARIMA(b *testing.B) {
	y := benchSeries(92)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := (AutoARIMA{}).Fit(context.Background(), y); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkExponentialSmoothing(b *testing.B) {
	y := benchSeries(92)
	for _, s := range []ExponentialSmoothing{{}, {Damped: true}, {Trend: true, Season: 7}} {
		b.Run("form="+s.Name()+"/n=92", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Fit(context.Background(), y); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Ten hosts, 46 origins each, refitted at every one.
func BenchmarkRolling(b *testing.B) {
	var hosts []Series
	for i := range 10 {
		hosts = append(hosts, Series{fmt.Sprint(i), weekSeries(uint64(i), 92)})
	}
	for _, f := range []Forecaster{ARIMA{P: 1, D: 1, Q: 1}, AutoARIMA{}, ExponentialSmoothing{Season: 7}, Median{Season: 7}} {
		b.Run("forecaster="+f.Name()+"/hosts=10/n=92", func(b *testing.B) {
			for b.Loop() {
				if _, err := (Rolling{Horizon: 7}).Evaluate(context.Background(), hosts, f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
