package saved

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/wire"
)

// TestResult says how the self-test went: it was passed.
type TestResult struct {
	Rows       int
	Bits       bool    // all scores agreed to the bit
	Difference float64 // the largest; 0 if Bits
}

// selfTest is rows in the model's own schema and the scores that it gave them.
//
//	numbers  by feature that is a number: one a row (a float; an int as its 64 bits)
//	codes    by feature that is a category: table.Unseen, 0 missing, 1… a level
type selfTest struct {
	rows    int
	numbers [][]uint64
	codes   [][]int32
	scores  []float64
}

const (
	drawnRows = 32   // that Write draws
	mostRows  = 64   // that Read takes
	tolerance = 1e-9 // of scores on another machine; of a number above 1, that share of it
)

// newTest draws rows from the sample's columns, each by itself, and scores those
// that the model takes.
func newTest(ctx context.Context, m wire.Described, sample table.View) (*selfTest, error) {
	schema := m.Schema()
	if err := models.Predictable("saved", schema, sample); err != nil {
		return nil, err
	}
	all := &selfTest{rows: min(drawnRows, sample.Rows()) + 2, numbers: make([][]uint64, len(schema)), codes: make([][]int32, len(schema))}
	missing, unseen := all.rows-2, all.rows-1
	gaps := 0
	gap := func() bool { gaps++; return gaps%2 == 1 } // every other feature that can lack a value
	for k, f := range schema {
		g := rng.New(0).At("saved model").At(f.Name).Rand()
		pick := make([]int, all.rows)
		for i := range pick {
			pick[i] = g.IntN(sample.Rows())
		}
		c := sample.Take(pick)
		if f.Kind == table.CodeKind {
			all.codes[k] = slices.Clone(schema.Codes(c, k))
			all.codes[k][unseen] = table.Unseen
			if gap() {
				all.codes[k][missing] = 0
			}
			continue
		}
		for _, v := range c.Floats(f.Name) {
			if f.Kind != table.FloatKind {
				if v != math.Trunc(v) {
					return nil, fmt.Errorf("saved: the sample has %v in column %q; the model was fitted on whole numbers there", v, f.Name)
				}
				all.numbers[k] = append(all.numbers[k], uint64(int64(v)))
				continue
			}
			all.numbers[k] = append(all.numbers[k], math.Float64bits(v))
		}
		if f.Kind == table.FloatKind && gap() {
			all.numbers[k][missing] = math.Float64bits(math.NaN())
		}
	}
	if err := schemaWidth(schema); err != nil {
		return nil, fmt.Errorf("saved: %w", err)
	}
	view, err := all.table(schema)
	if err != nil {
		return nil, fmt.Errorf("saved: %w", err)
	}
	var kept []int
	var refused error
	for i := range all.rows {
		if _, err := scores(ctx, m, view.Take([]int{i})); err == nil {
			kept = append(kept, i)
		} else if refused = err; ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	if len(kept) == 0 {
		return nil, fmt.Errorf("saved: the model takes no row drawn from the sample: %w", refused)
	}
	t := all.take(kept)
	t.scores, err = scores(ctx, m, view.Take(kept))
	return t, err
}

func (t *selfTest) take(rows []int) *selfTest {
	out := &selfTest{rows: len(rows), numbers: make([][]uint64, len(t.numbers)), codes: make([][]int32, len(t.codes))}
	for k := range t.numbers {
		for _, i := range rows {
			if t.codes[k] != nil {
				out.codes[k] = append(out.codes[k], t.codes[k][i])
			} else {
				out.numbers[k] = append(out.numbers[k], t.numbers[k][i])
			}
		}
	}
	return out
}

func scores(ctx context.Context, model any, rows table.View) ([]float64, error) {
	if c, ok := model.(models.Classifier); ok {
		p, err := c.Predict(ctx, rows)
		return p.P, err
	}
	return model.(models.Regressor).Estimate(ctx, rows)
}

// bytes is the third part of a file.
func (t *selfTest) bytes() []byte {
	var w wire.Writer
	w.Int(t.rows)
	for k := range t.numbers {
		if t.codes[k] != nil {
			w.Int32s(t.codes[k])
		} else {
			w.Uint64s(t.numbers[k])
		}
	}
	w.Floats(t.scores)
	b, _ := w.Bytes() // nothing here can fail
	return b
}

func loadTest(b []byte, m wire.Described) (*selfTest, error) {
	schema := m.Schema()
	if err := schemaWidth(schema); err != nil {
		return nil, err
	}
	r := wire.NewReader(b, nil)
	t := &selfTest{rows: r.Int(1, mostRows), numbers: make([][]uint64, len(schema)), codes: make([][]int32, len(schema))}
	for k, f := range schema {
		n := 0
		if f.Kind == table.CodeKind {
			t.codes[k] = r.Int32s()
			n = len(t.codes[k])
			for _, c := range t.codes[k] {
				if c < table.Unseen || int(c) > len(f.Levels) {
					r.Fail("level %d of %d", c, len(f.Levels))
				}
			}
		} else {
			t.numbers[k] = r.Uint64s()
			n = len(t.numbers[k])
		}
		r.Check(n == t.rows, "%d values in column %d of %d rows", n, k+1, t.rows)
	}
	t.scores = r.Floats()
	r.Check(r.Rest() == 0, "%d bytes too many", r.Rest())
	k, err := outputs(m)
	if err != nil {
		return nil, err
	}
	r.Check(len(t.scores) == t.rows*k, "%d scores of %d rows and %d classes", len(t.scores), t.rows, k)
	return t, r.Err()
}

// table makes the rows that the test holds.
func (t *selfTest) table(schema table.Schema) (table.View, error) {
	columns := make([]table.Column, len(schema))
	for k, f := range schema {
		switch f.Kind {
		case table.CodeKind:
			codes, levels := withUnseen(t.codes[k], f.Levels)
			columns[k] = table.Code(f.Name, codes, levels)
		case table.FloatKind:
			x := make([]float64, t.rows)
			for i, v := range t.numbers[k] {
				x[i] = math.Float64frombits(v)
			}
			columns[k] = table.Float(f.Name, f.Unit, x)
		default:
			x := make([]int64, t.rows)
			for i, v := range t.numbers[k] {
				x[i] = int64(v)
			}
			columns[k] = table.Int(f.Name, f.Unit, x)
			if f.Kind == table.TimeKind {
				columns[k] = table.Time(f.Name, x).As(table.Feature)
			}
		}
	}
	made, err := table.New("self-test", columns...)
	if err != nil {
		return table.View{}, err
	}
	return made.View(), nil
}

// withUnseen adds a level that stands for all that training did not know.
func withUnseen(codes []int32, levels []string) ([]int32, []string) {
	if !slices.Contains(codes, table.Unseen) {
		return codes, levels
	}
	name := "(unseen)"
	at, taken := slices.BinarySearch(levels, name)
	for taken {
		name += "'"
		at, taken = slices.BinarySearch(levels, name)
	}
	out := slices.Clone(codes)
	for i, c := range out {
		switch {
		case c == table.Unseen:
			out[i] = int32(at + 1)
		case int(c) > at:
			out[i] = c + 1
		}
	}
	return out, slices.Insert(slices.Clone(levels), at, name)
}

// run scores the rows again and compares: to the bit where exact is wanted.
func (t *selfTest) run(ctx context.Context, m wire.Described, exact bool) (TestResult, error) {
	rows, err := t.table(m.Schema())
	if err != nil {
		return TestResult{}, err
	}
	got, err := scores(ctx, m, rows)
	if err != nil {
		return TestResult{}, err
	}
	if len(got) != len(t.scores) {
		return TestResult{}, fmt.Errorf("%d scores, want %d", len(got), len(t.scores))
	}
	out := TestResult{Rows: t.rows, Bits: true}
	for i, want := range t.scores {
		if math.Float64bits(got[i]) == math.Float64bits(want) {
			continue
		}
		out.Bits = false
		d := math.Abs(got[i] - want)
		if !(d <= tolerance*max(1, math.Abs(want))) || math.IsInf(d, 0) || exact {
			return TestResult{}, fmt.Errorf("score %d of row %d is %v, was %v when the model was saved: this flowbook does not compute what the one that saved it did; save the model again",
				i%(len(got)/t.rows)+1, i/(len(got)/t.rows)+1, got[i], want)
		}
		out.Difference = max(out.Difference, d)
	}
	return out, nil
}
