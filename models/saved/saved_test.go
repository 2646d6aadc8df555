package saved

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/baseline"
	"flowbook/models/bayes"
	"flowbook/models/decision"
	"flowbook/models/encode"
	"flowbook/models/ensemble"
	"flowbook/models/histtree"
	"flowbook/models/internal/wire"
)

// TestEveryModelComesBack: scores to the bit on rows it was fitted on and on others,
// the header says what it is, and saved again the bytes are the same.
func TestEveryModelComesBack(t *testing.T) {
	ctx := context.Background()
	covered := map[string]bool{}
	for _, e := range examples() {
		t.Run(e.name, func(t *testing.T) {
			model, b := e.fit(t, 90), e.write(t, 90)
			f, err := Read(ctx, "model", b)
			if err != nil {
				t.Fatal(err)
			}
			if !f.Test.Bits || f.Test.Rows < drawnRows {
				t.Errorf("self-test: %+v", f.Test)
			}
			rows := flows(120, 3, e.odd())
			want, errA := scores(ctx, model, rows)
			got, errB := scores(ctx, f.model, rows)
			if errA != nil || errB != nil {
				t.Fatal(errA, errB)
			}
			for i, v := range want {
				if math.Float64bits(v) != math.Float64bits(got[i]) {
					t.Fatalf("score %d is %v, was %v", i, got[i], v)
				}
			}
			h := f.Header
			task, target, classes := "classification", "class", []string(nil)
			if c := f.Classifier(); c != nil {
				classes = c.Classes()
			} else if task, target = "regression", "rate"; f.Regressor() == nil {
				t.Fatal("no model")
			}
			if h.Task != task || !slices.Equal(h.Classes, classes) || h.Provenance.Target != target || h.Provenance.Rows != 90 || h.Provenance.Learner != e.learner.Name() ||
				!slices.Equal(schemaNames(h.Features), slices.Sorted(slices.Values(model.Schema().Names()))) {
				t.Errorf("header %+v", h)
			}
			for _, k := range h.Kinds {
				covered[k] = true
			}
			var again bytes.Buffer
			if err := Write(ctx, &again, f.model, h.Provenance, e.train(90)); err != nil || !bytes.Equal(again.Bytes(), b) {
				t.Errorf("saved again: other bytes (%v)", err)
			}
		})
	}
	for kind := range kinds() {
		if !covered[kind] && kind != "encode.fitted" && kind != "encode.pipeline" { // those stand in no classifier here
			t.Errorf("no example holds a %s", kind)
		}
	}
}

func schemaNames(features []Feature) (names []string) {
	for _, f := range features {
		names = append(names, f.Name)
	}
	slices.Sort(names) // trees have them by name
	return names
}

func find(t *testing.T, name string) example {
	t.Helper()
	all := examples()
	i := slices.IndexFunc(all, func(e example) bool { return e.name == name })
	if i < 0 {
		t.Fatalf("no example %q", name)
	}
	return all[i]
}

// TestHeaderSaysWhatItIs: threshold and choice, and whether rows are in the file.
func TestHeaderSaysWhatItIs(t *testing.T) {
	for name, check := range map[string]func(h Header) bool{
		"own threshold": func(h Header) bool {
			return h.Threshold != nil && h.Threshold.Positive == "attack" && h.Kind == "decision.Cut"
		},
		"tuned":                     func(h Header) bool { return strings.Contains(h.Chosen, ", candidate ") },
		"neighbours":                func(h Header) bool { return h.KeepsRows && h.Size.Unit == "rows" },
		"novelty by outlier factor": func(h Header) bool { return h.KeepsRows },
		"Nyström SVM":               func(h Header) bool { return h.KeepsRows },
		"golearn neighbours":        func(h Header) bool { return h.KeepsRows },
		"forest":                    func(h Header) bool { return !h.KeepsRows && h.Threshold == nil && h.Size.Unit == "nodes" },
		"Platt":                     func(h Header) bool { return len(h.Kinds) == 2 && h.Kinds[0] == "ensemble.Calibration" },
	} {
		f, err := Read(context.Background(), name, find(t, name).write(t, 90))
		if err != nil || !check(f.Header) {
			t.Errorf("%s: %+v (%v)", name, f.Header.derived, err)
		}
	}
}

