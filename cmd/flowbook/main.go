// Command flowbook runs and checks the experiments, and looks after their data.
//
//	flowbook list                 what there is to run, and on which data
//	flowbook run nslkdd           run an experiment and write its report
//	flowbook verify nslkdd        rerun a report and compare it byte for byte
//	flowbook data fetch nslkdd    download a data set and check its sums
//	flowbook bench nslkdd         time the learners beside scikit-learn
//	flowbook train nslkdd         fit a learner and save the model
//	flowbook model show FILE      what a saved model is; onnx exports it
//	flowbook predict FILE CSV     score rows by a saved model
//	flowbook judge nslkdd CSV     judge predictions made by any program
//	flowbook compare A B          set runs side by side
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"flowbook/reports"
)

// Exit codes of every program of the project.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(execute(ctx, newRoot(), os.Args[1:]))
}

// execute runs the command line and returns the exit code.
func execute(ctx context.Context, root *cobra.Command, args []string) int {
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	var use usageError
	var child *exec.ExitError
	switch {
	case err == nil:
		return 0
	case ctx.Err() != nil || errors.Is(err, context.Canceled):
		fmt.Fprintln(root.ErrOrStderr(), "flowbook: interrupted; nothing was left half-written")
		return exitInterrupted
	case errors.As(err, &child): // it has said what was wrong
		if code := child.ExitCode(); code > 0 {
			return code
		}
		return exitFailed
	case errors.As(err, &use) || !cmd.Runnable():
		fmt.Fprintf(root.ErrOrStderr(), "flowbook: %v\nSee \"%s --help\".\n", err, cmd.CommandPath())
		return exitUsage
	}
	fmt.Fprintf(root.ErrOrStderr(), "flowbook: %v\n", err)
	return exitFailed
}

// usageError is a command line that asks for something there is not.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "flowbook",
		Short: "A notebook-style workbench for network-flow and intrusion experiments",
		Long: `flowbook runs experiments on network flows. An experiment is a Go program that
reads top to bottom like a notebook; running it writes plots and a report that
anyone can rerun to the same bytes.

Data are looked for in --data DIR, else in the folder that FLOWBOOK_DATA names,
else in ./data. Without data an experiment runs on its simulator and says so.
Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.`,
		Version:       reports.Version,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(newList(), newRun(), newVerify(), newData(), newBench(), newTrain(), newModel(), newPredict(), newJudge(), newCompare())
	usage := func(_ *cobra.Command, err error) error { return usageError{err} }
	root.SetFlagErrorFunc(usage)
	wrapArgs(root)
	return root
}

// wrapArgs makes every command's complaint about its arguments a usage error.
func wrapArgs(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return usageError{err}
			}
			return nil
		}
	}
	for _, sub := range cmd.Commands() {
		wrapArgs(sub)
	}
}
