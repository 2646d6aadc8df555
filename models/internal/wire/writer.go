package wire

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"

	"flowbook/internal/table"
)

// Writer collects bytes. The zero value is ready to use.
type Writer struct {
	b     []byte
	depth int
	seen  map[string]bool // kinds written so far
	err   error
}

// Bytes returns what was written, and the first thing that could not be.
func (w *Writer) Bytes() ([]byte, error) { return w.b, w.err }

// Seen lists the kinds of the models that were written, also those within others, sorted.
func (w *Writer) Seen() []string { return slices.Sorted(maps.Keys(w.seen)) }

// Fail notes that the model cannot be saved; the first error stays.
func (w *Writer) Fail(format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf(format, args...)
	}
}

func (w *Writer) Uint8(v uint8)   { w.b = append(w.b, v) }
func (w *Writer) Uint64(v uint64) { w.b = binary.LittleEndian.AppendUint64(w.b, v) }
func (w *Writer) Int(v int)       { w.Uint64(uint64(v)) }
func (w *Writer) Float(v float64) { w.Uint64(math.Float64bits(v)) }

func (w *Writer) Bool(v bool) {
	b := uint8(0)
	if v {
		b = 1
	}
	w.Uint8(b)
}

func (w *Writer) String(s string) {
	w.Int(len(s))
	w.b = append(w.b, s...)
}

func (w *Writer) Strings(s []string) {
	w.Int(len(s))
	for _, v := range s {
		w.String(v)
	}
}

func (w *Writer) Bools(s []bool) {
	w.Int(len(s))
	for _, v := range s {
		w.Bool(v)
	}
}

func (w *Writer) Uint8s(s []uint8) {
	w.Int(len(s))
	w.b = append(w.b, s...)
}

func (w *Writer) Ints(s []int) {
	w.Int(len(s))
	for _, v := range s {
		w.Int(v)
	}
}

func (w *Writer) Int32s(s []int32) {
	w.Int(len(s))
	for _, v := range s {
		w.b = binary.LittleEndian.AppendUint32(w.b, uint32(v))
	}
}

func (w *Writer) Uint32s(s []uint32) {
	w.Int(len(s))
	for _, v := range s {
		w.b = binary.LittleEndian.AppendUint32(w.b, v)
	}
}

func (w *Writer) Uint64s(s []uint64) {
	w.Int(len(s))
	for _, v := range s {
		w.Uint64(v)
	}
}

func (w *Writer) Float32s(s []float32) {
	w.Int(len(s))
	for _, v := range s {
		w.b = binary.LittleEndian.AppendUint32(w.b, math.Float32bits(v))
	}
}

func (w *Writer) Floats(s []float64) {
	w.Int(len(s))
	for _, v := range s {
		w.Float(v)
	}
}

// Schema writes the fields of a schema.
func (w *Writer) Schema(s table.Schema) {
	w.Int(len(s))
	for _, f := range s {
		w.String(f.Name)
		w.Uint8(uint8(f.Kind))
		w.String(f.Unit)
		w.Strings(f.Levels)
	}
}

// Nested writes a model within a model: its kind, its length, itself. What is no
// Saver fails.
func (w *Writer) Nested(m any) {
	s, ok := m.(Saver)
	if !ok {
		w.Fail("wire: a %T cannot be saved", m)
		return
	}
	if w.depth >= deepest {
		w.Fail("wire: models nested deeper than %d cannot be saved", deepest)
		return
	}
	w.depth++
	defer func() { w.depth-- }()
	if w.seen == nil {
		w.seen = map[string]bool{}
	}
	w.seen[s.Kind()] = true
	w.String(s.Kind())
	at := len(w.b)
	w.Int(0)
	s.Save(w)
	binary.LittleEndian.PutUint64(w.b[at:], uint64(len(w.b)-at-8))
}
