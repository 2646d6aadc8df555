package modeltest_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/baseline"
	"flowbook/models/modeltest"
)

// broken wraps an honest learner and breaks one promise.
type broken struct {
	baseline.OneRule
	promise string
}

var drift atomic.Int64

func (b broken) Fit(ctx context.Context, v table.View) (models.Classifier, error) {
	switch b.promise {
	case "input untouched":
		if v.Rows() > 0 && len(v.Features()) > 0 && v.Features()[0].Kind == table.FloatKind {
			v.Features()[0].Floats()[0]++
		}
	case "cancelled":
		ctx = context.WithoutCancel(ctx)
	case "sealed":
		v = unsealed(v)
	case "weights":
		if v.Rows() > 0 {
			var columns []table.Column
			for _, c := range v.Table().Columns() {
				if c.Role == table.Weight {
					c = c.As(table.Ignore)
				}
				columns = append(columns, c)
			}
			t := table.Must(table.New("unweighted", columns...)).View().Take(rowsOf(v))
			if _, ok := v.Target(); ok && v.Unsealed() == nil && len(v.Features()) > 0 {
				v = t
			}
		}
	case "empty view":
		if v.Rows() == 0 {
			return nil, nil
		}
	}
	c, err := b.OneRule.Fit(ctx, v)
	if err != nil {
		return nil, err
	}
	if b.promise == "" {
		return c, nil
	}
	return brokenRule{c, b.promise, v}, nil // which cannot be saved, whatever else it breaks
}

type brokenRule struct {
	models.Classifier
	promise string
	train   table.View
}

func (r brokenRule) Predict(ctx context.Context, v table.View) (models.Prediction, error) {
	switch r.promise {
	case "cancelled":
		ctx = context.WithoutCancel(ctx)
	case "sealed":
		v = unsealed(v)
	case "column missing":
		v = r.train.Take(make([]int, v.Rows())) // answers whatever it is given
	}
	p, err := r.Classifier.Predict(ctx, v)
	if err != nil {
		return p, err
	}
	for i := range p.Rows() {
		row := p.Row(i)
		switch r.promise {
		case "reproducible":
			clear(row)
			row[int(drift.Add(1))%len(row)] = 1
		case "one row alone":
			clear(row)
			row[i%len(row)] = 1
		case "scores":
			row[0] += 1e-6
		case "classes renamed":
			clear(row)
			row[0] = 1
		case "unseen level":
			if c, err := v.Column("service"); err == nil && c.String(i) == "gopher" {
				row[0] = row[0] / 0.0000000001
			}
		}
	}
	return p, nil
}

func rowsOf(v table.View) []int {
	rows := make([]int, v.Rows())
	for i := range rows {
		rows[i] = v.Row(i)
	}
	return rows
}

func unsealed(v table.View) table.View {
	if v.Rows() == 0 || !v.FromTest() {
		return v
	}
	return table.Must(table.New("copy", v.Table().Columns()...)).View().Take(rowsOf(v))
}

// TestBroken is run by TestSuiteCatches in a process of its own, to fail there.
func TestBroken(t *testing.T) {
	promise := os.Getenv("MODELTEST_BROKEN")
	if promise == "" {
		t.Skip("run by TestSuiteCatches")
	}
	options := []modeltest.Option{modeltest.Baseline, modeltest.Saved(baseline.Kinds())}
	if promise == "learns" || promise == "missing values" || promise == "one class" {
		options = []modeltest.Option{modeltest.NoMissing, modeltest.NeedsTwoClasses}
	}
	modeltest.Run(t, broken{promise: promise}, options...)
}

// Each broken promise is noticed by the check of its name.
func TestSuiteCatches(t *testing.T) {
	for _, promise := range []string{
		"scores", "learns", "reproducible", "input untouched", "one class", "missing values", "empty view", "weights",
		"unseen level", "column missing", "cancelled", "one row alone", "classes renamed", "sealed", "saved and loaded",
	} {
		c := exec.Command(os.Args[0], "-test.run=^TestBroken$", "-test.v")
		c.Env = append(os.Environ(), "MODELTEST_BROKEN="+promise)
		out, err := c.CombinedOutput()
		want := "--- FAIL: TestBroken/" + strings.ReplaceAll(promise, " ", "_") + " "
		if err == nil || !strings.Contains(string(out), want) {
			t.Errorf("%s: the suite does not notice (error %v)\n%s", promise, err, out)
		}
	}
}

// TestUnsaved is run by TestSavingIsAskedFor in a process of its own, to fail there.
func TestUnsaved(t *testing.T) {
	if os.Getenv("MODELTEST_BROKEN") == "" {
		t.Skip("run by TestSavingIsAskedFor")
	}
	modeltest.Run(t, broken{}, modeltest.Baseline)
}

// A test that forgets to say how models are loaded fails.
func TestSavingIsAskedFor(t *testing.T) {
	c := exec.Command(os.Args[0], "-test.run=^TestUnsaved$/saved")
	c.Env = append(os.Environ(), "MODELTEST_BROKEN=nothing")
	if out, err := c.CombinedOutput(); err == nil || !strings.Contains(string(out), "pass modeltest.Saved") {
		t.Errorf("nobody asked (%v)\n%s", err, out)
	}
}

// An honest learner passes.
func TestHonest(t *testing.T) {
	modeltest.Run(t, broken{}, modeltest.Baseline, modeltest.Saved(baseline.Kinds()))
}
