package eval

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/eval/audit"
	"flowbook/eval/metric"
	"flowbook/eval/resample"
	"flowbook/internal/exhibit"
	"flowbook/internal/table"
	"flowbook/models"
)

// LeftOut is what learners made of labels that they were not shown: learner ×
// label, an attack type, say. Methods that take a name panic if it took no part.
type LeftOut struct {
	Trial      Trial
	Column     string   // the labels' column: "attack"
	Background string   // the label that training always had: "normal"
	Labels     []string // left out one at a time, most rows first, equal ones by name

	scores *Scores
	fold   []int // of each label
	rows   []int // of each label, all judged
	judged int   // background rows judged in each fold
	checks []exhibit.Check
}

// LeaveOut fits every learner once for each label of a column that has enough rows,
// on all rows but those of the label, and judges it on them and on background rows
// that no fold learns from (see resample.LeaveLabelOut). It needs a Positive class,
// and fails where rows of a label that is left out are not of it, or background
// rows are, and where the column is a feature. Rows with equal features are not
// learnt from and judged in one fold.
//
// Recall is that of the label's rows, the false positive rate that of the
// background rows, and ROC-AUC sets the one against the other; the trial's Metrics
// are not looked at. Learner l gets the seed Seed.At(l.Name()).Index("fold", i) for
// the i-th of the labels in the alphabet.
func (t Trial) LeaveOut(ctx context.Context, data table.View, column, background string, s resample.LeaveLabelOut, learners ...models.Learner) (*LeftOut, error) {
	t.Metrics = []metric.Metric{metric.Recall, metric.FPR, metric.ROCAUC}
	t, err := t.withDefaults(learners)
	if err != nil {
		return nil, err
	}
	if t.Positive == "" {
		return nil, fmt.Errorf("eval: %s: Positive is empty; say which class the labels left out are of", t.Name)
	}
	if data, err = t.target(data); err != nil {
		return nil, err
	}
	if _, err := data.Table().Lookup(column); err != nil {
		return nil, fmt.Errorf("eval: %s: leave out: %w", t.Name, err)
	}
	for _, f := range data.Features() {
		if f.Name == column {
			return nil, fmt.Errorf("eval: %s: leave out: column %q is among the features, where it tells the answer; give it the role label", t.Name, column)
		}
	}
	labels, names, err := data.WithTarget(column).Labels()
	if err != nil {
		return nil, fmt.Errorf("eval: %s: leave out %q: %w", t.Name, column, err)
	}
	at := slices.Index(names, background)
	if at < 0 {
		return nil, fmt.Errorf("eval: %s: no row has %s %q", t.Name, column, background)
	}
	folds, left, err := s.Split(labels, resample.GroupsOf(data), at)
	if err != nil {
		return nil, fmt.Errorf("eval: %s: leave out %q: %w", t.Name, column, err)
	}
	truth, classes, err := data.Labels()
	if err != nil {
		return nil, fmt.Errorf("eval: %s: %w", t.Name, err)
	}
	for r, l := range labels {
		if positive := classes[truth[r]] == t.Positive; positive && l == at || !positive && slices.Contains(left, l) {
			return nil, fmt.Errorf("eval: %s: row %d of %s %q is of class %q; the labels left out are %s, the background is not",
				t.Name, r, column, names[l], classes[truth[r]], t.Positive)
		}
	}
	scores, err := t.CrossValidate(ctx, data, folds, learners...)
	if err != nil {
		return nil, err
	}

	o := &LeftOut{Trial: scores.Trial, Column: column, Background: background, scores: scores}
	count := classCounts(labels, len(names))
	o.judged = len(folds.Test[0]) - count[left[0]]
	order := make([]int, len(left))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return count[left[b]] - count[left[a]] })
	for _, i := range order {
		o.Labels, o.fold, o.rows = append(o.Labels, names[left[i]]), append(o.fold, i), append(o.rows, count[left[i]])
	}
	list := checklist{trial: t.Name, split: "left out"}
	list.add(audit.Baselines(learners), nil)
	list.add(audit.Threshold(learners), nil)
	list.add(audit.FoldLeak(data, folds))
	o.checks = list.checks
	return o, nil
}

// Learners returns the names in the order given.
func (o *LeftOut) Learners() []string { return o.scores.names }

// Recall is the share of a label's rows that were called positive by a model that
// was fitted without the label. Its interval takes the rows for independent and the
// model for given: flows of one attack that come in bursts, other training rows or
// another seed would make it wider.
func (o *LeftOut) Recall(learner, label string) LevelRecall {
	i := index("label", label, o.Labels)
	share := o.value(learner, metric.Recall, i)
	return recallOf(label, o.rows[i], math.Round(share*float64(o.rows[i])), o.Trial.Level)
}

// AUC is the chance that a row of the label outranks a background row.
func (o *LeftOut) AUC(learner, label string) float64 {
	return o.value(learner, metric.ROCAUC, index("label", label, o.Labels))
}

func (o *LeftOut) value(learner string, m metric.Metric, label int) float64 {
	return o.scores.ByFold(learner, m)[o.fold[label]]
}

// MeanRecall is the mean of Recall over the labels, each label counting alike.
func (o *LeftOut) MeanRecall(learner string) float64 { return o.scores.Mean(learner, metric.Recall) }

// MeanAUC is the mean of AUC over the labels.
func (o *LeftOut) MeanAUC(learner string) float64 { return o.scores.Mean(learner, metric.ROCAUC) }

