package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"flowbook/datasets"
	"flowbook/datasets/nslkdd"
	"flowbook/eval"
	"flowbook/eval/hypothesis"
	"flowbook/eval/metric"
	"flowbook/internal/exhibit"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/baseline"
	"flowbook/reports"
)

func newJudge() *cobra.Command {
	var j judge
	cmd := &cobra.Command{
		Use:   "judge nslkdd [PREDICTIONS.csv]",
		Short: "Judge predictions of KDDTest+ made by any program",
		Long: `judge reads predictions of KDDTest+ from a CSV file and writes the evidence as Markdown:
every measure with its interval, the baselines beside it, attack types that training
showed and those it did not, what alarms would be worth at low base rates, rows that
training has word for word, and paired tests against every learner of the report.

The file's first line is "row,score" or "row,label". Rows are those of KDDTest+, counted
from 1, each once and in any order; a score is the probability of an attack, from 0 to 1,
and one half or more is an alarm; a label is attack or normal (or 1 or 0).

--claim asks of published figures whether any confusion matrix of KDDTest+ has them all
at once, to the digits given, and whether they beat one rule on one feature; it needs no
file. Names: accuracy, precision, recall, fpr, specificity, f1, mcc.`,
		Example: "  flowbook judge nslkdd predictions.csv\n  flowbook judge nslkdd --claim accuracy=0.99,recall=0.98,precision=0.97",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] != "nslkdd" {
				return usagef("there is nothing to judge on %q yet; have nslkdd", args[0])
			}
			if (len(args) == 1 || args[1] == "") && j.claim == "" {
				return usagef("judge wants a file of predictions, or --claim")
			}
			if err := folderOf(j.to); err != nil {
				return err
			}
			claims, err := parseClaims(j.claim)
			if err != nil {
				return err
			}
			if len(args) == 2 {
				j.file = args[1]
			}
			ctx, done := progress(cmd, j.quiet)
			page, err := j.run(ctx, claims)
			done()
			if err != nil {
				return fmt.Errorf("judge: %w", err)
			}
			if j.to != "" {
				return datasets.WriteFile(j.to, page)
			}
			_, err = cmd.OutOrStdout().Write(page)
			return err
		},
	}
	cmd.Flags().StringVar(&j.data, "data", "", "data folder (else $FLOWBOOK_DATA, else ./data)")
	cmd.Flags().StringVar(&j.report, "report", filepath.Join("reports", "nslkdd"), "report whose learners are compared with")
	cmd.Flags().StringVar(&j.claim, "claim", "", "published figures to check: accuracy=0.99,recall=0.98")
	cmd.Flags().StringVar(&j.to, "to", "", "file to write; the standard output if left out")
	cmd.Flags().BoolVar(&j.quiet, "quiet", false, "no progress")
	return cmd
}

type judge struct {
	data, report, claim, to, file string
	quiet                         bool
}

func (j judge) run(ctx context.Context, claims []claim) ([]byte, error) {
	kdd, err := nslkdd.OpenOrSimulate(ctx, datasets.Folder(j.data), rng.New(1).At("simulator"), nslkdd.Whole)
	if err != nil {
		return nil, err
	}
	if j.file != "" && kdd.Origin.Kind != exhibit.Real {
		return nil, fmt.Errorf("there is no NSL-KDD under %s: predictions of KDDTest+ say nothing of simulated rows; run \"flowbook data fetch nslkdd\" or name the folder by --data", datasets.Folder(j.data))
	}
	test := kdd.Test.Open("judge predictions").WithTarget("is_attack")
	sheet := &reports.Sheet{Title: "Predictions of KDDTest+", Origin: kdd.Origin}
	var given *given
	if j.file != "" {
		if given, err = readGiven(j.file, test.Rows()); err != nil {
			return nil, err
		}
	}
	rule := baseline.OneRule{}
	held, err := holdGiven(ctx, kdd.Train.View().WithTarget("is_attack"), test, given)
	if err != nil {
		return nil, err
	}
	if given != nil {
		if err := j.evidence(sheet, held, *given, rule.Name(), kdd.Origin, test); err != nil {
			return nil, err
		}
	}
	if len(claims) > 0 {
		sheet.Heading("The figures claimed")
		checkClaims(sheet, claims, held, rule.Name())
	}
	return sheet.Markdown(), nil
}

// holdGiven judges the baselines and, where there are some, the predictions.
func holdGiven(ctx context.Context, train, test table.View, given *given) (*eval.Holdout, error) {
	trial := eval.Trial{Name: "judged", Target: "is_attack", Positive: "attack", Metrics: metric.Binary, Seed: rng.New(1)}
	learners := []models.Learner{baseline.Majority{}, baseline.Always{Class: "attack"}, baseline.OneRule{}}
	if given != nil {
		learners = append(learners, *given)
		if given.labels { // which rank nothing
			trial.Metrics = []metric.Metric{metric.MCC, metric.Accuracy, metric.Precision, metric.Recall, metric.FPR, metric.F1, metric.BalancedAccuracy}
		}
	}
	return trial.HoldoutSeeds(ctx, train, []eval.Split{{Name: "KDDTest+", View: test}}, 1, learners...)
}

