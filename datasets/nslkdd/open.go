package nslkdd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"strings"

	"flowbook/datasets"
	"flowbook/internal/exhibit"
	"flowbook/internal/par"
	"flowbook/internal/table"
)

// The four files, in the order of Set's fields and of the registry.
const (
	trainFile = iota
	train20File
	testFile
	test21File
	files
)

// head20 is the number of lines of KDDTrain+ that make KDDTrain+_20Percent.
const head20 = 25192

// Open reads the four files of NSL-KDD below the data folder dir (see package
// datasets for where they may lie) and verifies them. KDDTrain+_20Percent may be
// absent: it is the head of KDDTrain+. An altered copy is refused with both
// checksums; a line that cannot be read is named by file, line, column and value.
// The whole takes a few tenths of a second on two cores, and some 100 MB.
func Open(ctx context.Context, dir string) (*Set, error) {
	info, err := datasets.Lookup("nslkdd")
	if err != nil {
		return nil, err
	}
	var tables [files]*table.Table
	var read [files]exhibit.File
	errs := make([]error, files)
	par.Do(files, func(i int) {
		f := info.Files[i]
		path, err := datasets.Find(info, dir, f.Name)
		if i == train20File && errors.Is(err, fs.ErrNotExist) {
			return
		}
		if err != nil {
			errs[i] = fmt.Errorf("nslkdd: %w", err)
			return
		}
		tables[i], read[i], errs[i] = readFile(ctx, path, &f)
	})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	origin := exhibit.Origin{Kind: exhibit.Real, Set: info.Name}
	for i := range files {
		if tables[i] != nil {
			origin.Files = append(origin.Files, read[i])
		}
	}
	return assemble(tables, origin)
}

// OpenGiven reads the user's own files in the format of NSL-KDD: train to learn
// from, test to be judged on. Their checksums may be anything. Services beyond
// the 70 published ones are allowed, for they name ports; another protocol, flag or
// attack type is an error. Train20 is the head of train and Test21 the rows of
// test whose difficulty is not 21.
func OpenGiven(ctx context.Context, train, test string) (*Set, error) {
	var tables [files]*table.Table
	var read [2]exhibit.File
	var errs [2]error
	par.Do(2, func(i int) {
		tables[i*testFile], read[i], errs[i] = readFile(ctx, [...]string{train, test}[i], nil)
	})
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	return assemble(tables, exhibit.Origin{Kind: exhibit.Given, Set: "nslkdd", Files: read[:]})
}

// assemble makes a Set of the tables that were read or simulated, filling in those
// that follow from others, and computes the ledger.
func assemble(tables [files]*table.Table, origin exhibit.Origin) (*Set, error) {
	if tables[train20File] == nil {
		tables[train20File] = tables[trainFile].Head("KDDTrain+_20Percent", head20)
	}
	if tables[test21File] == nil {
		test := tables[testFile]
		level := test.Column("difficulty").Ints()
		var keep []int
		for r, d := range level {
			if d != 21 {
				keep = append(keep, r)
			}
		}
		cols := make([]table.Column, len(test.Columns()))
		for i, c := range test.Columns() {
			cols[i] = c.Pick(keep)
		}
		var err error
		if tables[test21File], err = table.New("KDDTest-21", cols...); err != nil {
			return nil, err
		}
	}
	s := &Set{
		Train: tables[trainFile], Train20: tables[train20File],
		Test: table.Seal(tables[testFile]), Test21: table.Seal(tables[test21File]),
		Origin: origin,
	}
	s.Ledger = s.ledger()
	return s, nil
}

// Read reads one file in the format of NSL-KDD, plain or .gz, whatever its checksum.
func Read(ctx context.Context, path string) (*table.Table, exhibit.File, error) {
	return readFile(ctx, path, nil)
}

// readFile reads and parses one file. Where the published one is known, another
// checksum is an error that also says what is wrong with the content, if anything is.
func readFile(ctx context.Context, path string, known *datasets.File) (*table.Table, exhibit.File, error) {
	r, err := datasets.OpenFile(path)
	if err != nil {
		return nil, exhibit.File{}, again(err)
	}
	defer r.Close()
	var text bytes.Buffer
	if known != nil {
		text.Grow(int(known.Bytes) + bytes.MinRead)
	}
	total := 0
	if known != nil {
		total = int(known.Bytes)
	}
	task := par.Track(ctx, "read "+r.Name(), total)
	defer task.Done()
	in := datasets.Tracked(ctx, r, task)
	limit := int64(math.MaxInt64)
	if known != nil {
		limit = known.Bytes + 1<<20 // a longer file is altered, and may be far longer: enough to find what is wrong
	}
	_, err = text.ReadFrom(io.LimitReader(in, limit))
	if err == nil {
		_, err = io.Copy(io.Discard, in)
	}
	if err != nil {
		return nil, exhibit.File{}, again(err)
	}
	content := text.Bytes()
	if int64(len(content)) == limit { // cut off somewhere in a line
		content = content[:bytes.LastIndexByte(content, '\n')+1]
	}
	t, wrong := parse(strings.TrimSuffix(r.Name(), ".txt"), r.Name(), content)
	rows := 0
	if t != nil {
		rows = t.Rows()
	}
	file := r.File(rows)
	if known != nil && file.SHA256 != known.SHA256 {
		altered := fmt.Errorf("nslkdd: %s: sha256 %s, want %s: %s is not the published file%s; fetch it again with \"flowbook data fetch nslkdd\"",
			file.Name, file.SHA256, known.SHA256, path, lineEnds(content))
		return nil, file, errors.Join(wrong, altered)
	}
	return t, file, wrong
}

// lineEnds names the commonest harmless change to a text file, if it was made.
func lineEnds(content []byte) string {
	if bytes.Contains(content, []byte("\r\n")) {
		return " (its lines end in CRLF, the published ones in LF)"
	}
	return ""
}

// again puts the package's name and the way out on an error of reading.
func again(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("nslkdd: %w; \"flowbook data fetch nslkdd\" gets the published files", err)
}
