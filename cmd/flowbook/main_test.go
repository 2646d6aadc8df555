package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// call runs a command line in this process.
func call(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	return callIn(t, context.Background(), args...)
}

func callIn(t *testing.T, ctx context.Context, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	root := newRoot()
	root.SetOut(&out)
	root.SetErr(&errs)
	code = execute(ctx, root, args)
	return code, out.String(), errs.String()
}

func TestExitCodes(t *testing.T) {
	empty := t.TempDir()
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--help"}, 0, ""},
		{[]string{"nonsense"}, 2, "unknown command"},
		{[]string{"run"}, 2, "requires at least 1 arg"},
		{[]string{"run", "nslkdd", "--quick", "--full", "--bogus"}, 2, "unknown flag"},
		{[]string{"data", "status", "no-such-set"}, 2, "not a data set"},
		{[]string{"data", "fetch"}, 2, "requires at least 1 arg"},
		{[]string{"data", "simulate", "nslkdd"}, 2, "--out"},
		{[]string{"data", "simulate", "lanl", "--out", empty}, 2, "no simulator"},
		{[]string{"data", "verify", "nslkdd", "--data", empty, "--quiet"}, 1, "missing or altered"},
		{[]string{"data", "calibrate", "nslkdd", "--data", empty, "--out", filepath.Join(empty, "c")}, 1, "KDDTrain+.txt"},
		{[]string{"bench", "lanl"}, 2, "no bench"},
		{[]string{"--version"}, 0, ""},
		{[]string{"verify", "nslkdd", "--procs", "0"}, 2, "at least 1"},
		{[]string{"verify", "nslkdd", "--tolerance", "-1"}, 2, "at least 0"},
		{[]string{"verify", "nslkdd", "--tolerance", "nan"}, 2, "at least 0"},
		{[]string{"bench", "nslkdd", "--only", "dt,zz"}, 2, `no model "zz"; have dt, rf`},
		{[]string{"bench", "nslkdd", "--cv", "1"}, 2, "at least 2 folds"},
	} {
		code, _, stderr := call(t, c.args...)
		if code != c.code || !strings.Contains(stderr, c.says) {
			t.Errorf("flowbook %s: exit %d, want %d; said %q, want %q", strings.Join(c.args, " "), code, c.code, stderr, c.says)
		}
	}
}

func TestInterruptedIs130(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if code, _, stderr := callIn(t, ctx, "data", "status", "nslkdd", "--quiet"); code != 130 || !strings.Contains(stderr, "interrupted") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// A simulated copy in the published format must not pass for the real set.
func TestSimulatedFilesAreRefusedAsReal(t *testing.T) {
	dir := t.TempDir()
	if code, _, stderr := call(t, "data", "simulate", "nslkdd", "--small", "--out", filepath.Join(dir, "nslkdd")); code != 0 {
		t.Fatal(stderr)
	}
	if _, err := os.Stat(filepath.Join(dir, "nslkdd", "KDDTrain+.txt")); err != nil {
		t.Fatal(err)
	}
	code, stdout, _ := call(t, "data", "verify", "nslkdd", "--data", dir, "--quiet")
	if code != 1 || !strings.Contains(stdout, "wrong") {
		t.Errorf("exit %d:\n%s", code, stdout)
	}
	if code, _, stderr := call(t, "bench", "nslkdd", "--data", dir, "--only", "dt"); code != 1 || strings.Count(stderr, "sha256") == 0 {
		t.Errorf("bench on it: exit %d: %s", code, stderr)
	}
}

// Without data the bench says that it ran on the simulator, and every line is JSON
// with the peer script's names.
func TestBenchLines(t *testing.T) {
	if testing.Short() {
		t.Skip("fits models of full size")
	}
	code, stdout, stderr := call(t, "bench", "nslkdd", "--data", t.TempDir(), "--only", "dt")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	var load, dt map[string]any
	for _, p := range []struct {
		text string
		into *map[string]any
	}{{lines[0], &load}, {lines[len(lines)-1], &dt}} {
		if err := json.Unmarshal([]byte(p.text), p.into); err != nil {
			t.Fatalf("%v: %s", err, p.text)
		}
	}
	if load["step"] != "load" || load["origin"] != "simulated" {
		t.Errorf("load: %v", load)
	}
	plus, ok := dt["KDDTest+"].(map[string]any)
	if dt["model"] != "dt" || dt["fit_s"] == nil || dt["predict_s"] == nil || !ok || plus["auc"] == nil {
		t.Errorf("dt: %v", dt)
	}
}

// The programs are found beside the executable, and a file that is not a program
// is none.
func TestChosen(t *testing.T) {
	if _, _, err := chosen([]string{"nslkdd"}); err == nil || !strings.Contains(err.Error(), "make build") {
		t.Errorf("a test binary has no experiments beside it: %v", err)
	}
}

func TestRunFlags(t *testing.T) {
	f := runFlags{seed: 7, quick: true, jobs: 2, data: "d"}
	args, err := f.args()
	if got := strings.Join(args, " "); err != nil || got != "--seed=7 --data=d --quick --jobs=2" {
		t.Errorf("%q %v", got, err)
	}
	for _, f := range []runFlags{{quick: true, full: true}, {jobs: -1}} {
		if _, err := f.args(); err == nil {
			t.Errorf("%+v was taken", f)
		}
	}
}
