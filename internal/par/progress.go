package par

import "context"

// Progress shows how far long work has come. It travels in the context, so that
// no signature mentions it; without one, Track costs nothing.
type Progress interface {
	// Start announces a task of total steps; 0 means the number is not known.
	Start(task string, total int) Task
}

// Task is a piece of work under way. Its methods are safe for concurrent use.
type Task interface {
	Add(n int)
	Done()
}

type progressKey struct{}

// WithProgress returns a context that carries p.
func WithProgress(ctx context.Context, p Progress) context.Context {
	return context.WithValue(ctx, progressKey{}, p)
}

// Track starts a task on the context's Progress, if there is one.
func Track(ctx context.Context, task string, total int) Task {
	if p, ok := ctx.Value(progressKey{}).(Progress); ok {
		return p.Start(task, total)
	}
	return silent{}
}

type silent struct{}

func (silent) Add(int) {}
func (silent) Done()   {}
