package dense

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
)

// mixed is a plan with every kind of column over generated rows, more than a block.
func mixed(n int) (*Plan, table.View) {
	g := rng.New(3).Rand()
	x, y, s := make([]float64, n), make([]int64, n), make([]string, n)
	for i := range x {
		x[i] = 5 + g.NormFloat64()
		if g.IntN(4) == 0 {
			y[i] = int64(g.IntN(9))
		}
		s[i] = fmt.Sprintf("l%d", g.IntN(6))
		if g.IntN(9) == 0 {
			s[i] = ""
		}
	}
	v := table.Must(table.New("mixed", table.Float("x", "", x), table.Int("y", "", y), table.Text("s", s))).View()
	p := Identity(v)
	p.Columns = []Column{
		p.Columns[0].With(Op{Scale, 5, 2}, ""),
		{Name: "s=l2", Kind: Hot, Source: 2, Code: 3, On: 2, Off: -0.5},
		{Name: "s=?", Kind: Hot, Source: 2, Code: 0, On: 1},
		{Name: "s=l0", Kind: Hot, Source: 2, Code: 1, On: 1},
		{Name: "again", Kind: Hot, Source: 2, Code: 1, On: 3}, // the same level twice in a run
		p.Columns[1].With(Op{Kind: Log1p}, ""),
		{Name: "s", Kind: Lookup, Source: 2, Table: []float64{-1, 9, 0, 1, 2, 3, 4, 5}},
		p.Columns[1].With(Op{Kind: Zero}, ""),
	}
	return p, v
}

// naive evaluates one cell from the row's text.
func naive(c Column, v table.View, i int) float64 {
	switch {
	case c.Kind == Hot:
		want := ""
		if c.Code > 0 {
			want = fmt.Sprintf("l%d", c.Code-1)
		}
		if v.Strings("s")[i] == want {
			return c.On
		}
		return c.Off
	case c.Kind == Lookup:
		if s := v.Strings("s")[i]; s != "" {
			return float64(s[1] - '0')
		}
		return 9
	case c.Source == 0:
		return (v.Floats("x")[i] - 5) / 2
	case c.Ops[0].Kind == Zero:
		return 0
	}
	return math.Log1p(v.Floats("y")[i])
}

func TestRoadsAgree(t *testing.T) {
	p, v := mixed(5000)
	var rows []int
	for i := 4999; i >= 0; i -= 3 {
		rows = append(rows, i)
	}
	for _, v := range []table.View{v, v.Take(rows), v.Take(rows[:0])} {
		r, err := p.Bind("test", v)
		if err != nil {
			t.Fatal(err)
		}
		x, err := Matrix[float64](r, "test")
		if err != nil {
			t.Fatal(err)
		}
		short, err := Matrix[float32](r, "test")
		if err != nil {
			t.Fatal(err)
		}
		m, err := NewCompact(r, "test")
		if err != nil {
			t.Fatal(err)
		}
		w := p.Width()
		lo, hi := v.Rows()/7, v.Rows()/2
		piece := make([]float32, (hi-lo)*w)
		if err := FillRows(r, "test", piece, lo, hi); err != nil || !slices.Equal(piece, short[lo*w:hi*w]) {
			t.Errorf("rows %d to %d filled alone differ (error %v)", lo, hi, err)
		}
		for i := 0; i < v.Rows(); i += 97 {
			for j, c := range p.Columns {
				if want := naive(c, v, i); x[i*w+j] != want || short[i*w+j] != float32(want) {
					t.Fatalf("row %d of %s: %v and %v, want %v", i, c.Name, x[i*w+j], short[i*w+j], want)
				}
			}
		}
		entries := 0
		for _, b := range m.Blocks {
			for i := b.Lo; i < b.Hi; i++ {
				row := append([]float64(nil), m.Base...)
				for e := b.Start[i-b.Lo]; e < b.Start[i-b.Lo+1]; e++ {
					row[b.Col[e]] += b.Val[e]
					entries++
				}
				for j, got := range row {
					if !(math.Abs(got-x[i*w+j]) <= 1e-12) {
						t.Fatalf("compact row %d of %s: %v, want %v", i, p.Columns[j].Name, got, x[i*w+j])
					}
				}
			}
		}
		if entries > v.Rows()*w/2 {
			t.Errorf("%d entries of %d are kept", entries, v.Rows()*w)
		}
		beta, b := make([]float64, 2*w), []float64{1, -1}
		for j := range beta {
			beta[j] = math.Sin(float64(j))
		}
		z, err := Linear(r, "test", beta, b)
		if err != nil {
			t.Fatal(err)
		}
		for i := range v.Rows() {
			for c := range b {
				want := b[c]
				for j := range w {
					want += x[i*w+j] * beta[j*2+c]
				}
				if !(math.Abs(z[i*2+c]-want) <= 1e-12) {
					t.Fatalf("score %d of row %d: %v, want %v", c, i, z[i*2+c], want)
				}
			}
		}
	}
}

func TestErrorsNameThePlace(t *testing.T) {
	v := table.Must(table.New("flows", table.Float("rate", "", []float64{1, 1e300, 3, math.NaN()}), table.Text("s", []string{"a", "b", "a", "b"}))).View()
	if _, err := Of("test", v); err == nil || !strings.Contains(err.Error(), `"s" is categorical`) {
		t.Errorf("got %v", err)
	}
	p, err := Of("test", v.Numeric())
	if err != nil {
		t.Fatal(err)
	}
	late := v.Take([]int{2, 3})
	r, err := p.Bind("test", late)
	if err != nil {
		t.Fatal(err)
	}
	for road, f := range map[string]func() error{
		"matrix":  func() error { _, err := Matrix[float64](r, "test"); return err },
		"rows":    func() error { return FillRows(r, "test", make([]float64, 1), 1, 2) },
		"compact": func() error { _, err := NewCompact(r, "test"); return err },
		"linear":  func() error { _, err := Linear(r, "test", []float64{1}, []float64{0}); return err },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), `row 4 of column "rate" is missing`) {
			t.Errorf("%s: got %v", road, err)
		}
	}
	if r, err = p.Bind("test", v.Take([]int{0, 1})); err != nil {
		t.Fatal(err)
	}
	if _, err := Matrix[float32](r, "test"); err == nil {
		t.Error("1e300 became a float32")
	}
	if _, err := p.Bind("test", table.Must(table.New("other", table.Float("x", "", []float64{1}))).View()); err == nil {
		t.Error("a missing column was found")
	}
}
