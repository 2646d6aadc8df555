package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"flowbook/reports"
)

func newVerify() *cobra.Command {
	var data, out string
	var procs []int
	var tolerance float64
	cmd := &cobra.Command{
		Use:   "verify NAME|all …",
		Short: "Rerun reports with their own parameters and compare byte for byte",
		Long: `verify reruns each report with the seed and budget it names, once for each number of
cores, and compares every file with the folder: reports/NAME and plots/NAME, or
those below --out. On a difference it names the first measure that differs. It
refuses when the data at hand have another origin than the report's.

On another kind of machine the last bits of a sum may differ: --tolerance 1e-9
compares the measures as numbers and leaves the bytes alone.

It takes as long as the report's run, once for each number of cores.`,
		Example: "  flowbook verify nslkdd\n  flowbook verify nslkdd --out out --procs 1,2",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, p := range procs {
				if p < 1 {
					return usagef("--procs is %d; want numbers of cores, at least 1", p)
				}
			}
			if !(tolerance >= 0 && tolerance < 1) {
				return usagef("--tolerance is %v; want a number of at least 0 and below 1", tolerance)
			}
			names, paths, err := chosen(args)
			if err != nil {
				return err
			}
			all := len(args) == 1 && args[0] == "all"
			for _, name := range names {
				report := filepath.Join(out, "reports", name)
				if _, err := os.Stat(filepath.Join(report, "metrics.json")); os.IsNotExist(err) {
					if all {
						fmt.Fprintf(cmd.OutOrStdout(), "%s: no report in %s; nothing to verify\n", name, report)
						continue
					}
					return fmt.Errorf("there is no report in %s; make one with \"flowbook run %s\", or name the folder above reports/%s with --out", report, name, name)
				}
				_, err := reports.Verify(cmd.Context(), reports.VerifyOptions{
					Program: paths[name], Report: report, Plots: filepath.Join(out, "plots", name),
					Data: data, Procs: procs, Tolerance: tolerance, Log: cmd.OutOrStdout(),
				})
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&data, "data", "", "data folder (else $FLOWBOOK_DATA, else ./data)")
	cmd.Flags().StringVar(&out, "out", "", "folder that holds reports/NAME and plots/NAME (else this one)")
	cmd.Flags().IntSliceVar(&procs, "procs", []int{1, 2, 7}, "numbers of cores to rerun with")
	cmd.Flags().Float64Var(&tolerance, "tolerance", 0, "compare measures as numbers, to this relative difference")
	return cmd
}
