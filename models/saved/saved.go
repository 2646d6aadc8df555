// Package saved answers: how is a fitted model kept in a file, so that whoever opens
// it knows what it is, that nothing was altered, and that it still answers the same?
//
//	var b bytes.Buffer
//	err := saved.Write(ctx, &b, model, saved.Provenance{Learner: "random forest", Flowbook: version}, train)
//	f, err := saved.Read(ctx, "forest.flowbook", b.Bytes())
//	p, err := f.Classifier().Predict(ctx, rows)
//
// A file is magic, version, a header in JSON, the model, a self-test and a SHA-256
// over all of it; FORMAT.md beside this file documents every byte. Reading runs no code
// of the file, allocates no more than a small multiple of its size, and ends with the
// self-test: rows that were saved with the scores that the model gave them. An altered
// checksum hides nothing from the checks behind it: they hold for any bytes.
package saved

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"reflect"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/wire"
)

// File is a saved model that was read and has passed its self-test.
type File struct {
	Header Header
	Test   TestResult
	model  any
	test   *selfTest
}

// Classifier returns the model; nil if it is a model of a number.
func (f *File) Classifier() models.Classifier { c, _ := f.model.(models.Classifier); return c }

// Regressor returns the model; nil if it is one of classes.
func (f *File) Regressor() models.Regressor { r, _ := f.model.(models.Regressor); return r }

// Example returns the rows of the self-test: synthetic ones, as Write says, with the
// columns that the model reads.
func (f *File) Example() (table.View, error) { return f.test.table(f.Schema()) }

// Schema lists the columns that the model reads, by name.
func (f *File) Schema() table.Schema { return f.model.(wire.Described).Schema() }

// Write saves a fitted models.Classifier or models.Regressor. The self-test is made of
// up to 32 synthetic rows: each value is drawn, by a fixed seed, from the values that
// its column has in sample (best: the training rows), each column by itself, so that
// no row of the sample is stored but by chance, which is good where rows or columns are
// few; the values themselves are the sample's. Where the model takes them, a row with
// missing values and one with unseen levels are added.
//
// Nothing is written unless what would be written can be read again and passes its
// self-test. Time and memory are those of the model's size, twice.
func Write(ctx context.Context, w io.Writer, model any, p Provenance, sample table.View) error {
	m, ok := model.(wire.Described)
	if !ok {
		return fmt.Errorf("saved: a %T cannot be saved: it does not say how, or which columns it reads", model)
	}
	if _, err := outputs(model); err != nil {
		return err
	}
	if sample.Rows() == 0 {
		return fmt.Errorf("saved: the sample has no rows; the self-test is made from the training rows")
	}
	var body wire.Writer
	body.Nested(m)
	modelBytes, err := body.Bytes()
	if err != nil {
		return fmt.Errorf("saved: %w", err)
	}
	test, err := newTest(ctx, m, sample)
	if err != nil {
		return err
	}
	if c, ok := sample.Target(); ok && p.Target == "" {
		p.Target = c.Name
	}
	if p.Rows == 0 {
		p.Rows = sample.Rows()
	}
	h := Header{Format: version, derived: describe(m, body.Seen()), Machine: arithmetic(), Provenance: p}
	header, err := json.MarshalIndent(h, "", " ")
	if err != nil {
		return fmt.Errorf("saved: %w", err)
	}
	b := seal(version, append(header, '\n'), modelBytes, test.bytes())
	if _, err := Read(ctx, "what was to be saved", b); err != nil {
		return fmt.Errorf("%w: the model cannot be saved", err)
	}
	_, err = w.Write(b)
	return err
}

// Read reads a model; name is what errors call the file. It fails, in this order, for
// what is no saved model, for a checksum that differs, for a newer version, for a
// header, model or test that breaks a rule, for a header that does not describe the
// model, and for a self-test whose scores differ: in any bit on a machine of the same
// arithmetic as the one that saved it, by more than 1e-9 elsewhere (of a number above 1,
// by more than that share of it).
func Read(ctx context.Context, name string, b []byte) (*File, error) {
	f, err := read(ctx, b)
	if err != nil {
		return nil, fmt.Errorf("saved: %s: %w", name, err)
	}
	return f, nil
}