// TestThresholdOfTheWhole: a threshold behind encoders is the model's own, one behind
// a calibration is not.
func TestThresholdOfTheWhole(t *testing.T) {
	inner := decided{bayes.Mixed{}}
	for name, c := range map[string]struct {
		learner models.Learner
		has     bool
	}{
		"behind steps":       {encode.Then(inner, encode.Ordinal{}), true},
		"behind calibration": {ensemble.Calibrated{Learner: inner, K: 2}, false},
	} {
		f, err := Read(context.Background(), name, example{name, c.learner, 2}.write(t, 90))
		if err != nil || (f.Header.Threshold != nil) != c.has {
			t.Errorf("%s: threshold %v (%v)", name, f.Header.Threshold, err)
		}
	}
}

// TestWithUnseen: every level keeps its name where one for the unknown is put among them.
func TestWithUnseen(t *testing.T) {
	for _, levels := range [][]string{{"!", "z"}, {"(unseen)", "a"}, {}, {"a"}, {"!"}} {
		codes := []int32{table.Unseen, 0}
		for l := range levels {
			codes = append(codes, int32(l+1))
		}
		made, names := withUnseen(codes, levels)
		c := table.Code("x", made, names)
		for i, code := range codes {
			got := c.String(i)
			switch {
			case code > 0 && got != levels[code-1], code == 0 && got != "", code < 0 && (got == "" || slices.Contains(levels, got)):
				t.Errorf("levels %q: code %d became %q", levels, code, got)
			}
		}
	}
}

