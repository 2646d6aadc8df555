package reports

import (
	"context"
	"io"

	"flowbook/internal/par"
)

// Shown is the progress display of a command that writes no report.
type Shown struct {
	par.Progress
	close func()
}

// NewProgress shows progress on w as a run does: bars on a terminal, a line now
// and then elsewhere. The caller closes it before it writes to w again.
func NewProgress(ctx context.Context, w io.Writer) Shown {
	p := newProgress(ctx, w, false, newStopwatch())
	return Shown{p, p.close}
}

// Close takes the display down.
func (s Shown) Close() { s.close() }