func read(ctx context.Context, b []byte) (*File, error) {
	p, err := open(b)
	if err != nil {
		return nil, err
	}
	f := &File{}
	if err := json.Unmarshal(p.header, &f.Header); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	r := wire.NewReader(p.body, kinds())
	model := r.Nested()
	if r.Err() == nil && r.Rest() > 0 {
		r.Fail("%d bytes too many", r.Rest())
	}
	if r.Err() != nil {
		return nil, fmt.Errorf("model: %w", r.Err())
	}
	described, ok := model.(wire.Described)
	if !ok {
		return nil, fmt.Errorf("model: a %T stands at the top; it does not say which columns it reads", model)
	}
	if _, err := outputs(model); err != nil {
		return nil, err
	}
	f.model = model
	want, err := lossy(describe(described, r.Seen()))
	if err != nil {
		return nil, err
	}
	if !reflect.DeepEqual(f.Header.derived, want) {
		return nil, fmt.Errorf("header: it describes another model than the one in the file")
	}
	if f.test, err = loadTest(p.test, described); err != nil {
		return nil, fmt.Errorf("self-test: %w", err)
	}
	if f.Test, err = f.test.run(ctx, described, f.Header.Machine == arithmetic()); err != nil {
		return nil, fmt.Errorf("self-test: %w", err)
	}
	return f, nil
}

// version is that of the format. FORMAT.md says what later versions keep.
const version = 1

// magic opens the file; like PNG's it shows a transfer that altered line ends.
var magic = []byte("\x89FBM\r\n\x1a\n")

const (
	prefix = 8 + 4 + 4 + 8 + 8 + 8 // magic, version, reserved, three lengths
	digest = sha256.Size
)

// parts of a file.
type parts struct{ header, body, test []byte }

// seal puts the parts together and the checksum behind them.
func seal(version uint32, header, body, test []byte) []byte {
	b := make([]byte, 0, prefix+len(header)+len(body)+len(test)+digest)
	b = append(b, magic...)
	b = binary.LittleEndian.AppendUint32(b, version)
	b = binary.LittleEndian.AppendUint32(b, 0)
	for _, part := range [][]byte{header, body, test} {
		b = binary.LittleEndian.AppendUint64(b, uint64(len(part)))
	}
	for _, part := range [][]byte{header, body, test} {
		b = append(b, part...)
	}
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)
}

// open checks magic, checksum, version and lengths.
func open(b []byte) (parts, error) {
	if len(b) < prefix+digest || !bytes.HasPrefix(b, magic) {
		return parts{}, fmt.Errorf("not a saved model, or one cut short: %d bytes that begin with %q; want %q", len(b), b[:min(len(b), len(magic))], magic)
	}
	b, end := b[:len(b)-digest], b[len(b)-digest:]
	if sum := sha256.Sum256(b); !bytes.Equal(sum[:], end) {
		return parts{}, fmt.Errorf("checksum %x…, want %x…: the file is damaged or was altered; save it again", sum[:6], end[:6])
	}
	if v := binary.LittleEndian.Uint32(b[8:]); v != version {
		return parts{}, fmt.Errorf("a file of format %d; this flowbook reads format %d: update flowbook, or save the model again with this one", v, version)
	}
	if v := binary.LittleEndian.Uint32(b[12:]); v != 0 {
		return parts{}, fmt.Errorf("reserved bytes are %d; want 0", v)
	}
	lengths, rest := b[16:prefix], b[prefix:]
	var p parts
	for i, part := range []*[]byte{&p.header, &p.body, &p.test} {
		n := binary.LittleEndian.Uint64(lengths[8*i:])
		if n > uint64(len(rest)) {
			return parts{}, fmt.Errorf("part %d has %d bytes, but %d are left", i+1, n, len(rest))
		}
		*part, rest = rest[:n], rest[n:]
	}
	if len(rest) > 0 {
		return parts{}, fmt.Errorf("%d bytes too many", len(rest))
	}
	return p, nil
}
