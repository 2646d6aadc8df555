// Package reports answers: how does an experiment become a report that anyone can
// read, check and rerun to the same bytes?
//
// An experiment is a Go program that reads top to bottom. Comments that stand
// alone are its prose, nb.Show puts results after the statement that made them,
// and Main gives every experiment the same flags and writes the page:
//
//	//go:embed *.go
//	var sources embed.FS
//
//	func main() { reports.Main(sources, run, reports.Options{Name: "nslkdd", Data: "nslkdd"}) }
//
//	func run(nb *reports.Notebook) {
//		// # Does a detector trained on NSL-KDD catch attacks it has never seen?
//
//		kdd := reports.Must(nslkdd.Open(nb.Context(), nb.Data()))
//		nb.Use(kdd.Origin)
//		nb.Show(kdd.Summary())
//		nb.Textf("The training file has %d rows.", kdd.Train.Rows())
//	}
package reports

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"flowbook/internal/exhibit"
	"flowbook/internal/rng"
	"flowbook/internal/table"
)

// Notebook collects what an experiment shows. Its methods that put something on
// the page are called from the goroutine of run, never in go or defer statements.
type Notebook struct {
	ctx    context.Context
	cancel context.CancelFunc
	prog   *program
	data   string
	seed   uint64
	budget Budget

	mu      sync.Mutex
	origin  *exhibit.Origin
	outputs []output
	answers []string // Markdown
	looks   []look
	sealed  map[*table.Sealed]int // looks that went through the notebook
	tests   []*table.Sealed       // the keys of sealed in the order they were met
	failed  error                 // the first refusal on another goroutine
	onUse   func(exhibit.Origin) error
}

func newNotebook(ctx context.Context, cancel context.CancelFunc, prog *program, s settings) *Notebook {
	return &Notebook{ctx: ctx, cancel: cancel, prog: prog, data: s.data, seed: s.seed, budget: s.budget, sealed: map[*table.Sealed]int{}}
}

// output is what one call of Show or Textf put on the page.
type output struct {
	at    *part
	line  int
	text  string // Textf: Markdown
	show  exhibit.Exhibit
	looks int  // looks at sealed tests before it
	after bool // made after the first Open
}

// look is one look at a sealed table that went through the notebook.
type look struct {
	table.Look
	At   string
	Rows int
}

// Context is done when the run is interrupted; it carries the progress display.
func (nb *Notebook) Context() context.Context { return nb.ctx }

// Data is the data folder: --data, else FLOWBOOK_DATA, else ./data.
func (nb *Notebook) Data() string { return nb.data }

// Seed returns the run's seed at a step of its own: adding one moves no other.
func (nb *Notebook) Seed(step string) rng.Seed { return rng.New(nb.seed).At(step) }

// Budget says how much work the run may do.
func (nb *Notebook) Budget() Budget { return nb.budget }

// Use states where the data of the run come from. It is called once, before the
// first Show; the report's first line, its captions and the folder it is written
// to depend on it.
func (nb *Notebook) Use(origin exhibit.Origin) {
	at := nb.here("Use")
	if at == nil {
		return
	}
	switch origin.Kind {
	case exhibit.Real, exhibit.Sample, exhibit.Given, exhibit.Simulated:
	default:
		panic(failure{at.place(), fmt.Errorf("reports: %q is no kind of origin; want real, sample, given or simulated", origin.Kind)})
	}
	if nb.origin != nil {
		panic(failure{at.place(), fmt.Errorf("reports: nb.Use is called twice; a report has one origin")})
	}
	nb.origin = &origin
	if nb.onUse != nil {
		if err := nb.onUse(origin); err != nil {
			panic(failure{at.place(), err})
		}
	}
}

// Show puts values on the page after the statement that calls it.
func (nb *Notebook) Show(values ...exhibit.Shower) {
	at := nb.here("Show")
	if at == nil {
		return
	}
	if nb.origin == nil {
		panic(failure{at.place(), fmt.Errorf("reports: nothing can be shown before its origin is known; call nb.Use first")})
	}
	out := nb.newOutput(at)
	out.show = exhibit.Join(values...)
	nb.outputs = append(nb.outputs, out)
}

