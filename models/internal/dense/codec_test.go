package dense

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/rng"
	"flowbook/models/internal/wire"
)

func saved(t *testing.T, p *Plan) []byte {
	t.Helper()
	var w wire.Writer
	p.Save(&w)
	b, err := w.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestSavedPlanFillsTheSame: a plan that came back gives the same matrix to the bit,
// and the same bytes.
func TestSavedPlanFillsTheSame(t *testing.T) {
	p, v := mixed(600)
	p.Columns = append(p.Columns, p.Columns[0].With(Op{Kind: Fill, A: 3}, ""))
	for j := range p.Columns {
		p.Columns[j].Name = fmt.Sprint(j, p.Columns[j].Name)
	}
	b := saved(t, p)
	r := wire.NewReader(b, nil)
	q := LoadPlan(r)
	if r.Err() != nil || r.Rest() != 0 {
		t.Fatalf("error %v, %d bytes left", r.Err(), r.Rest())
	}
	if !bytes.Equal(saved(t, q), b) {
		t.Error("saved again, the plan gives other bytes")
	}
	if !slices.Equal(q.Names(), p.Names()) {
		t.Errorf("columns %q, want %q", q.Names(), p.Names())
	}
	var got [2][]float64
	for i, plan := range []*Plan{p, q} {
		rows, err := plan.Bind("test", v)
		if err != nil {
			t.Fatal(err)
		}
		if got[i], err = Matrix[float64](rows, "test"); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(got[0], got[1]) {
		t.Error("the matrices differ")
	}
	for cut := range b {
		r := wire.NewReader(b[:cut], nil)
		if LoadPlan(r); r.Err() == nil {
			t.Fatalf("%d of %d bytes were loaded", cut, len(b))
		}
	}
	random := rng.New(1).Rand()
	for range 3000 {
		spoilt := slices.Clone(b)
		for range 1 + random.IntN(3) {
			spoilt[random.IntN(len(b))] ^= byte(1 << random.IntN(8))
		}
		r := wire.NewReader(spoilt, nil)
		q := LoadPlan(r)
		if r.Err() != nil {
			continue
		}
		if rows, err := q.Bind("test", v); err == nil && q.Numeric("test") == nil {
			_, _ = Matrix[float64](rows, "test") // must not panic
			_, _ = NewCompact(rows, "test")
		}
	}
}

func TestLoadPlanRefuses(t *testing.T) {
	good, _ := mixed(600)
	for j := range good.Columns {
		good.Columns[j].Name = fmt.Sprint("column", j)
	}
	hot, number, lookup := 1, 0, 6
	for _, c := range []struct {
		spoil func(c []Column)
		want  string
	}{
		{func(c []Column) { c[1].Name = c[0].Name }, "two columns"},
		{func(c []Column) { c[hot].Source = 3 }, "0 to 2 is wanted"},
		{func(c []Column) { c[hot].Source = -1 }, "0 to 2 is wanted"},
		{func(c []Column) { c[hot].Source = 0 }, "comes from"},
		{func(c []Column) { c[number].Source = 2 }, "comes from"},
		{func(c []Column) { c[hot].Kind = Category + 1 }, "of kind 4"},
		{func(c []Column) { c[hot].Code = 7 }, "0 to 6 is wanted"},
		{func(c []Column) { c[hot].Code = -1 }, "0 to 6 is wanted"},
		{func(c []Column) { c[hot].On = math.NaN() }, "finite"},
		{func(c []Column) { c[number].Ops = []Op{{Kind: Zero + 1}} }, "function of kind 4"},
		{func(c []Column) { c[number].Ops = []Op{{Kind: Scale, B: math.Inf(1)}} }, "finite"},
		{func(c []Column) { c[lookup].Table = c[lookup].Table[1:] }, "7 numbers for 6 levels"},
		{func(c []Column) { c[lookup].Table = append([]float64{math.Inf(-1)}, c[lookup].Table[1:]...) }, "infinite"},
	} {
		p := &Plan{Source: good.Source, Columns: slices.Clone(good.Columns)}
		c.spoil(p.Columns)
		r := wire.NewReader(saved(t, p), nil)
		if LoadPlan(r); r.Err() == nil || !strings.Contains(r.Err().Error(), c.want) {
			t.Errorf("got %v, want an error with %q", r.Err(), c.want)
		}
	}
	// Codes that come twice would make a table of levels each.
	wide := &Plan{Source: slices.Clone(good.Source)}
	for l := range 10000 {
		wide.Source[2].Levels = append(wide.Source[2].Levels, fmt.Sprintf("m%05d", l))
	}
	for j := range 3000 {
		wide.Columns = append(wide.Columns, Column{Name: fmt.Sprint(j), Kind: Hot, Source: 2, Code: 1, On: 1})
	}
	r := wire.NewReader(saved(t, wide), nil)
	if LoadPlan(r); r.Err() == nil || !strings.Contains(r.Err().Error(), "runs of one-hot columns") {
		t.Errorf("got %v for 3000 runs over 10000 levels", r.Err())
	}
}
