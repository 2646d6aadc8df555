package encode_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/encode"
	"flowbook/models/internal/dense"
)

type reference struct {
	Train             int
	X                 [][]float64
	S, T              []string
	G                 [][]*float64
	Onehot_names      []string
	Onehot            [][]float64
	Ordinal           [][]float64
	Standardized      [][]float64
	Minmax            [][]float64
	Imputed           [][]float64
	Standardized_gaps [][]*float64
}

func load(t *testing.T) (reference, *table.Table) {
	b, err := os.ReadFile("testdata/encode.json")
	if err != nil {
		t.Fatal(err)
	}
	var r reference
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	var columns []table.Column
	for j := range r.X[0] {
		columns = append(columns, table.Float("x"+string(rune('0'+j)), "bytes", numbers(r.X, j)))
	}
	columns = append(columns, table.Text("s", r.S), table.Text("t", r.T))
	for j := range r.G[0] {
		columns = append(columns, table.Float("g"+string(rune('0'+j)), "", gaps(r.G, j)))
	}
	columns = append(columns, table.Text("class", slices.Repeat([]string{"a", "b"}, len(r.X)/2)).As(table.Label))
	return r, table.Must(table.New("generated", columns...))
}

func numbers(x [][]float64, j int) []float64 {
	out := make([]float64, len(x))
	for i := range x {
		out[i] = x[i][j]
	}
	return out
}

func gaps(x [][]*float64, j int) []float64 {
	out := make([]float64, len(x))
	for i := range x {
		if out[i] = math.NaN(); x[i][j] != nil {
			out[i] = *x[i][j]
		}
	}
	return out
}

func head(v table.View, n int) table.View { return v.Where(func(i int) bool { return i < n }) }

