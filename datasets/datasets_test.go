package datasets

import (
	"context"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRegistry(t *testing.T) {
	want := []string{"downtime", "lanl", "nslkdd", "sshflows", "cicids"}
	all := All()
	if len(all) != len(want) {
		t.Fatalf("%d sets, want %d", len(all), len(want))
	}
	for i, info := range all {
		if info.Name != want[i] {
			t.Errorf("set %d is %q, want %q", i, info.Name, want[i])
		}
		for what, text := range map[string]string{"title": info.Title, "task": info.Task, "source": info.Source, "licence": info.Licence, "citation": info.Citation, "folder": info.Folder} {
			if text == "" {
				t.Errorf("%s has no %s", info.Name, what)
			}
		}
		seen := map[string]bool{}
		for _, f := range info.Files {
			if seen[f.Name] || strings.HasSuffix(f.Name, ".gz") {
				t.Errorf("%s: file %q comes twice or keeps its .gz", info.Name, f.Name)
			}
			seen[f.Name] = true
			if sum, err := hex.DecodeString(f.SHA256); err != nil || len(sum) != 32 && len(sum) != 0 {
				t.Errorf("%s: %s: %q is no SHA-256", info.Name, f.Name, f.SHA256)
			}
		}
		for _, name := range []string{info.Name, info.Folder} {
			if got, err := Lookup(name); err != nil || got.Name != info.Name {
				t.Errorf("Lookup(%q) is %q, %v", name, got.Name, err)
			}
		}
	}
	all[0].Name = "changed"
	if All()[0].Name != "downtime" {
		t.Error("a caller can change the registry")
	}
	_, err := Lookup("kdd")
	if got := err.Error(); got != `datasets: "kdd" is not a data set; want one of downtime, lanl, nslkdd, sshflows, cicids` {
		t.Error(got)
	}
}

// TestPublished holds the registry against the real files, where they are.
func TestPublished(t *testing.T) {
	dir := os.Getenv("FLOWBOOK_DATA")
	if dir == "" {
		t.Skip("FLOWBOOK_DATA is not set: the published files are needed")
	}
	for _, info := range All() {
		right := 0
		for _, s := range Status(context.Background(), info, dir) {
			switch s.State {
			case Right:
				right++
				if s.Bytes != s.Size {
					t.Errorf("%s: %d bytes, the registry says %d", s.Name, s.Size, s.Bytes)
				}
			case Wrong, Changed, Unreadable:
				t.Errorf("%s: %s is %s (%s) %v", info.Name, s.Name, s.State, s.Sum, s.Err)
			}
		}
		t.Logf("%s: %d of %d files are there and right", info.Name, right, len(info.Files))
	}
}

func TestFolder(t *testing.T) {
	t.Setenv("FLOWBOOK_DATA", "")
	if got := Folder(""); got != "data" {
		t.Errorf("default %q", got)
	}
	t.Setenv("FLOWBOOK_DATA", "from-env")
	if got := Folder(""); got != "from-env" {
		t.Errorf("environment %q", got)
	}
	if got := Folder("from-flag"); got != "from-flag" {
		t.Errorf("flag %q", got)
	}
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	info, err := Lookup("nslkdd")
	if err != nil {
		t.Fatal(err)
	}
	put := func(path string) string {
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	_, err = Find(info, dir, "KDDTest+.txt")
	if !os.IsNotExist(unwrapAll(err)) || !strings.Contains(err.Error(), "flowbook data fetch nslkdd") {
		t.Errorf("absent: %v", err)
	}
	// From the worst place to the best: each new one takes the lead.
	for _, place := range []string{"nsl-kdd/KDDTest+.txt.gz", "nsl-kdd/KDDTest+.txt", "nslkdd/KDDTest+.txt.gz", "nslkdd/KDDTest+.txt"} {
		want := put(place)
		if got, err := Find(info, dir, "KDDTest+.txt"); err != nil || got != want {
			t.Errorf("with %s: %q, %v", place, got, err)
		}
	}
}

func unwrapAll(err error) error {
	for {
		u, ok := err.(interface{ Unwrap() error })
		if !ok {
			return err
		}
		err = u.Unwrap()
	}
}

func TestPick(t *testing.T) {
	info, _ := Lookup("lanl")
	got, err := info.Pick("flows.txt.gz", "redteam.txt")
	if err != nil || len(got.Files) != 2 || got.Files[0].Name != "flows.txt" || got.Files[0].Optional {
		t.Errorf("%v %v", got.Files, err)
	}
	if again, _ := info.File("flows.txt"); !again.Optional {
		t.Error("Pick changed the registry")
	}
	if _, err := info.Pick("flow.txt"); err == nil || !strings.Contains(err.Error(), `lanl has no file "flow.txt"`) {
		t.Error(err)
	}
}
