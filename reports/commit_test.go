package reports

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// crashPoints names them in the order in which a commit over an old report comes by.
var crashPoints = []string{
	"locked", "recovered", "staging-plots", "staging-reports", "first-file-open", "first-file-half", "first-file-whole",
	"files-written", "strangers-kept", "staging-synced", "record-open", "record-half", "record-whole", "record-in-place",
	"plots-moved-away", "plots-moved-in", "reports-moved-away", "reports-moved-in", "checked",
	"old-plots-removed", "old-reports-removed", "record-removed",
}

// TestMain plays the child that is killed in the middle of a commit.
func TestMain(m *testing.M) {
	if point := os.Getenv("FLOWBOOK_CRASH_AT"); point != "" {
		crash = func(p string) {
			if p == point {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				time.Sleep(time.Minute)
			}
		}
		if err := (place{os.Getenv("FLOWBOOK_CRASH_DIR"), "x"}).commit(context.Background(), pair("new")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	var err error
	if TestDir, err = os.MkdirTemp("", "flowbook-reports-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(TestDir)
	os.Exit(code)
}

// pair is a small report; old and new differ in every file and in their figures.
func pair(version string) map[string][]byte {
	files := map[string][]byte{}
	for _, name := range []string{"reports/x/README.md", "reports/x/index.html", "reports/x/metrics.json", "plots/x/both.svg", "plots/x/" + version + ".svg"} {
		files[name] = []byte(version + " text of " + name)
	}
	return files
}

// state reads the pair: "old", "new", "none", or what is mixed.
func state(t *testing.T, base string) string {
	t.Helper()
	found := map[string][]byte{}
	for _, tree := range trees {
		entries, _ := os.ReadDir(filepath.Join(base, tree, "x"))
		for _, e := range entries {
			text, err := os.ReadFile(filepath.Join(base, tree, "x", e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			found[tree+"/x/"+e.Name()] = text
		}
	}
	delete(found, "reports/x/notes.txt")
	for _, version := range []string{"old", "new"} {
		want, same := pair(version), true
		for name, text := range want {
			same = same && string(found[name]) == string(text)
		}
		if same && len(found) == len(want) {
			return version
		}
	}
	if len(found) == 0 {
		return "none"
	}
	return fmt.Sprintf("mixed: %q", found)
}

func TestKilledAtEveryPoint(t *testing.T) {
	if len(crashPoints) < 20 {
		t.Fatalf("%d points; want at least 20", len(crashPoints))
	}
	for _, before := range []string{"old", "none"} {
		committed := false
		for _, point := range crashPoints {
			if point == "record-in-place" {
				committed = true
			}
			if before == "none" && (point == "plots-moved-away" || point == "reports-moved-away") {
				continue // there is nothing to move
			}
			after := committed
			t.Run(before+"/"+point, func(t *testing.T) {
				t.Parallel()
				want := before
				if after {
					want = "new"
				}
				base := t.TempDir()
				p := place{base, "x"}
				if before == "old" {
					if err := p.commit(context.Background(), pair("old")); err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(filepath.Join(base, "reports", "x", "notes.txt"), []byte("mine"), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				child := exec.Command(os.Args[0])
				child.Env = append(os.Environ(), "FLOWBOOK_CRASH_AT="+point, "FLOWBOOK_CRASH_DIR="+base)
				out, err := child.CombinedOutput()
				if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != -1 {
					t.Fatalf("the child was not killed at %s: %v %s", point, err, out)
				}
				if err := Recover(base, "x"); err != nil {
					t.Fatal(err)
				}
				if got := state(t, base); got != want {
					t.Fatalf("after the next start the pair is %s, want %s", got, want)
				}
				if before == "old" {
					if text, err := os.ReadFile(filepath.Join(base, "reports", "x", "notes.txt")); err != nil || string(text) != "mine" {
						t.Errorf("a file that no report wrote is gone: %v", err)
					}
				}
				leftovers(t, base)
				if err := p.commit(context.Background(), pair("new")); err != nil {
					t.Fatal(err)
				}
				if got := state(t, base); got != "new" {
					t.Errorf("the next commit left %s", got)
				}
			})
		}
	}
}

// leftovers fails if anything of a commit is still about, but the lock file of a
// process that was killed while it held it.
func leftovers(t *testing.T, base string) {
	t.Helper()
	for _, tree := range trees {
		found, _ := filepath.Glob(filepath.Join(base, tree, ".x.*"))
		for _, f := range found {
			if filepath.Base(f) != ".x.lock" {
				t.Errorf("%s is left over", f)
			}
		}
	}
}

// Each point is passed, in the stated order: a point that no run reaches would
// test nothing.
func TestCrashPointsAreAll(t *testing.T) {
	base := t.TempDir()
	p := place{base, "x"}
	if err := p.commit(context.Background(), pair("old")); err != nil {
		t.Fatal(err)
	}
	var passed []string
	crash = func(point string) { passed = append(passed, point) }
	defer func() { crash = func(string) {} }()
	if err := p.commit(context.Background(), pair("new")); err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(passed), fmt.Sprint(crashPoints); got != want {
		t.Errorf("points passed\n%s, want\n%s", got, want)
	}
}

func TestCommitsDoNotMix(t *testing.T) {
	base := t.TempDir()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			if err := (place{base, "x"}).commit(context.Background(), pair([]string{"old", "new"}[i%2])); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := state(t, base); got != "old" && got != "new" {
		t.Error(got)
	}
	leftovers(t, base)
}

func TestLockWaitsNoLongerThanItsContext(t *testing.T) {
	base := t.TempDir()
	p := place{base, "x"}
	if err := os.MkdirAll(filepath.Join(base, "reports"), 0o755); err != nil {
		t.Fatal(err)
	}
	unlock, err := p.lock(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if err := p.commit(ctx, pair("new")); err == nil {
		t.Error("a commit went ahead while another held the lock")
	}
}

func TestCommitRefusesForeignPaths(t *testing.T) {
	for _, name := range []string{"reports/y/README.md", "../x", "reports/x/a/b", "elsewhere/x/a"} {
		base := t.TempDir()
		err := place{base, "x"}.commit(context.Background(), map[string][]byte{name: nil})
		if err == nil {
			t.Errorf("%q was written", name)
		}
		leftovers(t, base)
	}
}
