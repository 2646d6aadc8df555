package main

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"flowbook/datasets"
	"flowbook/datasets/nslkdd"
	"flowbook/eval"
	"flowbook/internal/rng"
	"flowbook/models"
	"flowbook/models/saved"
	"flowbook/reports"
)

func newTrain() *cobra.Command {
	var t train
	cmd := &cobra.Command{
		Use:   "train nslkdd",
		Short: "Fit a learner and save the model",
		Long: `train fits a learner to KDDTrain+ and saves the model with what it was made from:
data and checksums, seed, parameters. No test set is opened; "flowbook run" judges
models. Without data it fits on simulated rows, and the file says so: such a model is
for trying things out.

The learners are those of "flowbook bench", by the same names: ` + strings.Join(learnerNames(), ", ") + `.
Targets: is_attack (attack or normal), class (normal and four kinds of attack), attack
(each attack by its name). With --threshold, for is_attack, the threshold with the best
Matthews correlation in three folds of the training rows becomes a part of the model.`,
		Example: "  flowbook train nslkdd --learner rf --to forest.flowbook\n  flowbook train nslkdd --learner gbdt --target class --to boost.flowbook",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] != "nslkdd" {
				return usagef("there is nothing to train on %q yet; have nslkdd", args[0])
			}
			if err := t.check(); err != nil {
				return err
			}
			ctx, done := progress(cmd, t.quiet)
			said, err := t.run(ctx)
			done() // before anything else is printed
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), said)
			return err
		},
	}
	cmd.Flags().StringVar(&t.learner, "learner", "rf", "what to fit: "+strings.Join(learnerNames(), ", "))
	cmd.Flags().StringVar(&t.target, "target", "is_attack", "what to predict: is_attack, class or attack")
	cmd.Flags().StringVar(&t.to, "to", "", "file to write")
	cmd.Flags().StringVar(&t.data, "data", "", "data folder (else $FLOWBOOK_DATA, else ./data)")
	cmd.Flags().Uint64Var(&t.seed, "seed", 1, "root of all random numbers")
	cmd.Flags().BoolVar(&t.threshold, "threshold", false, "choose the threshold within the training rows")
	cmd.Flags().BoolVar(&t.small, "small", false, "simulate a tenth of the rows, where there are no data")
	cmd.Flags().BoolVar(&t.quiet, "quiet", false, "no progress")
	return cmd
}

type train struct {
	learner, target, to, data string
	seed                      uint64
	threshold, small, quiet   bool
}

func learnerNames() []string {
	var names []string
	for _, e := range learners() {
		names = append(names, e.name)
	}
	return names
}

func (t train) check() error {
	targets := []string{"is_attack", "class", "attack"}
	switch {
	case t.to == "":
		return usagef("--to FILE says where to save the model")
	case !slices.Contains(learnerNames(), t.learner):
		return usagef("--learner: there is no learner %q; have %s", t.learner, strings.Join(learnerNames(), ", "))
	case !slices.Contains(targets, t.target):
		return usagef("--target is %q; want one of %s", t.target, strings.Join(targets, ", "))
	case t.threshold && t.target != "is_attack":
		return usagef("--threshold is for two classes; --target is %s", t.target)
	}
	return folderOf(t.to)
}

// run fits, saves, and says what it did.
func (t train) run(ctx context.Context) (string, error) {
	size := nslkdd.Whole
	if t.small {
		size = nslkdd.Small
	}
	kdd, err := nslkdd.OpenOrSimulate(ctx, datasets.Folder(t.data), rng.New(t.seed).At("simulator"), size)
	if err != nil {
		return "", err
	}
	all := learners()
	e := all[slices.Index(learnerNames(), t.learner)]
	seed := rng.New(t.seed).At("train").At(e.name)
	p := saved.Provenance{
		Learner: e.learner.Name(), Flowbook: reports.Version, Experiment: "flowbook train nslkdd", Origin: kdd.Origin,
		Seed: seed.String(), Parameters: parameters(e.learner),
	}
	learner := models.WithSeed(e.learner, seed)
	if t.threshold {
		learner = models.WithSeed(eval.Thresholded{Learner: e.learner, Positive: "attack"}, seed)
		p.Learner = learner.Name()
		p.Parameters["threshold"] = learner.(eval.Thresholded).ThresholdRule()
	}
	rows := kdd.Train.View().WithTarget(t.target)
	model, err := learner.Fit(ctx, rows)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := saved.Write(ctx, &b, model, p, rows); err != nil {
		return "", err
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if err := datasets.WriteFile(t.to, b.Bytes()); err != nil {
		return "", fmt.Errorf("train: %w", err)
	}
	return fmt.Sprintf("%s on %d rows of %s: %d bytes\n%s", p.Learner, rows.Rows(), kdd.Origin.Label(), b.Len(), t.to), nil
}

// parameters are the exported fields of a learner that are not their zero value, by
// name; those behind encoders are those of the learner itself.
func parameters(l models.Learner) map[string]string {
	if u, ok := l.(interface{ Unwrap() models.Learner }); ok {
		return parameters(u.Unwrap())
	}
	out := map[string]string{}
	v := reflect.ValueOf(l)
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() || v.Field(i).IsZero() || f.Type == reflect.TypeFor[rng.Seed]() {
			continue
		}
		switch x := v.Field(i).Interface().(type) {
		case models.Learner:
			out[f.Name] = x.Name()
		case []models.Learner:
			var names []string
			for _, l := range x {
				names = append(names, l.Name())
			}
			out[f.Name] = strings.Join(names, ", ")
		default:
			out[f.Name] = fmt.Sprint(x)
		}
	}
	return out
}