// TestNoRowIsStored: the rows of the self-test are not rows of the sample, though each
// value is one of its column.
func TestNoRowIsStored(t *testing.T) {
	n := 500
	x, y := make([]float64, n), make([]float64, n)
	for i := range x {
		x[i], y[i] = float64(i), float64(-i)
	}
	class := slices.Repeat([]string{"a", "b"}, n/2)
	v := table.Must(table.New("t", table.Float("x", "", x), table.Float("y", "", y), table.Text("class", class).As(table.Label))).View()
	m, err := histtree.Tree{}.Fit(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	test, err := newTest(context.Background(), m.(wire.Described), v)
	if err != nil {
		t.Fatal(err)
	}
	whole := 0
	for i := range drawnRows {
		a, b := math.Float64frombits(test.numbers[0][i]), math.Float64frombits(test.numbers[1][i])
		if a < 0 || a >= float64(n) || b > 0 || b <= -float64(n) {
			t.Errorf("row %d is (%v, %v), values that the sample does not have", i, a, b)
		}
		if a == -b {
			whole++
		}
	}
	if whole > 2 { // one in 500 by chance
		t.Errorf("%d of %d rows are rows of the sample", whole, drawnRows)
	}
	if !math.IsNaN(math.Float64frombits(test.numbers[0][drawnRows])) {
		t.Error("no row with a missing value")
	}
}

// TestDamageIsNamed: each kind of damage has its own error, and none gets past.
func TestDamageIsNamed(t *testing.T) {
	e := find(t, "tree")
	whole := e.write(t, 60)
	p, err := open(whole)
	if err != nil {
		t.Fatal(err)
	}
	alter := func(f func(h map[string]any)) []byte {
		var h map[string]any
		if err := json.Unmarshal(p.header, &h); err != nil {
			t.Fatal(err)
		}
		f(h)
		b, _ := json.Marshal(h)
		return seal(version, b, p.body, p.test)
	}
	spoilt := func(b []byte, at int) []byte { b = slices.Clone(b); b[at] ^= 1; return b }
	reseal := func(b []byte) []byte { return resealed(b[:len(b)-digest]) }
	forest, _ := open(find(t, "forest").write(t, 60))
	for name, c := range map[string]struct {
		b    []byte
		says string
	}{
		"empty":               {nil, "not a saved model"},
		"text":                {[]byte(strings.Repeat("x", 200)), `begin with "xxxxxxxx"`},
		"line ends altered":   {append([]byte("\x89FBM\n\x1a\n"), whole[8:]...), "not a saved model"},
		"cut short":           {whole[:len(whole)-1], "checksum"},
		"bit flipped":         {spoilt(whole, len(whole)/2), "the file is damaged or was altered; save it again"},
		"newer":               {seal(2, p.header, p.body, p.test), "format 2; this flowbook reads format 1: update flowbook"},
		"reserved":            {reseal(spoilt(whole, 12)), "reserved"},
		"length beyond":       {reseal(func() []byte { b := slices.Clone(whole); binary.LittleEndian.PutUint64(b[16:], 1<<63); return b }()), "part 1 has"},
		"length short":        {reseal(spoilt(whole, 32)), "bytes"},
		"header no JSON":      {seal(version, []byte("{"), p.body, p.test), "header:"},
		"header of another":   {seal(version, forest.header, p.body, p.test), "describes another model"},
		"classes renamed":     {alter(func(h map[string]any) { h["classes"].([]any)[0] = "harmless" }), "describes another model"},
		"kind renamed":        {alter(func(h map[string]any) { h["kind"] = "histtree.Boost" }), "describes another model"},
		"model cut short":     {seal(version, p.header, p.body[:len(p.body)-1], p.test), "model:"},
		"model too long":      {seal(version, p.header, append(slices.Clone(p.body), 0), p.test), "1 bytes too many"},
		"no model":            {seal(version, p.header, nil, p.test), "model:"},
		"self-test cut short": {seal(version, p.header, p.body, p.test[:len(p.test)-8]), "self-test:"},
		"self-test too long":  {seal(version, p.header, p.body, append(slices.Clone(p.test), 0)), "self-test: 1 bytes too many"},
		"other score":         {seal(version, p.header, p.body, spoilt(p.test, len(p.test)-8)), "does not compute what"},
		"no rows":             {seal(version, p.header, p.body, make([]byte, len(p.test))), "self-test:"},
	} {
		if _, err := Read(context.Background(), "model.flowbook", c.b); err == nil || !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), "saved: model.flowbook: ") {
			t.Errorf("%s: %v; want %q", name, err, c.says)
		}
	}
	for at := range whole {
		if _, err := Read(context.Background(), "m", spoilt(whole, at)); err == nil {
			t.Errorf("byte %d was altered and nobody noticed", at)
		}
	}
	// Provenance may say what it likes, and what later versions add is passed over.
	if f, err := Read(context.Background(), "m", alter(func(h map[string]any) { h["later"] = 1 })); err != nil || f.Header.Provenance.Seed != "3" {
		t.Errorf("a header with one thing more: %v", err)
	}
}

// resealed puts a checksum behind b.
func resealed(b []byte) []byte {
	sum := sha256.Sum256(b)
	return append(slices.Clone(b), sum[:]...)
}

// TestOtherMachine: where the arithmetic is another, 1e-9 passes and more does not.
func TestOtherMachine(t *testing.T) {
	p, err := open(find(t, "mixed bayes").write(t, 60))
	if err != nil {
		t.Fatal(err)
	}
	var h Header
	if err := json.Unmarshal(p.header, &h); err != nil {
		t.Fatal(err)
	}
	h.Machine = Machine{"pdp11", "0"}
	header, _ := json.Marshal(h)
	off := func(by float64) []byte {
		test := slices.Clone(p.test)
		last := test[len(test)-8:]
		binary.LittleEndian.PutUint64(last, math.Float64bits(math.Float64frombits(binary.LittleEndian.Uint64(last))+by))
		return seal(version, header, p.body, test)
	}
	if f, err := Read(context.Background(), "m", off(5e-10)); err != nil || f.Test.Bits || !(f.Test.Difference > 4e-10 && f.Test.Difference < 6e-10) {
		t.Errorf("5e-10 apart: %+v (%v)", f, err)
	}
	for _, by := range []float64{2e-9, math.NaN()} {
		if _, err := Read(context.Background(), "m", off(by)); err == nil {
			t.Errorf("%v apart was taken", by)
		}
	}
}

