package encode_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/baseline"
	"flowbook/models/encode"
	"flowbook/models/internal/wire"
	"flowbook/models/modeltest"
)

// TestThenSaved holds a learner behind steps to the contract, saving included. The
// one rule takes tables, so that the pipeline itself is saved, not just its plan.
func TestThenSaved(t *testing.T) {
	l := encode.Then(baseline.OneRule{}, encode.Impute{}, encode.Log1p{}, encode.Ordinal{}, encode.Standardize{})
	why := "the encoders do not look at weights"
	modeltest.Run(t, l, modeltest.Saved(encode.Kinds(), baseline.Kinds()), modeltest.Baseline, modeltest.Tolerance(1e-9),
		modeltest.Skip("infinite values", "the encoders refuse them"), modeltest.Skip("weights", why), modeltest.Skip("weight 0", why))
}

func (s shifted) Kind() string        { return "encode_test.shifted" }
func (s shifted) Save(w *wire.Writer) { w.Float(float64(s)) }

// unsaved is a transformer that cannot be saved.
type unsaved struct{ models.Transformer }

type unsavedStep struct{ shift }

func (u unsavedStep) Fit(ctx context.Context, train table.View) (models.Transformer, error) {
	t, err := u.shift.Fit(ctx, train)
	return unsaved{t}, err
}

// TestStepsSaved: single steps and pipelines, also with a step from elsewhere,
// transform alike after loading; one that cannot be saved says so.
func TestStepsSaved(t *testing.T) {
	r, tab := load(t)
	view := tab.View().WithTarget("class").Select("x0", "s")
	kinds := wire.Merge(encode.Kinds(), wire.Kinds{"encode_test.shifted": func(r *wire.Reader) any { return shifted(r.Finite()) }})
	for _, s := range []encode.Step{
		encode.OneHot{Missing: true}, encode.Impute{}, encode.MinMax{}, encode.Pipeline(),
		encode.Pipeline(encode.Ordinal{}, encode.Standardize{}),
		encode.Pipeline(encode.OneHot{}, shift{}, encode.MinMax{}),
	} {
		fitted, err := s.Fit(context.Background(), head(view, r.Train))
		if err != nil {
			t.Fatal(err)
		}
		var w wire.Writer
		w.Nested(fitted)
		body, err := w.Bytes()
		if err != nil {
			t.Fatalf("%s: %v", s.Name(), err)
		}
		reader := wire.NewReader(body, kinds)
		loaded := reader.Transformer()
		if reader.Err() != nil {
			t.Fatalf("%s: %v", s.Name(), reader.Err())
		}
		if got, want := strings.Join(loaded.(wire.Described).Schema().Names(), " "), "x0 s"; got != want {
			t.Errorf("%s: reads %q, want %q", s.Name(), got, want)
		}
		a, errA := fitted.Transform(context.Background(), view)
		b, errB := loaded.Transform(context.Background(), view)
		if errA != nil || errB != nil {
			t.Fatalf("%s: %v, %v", s.Name(), errA, errB)
		}
		for i, c := range a.Columns() {
			d := b.Columns()[i]
			if c.Name != d.Name || c.Kind != d.Kind || c.Unit != d.Unit {
				t.Errorf("%s: column %q came back as %q", s.Name(), c.Name, d.Name)
			}
			for k := range c.Len() {
				if c.String(k) != d.String(k) {
					t.Errorf("%s: row %d of %q is %s, want %s", s.Name(), k, c.Name, d.String(k), c.String(k))
					break
				}
			}
		}
		var again wire.Writer
		again.Nested(loaded)
		if b, _ := again.Bytes(); !bytes.Equal(b, body) {
			t.Errorf("%s: saved again, other bytes", s.Name())
		}
		for cut := range body {
			reader := wire.NewReader(body[:cut], kinds)
			if reader.Transformer(); reader.Err() == nil {
				t.Errorf("%s: %d of %d bytes were loaded", s.Name(), cut, len(body))
			}
		}
	}
	fitted, err := encode.Pipeline(encode.OneHot{}, unsavedStep{}).Fit(context.Background(), head(view, r.Train))
	if err != nil {
		t.Fatal(err)
	}
	var w wire.Writer
	w.Nested(fitted)
	if _, err := w.Bytes(); err == nil || !strings.Contains(err.Error(), "unsaved cannot be saved") {
		t.Errorf("a step that cannot be saved: %v", err)
	}
}
