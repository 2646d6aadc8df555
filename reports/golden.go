package reports

import (
	"os"
	"path/filepath"
)

// TB is the part of testing.TB that the golden helpers need; naming it here keeps
// package testing out of the experiments' programs.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// CompareGolden compares text with a golden file to the byte, or writes the file
// if update is set (by the test's own -update flag):
//
//	var update = flag.Bool("update", false, "write the golden files")
//	reports.CompareGolden(t, *update, "testdata/page.md", page)
func CompareGolden(t TB, update bool, golden string, got []byte) {
	t.Helper()
	if update {
		writeGolden(t, golden, got)
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatalf("%v; write it with -update", err)
		return
	}
	if line, a, b := firstDifference(want, got); line > 0 {
		a, b = around(a, b)
		t.Errorf("%s:%d: got %s, want %s; after a wanted change write it with -update", golden, line, b, a)
	}
}

// CompareGoldenMetrics compares the measures and checks of a metrics.json with a
// golden one, numbers within a relative tolerance (1e-9 serves other machines), or
// writes the golden file if update is set.
func CompareGoldenMetrics(t TB, update bool, golden, path string, tolerance float64) {
	t.Helper()
	if update {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatalf("%v", err)
			return
		}
		writeGolden(t, golden, text)
		return
	}
	want, err := ReadMetrics(golden)
	if err != nil {
		t.Fatalf("%v; write it with -update", err)
		return
	}
	got, err := ReadMetrics(path)
	if err != nil {
		t.Fatalf("%v", err)
		return
	}
	for _, d := range compareMetrics(0, want, got, tolerance) {
		t.Errorf("%s: %s: got %s, want %s", golden, d.Measure, d.Got, d.Want)
	}
}

func writeGolden(t TB, golden string, text []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
		t.Fatalf("%v", err)
	}
	if err := os.WriteFile(golden, text, 0o644); err != nil {
		t.Fatalf("%v", err)
	}
}
