package reports

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"

	"flowbook/internal/exhibit"
	"flowbook/internal/par"
)

// Version is flowbook's version, a part of every report.
const Version = "0.1.0"

// Options describes an experiment.
type Options struct {
	Name     string // folder name, lower case: "nslkdd"
	Title    string // what the experiment is called, some words; "" means Name
	Question string // one sentence for lists; "" means the notebook's "# " heading
	Data     string // data set, as "flowbook data fetch" knows it; "" where there is none to fetch
}

// Exit codes of a run.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// failure is the panic that ends a run: an error and the place that raised it.
type failure struct {
	at  string
	err error
}

func (f failure) Error() string {
	if f.at == "" {
		return f.err.Error()
	}
	return f.at + ": " + f.err.Error()
}

func (f failure) Unwrap() error { return f.err }

// Must returns v, or ends the run with the file and line of its caller if err is
// not nil: "main.go:42: nslkdd: …", exit code 1; an interrupted context gives 130.
// It is for experiments only; libraries return errors.
func Must[T any](v T, err error) T {
	if err != nil {
		_, file, line, _ := runtime.Caller(1)
		panic(failure{fmt.Sprintf("%s:%d", filepath.Base(file), line), err})
	}
	return v
}

// Main runs an experiment as a program: it reads the flags, calls run, writes the
// report and ends the process with 0, 1 (failed), 2 (usage) or 130 (interrupted).
// run is a function declared at the top level of the embedded sources.
func Main(sources fs.FS, run func(*Notebook), options Options) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the next one kills: nothing half-written can be left.
	context.AfterFunc(ctx, stop)
	os.Exit(Run(ctx, os.Args[1:], os.Stdout, os.Stderr, sources, run, options))
}

// Run is Main for tests: it takes the arguments, streams and context, and returns
// the exit code. --jobs is undone when it returns.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer, sources fs.FS, run func(*Notebook), options Options) int {
	fail := func(code int, err error) int {
		fmt.Fprintln(stderr, err)
		return code
	}
	if options.Name == "" || options.Name != exhibit.Slug(options.Name) {
		return fail(exitFailed, fmt.Errorf("reports: Options.Name is %q; want a folder name of lower-case letters and digits", options.Name))
	}
	set, err := parseFlags(args, options)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, help(options))
		return exitOK
	case err != nil:
		return fail(exitUsage, fmt.Errorf("%s: %w; --help lists the flags", options.Name, err))
	}
	prog, err := parseProgram(sources, run)
	if err != nil {
		return fail(exitFailed, err)
	}
	if set.describe {
		if err := describe(stdout, prog, options); err != nil {
			return fail(exitFailed, err)
		}
		return exitOK
	}
	if set.jobs > 0 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(set.jobs))
	}
	s := session{settings: set, options: options, prog: prog, stdout: stdout, stderr: stderr}
	switch path, err := s.run(ctx, run); {
	case ctx.Err() != nil || errors.Is(err, context.Canceled):
		return fail(exitInterrupted, fmt.Errorf("%s: interrupted; the report was left as it was", options.Name))
	case err != nil:
		return fail(exitFailed, err)
	default:
		if !set.quiet {
			fmt.Fprintf(stderr, "%s: %.1f s, peak memory %.0f MB\n", options.Name, s.clock.seconds(), float64(PeakMemory())/1e6)
		}
		fmt.Fprintln(stdout, path)
		return exitOK
	}
}

// settings are what the flags say.
type settings struct {
	data, out       string
	seed            uint64
	budget          Budget
	jobs            int
	quiet, describe bool
}

