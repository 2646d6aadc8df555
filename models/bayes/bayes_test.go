package bayes_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/bayes"
	"flowbook/models/encode"
	"flowbook/models/modeltest"
)

type reference struct {
	Name                                      string
	Cut                                       int
	X                                         [][]float64
	S                                         [][]int
	Y                                         []int
	W, Prior                                  []float64
	Gaussian, Bernoulli, Categorical, Hot     [][]float64
	GaussianP, BernoulliP, CategoricalP, HotP [][]float64
	HotBernoulliP, MixedP                     [][]float64
}

func load(t *testing.T) []reference {
	b, err := os.ReadFile("testdata/bayes.json")
	if err != nil {
		t.Fatal(err)
	}
	var r struct{ Cases []reference }
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	return r.Cases
}

// tables are the rows of training and of the test.
func (r reference) tables() (train, test table.View) {
	var columns []table.Column
	for j := range r.X[0] {
		v := make([]float64, len(r.X))
		for i := range v {
			v[i] = r.X[i][j]
		}
		columns = append(columns, table.Float(fmt.Sprintf("x%d", j), "", v))
	}
	for j := range r.S[0] {
		v := make([]string, len(r.S))
		for i := range v {
			v[i] = fmt.Sprintf("s%d", r.S[i][j])
		}
		columns = append(columns, table.Text(fmt.Sprintf("s%d", j), v))
	}
	class := make([]string, len(r.Y))
	for i, c := range r.Y {
		class[i] = fmt.Sprintf("c%d", c)
	}
	if r.W != nil {
		w := make([]float64, len(r.Y))
		copy(w, r.W)
		columns = append(columns, table.Float("w", "", w).As(table.Weight))
	}
	v := table.Must(table.New("generated", append(columns, table.Text("class", class).As(table.Label))...)).View()
	rows := make([]int, len(r.Y))
	for i := range rows {
		rows[i] = i
	}
	return v.Take(rows[:r.Cut]), v.Take(rows[r.Cut:])
}

func (r reference) priors() []bayes.Prior {
	var out []bayes.Prior
	for c, p := range r.Prior {
		out = append(out, bayes.Prior{Class: fmt.Sprintf("c%d", c), Share: p})
	}
	return out
}

