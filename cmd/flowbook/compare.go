package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"flowbook/datasets"
	"flowbook/reports"
	runs "flowbook/reports/compare"
)

func newCompare() *cobra.Command {
	var c comparing
	cmd := &cobra.Command{
		Use:   "compare [A B …]",
		Short: "Set runs side by side; without names, list all published reports",
		Long: `compare reads two or more report folders and writes, as Markdown, what was different
about how they were made, and every measure of which the value differs: both values with
their intervals, and where both runs judged the same folds the difference with its
interval and p, corrected for all such measures. A is the base; each other is set beside it.

--fail-if-worse MEASURE ends with exit code 1 if that measure is worse in B by more than
its uncertainty ("binary/random-forest/mcc/cv", say).

Without names it writes reports/README.md: a line for each report under reports/.`,
		Example: "  flowbook compare\n  flowbook compare reports/nslkdd out/reports/nslkdd\n  flowbook compare reports/nslkdd out/reports/nslkdd --fail-if-worse binary/random-forest/mcc/cv",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.index(cmd)
			}
			if len(args) == 1 {
				return usagef("compare wants two report folders or more, or none for the list of all")
			}
			if c.format != "markdown" && c.format != "html" && c.format != "json" {
				return usagef("--format is %q; want markdown, html or json", c.format)
			}
			if len(args) > 2 && c.format == "html" {
				return usagef("an HTML page holds two runs; want --format markdown or json for %d", len(args))
			}
			if err := folderOf(c.to); err != nil {
				return err
			}
			return c.run(cmd, args)
		},
	}
	cmd.Flags().StringVar(&c.format, "format", "markdown", "markdown, html or json")
	cmd.Flags().StringVar(&c.to, "to", "", "file to write; the standard output if left out")
	cmd.Flags().StringVar(&c.worse, "fail-if-worse", "", "id of a measure that must not be worse in B")
	return cmd
}

type comparing struct{ format, to, worse string }

func (c comparing) run(cmd *cobra.Command, folders []string) error {
	var all []runs.Run
	for _, f := range folders {
		r, err := runs.Read(f)
		if err != nil {
			return fmt.Errorf("compare: %w", err)
		}
		all = append(all, r)
	}
	var out bytes.Buffer
	var worse []string
	for _, b := range all[1:] {
		pair := runs.Runs(all[0], b)
		text, err := c.render(pair)
		if err != nil {
			return fmt.Errorf("compare: %w", err)
		}
		out.Write(text)
		if c.worse != "" {
			is, why, err := pair.Worse(c.worse)
			if err != nil {
				return err
			}
			if is {
				worse = append(worse, why)
			}
		}
	}
	if c.to != "" {
		if err := datasets.WriteFile(c.to, out.Bytes()); err != nil {
			return err
		}
	} else if _, err := cmd.OutOrStdout().Write(out.Bytes()); err != nil {
		return err
	}
	if worse != nil {
		return errors.New("compare: worse: " + strings.Join(worse, "; "))
	}
	return nil
}

func (c comparing) render(pair runs.Comparison) ([]byte, error) {
	switch c.format {
	case "html":
		return pair.Sheet().HTML()
	case "json":
		return comparisonJSON(pair)
	}
	return pair.Sheet().Markdown(), nil
}

// comparisonJSON writes one object a pair of runs, on a line of its own.
func comparisonJSON(c runs.Comparison) ([]byte, error) {
	type line struct {
		ID         string          `json:"id"`
		A          reports.Number  `json:"a"`
		B          reports.Number  `json:"b"`
		Difference reports.Number  `json:"difference"`
		Low        *reports.Number `json:"low,omitempty"`
		High       *reports.Number `json:"high,omitempty"`
		P          *reports.Number `json:"p,omitempty"`
		Holm       *reports.Number `json:"p_holm,omitempty"`
		Better     int             `json:"better"` // +1 B is better, -1 worse, 0 neither or unknown
	}
	out := struct {
		A       string              `json:"a"`
		B       string              `json:"b"`
		Changes []map[string]string `json:"changes"`
		Same    int                 `json:"same"`
		Lines   []line              `json:"measures"` // those that differ
		OnlyA   []string            `json:"only_a"`
		OnlyB   []string            `json:"only_b"`
	}{A: c.A.Name, B: c.B.Name, Changes: []map[string]string{}, Same: c.Same, Lines: []line{}, OnlyA: append([]string{}, c.OnlyA...), OnlyB: append([]string{}, c.OnlyB...)}
	for _, ch := range c.Changes {
		out.Changes = append(out.Changes, map[string]string{"what": ch.What, "a": ch.A, "b": ch.B})
	}
	number := func(v float64) *reports.Number {
		if math.IsNaN(v) {
			return nil
		}
		n := reports.Number(v)
		return &n
	}
	for _, l := range c.Lines {
		if l.Difference != 0 {
			out.Lines = append(out.Lines, line{l.ID, l.A.Value, l.B.Value, reports.Number(l.Difference), number(l.Low), number(l.High), number(l.P.P), number(l.Holm.P), l.Better})
		}
	}
	text, err := json.Marshal(out)
	return []byte(escaped(string(text)) + "\n"), err
}

// index writes reports/README.md from the reports there are.
func (c comparing) index(cmd *cobra.Command) error {
	found, err := filepath.Glob(filepath.Join("reports", "*", "metrics.json"))
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fmt.Errorf("compare: there is no report under reports/; run an experiment on real data first, from the project's folder")
	}
	var all []runs.Run
	for _, f := range found {
		r, err := runs.Read(filepath.Dir(f))
		if err != nil {
			return fmt.Errorf("compare: %w", err)
		}
		all = append(all, r)
	}
	to := filepath.Join("reports", "README.md")
	if old, err := os.ReadFile(to); err == nil && bytes.Equal(old, runs.Index(all)) {
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is up to date\n", to)
		return err
	}
	if err := datasets.WriteFile(to, runs.Index(all)); err != nil {
		return err
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), to)
	return err
}
