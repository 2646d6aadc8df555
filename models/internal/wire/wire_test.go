package wire

import (
	"bytes"
	"encoding/binary"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"flowbook/internal/table"
)

// box is a model that holds text, numbers and perhaps another model.
type box struct {
	text    string
	numbers []float64
	inner   *box
}

func (b *box) Kind() string { return "wire.box" }

func (b *box) Save(w *Writer) {
	w.String(b.text)
	w.Floats(b.numbers)
	w.Bool(b.inner != nil)
	if b.inner != nil {
		w.Nested(b.inner)
	}
}

func loadBox(r *Reader) any {
	b := &box{text: r.String(), numbers: r.Floats()}
	if r.Bool() {
		b.inner, _ = r.Nested().(*box)
	}
	return b
}

var boxes = Kinds{"wire.box": loadBox, "wire.impostor": func(r *Reader) any { return &box{} }}

// hostile is text as data may hold it: no UTF-8, control characters, markup, none.
var hostile = []string{"", "\x00", "<script>", "\xff\xfe", "a\x00b", "é", strings.Repeat("x", 70000)}

// TestEveryValueComesBack writes one of each and reads it, hostile text included.
func TestEveryValueComesBack(t *testing.T) {
	schema := table.Schema{
		{Name: "\xff", Kind: table.CodeKind, Levels: []string{"\x00", "<b>", "\xfe"}},
		{Name: "rate", Kind: table.FloatKind, Unit: "1/s"}, {Name: "n", Kind: table.IntKind}, {Name: "at", Kind: table.TimeKind, Unit: "µs"},
	}
	var w Writer
	w.Uint8(200)
	w.Bool(true)
	w.Uint64(math.MaxUint64)
	w.Int(-3)
	w.Float(math.Copysign(0, -1))
	w.Strings(hostile)
	w.Bools([]bool{true, false})
	w.Uint8s([]uint8{1, 0})
	w.Ints([]int{math.MinInt, math.MaxInt})
	w.Int32s([]int32{-1, math.MaxInt32})
	w.Uint32s([]uint32{math.MaxUint32})
	w.Uint64s([]uint64{7})
	w.Float32s([]float32{1.5})
	w.Floats([]float64{math.NaN(), math.Inf(1)})
	w.Schema(schema)
	b, err := w.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	r := NewReader(b, nil)
	check := func(what string, ok bool) {
		t.Helper()
		if !ok {
			t.Errorf("%s came back as another", what)
		}
	}
	check("uint8", r.Uint8() == 200)
	check("bool", r.Bool())
	check("uint64", r.Uint64() == math.MaxUint64)
	check("int", r.Int(-3, 0) == -3)
	check("float", math.Float64bits(r.Float()) == 1<<63)
	check("strings", slices.Equal(r.Strings(), hostile))
	check("bools", slices.Equal(r.Bools(), []bool{true, false}))
	check("uint8s", bytes.Equal(r.Uint8s(), []byte{1, 0}))
	check("ints", slices.Equal(r.Ints(math.MinInt, math.MaxInt), []int{math.MinInt, math.MaxInt}))
	check("int32s", slices.Equal(r.Int32s(), []int32{-1, math.MaxInt32}))
	check("uint32s", slices.Equal(r.Uint32s(), []uint32{math.MaxUint32}))
	check("uint64s", slices.Equal(r.Uint64s(), []uint64{7}))
	check("float32s", slices.Equal(r.Float32s(), []float32{1.5}))
	f := r.Floats()
	check("floats", len(f) == 2 && math.IsNaN(f[0]) && math.IsInf(f[1], 1))
	s := r.Schema()
	check("schema", slices.EqualFunc(s, schema, func(a, b table.Field) bool {
		return a.Name == b.Name && a.Kind == b.Kind && a.Unit == b.Unit && slices.Equal(a.Levels, b.Levels)
	}))
	if r.Err() != nil || r.Rest() != 0 {
		t.Errorf("%d bytes left, error %v", r.Rest(), r.Err())
	}
}