// Textf puts a paragraph on the page whose numbers are computed. The format may
// use Markdown emphasis, code and links; the arguments are escaped. %v writes a
// float64 to four significant digits, and a Cell or Measure as tables do.
func (nb *Notebook) Textf(format string, args ...any) {
	at := nb.here("Textf")
	if at == nil {
		return
	}
	out := nb.newOutput(at)
	out.text = sprintf(format, args)
	nb.outputs = append(nb.outputs, out)
}

// Answerf adds a computed sentence to the summary on top of the page. Its rules
// are those of Textf.
func (nb *Notebook) Answerf(format string, args ...any) {
	if nb.here("Answerf") == nil {
		return
	}
	nb.answers = append(nb.answers, sprintf(format, args))
}

// Describe returns the rows of a sealed test set for description, and logs the look.
func (nb *Notebook) Describe(s *table.Sealed, why string) table.View {
	at := nb.here("Describe")
	if at == nil {
		return table.View{}
	}
	nb.log(s, table.Look{Table: s.Name(), Kind: table.Described, Why: why}, at)
	return s.Describe(why)
}

// Open breaks the seal of a test set, and logs the look. It ends the run unless
// it stands in the last "## " chapter of the page: nothing may be chosen after
// the test has been seen.
func (nb *Notebook) Open(s *table.Sealed, why string) table.View {
	at := nb.here("Open")
	if at == nil {
		return table.View{}
	}
	if last := nb.prog.lastSection(); last != nil && at.part.order < last.order {
		panic(failure{at.place(), fmt.Errorf("reports: %s is opened before the last chapter, which begins at %s; learners, thresholds and choices must be settled first", s.Name(), last.at())})
	}
	nb.log(s, table.Look{Table: s.Name(), Kind: table.Opened, Why: why}, at)
	return s.Open(why)
}

func (nb *Notebook) log(s *table.Sealed, l table.Look, at *anchor) {
	if _, known := nb.sealed[s]; !known {
		nb.tests = append(nb.tests, s)
		for _, before := range s.Looks() { // by the loader, to count what is odd in it
			if before.Kind == table.Opened {
				panic(failure{at.place(), fmt.Errorf("reports: %s was opened before the notebook met it; only nb.Open may, in the last chapter", s.Name())})
			}
			nb.looks = append(nb.looks, look{before, "before the notebook", s.Rows()})
			nb.sealed[s]++
		}
	}
	nb.sealed[s]++
	nb.looks = append(nb.looks, look{l, at.place(), s.Rows()})
}

// checkSeals fails if a sealed table was looked at behind the notebook's back.
func (nb *Notebook) checkSeals() error {
	for _, s := range nb.tests {
		if all := s.Looks(); len(all) != nb.sealed[s] {
			return fmt.Errorf("reports: %s was looked at %d times, but %d of them went through nb.Describe and nb.Open; the report would not count the others", s.Name(), len(all), nb.sealed[s])
		}
	}
	return nil
}

func (nb *Notebook) newOutput(at *anchor) output {
	out := output{at: at.part, line: at.line, looks: len(nb.looks)}
	for _, l := range nb.looks {
		out.after = out.after || l.Kind == table.Opened
	}
	return out
}

// anchor is where in the source a notebook method was called.
type anchor struct {
	part *part
	line int
}

func (a *anchor) place() string { return fmt.Sprintf("%s:%d", a.part.chapter.file.name, a.line) }

// here finds the caller's place. A call on another goroutine cannot be answered
// by a panic, which would kill the program without a word: it is remembered, the
// run is cancelled, and nil is returned.
func (nb *Notebook) here(method string) *anchor {
	pcs := make([]uintptr, 64)
	for {
		n := runtime.Callers(3, pcs)
		if n < len(pcs) {
			pcs = pcs[:n]
			break
		}
		pcs = make([]uintptr, 2*len(pcs))
	}
	at, line, err := nb.prog.locate(method, pcs)
	if err == nil {
		return &anchor{at, line}
	}
	if at == nil && line == 0 && nb.elsewhere(pcs) {
		nb.mu.Lock()
		defer nb.mu.Unlock()
		if nb.failed == nil {
			nb.failed = err
		}
		nb.cancel()
		return nil
	}
	panic(failure{"", err})
}

// elsewhere reports whether the stack is that of another goroutine than run's.
func (nb *Notebook) elsewhere(pcs []uintptr) bool {
	frames := runtime.CallersFrames(pcs)
	for {
		f, more := frames.Next()
		if f.Function == nb.prog.symbols+nb.prog.run.name {
			return false
		}
		if !more {
			return true
		}
	}
}
