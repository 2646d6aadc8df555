package nslkdd

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"flowbook/datasets"
)

var publishedNames = []string{"KDDTrain+.txt", "KDDTrain+_20Percent.txt", "KDDTest+.txt", "KDDTest-21.txt"}

// TestWriteAndRead: what is written reads back as the same rows, column by column.
func TestWriteAndRead(t *testing.T) {
	set := draw(t, 5, Small)
	dir := filepath.Join(t.TempDir(), "new", "folder")
	if err := WriteFiles(set, dir); err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`^\d+,(icmp|tcp|udp),\w+,\w+,(\d+,){20}([01]\.\d\d,){7}(\d+,){2}([01]\.\d\d,){8}\w+,\d+\n$`)
	text, err := os.ReadFile(filepath.Join(dir, "KDDTest+.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for l := range strings.Lines(string(text)) {
		if !line.MatchString(l) {
			t.Fatalf("not a line in the published format: %q", l)
		}
	}
	want := []interface{ Rows() int }{set.Train, set.Train20, set.Test, set.Test21}
	for i, name := range publishedNames {
		got, _, err := Read(context.Background(), filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got.Rows() != want[i].Rows() {
			t.Errorf("%s: %d rows, want %d", name, got.Rows(), want[i].Rows())
		}
	}
	got, _, err := Read(context.Background(), filepath.Join(dir, "KDDTrain+.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range set.Train.Columns() {
		back := got.Column(c.Name)
		if back.Kind != c.Kind || back.Role != c.Role || back.Unit != c.Unit {
			t.Errorf("%s comes back as %v %v %q, want %v %v %q", c.Name, back.Kind, back.Role, back.Unit, c.Kind, c.Role, c.Unit)
		}
		for r := range c.Len() {
			if back.String(r) != c.String(r) {
				t.Fatalf("%s row %d comes back as %s, want %s", c.Name, r, back.String(r), c.String(r))
			}
		}
	}
}

// TestWriteKeepsWhatIsThere: the same set may be written again; another is refused
// and leaves everything as it was.
func TestWriteKeepsWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	if err := WriteFiles(draw(t, 5, Small), dir); err != nil {
		t.Fatal(err)
	}
	if err := WriteFiles(draw(t, 5, Small), dir); err != nil {
		t.Errorf("the same set again: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "KDDTrain+.txt")); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(dir, "KDDTest+.txt"))
	if err != nil {
		t.Fatal(err)
	}
	err = WriteFiles(draw(t, 6, Small), dir)
	if err == nil || !strings.Contains(err.Error(), "other content") {
		t.Errorf("another set over it: error %v, want one about other content", err)
	}
	after, err := os.ReadFile(filepath.Join(dir, "KDDTest+.txt"))
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("KDDTest+.txt changed (%v)", err)
	}
	list, err := os.ReadDir(dir)
	if err != nil || len(list) != 3 {
		t.Errorf("%d files in the folder, want the 3 that were there (%v)", len(list), err)
	}
}

// TestWriteGivesPublishedBytes writes the real set and compares checksums with
// the registry's.
func TestWriteGivesPublishedBytes(t *testing.T) {
	set := realSet(t)
	dir := t.TempDir()
	if err := WriteFiles(set, dir); err != nil {
		t.Fatal(err)
	}
	info, err := datasets.Lookup("nslkdd")
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range publishedNames {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(b)
		if got := hex.EncodeToString(sum[:]); got != info.Files[i].SHA256 {
			t.Errorf("%s: sha256 %s, want %s", name, got, info.Files[i].SHA256)
		}
	}
}
