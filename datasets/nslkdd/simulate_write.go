package nslkdd

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"flowbook/internal/par"
	"flowbook/internal/table"
)

// WriteFiles writes a set to dir, which is made if need be, as the four published
// files: KDDTrain+.txt, KDDTrain+_20Percent.txt, KDDTest+.txt and KDDTest-21.txt,
// 43 columns without a header, rates with two decimals, LF. The same set gives the
// same bytes, and the real set gives the published ones.
//
// A file that is already there with other content is an error and nothing is
// written: simulated rows must not take the place of real ones under their name.
// The four are written beside their places first and then renamed, so each is
// whole or absent. The test tables are described, not opened. It takes about half
// a second on two cores.
func WriteFiles(set *Set, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("nslkdd: write: %w", err)
	}
	test, hard := set.Test.Describe("written to a file"), set.Test21.Describe("written to a file")
	parts := []table.View{set.Train.View(), set.Train20.View(), test, hard}
	var staged []string
	defer func() {
		for _, name := range staged {
			os.Remove(name)
		}
	}()
	var paths []string
	for i, name := range []string{"KDDTrain+.txt", "KDDTrain+_20Percent.txt", "KDDTest+.txt", "KDDTest-21.txt"} {
		text, err := format(parts[i])
		if err != nil {
			return fmt.Errorf("nslkdd: write %s: %w", name, err)
		}
		path := filepath.Join(dir, name)
		old, err := os.ReadFile(path)
		switch {
		case err == nil && bytes.Equal(old, text):
			continue
		case err == nil:
			return fmt.Errorf("nslkdd: write: %s is there with other content; choose another folder, or remove it", path)
		case !errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("nslkdd: write: %w", err)
		}
		temporary, err := stage(dir, name, text)
		if temporary != "" {
			staged = append(staged, temporary)
			paths = append(paths, path)
		}
		if err != nil {
			return fmt.Errorf("nslkdd: write: %w", err)
		}
	}
	for i, path := range paths {
		if err := os.Rename(staged[i], path); err != nil {
			return fmt.Errorf("nslkdd: write: %w", err)
		}
	}
	return nil
}

// stage writes text to a temporary file in dir, on the disk when it returns.
func stage(dir, name string, text []byte) (temporary string, err error) {
	f, err := os.CreateTemp(dir, "."+name+".*")
	if err != nil {
		return "", err
	}
	_, err = f.Write(text)
	return f.Name(), errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
}

// format returns the rows in the published format, in order, blocks in parallel.
func format(v table.View) ([]byte, error) {
	const size = 4096
	columns := make([]func(b []byte, row int) []byte, 0, fieldCount)
	for _, f := range features {
		c, err := v.Column(f.Name)
		if err != nil {
			return nil, err
		}
		columns = append(columns, writer(c))
	}
	for _, name := range []string{"attack", "difficulty"} {
		c, err := v.Column(name)
		if err != nil {
			return nil, err
		}
		columns = append(columns, writer(c))
	}
	n := v.Rows()
	blocks := make([][]byte, par.Count(n, size))
	par.Blocks(n, size, func(b, lo, hi int) {
		out := make([]byte, 0, 160*(hi-lo))
		for i := lo; i < hi; i++ {
			for k, write := range columns {
				if k > 0 {
					out = append(out, ',')
				}
				out = write(out, i)
			}
			out = append(out, '\n')
		}
		blocks[b] = out
	})
	return slices.Concat(blocks...), nil
}

// writer returns how a column's values are written.
func writer(c table.Column) func(b []byte, row int) []byte {
	switch c.Kind {
	case table.CodeKind:
		levels := c.Levels()
		codes := c.Codes()
		return func(b []byte, row int) []byte { return append(b, levels[codes[row]-1]...) }
	case table.FloatKind:
		values := c.Floats()
		return func(b []byte, row int) []byte { return strconv.AppendFloat(b, values[row], 'f', 2, 64) }
	}
	values := c.Ints()
	return func(b []byte, row int) []byte { return strconv.AppendInt(b, values[row], 10) }
}
