package decompose

import (
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"flowbook/internal/par"
	"flowbook/internal/rng"
	"flowbook/internal/table"
)

func TestTSNEAtAnyCores(t *testing.T) {
	v := view(some(700, 5), 5)
	var first *Embedding
	for _, procs := range []int{1, 2, 7} {
		was := runtime.GOMAXPROCS(procs)
		e := embedded(t, TSNE{Rounds: 120, Seed: rng.New(3)}, v)
		runtime.GOMAXPROCS(was)
		if first == nil {
			first = e
		}
		if !slices.Equal(e.Points, first.Points) || e.KL != first.KL {
			t.Errorf("%d cores: another map", procs)
		}
	}
	if other := embedded(t, TSNE{Rounds: 120, Seed: rng.New(4)}, v); slices.Equal(other.Points, first.Points) {
		t.Error("another seed gives the same map")
	}
}

// Rows in three groups far from each other are three groups on the map, from either start.
func TestTSNEFindsGroups(t *testing.T) {
	g, n := rng.New(5).Rand(), 300
	x := make([]float64, 4*n)
	for i := range x {
		x[i] = 0.1*g.NormFloat64() + float64(10*(i/4%3))
	}
	for _, start := range []Start{Principal, Random} {
		e := embedded(t, TSNE{Start: start}, view(x, 4))
		y := e.Matrix()
		for i := range n {
			within, beyond := 0.0, math.Inf(1)
			for j := range n {
				if d := y.Squared(i, j); j%3 == i%3 {
					within = max(within, d)
				} else {
					beyond = min(beyond, d)
				}
			}
			if !(within < beyond) {
				t.Fatalf("start %d: row %d is nearer to another group (%v) than to its own (%v)", start, i, beyond, within)
			}
		}
		mx, my := 0.0, 0.0
		for i := range n {
			mx, my = mx+e.X()[i], my+e.Y()[i]
		}
		if !(math.Abs(mx)+math.Abs(my) <= 1e-8) || e.Rounds != 1000 || e.Rate != 50 || e.Neighbors != 91 || e.Perplexity != 30 || e.Warnings != nil {
			t.Errorf("start %d: the points add up to (%v, %v); %+v", start, mx, my, e.Warnings)
		}
	}
}

// Few rows, equal rows, one feature, numbers of any size.
func TestTSNEOfOddRows(t *testing.T) {
	line := make([]float64, 100)
	for i := range line {
		line[i] = float64(i % 50)
	}
	tiny, huge := slices.Clone(line), slices.Clone(line)
	for i := range line {
		tiny[i] *= 1e-100
		huge[i] = 1e70 * (huge[i] - 20)
	}
	for _, c := range []struct {
		name string
		x    []float64
		p    int
		l    TSNE
	}{
		{"two rows", []float64{1, 2}, 1, TSNE{Perplexity: 1}},
		{"two equal rows", []float64{1, 1}, 1, TSNE{Perplexity: 1.5}},
		{"three rows", []float64{1, 2, 9}, 1, TSNE{Perplexity: 2}},
		{"three rows of three", []float64{1, 2, 9, 4, 4, 4, 0, 1, 0}, 3, TSNE{Perplexity: 1}},
		{"twenty rows", some(20, 3), 3, TSNE{Perplexity: 19.5}},
		{"thirty rows", some(30, 3), 3, TSNE{Perplexity: 5}},
		{"one feature, each row twice", line, 1, TSNE{Rounds: 300}},
		{"tiny", tiny, 1, TSNE{Rounds: 300}},
		{"huge", huge, 1, TSNE{Rounds: 300}},
		{"many copies of two rows", append(make([]float64, 300), 1, 1, 1), 1, TSNE{Rounds: 300}},
		{"one round", some(50, 2), 2, TSNE{Perplexity: 5, Rounds: 1, Theta: 1, EarlyExaggeration: 1, Rate: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if e := embedded(t, c.l, view(c.x, c.p)); e.Warnings != nil && c.name != "two equal rows" {
				t.Errorf("warnings %q", e.Warnings)
			}
		})
	}
	e := embedded(t, TSNE{Rounds: 300}, view(make([]float64, 400), 2))
	if len(e.Warnings) != 1 || !strings.Contains(e.Warnings[0], "all rows are equal") {
		t.Errorf("of equal rows: warnings %q", e.Warnings)
	}
	// Rows in pairs lie in pairs.
	x, m := view(line, 1), embedded(t, TSNE{Perplexity: 5}, view(line, 1)).Matrix()
	if trust := Trustworthiness(matrixOf(t, x), m, 5); !(trust > 0.99) {
		t.Errorf("trustworthiness of a line in pairs is %v", trust)
	}
}

