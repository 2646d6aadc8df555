package reports

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
)

// Version is flowbook's version, a part of every report.
const Version = "0.1.0"

// Options describes an experiment.
type Options struct {
	Name     string // folder name: "nslkdd"
	Title    string // what the experiment is called, some words; "" means Name
	Question string // one sentence for lists; "" means the notebook's "# " heading
	Data     string // data set, as "flowbook data fetch" knows it; "" where there is none to fetch
}

// failure is the panic that ends a run: an error and the place that raised it.
type failure struct {
	at  string
	err error
}

// Must returns v, or ends the run with the file and line of its caller if err is
// not nil. It is for experiments only; libraries return errors.
func Must[T any](v T, err error) T {
	if err != nil {
		_, file, line, _ := runtime.Caller(1)
		panic(failure{fmt.Sprintf("%s:%d", filepath.Base(file), line), err})
	}
	return v
}

// Check is Must for calls that return an error only.
func Check(err error) {
	if err != nil {
		_, file, line, _ := runtime.Caller(1)
		panic(failure{fmt.Sprintf("%s:%d", filepath.Base(file), line), err})
	}
}

// Main runs an experiment as a program: it reads the flags, calls run, writes the
// report and ends the process with 0, 1 (failed), 2 (usage) or 130 (interrupted).
func Main(sources fs.FS, run func(*Notebook), options Options) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the next one kills: nothing half-written can be left.
	context.AfterFunc(ctx, stop)
	os.Exit(Run(ctx, os.Args[1:], os.Stdout, os.Stderr, sources, run, options))
}

// Run is Main for tests: it takes the arguments, streams and context, and returns
// the exit code.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer, sources fs.FS, run func(*Notebook), options Options) int {
	return 1
}

var (
	_ = errors.New
	_ = flag.NewFlagSet
)
