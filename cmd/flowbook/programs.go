package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// An experiment is a program flowbook-NAME beside this one, as git has it, so
// that the command works from any folder.

// programs returns the experiments beside this executable, by name.
func programs() (map[string]string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if self, err = filepath.EvalSymlinks(self); err != nil {
		return nil, err
	}
	found, err := filepath.Glob(filepath.Join(filepath.Dir(self), "flowbook-*"))
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, path := range found {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), "flowbook-"), ".exe")
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			all[name] = path
		}
	}
	return all, nil
}

// chosen returns the names that args ask for, "all" meaning every one, in order.
func chosen(args []string) ([]string, map[string]string, error) {
	all, err := programs()
	if err != nil {
		return nil, nil, err
	}
	have := sortedKeys(all)
	if len(have) == 0 {
		return nil, nil, fmt.Errorf("no experiment lies beside this program; build them with \"make build\"")
	}
	if slices.Contains(args, "all") {
		return have, all, nil
	}
	for _, name := range args {
		if all[name] == "" {
			return nil, nil, usagef("there is no experiment %q; have %s", name, strings.Join(have, ", "))
		}
	}
	return args, all, nil
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// child prepares a program that shares our streams and is told, not killed, when
// we are interrupted.
func child(ctx context.Context, path string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, path, args...)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = 30 * time.Second
	return c
}

// description is what an experiment answers to --describe.
type description struct {
	Name     string `json:"name"`
	Title    string `json:"title"`
	Question string `json:"question"`
	Data     string `json:"data"`
}

func describe(ctx context.Context, path string) (description, error) {
	var d description
	out, err := exec.CommandContext(ctx, path, "--describe").Output()
	if err != nil {
		return d, fmt.Errorf("%s --describe: %w", filepath.Base(path), err)
	}
	if err := json.Unmarshal(out, &d); err != nil {
		return d, fmt.Errorf("%s --describe: %w", filepath.Base(path), err)
	}
	return d, nil
}

func newRun() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run NAME|all …",
		Short: "Run experiments and write their reports",
		Long: `run executes one or more experiments. A run on real data writes
reports/NAME and plots/NAME; one on simulated data, or with --quick, writes the
same two trees under out/. The last line printed is the page's path.`,
		Example: "  flowbook run nslkdd\n  flowbook run all --quick\n  flowbook run nslkdd --data ~/data --out /tmp/look",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			names, paths, err := chosen(args)
			if err != nil {
				return err
			}
			pass, err := f.args()
			if err != nil {
				return err
			}
			for _, name := range names {
				if err := child(cmd.Context(), paths[name], pass...).Run(); err != nil {
					return err
				}
			}
			return nil
		},
	}
	f.add(cmd)
	return cmd
}

// runFlags are the flags that every experiment understands; see reports.Main.
type runFlags struct {
	data, out          string
	seed               uint64
	quick, full, quiet bool
	jobs               int
}

func (f *runFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.data, "data", "", "data folder (else $FLOWBOOK_DATA, else ./data)")
	cmd.Flags().StringVar(&f.out, "out", "", "write reports/NAME and plots/NAME below this folder")
	cmd.Flags().Uint64Var(&f.seed, "seed", 1, "root of all random numbers")
	cmd.Flags().BoolVar(&f.quick, "quick", false, "a first look, under a minute; written under out/")
	cmd.Flags().BoolVar(&f.full, "full", false, "everything, as long as it takes")
	cmd.Flags().IntVar(&f.jobs, "jobs", 0, "cores to use; 0 means all. The results do not depend on it")
	cmd.Flags().BoolVar(&f.quiet, "quiet", false, "no progress")
}

func (f *runFlags) args() ([]string, error) {
	if f.quick && f.full {
		return nil, usagef("--quick and --full exclude each other")
	}
	if f.jobs < 0 {
		return nil, usagef("--jobs is %d; want at least 0", f.jobs)
	}
	args := []string{fmt.Sprintf("--seed=%d", f.seed)}
	for _, s := range []struct{ flag, value string }{{"data", f.data}, {"out", f.out}} {
		if s.value != "" {
			args = append(args, "--"+s.flag+"="+s.value)
		}
	}
	for _, b := range []struct {
		flag string
		on   bool
	}{{"quick", f.quick}, {"full", f.full}, {"quiet", f.quiet}} {
		if b.on {
			args = append(args, "--"+b.flag)
		}
	}
	if f.jobs > 0 {
		args = append(args, fmt.Sprintf("--jobs=%d", f.jobs))
	}
	return args, nil
}
