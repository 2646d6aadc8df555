package datasets

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"

	"flowbook/internal/exhibit"
	"flowbook/internal/par"
)

// Reader reads a file's content, decompressed where its name ends in .gz, and
// keeps the SHA-256 of what it has given out. It is not safe for concurrent use.
type Reader struct {
	name  string // without folder and .gz
	shown string // as it lies there
	file  *os.File
	in    io.Reader
	sum   hash.Hash
	bytes int64
}

// OpenFile opens a file for reading. A folder in its place, and a .gz file that is
// not gzip, are errors.
func OpenFile(path string) (*Reader, error) {
	shown := filepath.Base(path)
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("datasets: %s: %w", shown, unwrapPath(err))
	}
	r := &Reader{name: strings.TrimSuffix(shown, ".gz"), shown: shown, file: file, in: file, sum: sha256.New()}
	if stat, err := file.Stat(); err != nil || stat.IsDir() {
		file.Close()
		if err != nil {
			return nil, fmt.Errorf("datasets: %s: %w", shown, unwrapPath(err))
		}
		return nil, fmt.Errorf("datasets: %s: is a folder; want a file", shown)
	}
	if strings.HasSuffix(shown, ".gz") {
		z, err := gzip.NewReader(bufio.NewReaderSize(file, 1<<16))
		if err != nil {
			file.Close()
			return nil, r.explain(err)
		}
		r.in = z
	}
	return r, nil
}

// Name is the file's name without its folder and without .gz.
func (r *Reader) Name() string { return r.name }

// Read reads content. A gzip stream that is cut or damaged is an error that says
// after how many bytes.
func (r *Reader) Read(p []byte) (int, error) {
	n, err := r.in.Read(p)
	r.sum.Write(p[:n])
	r.bytes += int64(n)
	if err != nil && err != io.EOF {
		err = r.explain(err)
	}
	return n, err
}

// Close closes the file.
func (r *Reader) Close() error { return r.file.Close() }

// File describes what has been read so far: call it once the content is at its end.
func (r *Reader) File(rows int) exhibit.File {
	return exhibit.File{Name: r.name, Rows: rows, Bytes: r.bytes, SHA256: hex.EncodeToString(r.sum.Sum(nil))}
}

func (r *Reader) explain(err error) error {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return fmt.Errorf("datasets: %s: the gzip stream ends early, after %d bytes of content; the copy is cut short, fetch it again", r.shown, r.bytes)
	case errors.Is(err, gzip.ErrHeader) && r.bytes > 0:
		return fmt.Errorf("datasets: %s: something that is not gzip follows after %d bytes of content; fetch it again", r.shown, r.bytes)
	case errors.Is(err, gzip.ErrHeader):
		return fmt.Errorf("datasets: %s: is not gzip although its name ends in .gz; rename it, or fetch it again", r.shown)
	case errors.Is(err, gzip.ErrChecksum):
		return fmt.Errorf("datasets: %s: the gzip checksum is wrong after %d bytes of content; the copy is damaged, fetch it again", r.shown, r.bytes)
	}
	return fmt.Errorf("datasets: %s: after %d bytes of content: %w", r.shown, r.bytes, unwrapPath(err))
}

// unwrapPath drops the folder from an error of os: reports and tests show no
// paths of one machine.
func unwrapPath(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("%s: %w", p.Op, p.Err)
	}
	return err
}

// Tracked returns a reader of in that adds what it reads to a task and stops when
// the context is done.
func Tracked(ctx context.Context, in io.Reader, task par.Task) io.Reader {
	return &tracked{ctx, in, task}
}

type tracked struct {
	ctx  context.Context
	in   io.Reader
	task par.Task
}

func (t *tracked) Read(p []byte) (int, error) {
	if err := t.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := t.in.Read(p)
	t.task.Add(n)
	return n, err
}
