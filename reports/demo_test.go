package reports_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"flowbook/reports"
)

// The demo is built once in two ways: as anybody would, and without inlining and
// paths, so that the frames of its calls differ as much as they can.
var (
	buildPlain = sync.OnceValues(func() (string, error) { return build("plain") })
	buildBare  = sync.OnceValues(func() (string, error) {
		return build("bare", "-trimpath", "-gcflags=flowbook/reports/testdata/demo=-l -N")
	})
)

func build(name string, flags ...string) (string, error) {
	program := filepath.Join(reports.TestDir, name)
	out, err := exec.Command("go", append(append([]string{"build"}, flags...), "-o", program, "./testdata/demo")...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return program, nil
}

func built(t *testing.T, program string, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// runDemo runs the demo and returns its files but timings.json.
func runDemo(t *testing.T, args ...string) map[string][]byte {
	t.Helper()
	plain, err := buildPlain()
	return runProgram(t, built(t, plain, err), args...)
}

func runProgram(t *testing.T, program string, args ...string) map[string][]byte {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command(program, append([]string{"--out", dir}, args...)...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return tree(t, dir)
}

func tree(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Name() == "timings.json" {
			return err
		}
		rel, _ := filepath.Rel(dir, name)
		files[filepath.ToSlash(rel)], err = os.ReadFile(name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func sameFiles(t *testing.T, what string, a, b map[string][]byte) {
	t.Helper()
	if len(a) != len(b) {
		t.Errorf("%s: %d files against %d", what, len(a), len(b))
	}
	for name := range a {
		if !bytes.Equal(a[name], b[name]) {
			t.Errorf("%s: %s differs", what, name)
		}
	}
}

func TestSameBytesOnAnyNumberOfCores(t *testing.T) {
	one := runDemo(t, "--jobs", "1")
	if len(one) != 5 {
		t.Fatalf("%d files", len(one))
	}
	for _, jobs := range []string{"2", "7"} {
		sameFiles(t, jobs+" cores", one, runDemo(t, "--jobs", jobs))
	}
	if other := runDemo(t, "--seed", "2"); bytes.Equal(one["reports/demo/metrics.json"], other["reports/demo/metrics.json"]) {
		t.Error("another seed gave the same report")
	}
}

func TestPageIsWholeAndSafe(t *testing.T) {
	files := runDemo(t)
	page := string(files["reports/demo/index.html"])
	for _, bad := range []string{"<script>alert", "<img src=x", "\x1b", "\x00", "\u202e", "ZgotmplZ", "&lt;nil", "%!"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	for _, good := range []string{"Content-Security-Policy", "<strong>demo, simulated data: not evidence.</strong>", "In short", `id="figure-1"`, "Data: demo, simulated.",
		"✓ 1 passed", "▲ 1 warned", "✗ 1 failed", "flowbook verify demo", "7.6e-4033", "Looks at sealed tests so far: Test+ (2)."} {
		if !strings.Contains(page, good) {
			t.Errorf("the page lacks %q", good)
		}
	}
	if n := strings.Count(page, "xxxxxxxxxx"); n > 30 {
		t.Errorf("a field of 10 kB is shown at length")
	}
	readme := string(files["reports/demo/README.md"])
	if !strings.HasPrefix(readme, "**demo, simulated data: not evidence.**") || !strings.Contains(readme, "](../../plots/demo/durations.svg)") {
		t.Error("README.md does not begin with its origin, or lacks the figure")
	}
	var m reports.Metrics
	if err := json.Unmarshal(files["reports/demo/metrics.json"], &m); err != nil {
		t.Fatal(err)
	}
	if len(m.Outputs) != 4 || len(m.Measures) != 4 || len(m.Checks) != 3 || len(m.Looks) != 2 || m.Origin.Set != "demo" || m.Params.Budget != reports.Standard {
		t.Errorf("metrics.json holds %+v", m)
	}
}

// Prose and outputs fall into the same places with and without inlining and paths.
func TestSameBytesFromAnyBuild(t *testing.T) {
	bare, err := buildBare()
	sameFiles(t, "-trimpath, no inlining", runDemo(t), runProgram(t, built(t, bare, err), "-quiet"))
}

func TestProgram(t *testing.T) {
	plain, err := buildPlain()
	program := built(t, plain, err)
	t.Run("where it writes", func(t *testing.T) {
		for _, c := range []struct {
			real string
			args []string
			base string
		}{{"", nil, "out"}, {"1", nil, "."}, {"1", []string{"-quick"}, "out"}, {"1", []string{"--out", "else"}, "else"}} {
			cmd := exec.Command(program, c.args...)
			cmd.Dir = t.TempDir()
			cmd.Env = append(os.Environ(), "FLOWBOOK_DEMO_REAL="+c.real)
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSpace(string(out)), "\n")
			want := filepath.Join(c.base, "reports", "demo", "index.html")
			if lines[len(lines)-1] != want {
				t.Errorf("the last line is %q, want %q", lines[len(lines)-1], want)
			}
			if _, err := os.Stat(filepath.Join(cmd.Dir, c.base, "plots", "demo", "durations.svg")); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("verify", func(t *testing.T) {
		dir := t.TempDir()
		if out, err := exec.Command(program, "--out", dir, "--seed", "5", "--quick").CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		o := reports.VerifyOptions{Program: program, Report: filepath.Join(dir, "reports", "demo"), Plots: filepath.Join(dir, "plots", "demo")}
		got, err := reports.Verify(context.Background(), o)
		if err != nil || !got.Same() || got.Files != 5 || len(got.Procs) != 3 {
			t.Fatalf("a fresh report is not verified: %+v %v", got, err)
		}

		o.Procs = []int{2}
		figure := filepath.Join(o.Plots, "durations.svg")
		metrics := filepath.Join(o.Report, "metrics.json")
		spoil(t, figure, `fill="#fff"`, `fill="#ffe"`)
		spoil(t, metrics, `"value": 0.9,`, `"value": 0.9000000001,`)
		got, err = reports.Verify(context.Background(), o)
		if !errors.Is(err, reports.ErrDiffers) || got.Same() || len(got.Differences) != 3 {
			t.Fatalf("a spoilt report passed: %+v %v", got, err)
		}
		for i, want := range []string{"GOMAXPROCS 2: measure compare/duration/auc/train: report 0.9000000001, rerun 0.9", "plots/demo/durations.svg:1: report", "reports/demo/metrics.json:"} {
			if !strings.Contains(got.Differences[i].String(), want) {
				t.Errorf("difference %q, want %q", got.Differences[i], want)
			}
		}
		o.Tolerance = 1e-9
		if got, err = reports.Verify(context.Background(), o); err != nil || !got.Same() {
			t.Errorf("within the tolerance, yet %v %v", got.Differences, err)
		}
		o.Tolerance = 1e-12
		if got, err = reports.Verify(context.Background(), o); !errors.Is(err, reports.ErrDiffers) || got.Same() {
			t.Errorf("beyond the tolerance, yet the same: %v", err)
		}
		spoil(t, metrics, `"kind": "simulated"`, `"kind": "real"`)
		if _, err = reports.Verify(context.Background(), o); !errors.Is(err, reports.ErrOrigin) {
			t.Errorf("a report on real data was compared with a simulated run: %v", err)
		}
	})
	t.Run("interrupted", func(t *testing.T) {
		dir := t.TempDir()
		cmd := exec.Command(program, "--out", dir, "--quick")
		cmd.Env = append(os.Environ(), "FLOWBOOK_DEMO_WAIT=1")
		var trouble bytes.Buffer
		cmd.Stderr = &trouble
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		buffer := make([]byte, 1)
		if _, err := stdout.Read(buffer); err != nil { // its origin is said: it runs
			t.Fatal(err)
		}
		start := time.Now()
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != 130 || time.Since(start) > 5*time.Second {
			t.Errorf("exit code %d after %v: %s", code, time.Since(start), trouble.String())
		}
		if files := tree(t, dir); len(files) > 0 {
			t.Errorf("%d files are left", len(files))
		}
	})
}

// spoil changes one place of a file.
func spoil(t *testing.T, file, from, to string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), from) {
		t.Fatalf("%s does not hold %s", file, strconv.Quote(from))
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), from, to, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// failing records what a golden helper reports.
type failing struct{ errors, fatals int }

func (f *failing) Helper()               {}
func (f *failing) Errorf(string, ...any) { f.errors++ }
func (f *failing) Fatalf(string, ...any) { f.fatals++ }

func TestGolden(t *testing.T) {
	golden := filepath.Join(t.TempDir(), "sub", "page.md")
	var f failing
	if reports.CompareGolden(&f, false, golden, []byte("a\nb")); f.fatals != 1 {
		t.Error("a missing golden file passed")
	}
	reports.CompareGolden(t, true, golden, []byte("a\nb"))
	reports.CompareGolden(t, false, golden, []byte("a\nb"))
	if reports.CompareGolden(&f, false, golden, []byte("a\nc")); f.errors != 1 {
		t.Error("a changed line passed")
	}
	if reports.CompareGolden(&f, false, golden, []byte("a\nb\n")); f.errors != 2 {
		t.Error("a further line feed passed")
	}
}