// TestReaderRefuses gives each reader what it may not take.
func TestReaderRefuses(t *testing.T) {
	number := func(v uint64) []byte { return binary.LittleEndian.AppendUint64(nil, v) }
	text := func(list ...string) []byte { var w Writer; w.Strings(list); return w.b }
	fields := func(s ...table.Field) []byte { var w Writer; w.Schema(s); return w.b }
	long := strings.Repeat("x", 1<<16)
	for _, c := range []struct {
		name string
		b    []byte
		read func(r *Reader)
		says string
	}{
		{"nothing left", nil, func(r *Reader) { r.Uint8() }, "1 bytes wanted, 0 left"},
		{"half a number", make([]byte, 7), func(r *Reader) { r.Float() }, "8 bytes wanted, 7 left"},
		{"truth of 2", []byte{2}, func(r *Reader) { r.Bool() }, "2 where true or false"},
		{"NaN", number(math.Float64bits(math.NaN())), func(r *Reader) { r.Finite() }, "finite"},
		{"infinite", number(math.Float64bits(math.Inf(-1))), func(r *Reader) { r.Finite() }, "finite"},
		{"out of range", number(9), func(r *Reader) { r.Int(0, 8) }, "9 where 0 to 8"},
		{"negative", number(math.MaxUint64), func(r *Reader) { r.Int(0, 8) }, "-1 where 0 to 8"},
		{"length beyond the end", number(1), func(r *Reader) { r.Floats() }, "a list of 1 entries"},
		{"length for smaller entries", append(number(9), make([]byte, 10)...), func(r *Reader) { r.Floats() }, "a list of 9 entries"},
		{"length that overflows", number(1 << 61), func(r *Reader) { r.Floats() }, "a list of"},
		{"length that is negative", number(1 << 63), func(r *Reader) { r.Uint8s() }, "a list of"},
		{"no class", number(0), func(r *Reader) { r.Classes() }, "no classes"},
		{"classes unsorted", text("b", "a"), func(r *Reader) { r.Classes() }, "does not come after"},
		{"class twice", text("a", "a"), func(r *Reader) { r.Classes() }, "does not come after"},
		{"long names are cut short", text(long, long), func(r *Reader) { r.Classes() }, "…"},
		{"whatever a loader says is cut short", nil, func(r *Reader) { r.Fail("want %q", strings.Repeat("é", 1<<16)) }, "…"},
		{"kind unknown to tables", fields(table.Field{Name: "a", Kind: 9}), func(r *Reader) { r.Schema() }, "kind 9"},
		{"number with levels", fields(table.Field{Name: "a", Levels: []string{"x"}}), func(r *Reader) { r.Schema() }, "has levels"},
		{"name twice", fields(table.Field{Name: "a"}, table.Field{Name: "a"}), func(r *Reader) { r.Schema() }, "two fields"},
		{"levels unsorted", fields(table.Field{Name: "a", Kind: table.CodeKind, Levels: []string{"b", "a"}}), func(r *Reader) { r.Schema() }, "does not come after"},
	} {
		r := NewReader(c.b, nil)
		c.read(r)
		if r.Err() == nil || !strings.Contains(r.Err().Error(), c.says) || len(r.Err().Error()) > longest+len("…") || !utf8.ValidString(r.Err().Error()) {
			t.Errorf("%s: %v; want %q", c.name, r.Err(), c.says)
		}
		if r.Rest() != 0 || r.Uint64() != 0 || len(r.Strings()) != 0 || r.Int(4, 5) != 4 || r.Nested() != nil {
			t.Errorf("%s: the reader goes on after its error", c.name)
		}
	}
}

