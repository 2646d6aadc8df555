package reports

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"
	"time"

	"flowbook/internal/exhibit"
	"flowbook/internal/par"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// stopwatch keeps the clock times of a run; they go to timings.json alone.
type stopwatch struct {
	start time.Time
	mu    sync.Mutex
	tasks []exhibit.Timing
	index map[string]int
}

func newStopwatch() *stopwatch { return &stopwatch{start: time.Now(), index: map[string]int{}} }

// seconds is the time since the start.
func (s *stopwatch) seconds() float64 { return time.Since(s.start).Seconds() }

// add books the time of a task; tasks of one name add up.
func (s *stopwatch) add(task string, d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, known := s.index[task]
	if !known {
		i = len(s.tasks)
		s.index[task] = i
		s.tasks = append(s.tasks, exhibit.Timing{ID: task})
	}
	s.tasks[i].Seconds += d.Seconds()
}

// Timings is timings.json: what differs from run to run.
type Timings struct {
	Seconds    float64          `json:"seconds"` // of the whole run
	PeakBytes  int64            `json:"peak_bytes"`
	GOMAXPROCS int              `json:"gomaxprocs"`
	Go         string           `json:"go"`
	Platform   string           `json:"platform"`
	Steps      []exhibit.Timing `json:"steps"` // as results stated them
	Tasks      []exhibit.Timing `json:"tasks"` // as progress saw them; parallel ones overlap
}

func (s *stopwatch) timings(steps []exhibit.Timing) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return encode(Timings{
		s.seconds(), PeakMemory(), runtime.GOMAXPROCS(0), runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH,
		append([]exhibit.Timing{}, steps...), append([]exhibit.Timing{}, s.tasks...),
	})
}

// progress shows how far tasks are: bars on a terminal, now and then a line
// elsewhere, nothing when quiet. It books their times in any case.
type progress struct {
	clock *stopwatch
	bars  *mpb.Progress // nil: no terminal
	mu    sync.Mutex
	lines io.Writer // nil: no lines
	open  map[*progressTask]bool
}

// lineEvery is how often, at most, a task writes a line.
const lineEvery = 5 * time.Second

func newProgress(ctx context.Context, stderr io.Writer, quiet bool, clock *stopwatch) *progress {
	p := &progress{clock: clock, open: map[*progressTask]bool{}}
	switch {
	case quiet:
	case terminal(stderr):
		p.bars = mpb.NewWithContext(ctx, mpb.WithOutput(stderr), mpb.WithWidth(40))
	default:
		p.lines = stderr
	}
	return p
}

// terminal reports whether w is a character device other than the null device.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}

// Start implements par.Progress.
func (p *progress) Start(task string, total int) par.Task {
	t := &progressTask{owner: p, name: clean(task, longestCell), total: total, start: time.Now()}
	t.last = t.start
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bars != nil {
		t.bar = p.newBar(t.name, total)
	}
	p.open[t] = true
	return t
}

// newBar draws a bar with rate and time left, or a mere count where no total is known.
func (p *progress) newBar(name string, total int) *mpb.Bar {
	title := decor.Name(name, decor.WCSyncSpaceR)
	if total <= 0 {
		return p.bars.New(0, mpb.NopStyle(), mpb.BarRemoveOnComplete(), mpb.PrependDecorators(title, decor.CurrentNoUnit("%d", decor.WCSyncSpace)))
	}
	return p.bars.AddBar(int64(total), mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(title, decor.CountersNoUnit("%d/%d", decor.WCSyncSpace)),
		mpb.AppendDecorators(decor.AverageSpeed(0, "%.1f/s", decor.WCSyncSpace), decor.AverageETA(decor.ET_STYLE_MMSS, decor.WCSyncSpace)))
}

// close ends the display, and the tasks that nobody ended. A task that starts
// later is shown nowhere.
func (p *progress) close() {
	p.mu.Lock()
	bars := p.bars
	p.bars, p.lines = nil, nil
	var left []*progressTask
	for t := range p.open {
		left = append(left, t)
	}
	p.mu.Unlock()
	for _, t := range left {
		t.Done()
	}
	if bars != nil {
		bars.Wait()
	}
}

// progressTask is one task under way.
type progressTask struct {
	owner *progress
	name  string
	total int
	start time.Time
	bar   *mpb.Bar

	mu    sync.Mutex
	done  int
	last  time.Time // of the last line
	ended bool
}

// Add implements par.Task.
func (t *progressTask) Add(n int) {
	if t.bar != nil {
		t.bar.IncrBy(n)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done += n
	now := time.Now()
	if now.Sub(t.last) < lineEvery {
		return
	}
	t.last = now
	t.owner.line("%s", t.state(now))
}

// state writes where the task is: "folds: 40 of 100, 1m2s left".
func (t *progressTask) state(now time.Time) string {
	if t.total <= 0 {
		return fmt.Sprintf("%s: %d", t.name, t.done)
	}
	left := ""
	if t.done > 0 && t.done < t.total {
		rest := time.Duration(float64(now.Sub(t.start)) / float64(t.done) * float64(t.total-t.done))
		left = fmt.Sprintf(", %s left", rest.Round(time.Second))
	}
	return fmt.Sprintf("%s: %d of %d%s", t.name, t.done, t.total, left)
}

// Done implements par.Task. A second call does nothing.
func (t *progressTask) Done() {
	t.mu.Lock()
	if t.ended {
		t.mu.Unlock()
		return
	}
	t.ended = true
	took := time.Since(t.start)
	t.mu.Unlock()
	t.owner.clock.add(t.name, took)
	if t.bar != nil {
		t.bar.Abort(true)
	}
	if took >= lineEvery {
		t.owner.line("%s: done in %s", t.name, took.Round(time.Second/10))
	}
	t.owner.mu.Lock()
	delete(t.owner.open, t)
	t.owner.mu.Unlock()
}

func (p *progress) line(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lines != nil {
		fmt.Fprintf(p.lines, format+"\n", args...)
	}
}