func fit(t *testing.T, l models.Learner, train table.View) models.Classifier {
	t.Helper()
	m, err := l.Fit(context.Background(), train)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func predict(t *testing.T, m models.Classifier, rows table.View) models.Prediction {
	t.Helper()
	p, err := m.Predict(context.Background(), rows)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// near holds got, row-major, to want: relative above 1.
func near(t *testing.T, what string, got []float64, want [][]float64, tol float64) {
	t.Helper()
	flat := slices.Concat(want...)
	if len(got) != len(flat) {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(flat))
	}
	for i, w := range flat {
		if !(math.Abs(got[i]-w) <= tol*max(1, math.Abs(w))) {
			t.Errorf("%s: row %d, class %d: %v, want %v", what, i/len(want[0]), i%len(want[0]), got[i], w)
			return
		}
	}
}

func TestScikitLearn(t *testing.T) {
	for _, r := range load(t) {
		t.Run(r.Name, func(t *testing.T) {
			train, test := r.tables()
			numbers, words := []string{"x0", "x1", "x2", "x3", "x4"}, []string{"s0", "s1", "s2"}
			steps := []encode.Step{encode.OneHot{}, encode.Standardize{}}
			if r.W != nil { // encoders do not look at weights: standardise the repeated rows
				steps = steps[:1]
			}
			for _, c := range []struct {
				what     string
				learner  models.Learner
				features []string
				joint, p [][]float64
			}{
				{"Gaussian", bayes.Gaussian{Priors: r.priors()}, numbers, r.Gaussian, r.GaussianP},
				{"Bernoulli", bayes.Bernoulli{Threshold: 0.3, Alpha: 0.5, Priors: r.priors()}, numbers, r.Bernoulli, r.BernoulliP},
				{"Categorical", bayes.Categorical{Alpha: 1.5, Priors: r.priors()}, words, r.Categorical, r.CategoricalP},
				{"Gaussian after one-hot", encode.Then(bayes.Gaussian{Priors: r.priors()}, steps...), nil, r.Hot, r.HotP},
				{"Bernoulli after one-hot", encode.Then(bayes.Bernoulli{Priors: r.priors()}, steps...), nil, nil, r.HotBernoulliP},
				{"Mixed", bayes.Mixed{Priors: r.priors()}, nil, nil, r.MixedP},
			} {
				if r.W != nil && strings.Contains(c.what, "one-hot") {
					continue
				}
				v := train
				if c.features != nil {
					v = v.Select(c.features...)
				}
				m := fit(t, c.learner, v)
				near(t, c.what, predict(t, m, test).P, c.p, 1e-9)
				if c.joint != nil {
					z, err := m.(*bayes.Model).Joint(context.Background(), test)
					if err != nil {
						t.Fatal(err)
					}
					near(t, c.what+", joint", z, c.joint, 1e-9)
				}
			}
		})
	}
}

// Mixed on raw numbers is Mixed on standardised ones: units do not matter.
func TestMixedIsFreeOfUnits(t *testing.T) {
	for _, r := range load(t) {
		train, test := r.tables()
		want := predict(t, fit(t, bayes.Mixed{}, train), test)
		got := predict(t, fit(t, encode.Then(bayes.Mixed{}, encode.Standardize{}), train), test)
		for i, w := range want.P {
			if !(math.Abs(got.P[i]-w) <= 1e-9) {
				t.Fatalf("%s: score %d is %v, want %v", r.Name, i, got.P[i], w)
			}
		}
	}
}

// A gap drops the feature from its row's score, whatever the kind of feature.
func TestGapIsNoFactor(t *testing.T) {
	r := load(t)[1]
	train, test := r.tables()
	for _, gap := range []string{"x0", "s0"} {
		tab := test.Materialize()
		c := table.Text(gap, make([]string, tab.Rows()))
		if gap == "x0" {
			c = table.Float(gap, "", slices.Repeat([]float64{math.NaN()}, tab.Rows()))
		}
		got := predict(t, fit(t, bayes.Mixed{}, train), table.Must(tab.With(c)).View())
		want := predict(t, fit(t, bayes.Mixed{}, train.Drop(gap)), test)
		for i, w := range want.P {
			if !(math.Abs(got.P[i]-w) <= 1e-12) {
				t.Fatalf("%s: score %d is %v, want %v", gap, i, got.P[i], w)
			}
		}
	}
}

// A level that training did not know has 0 rows in each class: with 2 and 1 rows
// of class a and b, two levels and Alpha 1 the shares are 2/3·1/4 and 1/3·1/3.
func TestUnseenLevel(t *testing.T) {
	train := table.Must(table.New("three", table.Text("s", []string{"u", "v", "v"}),
		table.Text("class", []string{"a", "a", "b"}).As(table.Label))).View()
	test := table.Must(table.New("one", table.Text("s", []string{"w"}))).View()
	for _, l := range []models.Learner{bayes.Mixed{}, bayes.Categorical{}} {
		p := predict(t, fit(t, l, train), test)
		if want := (2. / 12) / (2./12 + 1./9); !(math.Abs(p.P[0]-want) <= 1e-12) {
			t.Errorf("%T: %v, want %v", l, p.P[0], want)
		}
	}
}

// A row so far out that every likelihood is 0 in float64 gets the priors.
func TestFarOut(t *testing.T) {
	train := table.Must(table.New("few", table.Float("x", "", []float64{0, 1, 2, 3}),
		table.Text("class", []string{"a", "a", "a", "b"}).As(table.Label))).View()
	test := table.Must(table.New("far", table.Float("x", "", []float64{1e200}))).View()
	if p := predict(t, fit(t, bayes.Gaussian{}, train), test); !(math.Abs(p.P[0]-0.75) <= 1e-12) {
		t.Errorf("%v, want the priors", p.P)
	}
}

func TestErrors(t *testing.T) {
	train, _ := load(t)[0].tables()
	huge := table.Must(table.New("huge", table.Float("x", "", []float64{1e200, -1e200}),
		table.Text("class", []string{"a", "a"}).As(table.Label))).View()
	for _, c := range []struct {
		learner models.Learner
		view    table.View
		want    string
	}{
		{bayes.Gaussian{Smoothing: -1}, train.Numeric(), "Smoothing is -1"},
		{bayes.Mixed{Smoothing: math.NaN()}, train, "Smoothing is NaN"},
		{bayes.Mixed{Alpha: -2}, train, "Alpha is -2"},
		{bayes.Bernoulli{Threshold: math.Inf(1)}, train.Numeric(), "Threshold is +Inf"},
		{bayes.Categorical{}, train, `"x0" is a number`},
		{bayes.Gaussian{}, train, `"s0" is categorical`},
		{bayes.Mixed{Priors: []bayes.Prior{{"c0", 1}}}, train, `no prior is given for class "c1"`},
		{bayes.Mixed{Priors: []bayes.Prior{{"c0", 0.5}, {"c1", 0.6}}}, train, "sum to 1.1"},
		{bayes.Mixed{Priors: []bayes.Prior{{"c0", 0.5}, {"c7", 0.5}}}, train, `"c7"`},
		{bayes.Mixed{Priors: []bayes.Prior{{"c0", 0.5}, {"c0", 0.5}}}, train, "two priors"},
		{bayes.Mixed{}, huge, "too large to square"},
	} {
		if _, err := c.learner.Fit(context.Background(), c.view); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%#v: error %v; want one with %q", c.learner, err, c.want)
		}
	}
}

