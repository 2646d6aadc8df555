package audit

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/exhibit"
	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models"
)

// Pipeline is everything from raw rows to scores: it fits what it fits (encoders,
// scalers, a choice of features, a learner, a threshold) and scores the rows of test. A
// pipeline with a threshold moves its scores by it (decision.Cut), so that they tell
// what it decides. The same rows give the same scores, to the bit.
//
// What it may learn from test is what Snooping and TestTuned find out; so it must start
// from the rows it is handed. What was fitted before it is called cannot be seen.
type Pipeline func(ctx context.Context, train, test table.View) (models.Prediction, error)

// PipelineOf fits a learner on train and lets it score test.
func PipelineOf(l models.Learner) Pipeline {
	return func(ctx context.Context, train, test table.View) (models.Prediction, error) {
		model, err := l.Fit(ctx, train)
		if err != nil {
			return models.Prediction{}, err
		}
		return model.Predict(ctx, test)
	}
}

// Snooping asks whether a pipeline learns from the features of the rows it is judged
// on: a scaler fitted on all rows, a vocabulary, a choice of features, components,
// neighbours. It alters half of the test rows, runs the pipeline again, and compares
// the scores of the other half, which must be the same to the bit; then the halves
// change places. Rows are altered in two ways: their numbers go beyond all others (to
// twice the largest magnitude and one) and their categories to a level of their own;
// or they all become the first training row, which no pipeline can refuse. Means,
// ranges, quantiles, frequencies and neighbours move with one or the other. (Values
// shuffled among rows would leave means and ranges as they are.)
//
// Value: test rows whose scores changed in any of the four runs. One fails. Where train
// and test are rows of one table, both come from the altered one, so that a look at the
// whole table is found out; they must be rows apart. It costs six fits. It fails where
// the pipeline does, or gives other scores when run again on the same rows.
func Snooping(ctx context.Context, train, test table.View, split string, p Pipeline) (exhibit.Check, error) {
	c := exhibit.Check{
		ID:    "snooping",
		Title: fmt.Sprintf("Do scores of %s depend on other rows of it?", split),
		Unit:  "rows",
		Limit: "0",
	}
	err := poke(ctx, &c, train, test, p, "features of other test rows", []alteration{
		{"half of the test rows out of range", 0, beyond}, {"the other half out of range", 1, beyond},
		{"half of the test rows copies of a training row", 0, copied}, {"the other half copies", 1, copied},
	})
	return c, err
}

// TestTuned asks whether a pipeline learns from the labels of the rows it is judged on: a
// threshold, a number of rounds or a choice of features or learners picked by test
// scores. It runs the pipeline again with each test label replaced by the next class,
// with every other one so, and with the labels shuffled; all scores must stay as they
// are, to the bit.
//
// Value: test rows whose scores changed in any of the three runs. One fails. It costs
// five fits; the rest is as in Snooping, which what is chosen by test scores fails too.
func TestTuned(ctx context.Context, train, test table.View, split string, p Pipeline) (exhibit.Check, error) {
	c := exhibit.Check{
		ID:    "test-tuned",
		Title: fmt.Sprintf("Was anything chosen by the labels of %s?", split),
		Unit:  "rows",
		Limit: "0",
	}
	for _, v := range []table.View{train, test} {
		if _, _, err := v.Labels(); err != nil {
			return c, fmt.Errorf("audit: %s: %w", c.ID, err)
		}
	}
	err := poke(ctx, &c, train, test, p, "labels of test rows", []alteration{
		{"every label another class", -1, relabelled(1)}, {"every other label another class", -1, relabelled(2)},
		{"labels shuffled", -1, shuffled},
	})
	return c, err
}

// poke runs a pipeline with and without alterations and fills the check.
func poke(ctx context.Context, c *exhibit.Check, train, test table.View, p Pipeline, what string, alterations []alteration) error {
	if err := unsealed(train, test); err != nil {
		return err
	}
	if err := apart(train, test); err != nil {
		return fmt.Errorf("audit: %s: %w", c.ID, err)
	}
	task := par.Track(ctx, "audit: "+c.ID, len(alterations)+2)
	defer task.Done()
	run := func(name string, train, test table.View) (models.Prediction, error) {
		if err := ctx.Err(); err != nil {
			return models.Prediction{}, fmt.Errorf("audit: %s: %w", c.ID, err)
		}
		got, err := p(ctx, train, test)
		if err != nil {
			return got, fmt.Errorf("audit: %s: with %s: %w", c.ID, name, err)
		}
		if got.Rows() != test.Rows() {
			return got, fmt.Errorf("audit: %s: with %s the pipeline scored %d rows of %d", c.ID, name, got.Rows(), test.Rows())
		}
		task.Add(1)
		return got, nil
	}
	base, err := run("rows as they are", train, test)
	if err != nil {
		return err
	}
	again, err := run("rows as they are, once more", train, test)
	if err != nil {
		return err
	}
	for i := range base.Rows() {
		if moved(base, again, i) != "" {
			return fmt.Errorf("audit: %s: the pipeline scores row %s as %s when run twice; give it a seed", c.ID, place(test, i), moved(base, again, i))
		}
	}
	changed := make([]bool, test.Rows())
	by := ""
	n := 0
	for _, a := range alterations {
		newTrain, newTest, err := a.of(train, test)
		if err != nil {
			return fmt.Errorf("audit: %s: %w", c.ID, err)
		}
		got, err := run(a.name, newTrain, newTest)
		if err != nil {
			return err
		}
		for i := range changed {
			if a.half >= 0 && i%2 == a.half || changed[i] {
				continue
			}
			if m := moved(base, got, i); m != "" {
				changed[i] = true
				if n++; n <= maxRows {
					c.Rows = append(c.Rows, fmt.Sprintf("%s: %s, with %s", place(test, i), m, a.name))
				}
				if by == "" {
					by = a.name
				}
			}
		}
	}
	c.Value, c.Status = float64(n), exhibit.Pass
	c.Detail = fmt.Sprintf("No score of %d rows moved when the %s were altered in %d ways.", len(changed), what, len(alterations))
	if n > 0 {
		c.Status = exhibit.Fail
		c.Detail = fmt.Sprintf("Scores of %d of %d rows moved when the %s were altered, first with %s: the pipeline learns from them.", n, len(changed), what, by)
	}
	return nil
}

// apart checks that there are rows on both sides, and none on both.
func apart(train, test table.View) error {
	if train.Rows() == 0 || test.Rows() == 0 {
		return fmt.Errorf("%d training and %d test rows; want some of each", train.Rows(), test.Rows())
	}
	seen := map[int]string{}
	views := []table.View{train, test}
	if train.Table() != test.Table() {
		views = views[1:]
	}
	for k, v := range views {
		side := []string{"train", "test"}[k+2-len(views)]
		for i := range v.Rows() {
			if was, ok := seen[v.Row(i)]; ok && (was != side || side == "test") {
				return fmt.Errorf("row %s is in test and in %s; want rows apart", place(v, i), was)
			}
			seen[v.Row(i)] = side
		}
	}
	return nil
}

// moved says how row i's scores changed, "" where they did not.
func moved(a, b models.Prediction, i int) string {
	if !slices.Equal(a.Classes, b.Classes) {
		return fmt.Sprintf("classes %q became %q", a.Classes, b.Classes)
	}
	for c, v := range a.Row(i) {
		if w := b.Row(i)[c]; math.Float64bits(v) != math.Float64bits(w) {
			return fmt.Sprintf("%.6g became %.6g for %s", v, w, a.Classes[c])
		}
	}
	return ""
}