// TestOtherMachineOfANumber: an estimate of millions has no digit at 1e-9, so it is its
// share that counts.
func TestOtherMachineOfANumber(t *testing.T) {
	m := number{table.Schema{{Name: "x"}}, 1e8}
	test := &selfTest{rows: 1, numbers: [][]uint64{{0}}, codes: make([][]int32, 1), scores: []float64{1e8}}
	for was, ok := range map[float64]bool{1e8: true, 1e8 + 0.05: true, 1e8 + 0.2: false, math.Inf(1): false, math.NaN(): false} {
		test.scores[0] = was
		if _, err := test.run(context.Background(), m, false); (err == nil) != ok {
			t.Errorf("1e8 where %v was saved: %v", was, err)
		}
	}
}

// number is a regressor that answers one number.
type number struct {
	schema table.Schema
	value  float64
}

func (n number) Estimate(_ context.Context, rows table.View) ([]float64, error) {
	return slices.Repeat([]float64{n.value}, rows.Rows()), models.Predictable("number", n.schema, rows)
}
func (number) Kind() string           { return "saved.number" }
func (n number) Save(w *wire.Writer)  { w.Schema(n.schema); w.Float(n.value) }
func (n number) Schema() table.Schema { return n.schema }

// TestWriteRefuses: what cannot be saved is an error before a byte is written.
func TestWriteRefuses(t *testing.T) {
	v := flows(60, 2, true)
	tree := find(t, "tree").fit(t, 60)
	sealed := table.Seal(v.Table())
	for name, c := range map[string]struct {
		model  any
		sample table.View
		says   string
	}{
		"no model":       {42, v, "a int cannot be saved"},
		"no rows":        {tree, v.Take([]int{}), "the sample has no rows"},
		"sealed":         {tree, sealed.Describe("a test"), "sealed"},
		"other columns":  {tree, table.Must(table.New("t", table.Float("x", "", []float64{1}))).View(), "no column"},
		"unknown kind":   {number{table.SchemaOf(v), 7}, v, "no model of kind"},
		"member unsaved": {decision.Chosen(opaque{}, "x"), v, "opaque cannot be saved"},
	} {
		var b bytes.Buffer
		if err := Write(context.Background(), &b, c.model, Provenance{}, c.sample); err == nil || !strings.Contains(err.Error(), c.says) || b.Len() > 0 {
			t.Errorf("%s: %v, %d bytes; want %q", name, err, b.Len(), c.says)
		}
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if err := Write(cancelled, &bytes.Buffer{}, tree, Provenance{}, v); err == nil {
		t.Error("a cancelled save went through")
	}
}

type opaque struct{ baseline.Majority }

func (opaque) Classes() []string { return nil }
func (opaque) Predict(context.Context, table.View) (models.Prediction, error) {
	return models.Prediction{}, nil
}

// TestHostileTextIsEscaped: markup and control characters of the data are not in the
// header as they are.
func TestHostileTextIsEscaped(t *testing.T) {
	p, err := open(find(t, "tree").write(t, 90))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(p.header, []byte("<b>")) || bytes.ContainsAny(p.header, "\x00\xff") {
		t.Errorf("header %s", p.header)
	}
	if !bytes.Contains(p.header, []byte(`\ufffd\u0000\u003cb\u003e`)) {
		t.Errorf("the level is not there: %s", p.header)
	}
}
