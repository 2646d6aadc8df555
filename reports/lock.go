package reports

import (
	"context"
	"fmt"
	"os"
	"time"
)

// lock keeps two commits to one place apart. It is the kernel's lock on the
// record's own lock file: it goes with the process that held it, so a killed run
// leaves none behind.
func (p place) lock(ctx context.Context) (unlock func(), err error) {
	name := p.hidden("reports", "lock")
	for wait := time.Millisecond; ; wait = min(2*wait, 250*time.Millisecond) {
		f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o644)
		if err != nil {
			return nil, fmt.Errorf("reports: %w", err)
		}
		if held, err := tryLock(f); err != nil {
			f.Close()
			return nil, fmt.Errorf("reports: %s: %w", name, err)
		} else if held && sameFile(f, name) {
			return func() { _ = os.Remove(name); f.Close() }, nil
		}
		f.Close() // held by another, or removed by its last holder while we waited
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("reports: %s is being written by another run: %w", p.dir("reports"), ctx.Err())
		case <-time.After(wait):
		}
	}
}

// sameFile reports whether the open file is still the one of that name.
func sameFile(f *os.File, name string) bool {
	a, err := f.Stat()
	if err != nil {
		return false
	}
	b, err := os.Stat(name)
	return err == nil && os.SameFile(a, b)
}