func parseFlags(args []string, options Options) (settings, error) {
	s := settings{budget: Standard}
	var quick, full bool
	f := flag.NewFlagSet(options.Name, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.StringVar(&s.data, "data", "", "")
	f.StringVar(&s.out, "out", "", "")
	f.Uint64Var(&s.seed, "seed", 1, "")
	f.BoolVar(&quick, "quick", false, "")
	f.BoolVar(&full, "full", false, "")
	f.IntVar(&s.jobs, "jobs", 0, "")
	f.BoolVar(&s.quiet, "quiet", false, "")
	f.BoolVar(&s.describe, "describe", false, "")
	if err := f.Parse(args); err != nil {
		return s, err
	}
	switch {
	case f.NArg() > 0:
		return s, fmt.Errorf("%q is not a flag; an experiment takes flags only", f.Arg(0))
	case quick && full:
		return s, fmt.Errorf("--quick and --full exclude each other")
	case s.jobs < 0:
		return s, fmt.Errorf("--jobs is %d; want at least 1, or 0 for all cores", s.jobs)
	case quick:
		s.budget = Quick
	case full:
		s.budget = Full
	}
	named := "--data"
	if s.data == "" {
		s.data, named = os.Getenv("FLOWBOOK_DATA"), "FLOWBOOK_DATA"
	}
	if s.data == "" {
		s.data = "data"
	} else if info, err := os.Stat(s.data); !s.describe && (err != nil || !info.IsDir()) {
		return s, fmt.Errorf("the data folder %q that %s names is not there; correct the name, or leave it out to look in ./data and fall back on the simulator", s.data, named)
	}
	return s, nil
}

func help(o Options) string {
	fetch := ""
	if o.Data != "" {
		fetch = fmt.Sprintf("\nWithout the data the run goes on with a simulator, and its report says so.\nTo use the real set: flowbook data fetch %s\n", o.Data)
	}
	return fmt.Sprintf(`%s: %s

Runs the experiment and writes its report. The last line printed is the path of
the page.

  --data DIR    data folder; else $FLOWBOOK_DATA, else ./data
  --out DIR     write DIR/reports/%s and DIR/plots/%s; else . for real or
                sample data at standard size or more, ./out for all other runs
  --seed N      seed of every random choice (1)
  --quick       some seconds: does everything work? Never published
  --full        everything, as long as it takes
  --jobs N      cores to use; the result is the same for any (all)
  --quiet       print the page's path only
  --describe    print what the experiment is, as JSON, and stop
  --help        print this and stop
%s
Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted. An interrupted or
killed run leaves the old report whole.
`, o.Name, o.title(), o.Name, o.Name, fetch)
}

// Description is what --describe prints.
type Description struct {
	Name     string   `json:"name"`
	Title    string   `json:"title"`
	Question string   `json:"question"`
	Data     string   `json:"data"`
	Budgets  []string `json:"budgets"`
	Flowbook string   `json:"flowbook"`
	Schema   int      `json:"schema"`
}

func describe(w io.Writer, prog *program, o Options) error {
	d := Description{o.Name, o.title(), o.Question, o.Data, budgetNames[:], Version, Schema}
	if d.Question == "" {
		for _, at := range prog.run.parts {
			if title, ok := strings.CutPrefix(at.prose, "# "); ok {
				d.Question, _, _ = strings.Cut(title, "\n")
				break
			}
		}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(d)
}

// session is one run from its flags to its report.
type session struct {
	settings
	options        Options
	prog           *program
	stdout, stderr io.Writer
	clock          *stopwatch
	nb             *Notebook
}

// run runs the experiment and writes the report; it returns the page's path.
func (s *session) run(ctx context.Context, run func(*Notebook)) (string, error) {
	for _, base := range s.bases() {
		if err := Recover(base, s.options.Name); err != nil {
			return "", err
		}
	}
	s.clock = newStopwatch()
	shown := newProgress(ctx, s.stderr, s.quiet, s.clock)
	inner, cancel := context.WithCancel(par.WithProgress(ctx, shown))
	defer cancel()
	s.nb = newNotebook(inner, cancel, s.prog, s.settings)
	s.nb.onUse = s.announce
	err := s.call(run)
	shown.close()
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case s.nb.failed != nil:
		return "", s.nb.failed
	case err != nil:
		return "", err
	case s.nb.origin == nil:
		return "", fmt.Errorf("%s: reports: run ended without nb.Use; a report must say where its data come from", s.prog.place(s.prog.run.decl.Pos()))
	}
	if err := s.nb.checkSeals(); err != nil {
		return "", err
	}
	d, err := s.nb.weave(s.options)
	if err != nil {
		return "", err
	}
	files, err := d.files()
	if err != nil {
		return "", err
	}
	if n := len(files["reports/"+s.options.Name+"/index.html"]); n > heavyPage && !s.quiet {
		fmt.Fprintf(s.stderr, "reports: index.html has %.1f MB; above %d MB phones grow slow: fold long tables into summaries, draw dense figures as images\n", float64(n)/1e6, heavyPage/1000000)
	}
	if files["reports/"+s.options.Name+"/timings.json"], err = s.clock.timings(d.timings); err != nil {
		return "", err
	}
	p := place{s.base(), s.options.Name}
	if err := p.commit(ctx, files); err != nil {
		return "", err
	}
	return filepath.Join(p.dir("reports"), "index.html"), nil
}

// heavyPage is the size in bytes from which a page is said to be too large.
const heavyPage = 2000000

// call runs the experiment and turns the panics that Must and the notebook raise
// into errors. Any other panic is a bug: its stack is printed.
func (s *session) call(run func(*Notebook)) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case failure:
			err = r
		default:
			err = fmt.Errorf("%s: panic: %v\n\n%s", s.options.Name, r, debug.Stack())
		}
	}()
	run(s.nb)
	return nil
}

