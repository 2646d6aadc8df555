package nslkddtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The sizes are those of the paper: 125,973 rows to learn from, 22,544 to be judged on.
func TestView(t *testing.T) {
	for file, rows := range map[string]int{"KDDTrain+": 125973, "KDDTrain+_20Percent": 25192, "KDDTest+": 22544, "KDDTest-21": 11850} {
		v := View(t, file)
		target, _ := v.Target()
		if v.Rows() != rows || len(v.Features()) != 41 || target.Name != "is_attack" || v.FromTest() {
			t.Errorf("%s: %d rows of %d features, target %q; want %d of 41, is_attack, unsealed", file, v.Rows(), len(v.Features()), target.Name, rows)
		}
		if View(t, file).Table() != v.Table() {
			t.Errorf("%s is read twice", file)
		}
	}
}

// A test is skipped without a folder and without the file.
func TestSkips(t *testing.T) {
	for _, dir := range []string{"", t.TempDir()} {
		t.Run("", func(t *testing.T) {
			t.Setenv("FLOWBOOK_DATA", dir)
			View(t, "KDDTrain+")
			t.Errorf("FLOWBOOK_DATA=%q: not skipped", dir)
		})
	}
}

// Another file under the published name is refused, also the second time.
func TestRefusesAnotherFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "KDDTest+.txt")
	line := "0,tcp,http,SF" + strings.Repeat(",0", 20) + strings.Repeat(",0.00", 7) + ",0,0" + strings.Repeat(",0.00", 8) + ",normal,21\n"
	if err := os.WriteFile(path, []byte(line), 0o644); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := once(path, "published"); err == nil || !strings.Contains(err.Error(), "want published") {
			t.Errorf("got %v", err)
		}
	}
}
