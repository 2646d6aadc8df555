package modeltest_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/modeltest"
)

// meanOnly answers the weighted mean of the target, and breaks one promise.
type meanOnly struct{ promise string }

func (m meanOnly) Name() string { return "mean" }

func (m meanOnly) FitRegression(ctx context.Context, v table.View) (models.Regressor, error) {
	if err := ctx.Err(); err != nil && m.promise != "cancelled" {
		return nil, err
	}
	if m.promise == "input untouched" && v.Rows() > 0 && len(v.Features()) > 0 && v.Features()[0].Kind == table.FloatKind {
		v.Features()[0].Floats()[0]++
	}
	if m.promise == "bad target" && v.Rows() > 0 && len(v.Features()) > 0 {
		if c, ok := v.Target(); ok && !c.Numeric() {
			return fittedMean{m.promise, 1, table.SchemaOf(v)}, nil
		}
	}
	target, weights, err := models.TrainableNumber("mean", v)
	if err != nil {
		return nil, err
	}
	sum, total := 0.0, 0.0
	for i, y := range target {
		w := 1.0
		if weights != nil && m.promise != "weights" && m.promise != "weight 0" {
			w = weights[i]
		}
		sum += w * y
		total += w
	}
	return fittedMean{m.promise, sum / total, table.SchemaOf(v)}, nil
}

type fittedMean struct {
	promise string
	mean    float64
	schema  table.Schema
}

func (f fittedMean) Estimate(ctx context.Context, v table.View) ([]float64, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := models.Predictable("mean", f.schema, v); err != nil && f.promise != "column missing" && f.promise != "sealed" {
		return nil, err
	}
	out := make([]float64, v.Rows())
	for i := range out {
		out[i] = f.mean
		switch f.promise {
		case "reproducible":
			out[i] += float64(drift.Add(1))
		case "one row alone":
			out[i] += float64(i)
		case "constant target":
			out[i] *= 1.01
		case "missing values":
			c := v.Features()[0]
			out[i] += 0 * c.At(v.Row(i))
		}
	}
	if f.promise == "missing values" && len(out) == 0 {
		return nil, errors.New("no rows")
	}
	return out, nil
}

// TestBrokenRegression is run by TestRegressionSuiteCatches in a process of its own.
func TestBrokenRegression(t *testing.T) {
	promise := os.Getenv("MODELTEST_BROKEN")
	if promise == "" {
		t.Skip("run by TestRegressionSuiteCatches")
	}
	options := []modeltest.Option{modeltest.Tolerance(1e-9), modeltest.Skip("saved and loaded", "it cannot be saved")}
	if promise == "saved and loaded" {
		options = options[:1]
	}
	if promise != "learns" {
		options = append(options, modeltest.Baseline)
	}
	modeltest.RunRegression(t, meanOnly{promise}, options...)
}

// Each broken promise is noticed by the check of its name.
func TestRegressionSuiteCatches(t *testing.T) {
	for _, promise := range []string{
		"learns", "reproducible", "input untouched", "constant target", "missing values", "bad target", "weights", "weight 0",
		"column missing", "cancelled", "one row alone", "sealed", "saved and loaded",
	} {
		c := exec.Command(os.Args[0], "-test.run=^TestBrokenRegression$", "-test.v")
		c.Env = append(os.Environ(), "MODELTEST_BROKEN="+promise)
		out, err := c.CombinedOutput()
		want := "--- FAIL: TestBrokenRegression/" + strings.ReplaceAll(promise, " ", "_") + " "
		if err == nil || !strings.Contains(string(out), want) {
			t.Errorf("%s: the suite does not notice (error %v)\n%s", promise, err, out)
		}
	}
}

// An honest regressor passes.
func TestHonestRegression(t *testing.T) {
	modeltest.RunRegression(t, meanOnly{}, modeltest.Baseline, modeltest.Tolerance(1e-9), modeltest.Skip("saved and loaded", "it cannot be saved"))
}
