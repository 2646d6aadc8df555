package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"flowbook/datasets"
	"flowbook/datasets/nslkdd"
	"flowbook/internal/par"
	"flowbook/internal/rng"
	"flowbook/reports"
)

func newData() *cobra.Command {
	var dir string
	var quiet bool
	cmd := &cobra.Command{
		Use:   "data",
		Short: "Look at, download, check, simulate and calibrate data sets",
		Long: `data looks after the data folder: --data DIR, else $FLOWBOOK_DATA, else ./data.
Files lie in it as SET/FILE or SET/FILE.gz and are known by the SHA-256 of their
decompressed content. Nothing is downloaded unless "data fetch" is asked.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.PersistentFlags().StringVar(&dir, "data", "", "data folder (else $FLOWBOOK_DATA, else ./data)")
	cmd.PersistentFlags().BoolVar(&quiet, "quiet", false, "no progress")
	work := func(cmd *cobra.Command) (context.Context, func()) {
		if quiet {
			return cmd.Context(), func() {}
		}
		p := reports.NewProgress(cmd.Context(), cmd.ErrOrStderr())
		return par.WithProgress(cmd.Context(), p), p.Close
	}

	cmd.AddCommand(&cobra.Command{
		Use:     "status [SET …]",
		Short:   "Which files are there, and are they the published bytes?",
		Example: "  flowbook data status\n  flowbook data status nslkdd",
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, done := work(cmd)
			_, err := status(ctx, cmd, datasets.Folder(dir), args, false)
			done()
			return err
		},
	}, &cobra.Command{
		Use:     "verify SET …",
		Short:   "Like status, but fails unless every needed file is there and right",
		Example: "  flowbook data verify nslkdd",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, done := work(cmd)
			wrong, err := status(ctx, cmd, datasets.Folder(dir), args, true)
			done()
			if err == nil && wrong > 0 {
				err = fmt.Errorf("missing or altered files: %d; get them with \"flowbook data fetch %s\"", wrong, strings.Join(args, " "))
			}
			return err
		},
	}, &cobra.Command{
		Use:   "fetch SET …",
		Short: "Download a set and check its sums",
		Long: `fetch downloads the files of a set that are not there yet, checks the SHA-256
of each and only then gives it its name. FLOWBOOK_MIRROR=BASE takes them from
BASE/<folder>/<file>[.gz] instead of the published addresses. A file that is there
with another sum is kept as <file>.altered.`,
		Example: "  flowbook data fetch nslkdd",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			sets, err := lookup(args)
			if err != nil {
				return err
			}
			for _, info := range sets {
				fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\nlicence: %s\ncite: %s\n", info.Name, info.Source, info.Licence, info.Citation)
				ctx, done := work(cmd)
				err := datasets.Fetch(ctx, info, datasets.Folder(dir), "")
				done()
				if err != nil {
					return fmt.Errorf("%w\n(FLOWBOOK_MIRROR=URL takes the files from another place; see --help)", err)
				}
			}
			_, err = status(cmd.Context(), cmd, datasets.Folder(dir), args, true)
			return err
		},
	}, newSimulate(), newCalibrate(&dir))
	return cmd
}

func lookup(names []string) ([]datasets.Info, error) {
	if len(names) == 0 {
		return datasets.All(), nil
	}
	var sets []datasets.Info
	for _, name := range names {
		info, err := datasets.Lookup(name)
		if err != nil {
			return nil, usageError{err}
		}
		sets = append(sets, info)
	}
	return sets, nil
}

// status prints a line a file and counts the needed ones that are not right.
func status(ctx context.Context, cmd *cobra.Command, dir string, args []string, needed bool) (wrong int, err error) {
	sets, err := lookup(args)
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "data folder: %s\n", dir)
	out := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "SET\tFILE\tSTATE\tBYTES\tSHA-256")
	for _, info := range sets {
		for _, s := range datasets.Status(ctx, info, dir) {
			if needed && s.Optional && s.State == datasets.Absent {
				continue
			}
			if ok := s.State == datasets.Right || s.State == datasets.Recorded || s.State == datasets.Unrecorded; !ok && !s.Optional {
				wrong++
			}
			fmt.Fprintf(out, "%s\t%s\t%s\t%d\t%s\n", info.Name, s.Name, s.State, s.Size, s.Sum)
			if s.Err != nil {
				fmt.Fprintf(out, "\t\t%v\n", s.Err)
			}
		}
		if err := ctx.Err(); err != nil {
			return 0, err
		}
	}
	return wrong, out.Flush()
}

func newSimulate() *cobra.Command {
	var out string
	var seed uint64
	var small bool
	cmd := &cobra.Command{
		Use:   "simulate SET",
		Short: "Write a simulated copy of a set, in the published format",
		Long: `simulate writes files of the published format and size whose rows are drawn from
the committed calibration: never evidence, but good for trying things out. Such a
folder is refused as the real set, because the sums differ.`,
		Example: "  flowbook data simulate nslkdd --out /tmp/simulated",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] != "nslkdd" {
				return usagef("there is no simulator for %q yet; have nslkdd", args[0])
			}
			if out == "" {
				return usagef("--out DIR says where to write")
			}
			size := nslkdd.Whole
			if small {
				size = nslkdd.Small
			}
			set, err := nslkdd.Simulate(cmd.Context(), rng.New(seed).At("simulator"), size)
			if err != nil {
				return err
			}
			return nslkdd.WriteFiles(set, out)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "folder to write into; made if it is not there")
	cmd.Flags().Uint64Var(&seed, "seed", 1, "root of all random numbers")
	cmd.Flags().BoolVar(&small, "small", false, "a tenth of the rows")
	return cmd
}

func newCalibrate(dir *string) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "calibrate SET",
		Short: "Measure the real set and write what its simulator draws from",
		Long: `calibrate reads the real set and writes marginal quantiles, level shares and rank
correlations per attack type, never rows; see the data set's README.`,
		Example: "  flowbook data calibrate nslkdd --out datasets/nslkdd/calibration.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] != "nslkdd" {
				return usagef("there is no simulator to calibrate for %q yet; have nslkdd", args[0])
			}
			if out == "" {
				return usagef("--out FILE says where to write")
			}
			set, err := nslkdd.Open(cmd.Context(), datasets.Folder(*dir))
			if err != nil {
				return err
			}
			c, err := nslkdd.Calibrate(cmd.Context(), set)
			if err != nil {
				return err
			}
			text, err := c.JSON()
			if err != nil {
				return err
			}
			return datasets.WriteFile(out, text)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "file to write")
	return cmd
}
