package saved

import (
	"context"
	"math"
	"runtime"
	"testing"
	"time"

	"flowbook/internal/table"
	"flowbook/models/internal/wire"
)

// most is what reading n bytes and scoring a few rows may allocate. Loaded forms are a
// small multiple of the bytes; the most that a row's scores take is a constant of a
// megabyte or so (see ensemble.maxScores), for up to mostRows rows.
func most(n int) uint64 { return 1<<26 + 4096*uint64(n) }

// tryFile reads b and, where that works, predicts rows of the model's own schema.
func tryFile(t *testing.T, b []byte) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	f, err := Read(ctx, "fuzz", b)
	if err == nil {
		tryModel(ctx, t, f.model.(wire.Described))
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > most(len(b)) {
		t.Errorf("%d bytes made reading and scoring allocate %d", len(b), got)
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("%d bytes took %v", len(b), took)
	}
}

// tryModel scores rows that no training has seen: extremes, gaps, unknown levels.
func tryModel(ctx context.Context, t *testing.T, m wire.Described) {
	schema := m.Schema()
	test := hard(schema)
	rows, err := test.table(schema)
	if err != nil {
		return // two features of one name
	}
	got, err := scores(ctx, m, rows)
	if k, _ := outputs(m); err == nil && len(got) != test.rows*k {
		t.Errorf("%d scores for %d rows and %d classes", len(got), test.rows, k)
	}
	for i := range test.rows { // one at a time: a row that is refused hides no other
		_, _ = scores(ctx, m, rows.Take([]int{i}))
	}
}

// FuzzFile gives Read any bytes at all, as they are and with a right checksum behind
// them.
func FuzzFile(f *testing.F) {
	for _, e := range examples() {
		f.Add(e.write(f, 40))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		tryFile(t, b)
		if len(b) >= digest {
			tryFile(t, resealed(b[:len(b)-digest]))
		}
	})
}

// FuzzModel alters the model and the self-test alone, which no checksum and no header
// stand before, so that the fuzzer gets to every loader at once.
func FuzzModel(f *testing.F) {
	for _, e := range examples() {
		p, err := open(e.write(f, 40))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(p.body, p.test)
	}
	f.Fuzz(func(t *testing.T, body, test []byte) {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		r := wire.NewReader(body, kinds())
		model := r.Nested()
		if m, ok := model.(wire.Described); ok && r.Err() == nil && len(m.Schema()) > 0 {
			if _, err := outputs(m); err == nil {
				tryModel(ctx, t, m)
				if own, err := loadTest(test, m); err == nil {
					_, _ = own.run(ctx, m, false)
				}
				var again wire.Writer
				again.Nested(m) // what was loaded can be saved
			}
		}
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > most(len(body)+len(test)) {
			t.Errorf("%d bytes made loading and scoring allocate %d", len(body)+len(test), got)
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%d bytes took %v", len(body), took)
		}
	})
}

// hard are rows of a schema that no training has seen: extremes, gaps, unknown levels.
func hard(schema table.Schema) *selfTest {
	const inf = 1e308
	numbers := []float64{0, -1, 1e-320, inf, -inf, math.NaN(), math.Inf(1), 0.5}
	t := &selfTest{rows: len(numbers), numbers: make([][]uint64, len(schema)), codes: make([][]int32, len(schema))}
	for k, f := range schema {
		for i, v := range numbers {
			switch f.Kind {
			case table.CodeKind:
				t.codes[k] = append(t.codes[k], int32(i)%int32(len(f.Levels)+2)-1)
			case table.FloatKind:
				t.numbers[k] = append(t.numbers[k], math.Float64bits(v))
			default:
				t.numbers[k] = append(t.numbers[k], []uint64{0, 1, math.MaxUint64, 1 << 63, 1<<63 - 1, 7, 1 << 40, 100}[i])
			}
		}
	}
	return t
}
