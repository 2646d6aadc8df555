package reports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"flowbook/internal/exhibit"
)

// VerifyOptions says which report to make again, and how to compare it.
type VerifyOptions struct {
	Program   string    // the experiment's program
	Report    string    // folder with README.md, index.html and metrics.json
	Plots     string    // folder with the figures
	Data      string    // data folder; "" means FLOWBOOK_DATA, else ./data
	Procs     []int     // numbers of cores to try; nil means 1, 2 and 7
	Tolerance float64   // 0: compare bytes; above: compare measures, |a-b| <= Tolerance * max(1, |a|, |b|)
	Log       io.Writer // progress; nil: none
}

// Outcome is what Verify found.
type Outcome struct {
	Procs       []int        // numbers of cores that were run
	Files       int          // files compared in each run
	Measures    int          // measures of the report
	Differences []Difference // none: the report is reproduced
}

// Same reports whether every run gave the report again.
func (o Outcome) Same() bool { return len(o.Procs) > 0 && len(o.Differences) == 0 }

// Difference is one thing in which a rerun differs from the report.
type Difference struct {
	Procs   int    // cores of the rerun
	Measure string // ID of the first measure that differs; "" where none does
	File    string // "plots/nslkdd/roc.svg"; "" for a measure
	Line    int    // first line that differs, from 1
	Want    string // in the report; "absent" where it has none
	Got     string // in the rerun
}

// String says where the difference lies: "GOMAXPROCS 2: measure trial/…: report 0.98, rerun 0.97".
func (d Difference) String() string {
	what := fmt.Sprintf("%s:%d", d.File, d.Line)
	switch {
	case d.Measure != "":
		what = "measure " + d.Measure
	case d.Line == 0:
		what = d.File
	}
	return fmt.Sprintf("GOMAXPROCS %d: %s: report %s, rerun %s", d.Procs, what, d.Want, d.Got)
}

// ErrOrigin says that a report cannot be verified here, for the rerun would be
// made from other data.
var ErrOrigin = errors.New("the data are not those of the report")

// ErrDiffers says that a rerun did not give the report again.
var ErrDiffers = errors.New("a rerun differs from the report")

// absent stands in a Difference for what one side lacks.
const absent = "absent"

// Verify runs the program again with the report's own seed and budget, once for
// each number of cores, and compares every file but timings.json to the byte, or
// with a Tolerance the measures and checks only. It returns ErrDiffers (wrapped,
// with the first differences named) if they are not the same, and ErrOrigin if the
// rerun reads other data: a report on real data cannot be verified where only the
// simulator runs. It costs as much as the runs themselves. A commit of the report
// that was cut short is finished first.
func Verify(ctx context.Context, o VerifyOptions) (Outcome, error) {
	var out Outcome
	o.Report, o.Plots = filepath.Clean(o.Report), filepath.Clean(o.Plots)
	if err := Recover(filepath.Dir(filepath.Dir(o.Report)), filepath.Base(o.Report)); err != nil {
		return out, err
	}
	want, err := ReadMetrics(filepath.Join(o.Report, "metrics.json"))
	if err != nil {
		return out, err
	}
	if want.Flowbook != Version && o.Tolerance == 0 {
		return out, fmt.Errorf("reports: %s was written by flowbook %s and this is %s; run the experiment again, or compare with a tolerance", o.Report, want.Flowbook, Version)
	}
	if o.Program, err = filepath.Abs(o.Program); err != nil {
		return out, fmt.Errorf("reports: %w", err)
	}
	if o.Data == "" {
		o.Data = os.Getenv("FLOWBOOK_DATA")
	}
	if info, err := os.Stat("data"); o.Data == "" && err == nil && info.IsDir() {
		o.Data = "data"
	}
	if o.Data != "" { // else there is none, and the program falls back on its simulator
		if o.Data, err = filepath.Abs(o.Data); err != nil {
			return out, fmt.Errorf("reports: %w", err)
		}
	}
	if len(o.Procs) == 0 {
		o.Procs = []int{1, 2, 7}
	}
	published, err := readTrees(o.Report, o.Plots, want.Experiment)
	if err != nil {
		return out, err
	}
	out.Files, out.Measures = len(published), len(want.Measures)
	for _, procs := range o.Procs {
		diff, err := o.rerun(ctx, procs, want, published)
		if err != nil {
			return out, err
		}
		out.Procs = append(out.Procs, procs)
		out.Differences = append(out.Differences, diff...)
	}
	if !out.Same() {
		return out, fmt.Errorf("reports: %s: %w\n%s", want.Experiment, ErrDiffers, list(out.Differences))
	}
	what := fmt.Sprintf("%d files", out.Files)
	if o.Tolerance > 0 {
		what = fmt.Sprintf("%d measures within %g", out.Measures, o.Tolerance)
	}
	o.log("%s: the same on %s cores: %s\n", want.Experiment, strings.Trim(fmt.Sprint(out.Procs), "[]"), what)
	return out, nil
}

// list writes the first differences, one a line.
func list(all []Difference) string {
	var lines []string
	for _, d := range all[:min(len(all), 10)] {
		lines = append(lines, "  "+d.String())
	}
	if n := len(all) - len(lines); n > 0 {
		lines = append(lines, fmt.Sprintf("  and %d more", n))
	}
	return strings.Join(lines, "\n")
}

