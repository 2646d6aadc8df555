// Package nslkddtest hands the published files of NSL-KDD to tests that hold pinned
// figures against real rows. Tests of models and eval may import it, and nothing
// else of datasets; no program does.
package nslkddtest

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"sync"
	"testing"

	"flowbook/datasets"
	"flowbook/datasets/nslkdd"
	"flowbook/internal/table"
)

// View returns the rows of a published file, "KDDTrain+", "KDDTrain+_20Percent",
// "KDDTest+" or "KDDTest-21", as nslkdd.Read gives them: 41 features, of which 23 are
// ints, and the target is_attack, "attack" or "normal". No file is sealed. A file is
// read once in a process.
//
// The test is skipped where FLOWBOOK_DATA is not set or the file is not there, and
// fails where the file is not the published one.
func View(t testing.TB, file string) table.View {
	t.Helper()
	dir := os.Getenv("FLOWBOOK_DATA")
	if dir == "" {
		t.Skip("FLOWBOOK_DATA is not set: the published files of NSL-KDD are needed")
	}
	info, err := datasets.Lookup("nslkdd")
	if err != nil {
		t.Fatal(err)
	}
	known, err := info.File(file + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	path, err := datasets.Find(info, dir, known.Name)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	tab, err := once(path, known.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	return tab.View().WithTarget("is_attack")
}

var (
	mu   sync.Mutex
	read = map[string]*table.Table{} // by path
)

func once(path, sha256 string) (*table.Table, error) {
	mu.Lock()
	defer mu.Unlock()
	if tab := read[path]; tab != nil {
		return tab, nil
	}
	tab, file, err := nslkdd.Read(context.Background(), path)
	if err != nil {
		return nil, err
	}
	if file.SHA256 != sha256 {
		return nil, errors.New("nslkddtest: " + file.Name + ": sha256 " + file.SHA256 + ", want " + sha256 + "; fetch it again with \"flowbook data fetch nslkdd\"")
	}
	read[path] = tab
	return tab, nil
}
