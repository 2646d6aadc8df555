package reports

import (
	"fmt"
	"runtime"
	"strings"
)

// locate finds the statement that the calling code belongs to: the nearest frame
// up the stack that is a chapter itself. The runtime's frames survive inlining
// and -trimpath, for functions are found by name and lines are the source's own.
func (p *program) locate(method string, pcs []uintptr) (at *part, line int, err error) {
	frames := runtime.CallersFrames(pcs)
	inRun := false
	for {
		f, more := frames.Next()
		name, ours := strings.CutPrefix(f.Function, p.symbols)
		name, _, _ = strings.Cut(name, "[")
		if c := p.chapters[name]; ours && c != nil {
			inRun = inRun || c == p.run
			if at == nil {
				at, line = c.statement(f.Line), f.Line
				if at == nil {
					return nil, 0, fmt.Errorf("%s:%d: reports: nb.%s ran as %s returned, from a deferred call; show results in a plain statement", c.file.name, f.Line, method, c.name)
				}
			}
		}
		if !more {
			break
		}
	}
	if !inRun {
		return nil, 0, fmt.Errorf("reports: nb.%s was called on another goroutine than %s; compute there and show the result here, in order", method, p.run.name)
	}
	return at, line, nil
}