// rerun makes the report again on so many cores and compares.
func (o VerifyOptions) rerun(ctx context.Context, procs int, want Metrics, published map[string][]byte) ([]Difference, error) {
	dir, err := os.MkdirTemp("", "flowbook-verify-")
	if err != nil {
		return nil, fmt.Errorf("reports: %w", err)
	}
	defer os.RemoveAll(dir)
	start := time.Now()
	o.log("%s: rerun on %d core(s)\n", want.Experiment, procs)
	if err := o.start(ctx, dir, procs, want); err != nil {
		return nil, err
	}
	reports, plots := filepath.Join(dir, "reports", want.Experiment), filepath.Join(dir, "plots", want.Experiment)
	got, err := ReadMetrics(filepath.Join(reports, "metrics.json"))
	if err != nil {
		return nil, err
	}
	if err := sameOrigin(want.Origin, got.Origin); err != nil {
		return nil, err
	}
	o.log("%s: %d core(s), %s\n", want.Experiment, procs, time.Since(start).Round(time.Second/10))
	if o.Tolerance > 0 {
		return compareMetrics(procs, want, got, o.Tolerance), nil
	}
	fresh, err := readTrees(reports, plots, want.Experiment)
	if err != nil {
		return nil, err
	}
	return compareTrees(procs, want, got, published, fresh), nil
}

// start runs the program. It reads the origin from the first line printed, so
// that a run on other data is stopped before it has cost anything.
func (o VerifyOptions) start(ctx context.Context, dir string, procs int, want Metrics) error {
	args := []string{"--seed", strconv.FormatUint(want.Seed, 10), "--out", dir, "--jobs", strconv.Itoa(procs)}
	if o.Data != "" {
		args = append(args, "--data", o.Data)
	}
	switch want.Params.Budget {
	case Quick:
		args = append(args, "--quick")
	case Full:
		args = append(args, "--full")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	watch := &originWatch{want: originLine(want.Origin), cancel: cancel}
	cmd := exec.CommandContext(ctx, o.Program, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOMAXPROCS="+strconv.Itoa(procs))
	cmd.Stdout = watch
	var trouble strings.Builder
	cmd.Stderr = &trouble
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	err := cmd.Run()
	switch {
	case watch.wrong != "":
		return fmt.Errorf("reports: %s: %w: the report says %q, a run here %q; set FLOWBOOK_DATA or --data", want.Experiment, ErrOrigin, watch.want, watch.wrong)
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("reports: %s on %d core(s): %w: %s", want.Experiment, procs, err, strings.TrimSpace(trouble.String()))
	}
	return nil
}

// originWatch reads a run's standard output up to its first line.
type originWatch struct {
	want   string
	wrong  string
	cancel context.CancelFunc
	first  []byte
	done   bool
}

func (w *originWatch) Write(p []byte) (int, error) {
	if w.done {
		return len(p), nil
	}
	w.first = append(w.first, p...)
	if line, _, whole := strings.Cut(string(w.first), "\n"); whole {
		w.done = true
		if line != w.want {
			w.wrong = line
			w.cancel()
		}
	}
	return len(p), nil
}

func (o VerifyOptions) log(format string, args ...any) {
	if o.Log != nil {
		fmt.Fprintf(o.Log, format, args...)
	}
}

// sameOrigin compares kind, set and the sums of all files.
func sameOrigin(want, got exhibit.Origin) error {
	if want.Kind != got.Kind || want.Set != got.Set {
		return fmt.Errorf("reports: %w: the report is made of %s, a run here of %s", ErrOrigin, want.Label(), got.Label())
	}
	for i := range max(len(want.Files), len(got.Files)) {
		switch {
		case i >= len(want.Files):
			return fmt.Errorf("reports: %w: a run here also reads %s", ErrOrigin, got.Files[i].Name)
		case i >= len(got.Files):
			return fmt.Errorf("reports: %w: a run here does not read %s", ErrOrigin, want.Files[i].Name)
		case want.Files[i] != got.Files[i] && want.Kind != exhibit.Simulated:
			return fmt.Errorf("reports: %w: %s has sha256 %s in the report and %s here", ErrOrigin, want.Files[i].Name, want.Files[i].SHA256, got.Files[i].SHA256)
		}
	}
	return nil
}

// readTrees reads a report's files but timings.json, by their path below its base.
// Files that a report does not write are passed over.
func readTrees(reports, plots, name string) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, file := range []string{"README.md", "index.html", "metrics.json", "predictions.json"} {
		text, err := os.ReadFile(filepath.Join(reports, file))
		if file == "predictions.json" && errors.Is(err, fs.ErrNotExist) {
			continue // no learner answered two classes
		}
		if err != nil {
			return nil, fmt.Errorf("reports: %w", err)
		}
		files["reports/"+name+"/"+file] = text
	}
	entries, err := os.ReadDir(plots)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reports: %w", err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".svg") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(plots, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("reports: %w", err)
		}
		files["plots/"+name+"/"+e.Name()] = text
	}
	return files, nil
}