// TestNested: depth is bounded alike by both sides, unknown kinds, bytes too many
// and loaders that answer with another kind are errors.
func TestNested(t *testing.T) {
	stack := func(n int) *box {
		b := &box{text: "innermost"}
		for range n - 1 {
			b = &box{inner: b}
		}
		return b
	}
	var w Writer
	w.Nested(stack(deepest))
	b, err := w.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	r := NewReader(b, boxes)
	if m, ok := r.Nested().(*box); !ok || r.Err() != nil || m.inner == nil {
		t.Errorf("%d deep: %v", deepest, r.Err())
	}
	if !slices.Equal(w.Seen(), []string{"wire.box"}) || !slices.Equal(r.Seen(), w.Seen()) {
		t.Errorf("wrote kinds %q, read %q", w.Seen(), r.Seen())
	}
	var deeper Writer
	deeper.Nested(stack(deepest + 1))
	if _, err := deeper.Bytes(); err == nil {
		t.Errorf("%d deep was written, though nobody can read it", deepest+1)
	}
	// What the writer refuses, put together by hand.
	in := Writer{depth: -100}
	in.Nested(stack(deepest + 1))
	r = NewReader(in.b, boxes)
	if r.Nested(); r.Err() == nil || !strings.Contains(r.Err().Error(), "nested deeper") {
		t.Errorf("%d deep: %v", deepest+1, r.Err())
	}
	for kind, says := range map[string]string{"wire.none": "no model of kind", "wire.box": "too many", "wire.impostor": "what was read is a *wire.box"} {
		var w Writer
		w.String(kind)
		body := Writer{}
		if kind != "wire.impostor" {
			stack(1).Save(&body)
			body.Uint8(0)
		}
		w.Uint8s(body.b)
		r := NewReader(w.b, boxes)
		if r.Nested(); r.Err() == nil || !strings.Contains(r.Err().Error(), says) {
			t.Errorf("%s: %v; want %q", kind, r.Err(), says)
		}
	}
	var bad Writer
	bad.Nested(42)
	if _, err := bad.Bytes(); err == nil {
		t.Error("42 was saved")
	}
	r = NewReader(b, boxes)
	if r.Classifier(); r.Err() == nil || !strings.Contains(r.Err().Error(), "where a classifier is wanted") {
		t.Errorf("a box as a classifier: %v", r.Err())
	}
}

func TestMergePanicsOnTwoLoaders(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("two loaders for a kind were merged")
		}
	}()
	Merge(boxes, boxes)
}

// readAll takes b for one thing after the other, as its own bytes say.
func readAll(b []byte) *Reader {
	r := NewReader(b, boxes)
	for r.Rest() > 0 && r.Err() == nil {
		switch r.Uint8() % 14 {
		case 0:
			r.Nested()
		case 1:
			r.Schema()
		case 2:
			_ = r.String()
		case 3:
			r.Strings()
		case 4:
			r.Classes()
		case 5:
			r.Floats()
		case 6:
			r.Finites()
		case 7:
			r.Ints(-5, 5)
		case 8:
			r.Int32s()
		case 9:
			r.Uint32s()
		case 10:
			r.Float32s()
		case 11:
			r.Bools()
		case 12:
			r.Uint8s()
		case 13:
			r.Uint64s()
		}
	}
	return r
}

// FuzzReader: no bytes make the reader panic, read beyond its end, or allocate more
// than a small multiple of them.
func FuzzReader(f *testing.F) {
	var w Writer
	w.Uint8(0)
	w.Nested(&box{"outer", []float64{1}, &box{text: "inner"}})
	w.Uint8(1)
	w.Schema(table.Schema{{Name: "a", Kind: table.CodeKind, Levels: []string{"x", "y"}}, {Name: "b"}})
	w.Uint8(3)
	w.Strings([]string{"a", "b"})
	w.Uint8(7)
	w.Ints([]int{1, 2})
	f.Add(w.b)
	f.Add(append([]byte{5}, binary.LittleEndian.AppendUint64(nil, 1<<60)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		readAll(b)
		runtime.ReadMemStats(&after)
		if got, most := after.TotalAlloc-before.TotalAlloc, uint64(64*len(b)+1<<20); got > most {
			t.Errorf("%d bytes made the reader allocate %d, more than %d", len(b), got, most)
		}
	})
}
