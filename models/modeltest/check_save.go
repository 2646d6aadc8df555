package modeltest

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/wire"
)

// Saved says how the learner's fitted models are read back: the Kinds of its package,
// merged with those of the learners and encoders inside it. Without it the check of
// saving fails, for every learner must be saved and loaded.
func Saved(kinds ...wire.Kinds) Option {
	return func(s *suite) { s.kinds = wire.Merge(kinds...) }
}

// savedModel fits, saves, loads and compares: the same scores to the bit, the same
// bytes when saved again, the same schema and size. Then it spoils the bytes: what is
// cut short is refused, and what is altered is refused or answers without panicking.
func savedModel(t *testing.T, s *suite) {
	if s.kinds == nil {
		t.Fatal("no way to load was given; pass modeltest.Saved(Kinds())")
	}
	v := s.flows(300).View()
	train, test := v.Take(ints(v.Rows())[:v.Rows()/2]), v
	model := s.fit(t, train)
	want := predict(t, model, test)
	body := saveModel(t, model)

	loaded, err := loadModel(body, s.kinds)
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	if err := same(predict(t, loaded, test), want, 0); err != nil {
		t.Errorf("after loading: %v", err)
	}
	if again := saveModel(t, loaded); !bytes.Equal(again, body) {
		t.Error("the loaded model, saved again, gives other bytes")
	}
	a, okA := model.(wire.Described)
	b, okB := loaded.(wire.Described)
	if !okA || !okB {
		t.Fatalf("a %T and a %T; want Schema() from both", model, loaded)
	}
	if !slices.Equal(a.Schema().Names(), b.Schema().Names()) || a.Schema().Check(test) != nil {
		t.Errorf("schema %v after loading, %v before", b.Schema(), a.Schema())
	}
	if sized, ok := model.(models.Sized); ok {
		n, unit := sized.Size()
		if m, as := loaded.(models.Sized).Size(); n != m || unit != as {
			t.Errorf("size %d %s after loading, %d %s before", m, as, n, unit)
		}
	}

	odd := hostile(train)
	model = s.fit(t, odd)
	if loaded, err = loadModel(saveModel(t, model), s.kinds); err != nil {
		t.Fatalf("fitted on text that is no UTF-8: load: %v", err)
	}
	if err := same(predict(t, loaded, odd), predict(t, model, odd), 0); err != nil {
		t.Errorf("fitted on text that is no UTF-8: after loading: %v", err)
	}

	for cut := 0; cut < len(body); cut += 1 + len(body)/97 {
		if _, err := loadModel(body[:cut], s.kinds); err == nil {
			t.Errorf("%d of %d bytes were loaded without an error", cut, len(body))
		}
	}
	random := rng.New(7).At("spoil").Rand()
	for range 200 {
		spoilt := slices.Clone(body)
		for range 1 + random.IntN(3) {
			spoilt[random.IntN(len(spoilt))] ^= byte(1 << random.IntN(8))
		}
		if altered, err := loadModel(spoilt, s.kinds); err == nil {
			_, _ = altered.Predict(context.Background(), test) // must not panic, nor run for ever
		}
	}
}

// hostile is the view with text as data may hold it in its levels and classes:
// markup, control characters, bytes that are no UTF-8.
func hostile(v table.View) table.View {
	made := v.Materialize()
	columns := []table.Column{}
	for _, c := range made.Columns() {
		if c.Kind != table.CodeKind {
			continue
		}
		values := make([]string, c.Len())
		for i := range values {
			values[i] = map[bool]string{true: "\xff<b>\x00", false: "'\n\"\xc3"}[c.Codes()[i]%2 == 0] + c.String(i)
		}
		columns = append(columns, table.Text(c.Name, values).As(c.Role))
	}
	return with(made, columns...).View()
}

func saveModel(t *testing.T, c models.Classifier) []byte {
	t.Helper()
	var w wire.Writer
	w.Nested(c)
	body, err := w.Bytes()
	if err != nil {
		t.Fatalf("save: %v", err)
	}
	return body
}

func loadModel(body []byte, kinds wire.Kinds) (models.Classifier, error) {
	r := wire.NewReader(body, kinds)
	c := r.Classifier()
	return c, r.Err()
}
