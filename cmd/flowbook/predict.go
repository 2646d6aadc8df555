package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"flowbook/datasets"
	"flowbook/internal/par"
	"flowbook/models/saved"
	"flowbook/reports"
)

func newPredict() *cobra.Command {
	var to string
	var quiet bool
	cmd := &cobra.Command{
		Use:   "predict FILE ROWS.csv",
		Short: "Score rows of a CSV by a saved model",
		Long: `predict reads rows from a CSV file (- is the standard input), scores them by a
saved model and writes a CSV: "label", the class of the largest score, and a score
for each class; or "estimate" for a model of a number. Names of classes stand there as
the training data have them: a spreadsheet takes one that begins with = for a formula.

The first line names the columns. All that the model reads must be there, in any order;
others are passed over, and so are empty lines. An empty field is a missing value. Whole numbers must be
whole; times are 2006-01-02T15:04:05Z or microseconds since 1970. "flowbook model rows
FILE" writes such a file to start from. A wrong value ends the command with its line,
and --to then leaves what was there before.`,
		Example: "  flowbook predict forest.flowbook rows.csv\n  flowbook predict forest.flowbook rows.csv --to scores.csv",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := folderOf(to); err != nil {
				return err
			}
			f, err := openModel(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			var in io.Reader
			if args[1] == "-" {
				in = interruptible(cmd.Context(), cmd.InOrStdin())
			} else {
				file, err := os.Open(args[1])
				if err != nil {
					return fmt.Errorf("predict: %w", err)
				}
				defer file.Close()
				in = file
			}
			ctx, done := progress(cmd, quiet)
			defer done()
			if to == "" {
				return predict(ctx, f, args[1], in, cmd.OutOrStdout())
			}
			var b bytes.Buffer
			if err := predict(ctx, f, args[1], in, &b); err != nil {
				return err
			}
			return datasets.WriteFile(to, b.Bytes())
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "file to write; the standard output if left out")
	cmd.Flags().BoolVar(&quiet, "quiet", false, "no progress")
	return cmd
}

// interruptible ends with the context's error once that is done, also while in waits for
// a terminal or a pipe that says nothing.
func interruptible(ctx context.Context, in io.Reader) io.Reader {
	r, w := io.Pipe()
	context.AfterFunc(ctx, func() { w.CloseWithError(ctx.Err()) })
	go func() {
		_, err := io.Copy(w, in)
		w.CloseWithError(err)
	}()
	return r
}

// progress shows long work on stderr, unless quiet.
func progress(cmd *cobra.Command, quiet bool) (context.Context, func()) {
	if quiet {
		return cmd.Context(), func() {}
	}
	p := reports.NewProgress(cmd.Context(), cmd.ErrOrStderr())
	return par.WithProgress(cmd.Context(), p), p.Close
}

// Up to blockRows rows are read, scored and written at a time, fewer where many classes
// would make more than blockScores scores of them.
const (
	blockRows   = 8192
	blockScores = 1 << 24
)

func predict(ctx context.Context, f *saved.File, name string, in io.Reader, out io.Writer) error {
	rows, err := newRowReader(name, in, f.Schema())
	if err != nil {
		return fmt.Errorf("predict: %w", err)
	}
	w := csv.NewWriter(out)
	a := answers{w, f}
	if err := a.header(); err != nil {
		return err
	}
	most := max(1, min(blockRows, blockScores/max(1, len(f.Header.Classes))))
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		block, err := rows.block(most)
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("predict: %w", err)
		}
		if c := f.Classifier(); c != nil {
			p, err := c.Predict(ctx, block)
			if err != nil {
				return fmt.Errorf("predict: %w", err)
			}
			for i := range p.Rows() {
				if err := a.row(p.Classes[p.Best(i)], p.Row(i)); err != nil {
					return err
				}
			}
		} else {
			y, err := f.Regressor().Estimate(ctx, block)
			if err != nil {
				return fmt.Errorf("predict: %w", err)
			}
			for _, v := range y {
				if err := a.row("", []float64{v}); err != nil {
					return err
				}
			}
		}
	}
	w.Flush()
	return w.Error()
}

// answers writes predictions as CSV: label and a score a class, or an estimate.
type answers struct {
	w    *csv.Writer
	file *saved.File
}

func (a answers) header() error {
	record := []string{"estimate"}
	if c := a.file.Classifier(); c != nil {
		record = []string{"label"}
		for _, class := range c.Classes() {
			record = append(record, "score "+class)
		}
	}
	return a.w.Write(record)
}

// row writes a label, where there are classes, and numbers to their last digit.
func (a answers) row(label string, numbers []float64) error {
	var record []string
	if a.file.Classifier() != nil {
		record = append(record, label)
	}
	for _, v := range numbers {
		record = append(record, strconv.FormatFloat(v, 'g', -1, 64))
	}
	return a.w.Write(record)
}
