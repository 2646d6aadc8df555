package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"flowbook/datasets"
	"flowbook/models/onnx"
	"flowbook/models/saved"
)

func newModel() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "model",
		Short: "Look into a saved model, export it, or get rows to try it on",
		Long: `model works on files that "flowbook train" saves. Opening one checks
its checksum, all that it holds, and that it still gives the scores that were saved
with it. models/saved/FORMAT.md documents the form.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newModelShow(), newModelONNX(), newModelRows())
	return cmd
}

func newModelShow() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "show FILE",
		Short:   "What the model is, what it reads, where it comes from, and its self-test",
		Example: "  flowbook model show forest.flowbook\n  flowbook model show forest.flowbook --json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := openModel(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if asJSON {
				b, err := json.MarshalIndent(f.Header, "", "  ")
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), escaped(string(b)))
				return err
			}
			return show(cmd.OutOrStdout(), f)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the header of the file")
	return cmd
}

func newModelONNX() *cobra.Command {
	var to string
	cmd := &cobra.Command{
		Use:   "onnx FILE",
		Short: "Export the model as ONNX, for programs other than flowbook",
		Long: `onnx writes trees, forests, gradient boosting, linear models, and bagging or voting of
these, with the encoders before them, as an ONNX file in float64: an input a column
(numbers as double, NaN missing; categories as text, "" missing), outputs "label" and
"scores". Other models are refused. It needs a runtime that knows TreeEnsemble of
ai.onnx.ml 5: onnxruntime 1.24 or later.`,
		Example: "  flowbook model onnx forest.flowbook --to forest.onnx",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if to == "" {
				return usagef("--to FILE says where to write")
			}
			if err := folderOf(to); err != nil {
				return err
			}
			f, err := openModel(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			var model any = f.Regressor()
			if c := f.Classifier(); c != nil {
				model = c
			}
			b, err := onnx.Export(model, cmp.Or(f.Header.Provenance.Learner, f.Header.Kind))
			if err != nil {
				return err
			}
			return datasets.WriteFile(to, b)
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "file to write")
	return cmd
}

func newModelRows() *cobra.Command {
	var to string
	cmd := &cobra.Command{
		Use:   "rows FILE",
		Short: "Write a CSV of synthetic rows that the model takes",
		Long: `rows writes the rows of the model's self-test with their header, in the form that
"flowbook predict" reads. They are synthetic: each value was drawn from its column by
itself. Of the last two, one lacks values and one has unknown levels, where the model
takes that.`,
		Example: "  flowbook model rows forest.flowbook --to rows.csv",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := folderOf(to); err != nil {
				return err
			}
			f, err := openModel(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			rows, err := f.Example()
			if err != nil {
				return err
			}
			b, err := writeRows(rows)
			if err != nil {
				return err
			}
			if to == "" {
				_, err = cmd.OutOrStdout().Write(b)
				return err
			}
			return datasets.WriteFile(to, b)
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "file to write; the standard output if left out")
	return cmd
}

// largestModel is the size beyond which a file is not read into memory.
const largestModel = 4 << 30

// openModel reads a saved model.
func openModel(ctx context.Context, path string) (*saved.File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, largestModel+1))
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	if int64(len(b)) > largestModel {
		return nil, fmt.Errorf("model: %s has more than %d bytes; no saved model does", path, int64(largestModel))
	}
	return saved.Read(ctx, path, b)
}

// folderOf fails early where a file could not be written for want of its folder, and
// where something else than a file would be replaced: a folder, or /dev/null.
func folderOf(to string) error {
	if to == "" {
		return nil
	}
	if info, err := os.Stat(filepath.Dir(to)); errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
		return fmt.Errorf("--to %s: there is no folder %s; make it first", to, filepath.Dir(to))
	}
	if info, err := os.Stat(to); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("--to %s: that is no file; name one, or one that is not there yet", to)
	}
	return nil
}

// show prints a model for people. Text from data is quoted where it is not plain.
func show(w io.Writer, f *saved.File) error {
	h, p := f.Header, f.Header.Provenance
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(name, format string, args ...any) {
		fmt.Fprintf(out, "%s\t%s\n", name, fmt.Sprintf(format, args...))
	}
	line("learner", "%s", shown(p.Learner))
	line("kind", "%s, %s", h.Kind, h.Task)
	if len(h.Classes) > 0 {
		line("classes", "%s", strings.Join(shownAll(h.Classes), ", "))
	}
	if h.Size != nil {
		line("size", "%d %s", h.Size.N, shown(h.Size.Unit))
	}
	if h.Threshold != nil {
		line("threshold", "%v for %s; scores are moved so that it lies at 0.5", h.Threshold.Score, shown(h.Threshold.Positive))
	}
	if h.Chosen != "" {
		line("chosen", "%s", shown(h.Chosen))
	}
	line("target", "%s", shown(p.Target))
	line("rows", "%d", p.Rows)
	if p.Origin.Kind != "" {
		line("data", "%s", shown(p.Origin.Label()))
	}
	if p.Origin.Note != "" {
		line("", "%s", shown(p.Origin.Note))
	}
	for _, file := range p.Origin.Files {
		line("", "%s, %d rows, sha256 %s", shown(file.Name), file.Rows, shown(file.SHA256))
	}
	if p.Seed != "" {
		line("seed", "%s", shown(p.Seed))
	}
	for _, name := range slices.Sorted(maps.Keys(p.Parameters)) {
		line("parameter", "%s = %s", shown(name), shown(p.Parameters[name]))
	}
	if p.Experiment != "" {
		line("made by", "%s", shown(p.Experiment))
	}
	line("saved by", "flowbook %s on %s", shown(p.Flowbook), shown(h.Machine.GOARCH))
	if p.Note != "" {
		line("note", "%s", shown(p.Note))
	}
	if h.KeepsRows {
		line("private", "the model holds rows of its training data: share it as you would share those")
	}
	if f.Test.Bits {
		line("self-test", "%d rows, every score to the bit", f.Test.Rows)
	} else {
		line("self-test", "%d rows, scores within %.2g of those on the machine that saved it", f.Test.Rows, f.Test.Difference)
	}
	if err := out.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	fmt.Fprintln(out, "COLUMN\tKIND\tUNIT\tLEVELS")
	for _, c := range h.Features {
		levels := ""
		if n := len(c.Levels); n > 0 {
			levels = fmt.Sprintf("%d: %s", n, strings.Join(shownAll(c.Levels[:min(n, 5)]), ", "))
			if n > 5 {
				levels += ", …"
			}
		}
		unit := ""
		if c.Unit != "" {
			unit = shown(c.Unit)
		}
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", shown(c.Name), c.Kind, unit, levels)
	}
	return out.Flush()
}