// FalseAlarms is the share of background rows called positive, the mean over the
// labels' models, of the same rows, with Wilson's interval of the mean number, of which
// the same holds as of Recall's.
func (o *LeftOut) FalseAlarms(learner string) LevelRecall {
	return recallOf(o.Background, o.judged, o.scores.Mean(learner, metric.FPR)*float64(o.judged), o.Trial.Level)
}

// Ranked returns the learners by MeanRecall, best first, ties in the order given.
func (o *LeftOut) Ranked() []string {
	var out []string
	for _, l := range o.scores.order(0) {
		out = append(out, o.scores.names[l])
	}
	return out
}

// Checks returns the audits that apply: is there a trivial learner, where does the
// threshold come from, does a fold judge copies of what it learnt from.
func (o *LeftOut) Checks() []exhibit.Check { return o.checks }

// Exhibit shows the learners by mean recall, then recall and ROC-AUC for each label.
//
// Measures are NAME/learner/recall/LABEL, NAME/learner/roc-auc/LABEL, their means
// over labels under mean-recall/left-out and mean-roc-auc/left-out, and
// NAME/learner/fpr/BACKGROUND.
func (o *LeftOut) Exhibit() exhibit.Exhibit {
	t := o.Trial
	all := 0
	for _, n := range o.rows {
		all += n
	}
	board := exhibit.Grid{
		Title: fmt.Sprintf("%s: %d learners, each %s left out in turn", t.Name, len(o.scores.names), o.Column),
		Caption: fmt.Sprintf("Means over %d models a learner, each fitted without one of the labels and judged on its rows (%d in all) and on %d rows of %s "+
			"that none was fitted on, with their %g %% Wilson interval. Sorted by mean recall, in which each label counts alike.",
			len(o.Labels), all, o.judged, o.Background, 100*t.Level),
		Columns: []string{"learner", "mean recall", "lowest", "labels mostly found", "mean ROC-AUC", "false positive rate", "size"},
	}
	recalls := exhibit.Grid{
		Title:   fmt.Sprintf("%s: recall of each %s left out", t.Name, o.Column),
		Caption: fmt.Sprintf("Share of the label's rows called %s by a model fitted without it, with %g %% Wilson intervals.", t.Positive, 100*t.Level),
		Columns: []string{o.Column, "rows"}, Folded: true,
	}
	aucs := exhibit.Grid{
		Title:   fmt.Sprintf("%s: ROC-AUC of each %s left out", t.Name, o.Column),
		Caption: fmt.Sprintf("Chance that a row of the label outranks a row of %s, for a model fitted without the label.", o.Background),
		Columns: []string{o.Column, "rows"}, Folded: true,
	}
	var e exhibit.Exhibit
	ranked := o.Ranked()
	for _, l := range ranked {
		lowest, found := math.Inf(1), 0
		for i, label := range o.Labels {
			r := o.Recall(l, label)
			lowest = min(lowest, r.Recall)
			if r.Recall > 0.5 {
				found++
			}
			e.Measures = append(e.Measures,
				exhibit.Measure{ID: exhibit.ID(t.Name, l, "recall", label), Value: r.Recall, Low: r.Low, High: r.High, Level: t.Level, Rows: r.Rows},
				exhibit.Number(exhibit.ID(t.Name, l, "roc-auc", label), o.AUC(l, label), o.rows[i]+o.judged))
		}
		alarms, at := o.FalseAlarms(l), index("learner", l, o.scores.names)
		board.Rows = append(board.Rows, []exhibit.Cell{exhibit.Text(label(o.scores.learners[at])), exhibit.Num(o.MeanRecall(l)), exhibit.Num(lowest),
			exhibit.Text(fmt.Sprintf("%d of %d", found, len(o.Labels))), exhibit.Num(o.MeanAUC(l)),
			exhibit.Between(alarms.Recall, alarms.Low, alarms.High, t.Level), o.scores.cost(at).cell()})
		e.Measures = append(e.Measures, exhibit.Number(exhibit.ID(t.Name, l, "mean-recall", "left-out"), o.MeanRecall(l), all),
			exhibit.Number(exhibit.ID(t.Name, l, "mean-roc-auc", "left-out"), o.MeanAUC(l), all+o.judged),
			exhibit.Measure{ID: exhibit.ID(t.Name, l, "fpr", o.Background), Value: alarms.Recall, Low: alarms.Low, High: alarms.High, Level: t.Level, Rows: o.judged})
	}
	for i, label := range o.Labels {
		found := []exhibit.Cell{exhibit.Text(label), exhibit.Count(o.rows[i])}
		above := slices.Clone(found)
		for _, l := range ranked {
			r := o.Recall(l, label)
			found, above = append(found, exhibit.Between(r.Recall, r.Low, r.High, t.Level)), append(above, exhibit.Num(o.AUC(l, label)))
		}
		recalls.Rows, aucs.Rows = append(recalls.Rows, found), append(aucs.Rows, above)
	}
	recalls.Columns, aucs.Columns = append(recalls.Columns, ranked...), append(aucs.Columns, ranked...)
	e.Grids = []exhibit.Grid{board, recalls, aucs}
	e.Checks = o.checks
	mark := o.scores.Folds.Fingerprint()
	mark.Name = t.Name + ": " + mark.Name
	e.Fingerprints = []exhibit.Fingerprint{mark}
	for l, name := range o.scores.names {
		fit, predict := o.scores.seconds(l)
		e.Timings = append(e.Timings, exhibit.Timing{ID: exhibit.ID(t.Name, name, "left-out", "fit"), Seconds: fit},
			exhibit.Timing{ID: exhibit.ID(t.Name, name, "left-out", "predict"), Seconds: predict})
	}
	return e
}
