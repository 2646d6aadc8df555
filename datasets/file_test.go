package datasets

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func zipped(t *testing.T, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func written(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOpenFile(t *testing.T) {
	content := strings.Repeat("a line of text\n", 5000)
	want := fmt.Sprintf("%x", sha256.Sum256([]byte(content)))
	for _, path := range []string{written(t, "a.txt", []byte(content)), written(t, "a.txt.gz", zipped(t, content))} {
		r, err := OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil || string(got) != content {
			t.Fatalf("%s: %d bytes, %v", path, len(got), err)
		}
		if f := r.File(5000); f.SHA256 != want || f.Bytes != int64(len(content)) || f.Name != "a.txt" || f.Rows != 5000 {
			t.Errorf("%s: %+v", path, f)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestOpenFileErrors(t *testing.T) {
	whole := zipped(t, strings.Repeat("0123456789", 10000))
	damaged := bytes.Clone(whole)
	damaged[len(damaged)-6] ^= 1 // in the checksum
	folder := filepath.Join(t.TempDir(), "b.txt")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, path, want string }{
		{"missing", filepath.Join(t.TempDir(), "b.txt"), "datasets: b.txt: open: no such file or directory"},
		{"folder", folder, "datasets: b.txt: is a folder; want a file"},
		{"not gzip", written(t, "b.txt.gz", []byte("plain text, and more of it")), "datasets: b.txt.gz: is not gzip although its name ends in .gz"},
		{"empty gzip", written(t, "b.txt.gz", nil), "datasets: b.txt.gz: the gzip stream ends early, after 0 bytes"},
		{"cut", written(t, "b.txt.gz", whole[:len(whole)/2]), "datasets: b.txt.gz: the gzip stream ends early, after "},
		{"a tail", written(t, "b.txt.gz", append(bytes.Clone(whole), "more text, not gzip"...)), "datasets: b.txt.gz: something that is not gzip follows after 100000 bytes"},
		{"damaged", written(t, "b.txt.gz", damaged), "datasets: b.txt.gz: the gzip checksum is wrong after 100000 bytes"},
	} {
		_, _, err := sumTracked(context.Background(), c.path, File{})
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
