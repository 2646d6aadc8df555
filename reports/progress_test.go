package reports

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestProgressWritesLinesNowAndThen(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(context.Background(), &out, false, newStopwatch())
	task := p.Start("folds\x1b[2J", 100).(*progressTask)
	task.Add(10)
	if out.Len() > 0 {
		t.Errorf("a line at once: %q", out.String())
	}
	task.start = task.start.Add(-20 * time.Second)
	task.last = task.last.Add(-lineEvery)
	task.Add(10)
	task.Add(10)
	if got := out.String(); got != "folds␛[2J: 20 of 100, 1m20s left\n" {
		t.Errorf("the line is %q", got)
	}
	task.Done()
	task.Done()
	if got := strings.Count(out.String(), "done in 20s"); got != 1 {
		t.Errorf("%q", out.String())
	}
	open := p.Start("left open", 0)
	p.close()
	open.Add(1)
	p.Start("late", 1).Done()
	if len(p.clock.tasks) != 3 {
		t.Errorf("booked %v", p.clock.tasks)
	}
}

func TestProgressFromManyGoroutines(t *testing.T) {
	p := newProgress(context.Background(), &bytes.Buffer{}, true, newStopwatch())
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			task := p.Start("same name", 10)
			for range 10 {
				task.Add(1)
			}
			task.Done()
		})
	}
	wg.Wait()
	p.close()
	if len(p.clock.tasks) != 1 || !(p.clock.tasks[0].Seconds >= 0) {
		t.Errorf("booked %v", p.clock.tasks)
	}
}