// Many blocks: the same bytes on 1, 2 and 7 cores.
func TestSameBytes(t *testing.T) {
	r := load(t)[1]
	train, _ := r.tables()
	rows := make([]int, 20000)
	for i := range rows {
		rows[i] = i * 7 % train.Rows()
	}
	v := train.Take(rows)
	var want []float64
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, procs := range []int{1, 2, 7} {
		runtime.GOMAXPROCS(procs)
		p := predict(t, fit(t, bayes.Mixed{}, v), v)
		if want == nil {
			want = p.P
		} else if !slices.Equal(p.P, want) {
			t.Errorf("GOMAXPROCS %d: other bytes", procs)
		}
	}
}

func TestConformance(t *testing.T) {
	tol, saved := modeltest.Tolerance(1e-9), modeltest.Saved(bayes.Kinds())
	t.Run("mixed", func(t *testing.T) { modeltest.Run(t, bayes.Mixed{}, tol, saved) })
	t.Run("gaussian", func(t *testing.T) { modeltest.Run(t, bayes.Gaussian{}, tol, saved, modeltest.NumericOnly) })
	t.Run("bernoulli", func(t *testing.T) {
		modeltest.Run(t, bayes.Bernoulli{Threshold: 2}, tol, saved, modeltest.NumericOnly, modeltest.Baseline) // one threshold does not suit all columns
	})
	t.Run("bernoulli of scaled columns", func(t *testing.T) {
		why := "the encoders do not look at weights"
		modeltest.Run(t, encode.Then(bayes.Bernoulli{}, encode.OneHot{}, encode.Standardize{}), tol, saved, modeltest.Skip("weights", why), modeltest.Skip("weight 0", why))
	})
	t.Run("categorical", func(t *testing.T) {
		modeltest.Run(t, cut{bayes.Categorical{}}, tol, modeltest.Skip("saved and loaded", "the levels are this test's own; Mixed is saved in the same form"))
	})
}

// cut puts numbers into levels of width 2 before a learner of categories.
type cut struct{ models.Learner }

func (c cut) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	if _, _, _, err := models.Trainable("cut", train); err != nil {
		return nil, err
	}
	schema := table.SchemaOf(train)
	m, err := c.Learner.Fit(ctx, levelled(schema, train))
	return cutModel{m, schema}, err
}

type cutModel struct {
	models.Classifier
	schema table.Schema
}

func (c cutModel) Predict(ctx context.Context, rows table.View) (models.Prediction, error) {
	if err := models.Predictable("cut", c.schema, rows); err != nil {
		return models.Prediction{}, err
	}
	return c.Classifier.Predict(ctx, levelled(c.schema, rows))
}

func levelled(schema table.Schema, v table.View) table.View {
	for _, f := range schema {
		if f.Kind == table.CodeKind {
			continue
		}
		c, text := v.Table().Column(f.Name), make([]string, v.Table().Rows())
		for i := range text {
			if x := c.At(i); x == x {
				text[i] = fmt.Sprint(math.Floor(x / 2))
			}
		}
		w := table.Must(v.Table().With(table.Text(f.Name, text))).View()
		if t, ok := v.Target(); ok {
			w = w.WithTarget(t.Name)
		}
		if v.Index() != nil {
			w = w.Take(v.Index())
		}
		v = w
	}
	return v.Select(schema.Names()...)
}