func TestTSNERefuses(t *testing.T) {
	good := view(some(50, 2), 2)
	for _, c := range []struct {
		l    TSNE
		v    table.View
		want string
	}{
		{TSNE{}, view(some(20, 2), 2), "perplexity is 30 and there are 20 rows; want it below 20"},
		{TSNE{Perplexity: 50}, good, "perplexity is 50 and there are 50 rows"},
		{TSNE{Perplexity: math.Inf(1)}, good, "perplexity is +Inf"},
		{TSNE{Perplexity: 0.5}, good, "perplexity is 0.5; want at least 1"},
		{TSNE{Perplexity: math.NaN()}, good, "perplexity is NaN"},
		{TSNE{Perplexity: -3}, good, "perplexity is -3"},
		{TSNE{EarlyExaggeration: 0.5}, good, "EarlyExaggeration is 0.5"},
		{TSNE{Rate: -1}, good, "Rate is -1"},
		{TSNE{Rate: math.NaN()}, good, "Rate is NaN"},
		{TSNE{Rounds: -1}, good, "Rounds is -1"},
		{TSNE{Theta: 1.5}, good, "Theta is 1.5"},
		{TSNE{Theta: -0.1}, good, "Theta is -0.1"},
		{TSNE{Start: 2}, good, "Start is 2"},
		{TSNE{Rate: 1e12}, good, "ran away in round"},
		{TSNE{Rate: 1e308}, good, "ran away in round"},
		{TSNE{}, table.Seal(good.Table()).Describe("a test"), "sealed"},
		{TSNE{}, view(nil, 2), "0 rows of 2 features"},
		{TSNE{}, view([]float64{1, 2}, 2), "1 rows of 2 features"},
		{TSNE{}, good.Select(), "50 rows of 0 features"},
		{TSNE{Perplexity: 1}, view([]float64{1, 2, math.NaN(), 4}, 2), `row 2 of column "x00" is missing`},
		{TSNE{Perplexity: 1}, view([]float64{1, 2, math.Inf(1), 4}, 2), `row 2 of column "x00" is +Inf`},
		{TSNE{Perplexity: 1}, view([]float64{1, 1e200, 3, 4}, 2), "squared"},
		{TSNE{Perplexity: 1}, table.Must(table.New("t", table.Text("s", []string{"a", "b"}))).View(), `"s"`},
	} {
		e, err := c.l.Embed(background, c.v)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "decompose: ") {
			t.Errorf("%+v: got %v, %v; want an error with %q", c.l, e, err, c.want)
		}
	}
}

// count is a Progress that counts steps and cancels after some of them.
type count struct {
	task         string
	total, steps atomic.Int64
	after        int64
	cancel       func()
}

func (c *count) Start(task string, total int) par.Task {
	if task == c.task {
		c.total.Store(int64(total))
		return c
	}
	return par.Track(background, task, total)
}

func (c *count) Add(n int) {
	if c.steps.Add(int64(n)) == c.after {
		c.cancel()
	}
}

func (c *count) Done() {}

func TestTSNEStopsAndTells(t *testing.T) {
	v := view(some(200, 3), 3)
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	c := &count{task: "t-SNE", after: 7, cancel: cancel}
	if _, err := (TSNE{Rounds: 50}).Embed(par.WithProgress(ctx, c), v); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled in round 7: %v", err)
	}
	if c.steps.Load() != 7 || c.total.Load() != 50 {
		t.Errorf("%d of %d rounds were told, want 7 of 50", c.steps.Load(), c.total.Load())
	}
	if _, err := (TSNE{}).Embed(ctx, v); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: %v", err)
	}
}

// The view is left as it was, its target and weights do not matter.
func TestTSNELooksAtFeaturesOnly(t *testing.T) {
	x := some(100, 3)
	v := view(x, 3)
	w, label := make([]float64, 100), make([]string, 100)
	for i := range w {
		w[i], label[i] = float64(i%3), "a"
	}
	more, err := v.Table().With(table.Float("w", "", w).As(table.Weight), table.Text("class", label))
	if err != nil {
		t.Fatal(err)
	}
	a := embedded(t, TSNE{Rounds: 40}, v)
	b := embedded(t, TSNE{Rounds: 40}, more.View().WithTarget("class"))
	if !slices.Equal(a.Points, b.Points) {
		t.Error("weights or a target change the map")
	}
	if !slices.Equal(matrixOf(t, v).X, x) {
		t.Error("the rows were changed")
	}
}