// announce prints the origin, which comes before everything else, and makes sure
// that the report of such data can be written. A simulated origin is told even
// when nothing else is.
func (s *session) announce(o exhibit.Origin) error {
	switch {
	case !s.quiet:
		fmt.Fprintln(s.stdout, originLine(o))
	case o.Kind == exhibit.Simulated:
		fmt.Fprintln(s.stderr, originLine(o))
	}
	if o.Kind == exhibit.Simulated && s.options.Data != "" && !s.quiet {
		fmt.Fprintf(s.stderr, "nothing of %s lies below %s; to use the real set: flowbook data fetch %s\n", s.options.Data, s.data, s.options.Data)
	}
	return place{s.base(), s.options.Name}.ready()
}

func originLine(o exhibit.Origin) string {
	return strings.TrimSpace(originHead(o) + " " + clean(originRest(o), longestNote))
}

// base is where the two trees go: see DIR in the help.
func (s *session) base() string {
	switch {
	case s.out != "":
		return s.out
	case s.nb.origin.Published() && s.budget >= Standard:
		return "."
	}
	return "out"
}

// bases are the places that this run may write to.
func (s *session) bases() []string {
	if s.out != "" {
		return []string{s.out}
	}
	return []string{".", "out"}
}

// files renders the report: every file but timings.json, by its path below base.
func (d *document) files() (map[string][]byte, error) {
	name := d.options.Name
	files := map[string][]byte{"reports/" + name + "/README.md": d.markdown()}
	page, err := d.html()
	if err != nil {
		return nil, err
	}
	files["reports/"+name+"/index.html"] = page
	if len(d.said) > 0 {
		if files["reports/"+name+"/predictions.json"], err = d.predictions(); err != nil {
			return nil, err
		}
	}
	for _, f := range d.figures {
		files["plots/"+name+"/"+f.Name+".svg"] = f.SVG
	}
	sums := map[string]string{}
	for file, text := range files {
		sums[file] = sum(text)
	}
	m, err := d.metrics(sums)
	if err != nil {
		return nil, err
	}
	if files["reports/"+name+"/metrics.json"], err = encode(m); err != nil {
		return nil, err
	}
	return files, nil
}