// apply fits on the first rows and transforms all.
func apply(t *testing.T, s encode.Step, v table.View, train int) *table.Table {
	t.Helper()
	f, err := s.Fit(context.Background(), head(v, train))
	if err != nil {
		t.Fatal(err)
	}
	out, err := f.Transform(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func near(t *testing.T, what string, got, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i, w := range want {
		if math.IsNaN(w) && math.IsNaN(got[i]) {
			continue
		}
		if !(math.Abs(got[i]-w) <= tol*max(1, math.Abs(w))) {
			t.Errorf("%s: row %d is %v, want %v", what, i, got[i], w)
		}
	}
}

func TestAgainstScikitLearn(t *testing.T) {
	r, tab := load(t)
	v := tab.View()
	x := []string{"x0", "x1", "x2", "x3", "x4"}

	out := apply(t, encode.OneHot{}, v.Select("s", "t"), r.Train)
	for j, name := range r.Onehot_names {
		near(t, name, out.View().Floats(name), numbers(r.Onehot, j), 0)
	}
	if got := out.View().Features(); len(got) != len(r.Onehot_names) || got[0].Name != r.Onehot_names[0] {
		t.Errorf("%d columns, the first %q", len(got), got[0].Name)
	}
	out = apply(t, encode.Ordinal{}, v.Select("s", "t"), r.Train)
	near(t, "ordinal s", out.View().Floats("s"), numbers(r.Ordinal, 0), 0)
	near(t, "ordinal t", out.View().Floats("t"), numbers(r.Ordinal, 1), 0)

	out = apply(t, encode.Pipeline(encode.OneHot{}, encode.Standardize{}), v.Select(append(x, "s", "t")...), r.Train)
	for j, name := range append(x, r.Onehot_names...) {
		tol := 1e-12
		if name == "x4" { // 1e6 and a deviation of 1e-3: nine digits are gone before we start
			tol = 1e-6
		}
		near(t, "standardized "+name, out.View().Floats(name), numbers(r.Standardized, j), tol)
	}
	out = apply(t, encode.MinMax{}, v.Select("x0", "x1", "x2"), r.Train)
	for j, name := range x[:3] {
		near(t, "min-max "+name, out.View().Floats(name), numbers(r.Minmax, j), 1e-14)
	}
	out = apply(t, encode.Impute{}, v.Select("g0", "g1"), r.Train)
	near(t, "imputed", out.View().Floats("g0"), numbers(r.Imputed, 0), 0)
	near(t, "imputed", out.View().Floats("g1"), numbers(r.Imputed, 1), 0)
	out = apply(t, encode.Standardize{}, v.Select("g0", "g1"), r.Train)
	near(t, "gaps", out.View().Floats("g0"), gaps(r.Standardized_gaps, 0), 1e-12)
	near(t, "gaps", out.View().Floats("g1"), gaps(r.Standardized_gaps, 1), 1e-12)
}

func TestLog1p(t *testing.T) {
	g := rng.New(1).Rand()
	heavy, even, below := make([]float64, 200), make([]float64, 200), make([]float64, 200)
	for i := range heavy {
		heavy[i], even[i], below[i] = math.Exp(4*g.NormFloat64()), 100*g.Float64(), -g.Float64()
	}
	tab := table.Must(table.New("sizes", table.Float("heavy", "bytes", heavy), table.Float("even", "s", even), table.Float("below", "", below)))
	out := apply(t, encode.Log1p{}, tab.View(), 200)
	for i, v := range heavy {
		if got := out.Column("heavy").At(i); !(math.Abs(got-math.Log1p(v)) <= 0) {
			t.Fatalf("log1p(%v) is %v", v, got)
		}
		if out.Column("even").At(i) != even[i] || out.Column("below").At(i) != below[i] {
			t.Fatal("a column without a heavy tail changed")
		}
	}
	if u := out.Column("heavy").Unit; u != "log1p bytes" {
		t.Errorf("unit %q", u)
	}
	out = apply(t, encode.Log1p{Columns: []string{"even"}}, tab.View(), 200)
	if out.Column("heavy").At(0) != heavy[0] || out.Column("even").At(0) == even[0] {
		t.Error("named columns are not the ones changed")
	}
	for _, name := range []string{"below", "nowhere"} {
		if _, err := (encode.Log1p{Columns: []string{name}}).Fit(context.Background(), tab.View()); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("log1p of %q: %v", name, err)
		}
	}
}

func TestMissingCategory(t *testing.T) {
	tab := table.Must(table.New("t", table.Text("s", []string{"a", "", "b", "a"})))
	out := apply(t, encode.OneHot{}, tab.View(), 4)
	near(t, "a", out.View().Floats("s=a"), []float64{1, 0, 0, 1}, 0)
	out = apply(t, encode.OneHot{Missing: true}, tab.View(), 4)
	near(t, "?", out.View().Floats("s=?"), []float64{0, 1, 0, 0}, 0)
	out = apply(t, encode.Ordinal{}, tab.View(), 4)
	near(t, "ordinal", out.View().Floats("s"), []float64{0, math.NaN(), 1, 0}, 0)
}

// TestOnlyTrainingRows changes the rows that are not fitted on; nothing fitted may move.
func TestOnlyTrainingRows(t *testing.T) {
	r, tab := load(t)
	other := table.Must(tab.With(table.Float("x0", "bytes", slices.Concat(numbers(r.X, 0)[:r.Train], make([]float64, len(r.X)-r.Train)))))
	steps := encode.Pipeline(encode.Impute{}, encode.Log1p{}, encode.OneHot{}, encode.Standardize{})
	a, b := apply(t, steps, tab.View(), r.Train), apply(t, steps, other.View(), r.Train)
	for _, c := range a.View().Features() {
		near(t, c.Name, head(b.View(), r.Train).Floats(c.Name), head(a.View(), r.Train).Floats(c.Name), 0)
	}
}

func TestSealedRefused(t *testing.T) {
	_, tab := load(t)
	sealed := table.Seal(tab)
	v := sealed.Describe("test")
	f, err := encode.OneHot{}.Fit(context.Background(), tab.View())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Transform(context.Background(), v); err == nil {
		t.Error("a sealed test set was transformed")
	}
	for _, s := range []encode.Step{encode.OneHot{}, encode.Ordinal{}, encode.Standardize{}, encode.MinMax{}, encode.Log1p{}, encode.Impute{}, encode.Pipeline(encode.OneHot{})} {
		if _, err := s.Fit(context.Background(), v); err == nil {
			t.Errorf("%s was fitted on a sealed test set", s.Name())
		}
		if _, err := s.Fit(context.Background(), tab.View().Take(nil)); err == nil {
			t.Errorf("%s was fitted on no rows", s.Name())
		}
	}
	// What comes out of an opened test set is still of the test set.
	out, err := f.Transform(context.Background(), sealed.Open("test"))
	if err != nil || !out.View().FromTest() {
		t.Errorf("the seal is lost: %v", err)
	}
}

// shift is a step from elsewhere: it knows tables only, and drops the target.
type shift struct{}

func (shift) Name() string { return "shift" }
func (shift) Fit(_ context.Context, train table.View) (models.Transformer, error) {
	return shifted(train.Floats("x0")[0]), nil
}

type shifted float64

func (s shifted) Transform(_ context.Context, rows table.View) (*table.Table, error) {
	x := rows.Floats("x0")
	for i := range x {
		x[i] -= float64(s)
	}
	return table.New("shifted", table.Float("y", "", x), table.Float("s=ssh", "", rows.Floats("s=ssh")))
}

// probe records the view that it was fitted on.
type probe struct{ seen *table.View }

func (probe) Name() string { return "probe" }
func (p probe) Fit(_ context.Context, v table.View) (models.Classifier, error) {
	*p.seen = v
	return p, nil
}
func (probe) Classes() []string { return []string{"a", "b"} }
func (p probe) Predict(_ context.Context, v table.View) (models.Prediction, error) {
	*p.seen = v
	return models.NewPrediction(p.Classes(), v.Rows()), nil
}
func (probe) Size() (int, string)                { return 3, "probes" }
func (p probe) WithSeed(rng.Seed) models.Learner { return p }

func TestThen(t *testing.T) {
	r, tab := load(t)
	w := make([]float64, tab.Rows())
	for i := range w {
		w[i] = float64(i)
	}
	tab = table.Must(tab.With(table.Float("w", "", w).As(table.Weight)))
	var seen table.View
	l := encode.Then(probe{&seen}, encode.OneHot{}, shift{}, encode.MinMax{})
	if l.Name() != "probe" {
		t.Errorf("name %q", l.Name())
	}
	if _, ok := l.(models.Seeded); !ok {
		t.Error("the chain of a seeded learner takes no seed")
	}
	train := head(tab.View().WithTarget("class").Select("x0", "s"), r.Train)
	m, err := l.Fit(context.Background(), train)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range seen.Features() {
		names = append(names, c.Name)
	}
	if !slices.Equal(names, []string{"y", "s=ssh"}) {
		t.Errorf("features %q", names)
	}
	got, err := seen.Weights()
	if err != nil {
		t.Fatal(err)
	}
	near(t, "weights", got, w[:r.Train], 0)
	if c, ok := seen.Target(); !ok || c.Name != "class" || c.String(1) != "b" {
		t.Errorf("the target is %q", c.Name)
	}
	if n, unit := m.(models.Sized).Size(); n != 3 || unit != "probes" {
		t.Errorf("size %d %s", n, unit)
	}
	if _, err := m.Predict(context.Background(), tab.View()); err != nil {
		t.Fatal(err)
	}
	lo, hi := slices.Min(r.X2(0, r.Train)), slices.Max(r.X2(0, r.Train))
	near(t, "y", seen.Floats("y")[r.Train:], scaled(numbers(r.X, 0)[r.Train:], lo, hi), 1e-12)
}

func (r reference) X2(j, n int) []float64 { return numbers(r.X, j)[:n] }

func scaled(x []float64, lo, hi float64) []float64 {
	for i := range x {
		x[i] = (x[i] - lo) / (hi - lo)
	}
	return x
}

// TestUnseenLevelPasses keeps an unknown level apart from a missing one.
func TestUnseenLevelPasses(t *testing.T) {
	train := table.Must(table.New("a", table.Float("x", "", []float64{1, 2}), table.Text("s", []string{"b", "d"})))
	later := table.Must(table.New("b", table.Float("x", "", []float64{1, 2, 3, 4}), table.Text("s", []string{"a", "", "d", "zz"})))
	f, err := encode.MinMax{}.Fit(context.Background(), train.View())
	if err != nil {
		t.Fatal(err)
	}
	out, err := f.Transform(context.Background(), later.View())
	if err != nil {
		t.Fatal(err)
	}
	if got := out.View().Strings("s"); !slices.Equal(got, []string{encode.Unseen, "", "d", encode.Unseen}) {
		t.Errorf("got %q", got)
	}
}

// TestMatrix holds the one-pass roads to the table that the same plan makes.
func TestMatrix(t *testing.T) {
	r, tab := load(t)
	v := head(tab.View(), r.Train+5)
	f, err := encode.Pipeline(encode.Impute{}, encode.OneHot{Missing: true}, encode.Standardize{}).Fit(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	out, err := f.Transform(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := dense.Identity(out.View()).Bind("test", out.View())
	if err != nil {
		t.Fatal(err)
	}
	x, err := dense.Matrix[float64](rows, "test")
	if err != nil {
		t.Fatal(err)
	}
	p := rows.Plan().Width()
	for j, c := range out.View().Features() {
		for i := range out.Rows() {
			if x[i*p+j] != c.At(i) {
				t.Fatalf("row %d of %s: %v, want %v", i, c.Name, x[i*p+j], c.At(i))
			}
		}
	}
}

func TestSameBytesOnAnyCores(t *testing.T) {
	_, tab := load(t)
	var want *table.Table
	for _, procs := range []int{1, 2, 7} {
		old := runtime.GOMAXPROCS(procs)
		out := apply(t, encode.Pipeline(encode.Impute{}, encode.OneHot{}, encode.Standardize{}), tab.View(), 30)
		runtime.GOMAXPROCS(old)
		if want == nil {
			want = out
		}
		for _, c := range want.View().Features() {
			near(t, c.Name, out.View().Floats(c.Name), want.View().Floats(c.Name), 0)
		}
	}
}

func TestInfinite(t *testing.T) {
	tab := table.Must(table.New("t", table.Float("rate", "", []float64{1, math.Inf(1)})))
	for _, s := range []encode.Step{encode.Standardize{}, encode.MinMax{}, encode.Impute{}, encode.Log1p{}} {
		if _, err := s.Fit(context.Background(), tab.View()); err == nil || !strings.Contains(err.Error(), `row 2 of column "rate"`) {
			t.Errorf("%s: %v", s.Name(), err)
		}
	}
}