// evidence shows what the predictions are worth.
func (j judge) evidence(sheet *reports.Sheet, held *eval.Holdout, g given, rule string, origin exhibit.Origin, test table.View) error {
	name := g.Name()
	mcc, ruled := held.Spread(name, metric.MCC, "KDDTest+"), held.Score(rule, metric.MCC, "KDDTest+")
	word := "more than"
	if mcc.Mean <= ruled {
		word = "no more than"
	}
	sheet.Textf("The predictions have an accuracy of %.4f and an MCC of %.4f (%.4f to %.4f), %s the %.4f of one rule on one feature.",
		held.Score(name, metric.Accuracy, "KDDTest+"), mcc.Mean, mcc.Low, mcc.High, word, ruled)
	sheet.Heading("Measures, with baselines")
	sheet.Show(held)
	sheet.Heading("Attacks that training showed, and attacks it did not")
	recalls, err := held.RecallBy(name, "KDDTest+", "attack")
	if err != nil {
		return err
	}
	kinds, err := seenAndUnseen(held, name, recalls, test)
	if err != nil {
		return err
	}
	sheet.Show(kinds, recalls)
	sheet.Heading("Against the learners of the report")
	sheet.Textf("Only rows on which one of two is right and the other wrong tell. Rows of one attack are near copies, so that the p are too small and the intervals too narrow; Holm's correction is over all learners.")
	return j.paired(sheet, g, test, origin)
}

// seenAndUnseen pools the recall of attack types by whether training has them, with
// intervals from drawing whole types.
func seenAndUnseen(held *eval.Holdout, name string, recalls *eval.Recalls, test table.View) (exhibit.Grid, error) {
	grid := exhibit.Grid{Title: "Recall of attack types in training and not", Caption: "95 % bootstrap interval over whole attack types.",
		Columns: []string{"attack types", "types", "rows", "recall"}}
	o, attack := held.Outcome(name, "KDDTest+"), test.Strings("attack")
	for _, seen := range []bool{true, false} {
		types := map[string]bool{}
		for _, l := range recalls.Levels {
			if l.Seen == seen {
				types[l.Level] = true
			}
		}
		var group []string
		var found []float64
		for i, a := range attack {
			if types[a] {
				group = append(group, a)
				hit := 0.0
				if o.Predicted(i) == o.Truth[i] {
					hit = 1
				}
				found = append(found, hit)
			}
		}
		what := map[bool]string{true: "in training", false: "not in training"}[seen]
		recall := func(rows []int) float64 {
			sum := 0.0
			for _, r := range rows {
				sum += found[r]
			}
			return sum / float64(len(rows))
		}
		cell := exhibit.Num(recall(upTo(len(found))))
		if len(types) > 1 {
			v, err := hypothesis.Bootstrap{Seed: rng.New(1).At(what)}.Groups(group, recall)
			if err != nil {
				return grid, err
			}
			cell = exhibit.Between(v.Value, v.Low, v.High, v.Level)
		}
		grid.Rows = append(grid.Rows, []exhibit.Cell{exhibit.Text(what), exhibit.Count(len(types)), exhibit.Count(len(group)), cell})
	}
	return grid, nil
}

func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// paired compares the predictions with what the report's learners said, row by row.
func (j judge) paired(sheet *reports.Sheet, g given, test table.View, origin exhibit.Origin) error {
	report, err := reports.ReadMetrics(filepath.Join(j.report, "metrics.json"))
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			sheet.Textf("There is no report at %s; run `flowbook run nslkdd`, or name one by --report.", j.report)
			return nil
		}
		return err
	}
	if report.Origin.Kind != origin.Kind {
		sheet.Textf("The report is of %s data, these are %s: nothing is compared.", string(report.Origin.Kind), string(origin.Kind))
		return nil
	}
	theirs, err := reports.ReadPredictions(filepath.Join(j.report, "predictions.json"))
	if errors.Is(err, fs.ErrNotExist) {
		sheet.Textf("The report at %s does not keep its learners' answers: nothing is compared. Run the experiment again.", j.report)
		return nil
	}
	if err != nil {
		return err
	}
	attack := attacks(test)
	grid := exhibit.Grid{Title: "Paired with each learner of the report", Caption: "Accuracy of both on KDDTest+; difference (yours less theirs) with its 95 % interval; McNemar's exact test.",
		Columns: []string{"learner", "its accuracy", "yours only right", "it only right", "difference", "p", "p (Holm)"}}
	var tests []hypothesis.Result
	var accuracies []float64
	for _, t := range theirs {
		if t.Split != "KDDTest+" {
			continue
		}
		if len(t.Said) != len(attack) || t.Positive != "attack" {
			return fmt.Errorf("%s: the answers of %s are for %d rows of %q; want %d of attack", j.report, t.Learner, len(t.Said), t.Positive, len(attack))
		}
		mine, its := make([]bool, len(attack)), make([]bool, len(attack))
		right := 0
		for i, truth := range attack {
			mine[i], its[i] = g.attack(i) == truth, t.Said[i] == truth
			if its[i] {
				right++
			}
		}
		r, err := hypothesis.McNemar(mine, its)
		if err != nil {
			return err
		}
		r.Subject = t.Learner
		tests, accuracies = append(tests, r), append(accuracies, float64(right)/float64(len(attack)))
	}
	tests = hypothesis.Holm(tests)
	order := upTo(len(tests))
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(accuracies[b], accuracies[a]) })
	for _, i := range order {
		r := tests[i]
		d := r.Extra[0]
		grid.Rows = append(grid.Rows, []exhibit.Cell{exhibit.Text(r.Subject), exhibit.Num(accuracies[i]), exhibit.Count(int(r.Statistic)), exhibit.Count(int(r.Get("c"))),
			exhibit.Between(d.Value, d.Low, d.High, d.Level), exhibit.P(r.P, r.Log10P), exhibit.P(r.PCorrected, r.Log10PCorrected)})
	}
	sheet.Show(grid)
	return nil
}

// attacks says of each row whether it is an attack.
func attacks(test table.View) []bool {
	out := make([]bool, test.Rows())
	for i, s := range test.Strings("is_attack") {
		out[i] = s == "attack"
	}
	return out
}
