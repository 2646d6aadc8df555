package dbscan

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"flowbook/internal/par"
	"flowbook/internal/table"
)

func TestDegenerate(t *testing.T) {
	equal := slices.Repeat([][]float64{{3, -1}}, 50000)
	line := [][]float64{{0}, {1}, {2}, {3}, {10}}
	for _, c := range []struct {
		name string
		Config
		x      [][]float64
		labels []int
	}{
		{"one row", Config{Eps: 1}, line[:1], []int{-1}},
		{"one row is enough", Config{Eps: 1, MinPoints: 1}, line[:1], []int{0}},
		{"a line", Config{Eps: 1, MinPoints: 2}, line, []int{0, 0, 0, 0, -1}},
		{"more points than rows", Config{Eps: 100, MinPoints: 6}, line, []int{-1, -1, -1, -1, -1}},
		{"as many points as rows", Config{Eps: 100, MinPoints: 5}, line, []int{0, 0, 0, 0, 0}},
		{"the smallest Eps", Config{Eps: 1e-150, MinPoints: 2}, line, []int{-1, -1, -1, -1, -1}},
		{"the largest", Config{Eps: 1e150, MinPoints: 2}, [][]float64{{-1e150}, {0}, {1e150}}, []int{0, 0, 0}},
		{"negative zero", Config{Eps: 1e-9, MinPoints: 2}, [][]float64{{0, 1}, {math.Copysign(0, -1), 1}}, []int{0, 0}},
		{"all equal", Config{Eps: 1e-3}, equal, make([]int, len(equal))},
	} {
		if got := fit(t, c.Config, tabled(c.x, nil)); !slices.Equal(got.Labels, c.labels) {
			t.Errorf("%s: labels %v", c.name, got.Labels[:min(9, len(got.Labels))])
		}
	}
}

func TestRefuses(t *testing.T) {
	good := tabled([][]float64{{1, 2}, {3, 4}}, nil)
	for _, c := range []struct {
		Config
		v    table.View
		says string
	}{
		{Config{}, good, "Eps is 0"},
		{Config{Eps: -1}, good, "Eps is -1"},
		{Config{Eps: math.NaN()}, good, "Eps is NaN"},
		{Config{Eps: math.Inf(1)}, good, "Eps is +Inf"},
		{Config{Eps: 1, MinPoints: -2}, good, "MinPoints is -2"},
		{Config{Eps: 1}, tabled([][]float64{{1}, {math.NaN()}}, nil), "row 2 of column \"x0\" is missing"},
		{Config{Eps: 1}, tabled([][]float64{{math.Inf(-1)}, {1}}, nil), "row 1 of column \"x0\" is -Inf"},
		{Config{Eps: 1}, tabled([][]float64{{1e151}, {1}}, nil), "1e+151"},
		{Config{Eps: 1}, good.Take([]int{}), "0 rows"},
		{Config{Eps: 1}, good.Select(), "0 features"},
		{Config{Eps: 1}, tabled([][]float64{{1}, {2}}, []float64{1, -1}), "weight -1"},
		{Config{Eps: 1}, table.Must(table.New("t", table.Text("s", []string{"a", "b"}))).View(), "\"s\" is categorical"},
		{Config{Eps: 1}, table.Seal(good.Table()).Describe("a test"), "sealed"},
	} {
		_, err := c.Cluster(context.Background(), c.v)
		if err == nil || !strings.Contains(err.Error(), "dbscan: ") || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: got %v, want an error with %q", c.Config, err, c.says)
		}
		if c.Eps != 1 {
			continue
		}
		if _, err := c.Curve(context.Background(), c.v); err == nil {
			t.Errorf("%s: a curve is drawn", c.says)
		}
	}
	if _, err := (Config{MinPoints: 3}).Curve(context.Background(), good); err == nil || !strings.Contains(err.Error(), "no row can be core") {
		t.Errorf("a curve of too few rows: %v", err)
	}
}

// TestCancelled: work that takes seconds ends soon after it is called off.
func TestCancelled(t *testing.T) {
	v := tabled(even(20000, 24), nil)
	for _, after := range []time.Duration{0, 20 * time.Millisecond, 200 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(context.Background(), after)
		start := time.Now()
		_, err := Config{Eps: 4.2}.Cluster(ctx, v)
		if took := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || took > after+2*time.Second {
			t.Errorf("called off after %v: %v after %v", after, err, took)
		}
		cancel()
	}
}

type steps struct{ total, done, ended atomic.Int64 }

func (s *steps) Start(_ string, total int) par.Task { s.total.Add(int64(total)); return s }
func (s *steps) Add(n int)                          { s.done.Add(int64(n)) }
func (s *steps) Done()                              { s.ended.Add(1) }

func TestProgress(t *testing.T) {
	var s steps
	for _, v := range []table.View{big(3000), tabled([][]float64{{0}, {5}, {9}, {9.1}}, nil)} {
		ctx := par.WithProgress(context.Background(), &s)
		if _, err := (Config{Eps: 0.2, MinPoints: 2}).Cluster(ctx, v); err != nil {
			t.Fatal(err)
		}
	}
	if s.total.Load() != 3004 || s.done.Load() != 3004 || s.ended.Load() != 2 {
		t.Errorf("%d of %d steps, %d tasks ended", s.done.Load(), s.total.Load(), s.ended.Load())
	}
}
