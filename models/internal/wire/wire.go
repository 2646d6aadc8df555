// Package wire answers: how does a fitted model become bytes, and bytes a fitted
// model, without trusting a byte of them?
//
// A Writer appends numbers, strings and slices in one fixed form: little-endian, no
// padding, lengths before contents. A Reader takes them back. It remembers its first
// error and from then on gives zeros and empty slices, so that a loader reads straight
// through and asks Err once. A length is checked against the bytes that are left
// before anything of that length is allocated. Package models/saved puts the envelope
// around it: version, checksum, provenance, self-test.
//
//	func (m *Model) Kind() string { return "linear.Model" }
//	func (m *Model) Save(w *wire.Writer) { w.Strings(m.classes); w.Floats(m.beta) }
//	func Load(r *wire.Reader) any {
//		m := &Model{classes: r.Classes(), beta: r.Floats()}
//		r.Check(len(m.beta) == len(m.classes), "want a coefficient a class")
//		return m
//	}
package wire

import "flowbook/internal/table"

// Saver is what can be saved: a fitted Classifier, Regressor or Transformer.
type Saver interface {
	// Kind names the form of the bytes: package and type, "histtree.Model".
	Kind() string
	// Save appends the model. What it wrote, the Loader of its kind reads.
	Save(w *Writer)
}

// Described is a Saver that knows which columns of a table it reads, by name. What
// stands at the top of a file must.
type Described interface {
	Saver
	Schema() table.Schema
}

// Loader reads what Save of its kind wrote. It checks whatever a later Predict relies
// on (shapes, ranges, order, that walks end), by Reader.Check; what it returns is
// thrown away if the Reader has failed.
type Loader func(r *Reader) any

// Kinds maps every kind to its loader.
type Kinds map[string]Loader

// deepest is how far models may be nested in one another.
const deepest = 16

// Merge returns all kinds in one map; it panics if two loaders share a kind.
func Merge(all ...Kinds) Kinds {
	out := Kinds{}
	for _, kinds := range all {
		for kind, load := range kinds {
			if _, twice := out[kind]; twice {
				panic("wire: two loaders for kind " + kind)
			}
			out[kind] = load
		}
	}
	return out
}
