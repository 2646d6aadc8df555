package audit_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"

	"flowbook/eval/audit"
	"flowbook/internal/exhibit"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/baseline"
	"flowbook/models/encode"
	"flowbook/models/histtree"
	"flowbook/models/linear"
)

// halves are rows of one table.
func halves() (train, test table.View) {
	v := flows(rng.New(3), "flows", 400, 0).View()
	order := rng.New(3).Rand().Perm(400)
	return v.Take(order[:250]), v.Take(order[250:])
}

func snoop(t *testing.T, train, test table.View, p audit.Pipeline) exhibit.Check {
	t.Helper()
	c, err := audit.Snooping(context.Background(), train, test, "test", p)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func tuned(t *testing.T, train, test table.View, p audit.Pipeline) exhibit.Check {
	t.Helper()
	c, err := audit.TestTuned(context.Background(), train, test, "test", p)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// No learner of the house is accused, on rows of one table or of two, whatever cores.
func TestHonestPipelinesPass(t *testing.T) {
	train, test := halves()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, l := range []models.Learner{baseline.Majority{}, baseline.OneRule{}, histtree.Tree{}, histtree.Forest{Trees: 8, Seed: rng.New(1)},
		histtree.Boost{Trees: 8}, honest, encode.Then(linear.SVM{}, encode.Ordinal{}, encode.MinMax{})} {
		for procs, v := range map[int]table.View{1: test, 2: test.Materialize().View()} {
			runtime.GOMAXPROCS(procs)
			if c := snoop(t, train, v, audit.PipelineOf(l)); c.Status != exhibit.Pass || c.Value != 0 {
				t.Errorf("%s: %+v", l.Name(), c)
			}
			if c := tuned(t, train, v, audit.PipelineOf(l)); c.Status != exhibit.Pass || c.Value != 0 {
				t.Errorf("%s: %+v", l.Name(), c)
			}
		}
	}
}

// afterAll fits a step on the features of all rows, then a learner on train.
func afterAll(step encode.Step, l models.Learner) audit.Pipeline {
	return func(ctx context.Context, train, test table.View) (models.Prediction, error) {
		all, err := table.Concat("all", train.Materialize(), test.Materialize())
		if err != nil {
			return models.Prediction{}, err
		}
		fitted, err := step.Fit(ctx, all.View())
		if err != nil {
			return models.Prediction{}, err
		}
		a, err := fitted.Transform(ctx, train)
		if err != nil {
			return models.Prediction{}, err
		}
		b, err := fitted.Transform(ctx, test)
		if err != nil {
			return models.Prediction{}, err
		}
		return audit.PipelineOf(l)(ctx, a.View(), b.View())
	}
}

// wholeTable scales by all rows of the table behind train, which a view lets it see.
func wholeTable(ctx context.Context, train, test table.View) (models.Prediction, error) {
	scaler, err := encode.Pipeline(encode.OneHot{}, encode.MinMax{}).Fit(ctx, train.Table().View())
	if err != nil {
		return models.Prediction{}, err
	}
	a, err := scaler.Transform(ctx, train)
	if err != nil {
		return models.Prediction{}, err
	}
	b, err := scaler.Transform(ctx, test)
	if err != nil {
		return models.Prediction{}, err
	}
	return audit.PipelineOf(linear.Logistic{})(ctx, a.View(), b.View())
}

// byBatch sets scores by their rank among the test rows: no step is fitted on them, and
// yet a row's score is not its own.
func byBatch(ctx context.Context, train, test table.View) (models.Prediction, error) {
	p, err := audit.PipelineOf(honest)(ctx, train, test)
	if err != nil {
		return p, err
	}
	s := p.Scores("attack")
	sorted := slices.Sorted(slices.Values(s))
	for i, v := range s {
		at, _ := slices.BinarySearch(sorted, v)
		v = float64(at) / float64(len(sorted))
		p.P[2*i], p.P[2*i+1] = v, 1-v
	}
	return p, nil
}

func TestSnoopingIsFound(t *testing.T) {
	one, two := halves()
	apart := two.Materialize().View()
	for name, c := range map[string]exhibit.Check{
		"standardised":    snoop(t, one, apart, afterAll(encode.Pipeline(encode.OneHot{}, encode.Standardize{}), linear.Logistic{})),
		"min and max":     snoop(t, one, apart, afterAll(encode.Pipeline(encode.OneHot{}, encode.MinMax{}), linear.Logistic{})),
		"the whole table": snoop(t, one, two, wholeTable),
		"ranks in batch":  snoop(t, one, apart, byBatch),
	} {
		if c.ID != "snooping" || c.Status != exhibit.Fail || !(c.Value > 50) || len(c.Rows) != 5 || !strings.Contains(c.Rows[0], " became ") {
			t.Errorf("%s: %+v", name, c)
		}
	}
	if c := tuned(t, one, apart, afterAll(encode.Pipeline(encode.OneHot{}, encode.MinMax{}), linear.Logistic{})); c.Status != exhibit.Pass {
		t.Errorf("a scaler has no eye on labels: %+v", c)
	}
	if c := tuned(t, one, apart, tunedOnTest); c.ID != "test-tuned" || c.Status != exhibit.Fail || !(c.Value > 10) {
		t.Errorf("%+v", c)
	}
}

// A pipeline that reads what it is judged on is found out by each way to relabel, and
// names where.
func TestReadingTheLabelsIsFound(t *testing.T) {
	train, test := halves()
	c := tuned(t, train, test, func(_ context.Context, train, test table.View) (models.Prediction, error) {
		labels, classes, err := test.Labels()
		p := models.NewPrediction(classes, test.Rows())
		for i, l := range labels {
			p.Row(i)[l] = 1
		}
		return p, err
	})
	if c.Value != float64(test.Rows()) || c.Status != exhibit.Fail || !strings.Contains(c.Rows[0], "every label another class") {
		t.Errorf("%+v", c)
	}
}

func TestSnoopingRefuses(t *testing.T) {
	train, test := halves()
	ctx := context.Background()
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	flaky := 0
	for _, c := range []struct {
		what string
		call func() error
		want string
	}{
		{"sealed", func() error {
			_, err := audit.Snooping(ctx, train, table.Seal(test.Materialize()).Describe("no"), "t", audit.PipelineOf(honest))
			return err
		}, "sealed"},
		{"rows in both", func() error {
			_, err := audit.Snooping(ctx, train, train, "t", audit.PipelineOf(honest))
			return err
		}, "is in test and in train; want rows apart"},
		{"a test row twice", func() error {
			_, err := audit.Snooping(ctx, train, test.Take([]int{1, 1}), "t", audit.PipelineOf(honest))
			return err
		}, "is in test and in test; want rows apart"},
		{"no rows", func() error {
			_, err := audit.TestTuned(ctx, train, test.Take(nil), "t", audit.PipelineOf(honest))
			return err
		}, "0 test rows"},
		{"no target", func() error {
			_, err := audit.TestTuned(ctx, train, test.Table().View().WithTarget("bytes"), "t", audit.PipelineOf(honest))
			return err
		}, "categorical"},
		{"no seed", func() error {
			_, err := audit.Snooping(ctx, train, test, "t", func(_ context.Context, _, test table.View) (models.Prediction, error) {
				flaky++
				p := models.NewPrediction([]string{"a"}, test.Rows())
				p.P[3] = float64(flaky)
				return p, nil
			})
			return err
		}, "when run twice"},
		{"too few scores", func() error {
			_, err := audit.Snooping(ctx, train, test, "t", func(context.Context, table.View, table.View) (models.Prediction, error) {
				return models.NewPrediction([]string{"a"}, 3), nil
			})
			return err
		}, "scored 3 rows of 150"},
		{"cancelled", func() error {
			_, err := audit.TestTuned(cancelled, train, test, "t", audit.PipelineOf(honest))
			return err
		}, "canceled"},
	} {
		if err := c.call(); err == nil || !strings.HasPrefix(err.Error(), "audit: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v", c.what, err)
		}
	}
	boom := errors.New("boom")
	if _, err := audit.Snooping(ctx, train, test, "t", func(context.Context, table.View, table.View) (models.Prediction, error) {
		return models.Prediction{}, boom
	}); !errors.Is(err, boom) || !strings.Contains(err.Error(), "rows as they are") {
		t.Errorf("error %v", err)
	}
}
