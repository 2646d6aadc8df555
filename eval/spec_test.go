package eval

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"flowbook/eval/hypothesis"
	"flowbook/internal/exhibit"
	"flowbook/internal/par"
	"flowbook/internal/rng"
)

var nan = math.NaN()

// sums is a claim whose estimate is 10 × unit + filter, but NaN for the third filter of
// the first unit; above 10 supports it.
func sums() Specifications {
	return Specifications{
		Name: "upload", Claim: "the sum is large", Estimate: "sum", Null: 5,
		Choices: []Choice{{"unit", []string{"row", "computer"}}, {"filter", []string{"none", "junk", "both"}}},
		Analyse: func(_ context.Context, s Specification) (Finding, error) {
			v := float64(10*s.Index("unit") + s.Index("filter"))
			f := Finding{Estimate: v, Low: v - 1, High: v + 2, P: 0.5 / (1 + v), Rows: int(v) + 1, Supports: v > 10}
			if s.Option("unit") == "row" && s.Option("filter") == "both" {
				f = Finding{Estimate: nan, Low: nan, High: nan, P: nan}
			}
			return f, nil
		},
	}
}

func curveOf(t *testing.T, s Specifications) *Curve {
	t.Helper()
	c, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func specNames(c *Curve) (out []string) {
	for _, a := range c.List {
		out = append(out, a.String())
	}
	return out
}

func TestSpecificationsByHand(t *testing.T) {
	c := curveOf(t, sums())
	want := []string{"unit=row, filter=none", "unit=row, filter=junk", "unit=computer, filter=none", "unit=computer, filter=junk", "unit=computer, filter=both", "unit=row, filter=both"}
	if got := specNames(c); !slices.Equal(got, want) || c.Declared != 6 || c.Skipped != nil {
		t.Errorf("%q", got)
	}
	least, most := c.Range()
	// Estimates are 0, 1, 10, 11, 12 and one NaN.
	if c.Supporting() != 2 || !(math.Abs(c.Share()-1./3) <= 1e-15) || c.Median() != 10 || least != 0 || most != 12 {
		t.Errorf("%d %v %v %v %v", c.Supporting(), c.Share(), c.Median(), least, most)
	}
	options := c.Options()
	if len(options) != 5 || !reflect.DeepEqual(options[0], Option{"unit", "row", []int{0, 1, 5}, 0, 0.5}) ||
		!reflect.DeepEqual(options[4], Option{"filter", "both", []int{4, 5}, 1, 12}) || options[4].Share() != 0.5 {
		t.Errorf("%+v", options)
	}
	estimate, low, high, supports := c.Points()
	if estimate[3] != 11 || low[3] != 10 || high[3] != 13 || !slices.Equal(supports, []bool{false, false, false, true, true, false}) {
		t.Errorf("%v %v %v %v", estimate, low, high, supports)
	}
	if a, ok := c.Of("computer", "junk"); !ok || a.Estimate != 11 || a.Rows != 12 {
		t.Errorf("%+v %v", a, ok)
	}
	if _, ok := c.Of("computer"); ok {
		t.Error("half a specification was analysed")
	}
}

func TestSpecificationsShow(t *testing.T) {
	s := sums()
	s.Skip = func(s Specification) string {
		if s.Option("filter") == "none" && s.Option("unit") == "computer" {
			return "a computer has no rows to filter"
		}
		return ""
	}
	e := curveOf(t, s).Exhibit()
	if want := []string{"2 of 5 analyses (40 %) support that the sum is large. The median sum is 6, from 0 to 12 (5 where there is nothing to find).",
		"1 of 5 analyses cannot tell; they count as not supporting it.", "1 combinations are left out: a computer has no rows to filter."}; !slices.Equal(e.Notes, want) {
		t.Errorf("%q", e.Notes)
	}
	if g := e.Grids[0]; g.Folded || len(g.Rows) != 5 || g.Rows[1][4].Value != 1 {
		t.Errorf("%+v", g)
	}
	if g := e.Grids[1]; !g.Folded || len(g.Rows) != 5 || len(g.Columns) != 6 || g.Rows[3][2].Value != 12 || g.Rows[3][2].High != 14 || g.Rows[3][5].Text != "yes" {
		t.Errorf("%+v", g)
	}
	seen := map[string]exhibit.Measure{}
	for _, m := range e.Measures {
		if _, twice := seen[m.ID]; twice {
			t.Errorf("two measures %s", m.ID)
		}
		seen[m.ID] = m
	}
	if m := seen["upload/estimate/computer/junk"]; m.Value != 11 || m.Low != 10 || m.High != 13 || m.Level != 0.95 || m.Rows != 12 {
		t.Errorf("%+v", m)
	}
	if m := seen["upload/estimate/row/both"]; !math.IsNaN(m.Value) || m.Level != 0 {
		t.Errorf("%+v", m)
	}
	if m := seen["upload/specifications/share"]; m.Value != 0.4 || m.Rows != 5 {
		t.Errorf("%+v", m)
	}
	if m := seen["upload/specifications/share/unit/computer"]; m.Value != 1 || m.Rows != 2 || len(seen) != 5+5+5 {
		t.Errorf("%+v of %d", m, len(seen))
	}
}

// many is a claim with 5 × 4 × 3 analyses, random but for their own specification.
func many() Specifications {
	return Specifications{
		Choices: []Choice{{"seed", []string{"1", "2", "3", "4", "5"}}, {"encoding", []string{"a", "b", "c", "d"}}, {"threshold", []string{"low", "middle", "high"}}},
		Analyse: func(_ context.Context, s Specification) (Finding, error) {
			v := rng.New(7).At(s.String()).Rand().NormFloat64()
			return Finding{Estimate: v, Low: v - 1, High: v + 1, P: nan, Supports: v > 0}, nil
		},
		Seed: rng.New(3),
	}
}

func TestSpecificationsAtAnyCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var want string
	for _, procs := range []int{1, 2, 7} {
		runtime.GOMAXPROCS(procs)
		s := many()
		s.Most = 31
		c := curveOf(t, s)
		chance, err := c.Under(context.Background(), 5, func(_ context.Context, s Specification, draw rng.Seed) (Finding, error) {
			v := draw.At(s.String()).Rand().NormFloat64()
			return Finding{Estimate: v, Low: nan, High: nan, P: nan, Supports: v > 0.5}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		printAll(&b, reflect.ValueOf(c.List))
		printAll(&b, reflect.ValueOf(exhibit.Join(c, chance)))
		if want == "" {
			want = b.String()
		}
		if b.String() != want {
			t.Errorf("GOMAXPROCS %d: another curve", procs)
		}
	}
}

func TestSpecificationsDrawn(t *testing.T) {
	all := curveOf(t, many())
	if len(all.List) != 60 || !slices.IsSortedFunc(all.List, func(a, b Analysis) int { return int(math.Copysign(1, a.Estimate-b.Estimate)) }) {
		t.Fatalf("%d analyses", len(all.List))
	}
	times := map[string]int{}
	for seed := range uint64(300) {
		s := many()
		s.Most, s.Seed = 20, rng.New(seed)
		c := curveOf(t, s)
		if len(c.List) != 20 || c.Declared != 60 {
			t.Fatalf("%d of %d analyses", len(c.List), c.Declared)
		}
		for _, a := range c.List {
			whole, ok := all.Of(a.Options()...)
			if !ok || whole.Estimate != a.Estimate {
				t.Fatalf("%s: %v and %v", a, a.Estimate, whole.Estimate)
			}
			times[a.String()]++
		}
	}
	for name, n := range times { // binomial of 300 and 1/3: 100 ± 8.2
		if n < 60 || n > 140 || len(times) != 60 {
			t.Errorf("%s was drawn %d times of 300", name, n)
		}
	}
	s := many()
	s.Most = 20
	if notes := curveOf(t, s).Exhibit().Notes; len(notes) != 2 || notes[1] != "They are 20 of 60 declared, drawn with seed 3." {
		t.Errorf("%q", notes)
	}
	s.Most = 60
	if c := curveOf(t, s); len(c.List) != 60 || len(c.Exhibit().Notes) != 1 {
		t.Errorf("%d analyses", len(c.List))
	}
}

func TestSpecificationsRefuse(t *testing.T) {
	boom := errors.New("boom")
	for want, change := range map[string]func(s *Specifications){
		"Level is 2":               func(s *Specifications) { s.Level = 2 },
		"Null is NaN":              func(s *Specifications) { s.Null = nan },
		"Most is -1":               func(s *Specifications) { s.Most = -1 },
		"Analyse is nil":           func(s *Specifications) { s.Analyse = nil },
		"no choices":               func(s *Specifications) { s.Choices = nil },
		`"unit": options are none`: func(s *Specifications) { s.Choices[0].Options = nil },
		`"< 5" and "> 5" are both "5"`: func(s *Specifications) {
			s.Choices[0].Options = []string{"< 5", "> 5"}
		},
		`choices "unit" and "Unit" are both`: func(s *Specifications) { s.Choices[1].Name = "Unit" },
		`include "%"`:                        func(s *Specifications) { s.Choices[1].Name = "%" },
		"more than 1048576 combinations": func(s *Specifications) {
			for i := range 20 {
				s.Choices = append(s.Choices, Choice{fmt.Sprint(i), []string{"a", "b"}})
			}
		},
		"is skipped, the first because of rain": func(s *Specifications) { s.Skip = func(Specification) string { return "of rain" } },
		"analysis with unit=computer, filter=junk: boom": func(s *Specifications) {
			f := s.Analyse
			s.Analyse = func(ctx context.Context, s Specification) (Finding, error) {
				if s.Option("unit") == "computer" && s.Index("filter") == 1 {
					return Finding{}, boom
				}
				return f(ctx, s)
			}
		},
		"the interval runs from 2 to 1": func(s *Specifications) {
			s.Analyse = func(context.Context, Specification) (Finding, error) { return Finding{Low: 2, High: 1}, nil }
		},
		"the interval is 0 alone and the estimate 3": func(s *Specifications) {
			s.Analyse = func(context.Context, Specification) (Finding, error) { return Finding{Estimate: 3}, nil }
		},
		"p is 1.5": func(s *Specifications) {
			s.Analyse = func(context.Context, Specification) (Finding, error) { return Finding{P: 1.5}, nil }
		},
		"the estimate is NaN and yet": func(s *Specifications) {
			s.Analyse = func(context.Context, Specification) (Finding, error) {
				return Finding{Estimate: nan, Low: nan, High: nan, Supports: true}, nil
			}
		},
	} {
		s := sums()
		change(&s)
		_, err := s.Run(context.Background())
		if err == nil || !strings.HasPrefix(err.Error(), "eval: upload: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v", want, err)
		}
		if strings.Contains(want, "boom") && !errors.Is(err, boom) {
			t.Errorf("%v does not wrap", err)
		}
	}
	defer func() {
		if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), `no choice "colour"`) {
			t.Errorf("recovered %v", r)
		}
	}()
	curveOf(t, sums()).List[0].Option("colour")
}

func TestSpecificationsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s := many()
	var made atomic.Int64
	s.Analyse = func(ctx context.Context, _ Specification) (Finding, error) {
		if made.Add(1) == 5 {
			cancel()
		}
		return Finding{}, ctx.Err()
	}
	if _, err := s.Run(ctx); !errors.Is(err, context.Canceled) || made.Load() > 10 {
		t.Errorf("%d analyses, error %v", made.Load(), err)
	}
	c := curveOf(t, many())
	if _, err := c.Under(ctx, 3, func(context.Context, Specification, rng.Seed) (Finding, error) { return Finding{}, nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// counter is a progress that counts steps.
type counter struct{ total, steps atomic.Int64 }

func (c *counter) Start(_ string, total int) par.Task {
	c.total.Add(int64(total))
	return c
}
func (c *counter) Add(n int) { c.steps.Add(int64(n)) }
func (c *counter) Done()     {}

func TestSpecificationsProgress(t *testing.T) {
	var n counter
	if _, err := many().Run(par.WithProgress(context.Background(), &n)); err != nil || n.total.Load() != 60 || n.steps.Load() != 60 {
		t.Errorf("%d of %d steps, error %v", n.steps.Load(), n.total.Load(), err)
	}
}

func TestFindingOf(t *testing.T) {
	r := hypothesis.Result{Effect: 0.7, EffectNull: 0.5, EffectLow: 0.6, EffectHigh: 0.8, P: 0.004, N: []int{3, 4}}
	for side, want := range map[int]bool{1: true, 0: true, -1: false} {
		if f := FindingOf(r, 0.01, side); f != (Finding{0.7, 0.6, 0.8, 0.004, 7, want}) {
			t.Errorf("side %d: %+v", side, f)
		}
	}
	if FindingOf(r, 0.004, 1).Supports {
		t.Error("p at alpha supports")
	}
	r.Effect = 0.3
	if FindingOf(r, 0.01, 1).Supports || !FindingOf(r, 0.01, -1).Supports {
		t.Error("the wrong side")
	}
	r.Effect = nan
	for _, side := range []int{-1, 0, 1} {
		if FindingOf(r, 0.01, side).Supports {
			t.Error("no effect supports")
		}
	}
}

// The curve's median is 10, 5 off the null; 2 analyses support it. Draws are worked out
// so that 3 of 4 medians are at least as far off, and 2 have as many that support it.
func TestUnderByHand(t *testing.T) {
	c := curveOf(t, sums())
	seeds := map[string]int{}
	for d := range 4 {
		seeds[rng.Seed{}.At("under").Index("draw", d).String()] = d
	}
	chance, err := c.Under(context.Background(), 4, func(_ context.Context, s Specification, draw rng.Seed) (Finding, error) {
		d, ok := seeds[draw.String()]
		if !ok {
			t.Errorf("seed %s", draw)
		}
		v := []float64{10, 9.5, -1, nan}[d]
		supports := s.Option("unit") == "computer" && s.Index("filter") < []int{1, 2, 3, 0}[d]
		return Finding{Estimate: v, Low: nan, High: nan, P: nan, Supports: supports}, nil
	})
	if err != nil || chance.MedianP != 4./5 || chance.ShareP != 3./5 || chance.Medians[1] != 9.5 || !slices.Equal(chance.Supporting, []int{1, 2, 3, 0}) {
		t.Errorf("%+v %v", chance, err)
	}
	e := chance.Exhibit()
	if g := e.Grids[0]; g.Rows[0][1].Value != 10 || g.Rows[0][2].Value != 9.5 || g.Rows[1][3].Value != 3./5 {
		t.Errorf("%+v", g)
	}
	if m := e.Measures[1]; m.ID != "upload/specifications/share-p" || m.Value != 3./5 || m.Rows != 4 {
		t.Errorf("%+v", m)
	}
	if _, err := c.Under(context.Background(), 0, nil); err == nil {
		t.Error("no draws are accepted")
	}
	_, err = c.Under(context.Background(), 2, func(_ context.Context, s Specification, _ rng.Seed) (Finding, error) {
		return Finding{}, errors.New("boom")
	})
	if err == nil || !strings.Contains(err.Error(), "unit=row, filter=none: boom (draw 0 of 2)") {
		t.Errorf("error %v", err)
	}
}

// Where there is nothing to find, the chance p of a curve is below a fifth in a fifth of
// cases, though its analyses are of the same data and much alike.
func TestUnderIsFair(t *testing.T) {
	const curves = 400
	low := 0
	for i := range curves {
		g := rng.New(21).Index("data", i).Rand()
		x := make([]float64, 20)
		for k := range x {
			x[k] = g.NormFloat64()
		}
		analyse := func(x []float64, s Specification) Finding {
			d := 0.0
			for k, v := range x {
				if s.Option("values") == "signs" {
					v = math.Copysign(1, v)
				}
				if s.Option("rows") == "all" || k < 15 || k > 17 {
					d += v * (1 - 2*float64(k%2))
				}
			}
			return Finding{Estimate: d, Low: nan, High: nan, P: nan, Supports: d > 2}
		}
		c := curveOf(t, Specifications{Choices: []Choice{{"values", []string{"as they are", "signs"}}, {"rows", []string{"all", "most"}}}, Seed: rng.New(uint64(i)),
			Analyse: func(_ context.Context, s Specification) (Finding, error) { return analyse(x, s), nil }})
		chance, err := c.Under(context.Background(), 19, func(_ context.Context, s Specification, draw rng.Seed) (Finding, error) {
			y := slices.Clone(x)
			draw.Rand().Shuffle(len(y), func(i, j int) { y[i], y[j] = y[j], y[i] })
			return analyse(y, s), nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if chance.MedianP <= 0.2 {
			low++
		}
	}
	if low < 56 || low > 104 { // binomial of 400 and 1/5: 80 ± 8
		t.Errorf("%d of %d p are below a fifth", low, curves)
	}
}
