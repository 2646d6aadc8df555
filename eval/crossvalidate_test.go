package eval

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"flowbook/eval/metric"
	"flowbook/eval/resample"
	"flowbook/internal/exhibit"
	"flowbook/internal/par"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/baseline"
)

var ctx = context.Background()

func crossValidated(t *testing.T) *Scores {
	t.Helper()
	data := flows("train", 400).View()
	cv, err := binary().CrossValidate(ctx, data, foldsOf(t, data, "class", 5),
		centroid{}, noisy{centroid{name: "noisy", noise: 2}}, baseline.Majority{})
	if err != nil {
		t.Fatal(err)
	}
	return cv
}

// The scores are those of the same fits made by hand, with the seeds that the
// documentation states.
func TestCrossValidateByHand(t *testing.T) {
	cv := crossValidated(t)
	data := flows("train", 400).View().WithTarget("class")
	labels, classes, _ := data.Labels()
	learner := noisy{centroid{name: "noisy", noise: 2}}
	for f := range cv.Folds.Len() {
		model, err := learner.WithSeed(rng.New(1).At("noisy").At("fold="+string(rune('0'+f)))).Fit(ctx, data.Take(cv.Folds.Train[f]))
		if err != nil {
			t.Fatal(err)
		}
		p, _ := model.Predict(ctx, data.Take(cv.Folds.Test[f]))
		o := metric.Outcome{Classes: classes, P: p.P, Positive: 0}
		for i, r := range cv.Folds.Test[f] {
			o.Truth = append(o.Truth, labels[r])
			pooled := cv.Pooled("noisy")
			if !slices.Equal(pooled.P[2*r:2*r+2], p.Row(i)) || pooled.Truth[r] != labels[r] {
				t.Fatalf("row %d is pooled as %v, predicted as %v", r, pooled.P[2*r:2*r+2], p.Row(i))
			}
		}
		if got, want := cv.ByFold("noisy", metric.MCC)[f], metric.MCC.Of(o); got != want {
			t.Errorf("fold %d: %g, want %g", f, got, want)
		}
	}
	if cv.Mean("noisy", metric.MCC) >= cv.Mean("centroid", metric.MCC) || cv.Mean("majority", metric.MCC) != 0 {
		t.Errorf("noise does not hurt: %g and %g", cv.Mean("noisy", metric.MCC), cv.Mean("centroid", metric.MCC))
	}
	if best := cv.Best(metric.MCC).Name(); best != "centroid" {
		t.Errorf("best is %q", best)
	}
	if best := cv.Best(metric.FPR).Name(); cv.Mean(best, metric.FPR) != min(cv.Mean("centroid", metric.FPR), cv.Mean("noisy", metric.FPR), cv.Mean("majority", metric.FPR)) {
		t.Errorf("best by a metric where lower is better is %q", best)
	}
}

// Adding learners or cores changes no number.
func TestCrossValidateIsDeterministic(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	strip := func(e exhibit.Exhibit) exhibit.Exhibit {
		e.Timings = nil
		return e
	}
	asText := func(v any) string { // NaN equals NaN
		b := new(strings.Builder)
		printAll(b, reflect.ValueOf(v))
		return b.String()
	}
	runtime.GOMAXPROCS(1)
	want := asText(strip(crossValidated(t).Exhibit()))
	for _, procs := range []int{2, 7} {
		runtime.GOMAXPROCS(procs)
		if got := asText(strip(crossValidated(t).Exhibit())); got != want {
			t.Errorf("%d cores, other bytes", procs)
		}
	}
	data := flows("train", 400).View()
	alone, err := binary().CrossValidate(ctx, data, foldsOf(t, data, "class", 5), noisy{centroid{name: "noisy", noise: 2}})
	if err != nil {
		t.Fatal(err)
	}
	if a, b := alone.ByFold("noisy", metric.PRAUC), crossValidated(t).ByFold("noisy", metric.PRAUC); !slices.Equal(a, b) {
		t.Errorf("alone %v, in company %v", a, b)
	}
}

func TestIntervalsAndPairsAgainstScipy(t *testing.T) {
	var ref struct {
		Ratio  float64
		Scores [][]float64
		Means  [][4]float64
		Pairs  []struct {
			A, B                     int
			D, Low, High, T, P, Holm float64
		}
	}
	b, err := os.ReadFile("testdata/pairwise.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &ref); err != nil {
		t.Fatal(err)
	}
	close := func(what string, got, want float64) {
		t.Helper()
		if !(math.Abs(got-want) <= 1e-9*max(1e-3, math.Abs(want))) {
			t.Errorf("%s is %.15g, want %.15g", what, got, want)
		}
	}
	s := scoresOf(ref.Scores, ref.Ratio)
	for l, want := range ref.Means {
		name := s.names[l]
		low, high := s.Interval(name, metric.MCC)
		close("mean", s.Mean(name, metric.MCC), want[0])
		close("sd", s.SD(name, metric.MCC), want[1])
		close("low", low, want[2])
		close("high", high, want[3])
	}
	pairs := s.Pairwise(metric.MCC)
	if len(pairs.List) != len(ref.Pairs) {
		t.Fatalf("%d pairs", len(pairs.List))
	}
	for _, want := range ref.Pairs {
		p := pairs.Of(s.names[want.A], s.names[want.B])
		close("difference", p.Difference, want.D)
		close("low", p.Low, want.Low)
		close("high", p.High, want.High)
		close("t", p.T, want.T)
		close("p", p.P.P, want.P)
		close("log p", p.P.Log10, math.Log10(want.P))
		close("Holm", p.Holm.P, want.Holm)
	}
	if first := pairs.List[0]; first.A != s.names[2] || first.Difference < 0 {
		t.Errorf("pairs do not start with the best: %v", first)
	}
	e := pairs.Exhibit()
	if len(e.Grids[0].Rows) != 6 || len(e.Measures) != 12 || len(e.Notes) != 1 {
		t.Errorf("exhibit of %d lines, %d measures", len(e.Grids[0].Rows), len(e.Measures))
	}
}

// scoresOf fakes the scores of learners by fold, with folds of a given ratio.
func scoresOf(values [][]float64, ratio float64) *Scores {
	s := &Scores{Trial: Trial{Name: "t", Metrics: []metric.Metric{metric.MCC}, Level: 0.95}}
	n := int(math.Round(1 / ratio))
	for range values[0] {
		s.Folds.Train = append(s.Folds.Train, make([]int, n))
		s.Folds.Test = append(s.Folds.Test, make([]int, 1))
	}
	for l, list := range values {
		name := string(rune('a' + l))
		s.names = append(s.names, name)
		s.learners = append(s.learners, centroid{name: name})
		var jobs []job
		for _, v := range list {
			jobs = append(jobs, job{values: []float64{v}})
		}
		s.jobs = append(s.jobs, jobs)
	}
	return s
}

// Three folds with n_test/n_train = 1/2; differences 1, 2, 3 (hundredths): mean 2,
// s² = 1, corrected variance 1·(1/3 + 1/2) = 5/6, t = 2/√(5/6) = 2.19089…; with 2
// degrees of freedom p = 1 - t/√(t² + 2).
func TestNadeauBengioByHand(t *testing.T) {
	p := scoresOf([][]float64{{.91, .92, .93}, {.90, .90, .90}}, 0.5).Pairwise(metric.MCC).Of("a", "b")
	wantT := 2 / math.Sqrt(5./6)
	if !(math.Abs(p.T-wantT) <= 1e-9) || p.DF != 2 {
		t.Errorf("t = %g with %g df, want %g with 2", p.T, p.DF, wantT)
	}
	if want := 1 - wantT/math.Sqrt(wantT*wantT+2); !(math.Abs(p.P.P-want) <= 1e-9) {
		t.Errorf("p = %g, want %g", p.P.P, want)
	}
	if !(math.Abs(p.Difference-.02) <= 1e-12) {
		t.Errorf("difference %g", p.Difference)
	}
}

func TestPairsWithoutVariance(t *testing.T) {
	nan := math.NaN()
	s := scoresOf([][]float64{{.75, .5}, {.75, .5}, {.5, .25}, {nan, .5}}, 0.5)
	pairs := s.Pairwise(metric.MCC)
	if p := pairs.Of("a", "b"); p.P.P != 1 || p.T != 0 || p.Holm.P != 1 {
		t.Errorf("equal learners: %+v", p)
	}
	if p := pairs.Of("c", "a"); p.P.P != 0 || !math.IsInf(p.T, -1) || p.Holm.P != 0 {
		t.Errorf("constant difference: %+v", p)
	}
	if p := pairs.Of("a", "d"); !math.IsNaN(p.P.P) || !math.IsNaN(p.Holm.P) {
		t.Errorf("undefined metric: %+v", p)
	}
	if s.Best(metric.MCC).Name() != "a" || s.order(0)[3] != 3 {
		t.Error("ties do not go by order, or NaN is not last")
	}
}

func TestCrossValidateRefuses(t *testing.T) {
	tab := flows("train", 100)
	data := tab.View()
	folds := foldsOf(t, data, "class", 4)
	twice := []models.Learner{centroid{}, centroid{}}
	sealed := table.Seal(tab).Describe("a look")
	unknown, multi, level := binary(), binary(), binary()
	unknown.Target, multi.Positive, level.Level = "clazz", "malware", 95
	for want, f := range map[string]func() (*Scores, error){
		"no learners": func() (*Scores, error) { return binary().CrossValidate(ctx, data, folds) },
		"eval.Named":  func() (*Scores, error) { return binary().CrossValidate(ctx, data, folds, twice...) },
		"clazz":       func() (*Scores, error) { return unknown.CrossValidate(ctx, data, folds, centroid{}) },
		"malware":     func() (*Scores, error) { return multi.CrossValidate(ctx, data, folds, centroid{}) },
		"Level is 95": func() (*Scores, error) { return level.CrossValidate(ctx, data, folds, centroid{}) },
		"of 50 rows": func() (*Scores, error) {
			return binary().CrossValidate(ctx, tab.Head("h", 50).View(), folds, centroid{})
		},
		"seal": func() (*Scores, error) { return binary().CrossValidate(ctx, sealed, folds, centroid{}) },
		"bad in fold 0 of 4: cent": func() (*Scores, error) {
			return binary().CrossValidate(ctx, data, folds, centroid{name: "ok"}, centroid{name: "bad", fail: true})
		},
		"NaN":                     func() (*Scores, error) { return binary().CrossValidate(ctx, data, folds, broken{"NaN"}) },
		"predicted 24 rows of 25": func() (*Scores, error) { return binary().CrossValidate(ctx, data, folds, broken{"rows"}) },
		"martian":                 func() (*Scores, error) { return binary().CrossValidate(ctx, data, folds, broken{"class"}) },
	} {
		if _, err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := binary().CrossValidate(done, data, folds, centroid{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// A class with rows in one fold only: the learners of that fold never saw it.
func TestClassMissingFromTraining(t *testing.T) {
	tab := table.Must(table.New("t", table.Float("x", "", []float64{0, 1, 0, 1, 5, 6}),
		table.Text("class", []string{"a", "b", "a", "b", "c", "c"}).As(table.Label)))
	folds := resample.Folds{Name: "by hand", Train: [][]int{{0, 1, 2, 3}, {2, 3, 4, 5}}, Test: [][]int{{4, 5}, {0, 1}}}
	cv, err := Trial{Name: "multi"}.CrossValidate(ctx, tab.View(), folds, centroid{})
	if err != nil {
		t.Fatal(err)
	}
	if got := cv.ByFold("centroid", metric.Accuracy); !slices.Equal(got, []float64{0, 1}) {
		t.Errorf("accuracies %v", got)
	}
	if o := cv.Pooled("centroid"); !slices.Equal(o.Truth, []int{0, 1, 2, 2}) || !slices.Equal(cv.PooledRows(), []int{0, 1, 4, 5}) || cv.Rows() != 4 {
		t.Errorf("pooled %v of rows %v", o.Truth, cv.PooledRows())
	}
	if c := cv.Confusion("centroid"); c.Rows() != 4 || c.Counts[2][2] != 0 {
		t.Errorf("confusion %v", c)
	}
}

// A row that two folds judge is pooled from the first of them, and counts in both.
func TestRowJudgedTwice(t *testing.T) {
	tab := table.Must(table.New("t", table.Float("x", "", []float64{0, 1, 0, 1, 9}),
		table.Text("class", []string{"a", "b", "a", "b", "a"}).As(table.Label)))
	folds := resample.Folds{Name: "by hand", Train: [][]int{{0, 1}, {2, 3, 4}}, Test: [][]int{{2, 3}, {0, 1, 2}}}
	folds.Train[1] = []int{3, 4} // the mean of a is now 9: row 2 is taken for b
	cv, err := Trial{Name: "multi"}.CrossValidate(ctx, tab.View(), folds, centroid{})
	if err != nil {
		t.Fatal(err)
	}
	if got := cv.ByFold("centroid", metric.Accuracy); !slices.Equal(got, []float64{1, 1. / 3}) {
		t.Errorf("accuracies %v", got)
	}
	o := cv.Pooled("centroid")
	if o.Rows() != 4 || o.Predicted(2) != 0 || o.Predicted(0) != 1 {
		t.Errorf("pooled %v", o.P)
	}
}

func TestScoresExhibit(t *testing.T) {
	cv := crossValidated(t)
	e := cv.Exhibit()
	board := e.Grids[0]
	if board.Rows[0][0].Text != "centroid" || board.Rows[2][0].Text != "majority (baseline)" {
		t.Errorf("leaderboard starts with %q and ends with %q", board.Rows[0][0].Text, board.Rows[2][0].Text)
	}
	for _, g := range e.Grids {
		for _, row := range g.Rows {
			if len(row) != len(g.Columns) {
				t.Errorf("%s: a line of %d cells under %d columns", g.Title, len(row), len(g.Columns))
			}
		}
	}
	if c := board.Rows[0][1]; c.Level != 0.95 || !(c.Low < c.Value && c.Value < c.High) {
		t.Errorf("first cell %+v", c)
	}
	if size := board.Rows[0][len(board.Columns)-1]; size.Value != 4 || size.Unit != "means" {
		t.Errorf("size %+v", size)
	}
	ids := map[string]exhibit.Measure{}
	for _, m := range e.Measures {
		if _, twice := ids[m.ID]; twice {
			t.Errorf("two measures %s", m.ID)
		}
		ids[m.ID] = m
	}
	if m := ids["binary/centroid/roc-auc/cv"]; m.Value != cv.Mean("centroid", metric.ROCAUC) || m.Rows != 400 || !m.HasInterval() {
		t.Errorf("measure %+v", m)
	}
	if m := ids["binary/noisy/mcc/fold-4"]; m.Value != cv.ByFold("noisy", metric.MCC)[4] || m.Rows != len(cv.Folds.Test[4]) {
		t.Errorf("measure %+v", m)
	}
	mark := exhibit.Fingerprint{Name: "binary: 5 stratified folds of whole groups", SHA256: cv.Folds.Fingerprint().SHA256}
	if len(e.Fingerprints) != 1 || e.Fingerprints[0] != mark || len(e.Timings) != 6 {
		t.Errorf("%v, %d timings", e.Fingerprints, len(e.Timings))
	}
	var checks []string
	for _, c := range e.Checks {
		checks = append(checks, c.ID+" "+c.Status.String())
	}
	want := []string{"binary/baselines/cv pass", "binary/suitable-metrics/cv pass", "binary/threshold/cv pass", "binary/copies-across-folds/cv pass"}
	if !slices.Equal(checks[:4], want) || len(checks) != 7 {
		t.Errorf("checks %q", checks)
	}
}

// The checks hold one feature against the best ranking and the base rate against the
// best learner that is not a baseline, whatever their order.
func TestWhoTheChecksSpeakOf(t *testing.T) {
	data := flows("train", 200).View()
	cv, err := binary().CrossValidate(ctx, data, foldsOf(t, data, "class", 4), baseline.Majority{}, far(), centroid{name: "good"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cv.Checks() {
		if c.ID == "binary/one-feature-shortcut/cv" && !strings.Contains(c.Detail, "good reaches") || c.ID == "binary/base-rate/cv" && !strings.Contains(c.Title, "good") {
			t.Errorf("%s: %s", c.Title, c.Detail)
		}
	}
	learners := []models.Learner{centroid{}, baseline.Majority{}, baseline.OneRule{}}
	if firstReal(learners, []int{2, 1, 0}) != 0 || firstReal(learners[1:], []int{1, 0}) != 1 {
		t.Error("a baseline is taken for a real learner, or nobody is")
	}
}

type steps struct{ total, done atomic.Int64 }

func (s *steps) Start(_ string, total int) par.Task { s.total.Store(int64(total)); return s }
func (s *steps) Add(n int)                          { s.done.Add(int64(n)) }
func (s *steps) Done()                              {}

func TestProgress(t *testing.T) {
	data := flows("train", 60).View()
	s := new(steps)
	if _, err := binary().CrossValidate(par.WithProgress(ctx, s), data, foldsOf(t, data, "class", 3), centroid{}, baseline.Majority{}); err != nil {
		t.Fatal(err)
	}
	if s.total.Load() != 6 || s.done.Load() != 6 {
		t.Errorf("%d of %d steps", s.done.Load(), s.total.Load())
	}
}

func TestNamed(t *testing.T) {
	l := Named("other", noisy{centroid{noise: 1}})
	again := models.WithSeed(l, rng.New(3))
	if _, seeded := l.(models.Seeded); !seeded || again.Name() != "other" {
		t.Errorf("%T, %q", l, again.Name())
	}
	if _, seeded := Named("other", centroid{}).(models.Seeded); seeded {
		t.Error("a learner without a seed takes one")
	}
}

// Against is the part of Pairwise that has one learner in it, with signs turned so
// that the one is taken from the others, and a correction for those pairs alone.
func TestAgainst(t *testing.T) {
	s := scoresOf([][]float64{{.90, .91, .93}, {.90, .90, .90}, {.95, .97, .96}, {.1, .4, .2}}, 0.5)
	all, some := s.Pairwise(metric.MCC), s.Against("b", metric.MCC)
	var order []string
	var tails []float64
	for _, p := range some.List {
		order, tails = append(order, p.A), append(tails, p.P.P)
		want := all.Of(p.A, "b")
		if p.B != "b" || p.Difference != want.Difference || p.T != want.T || p.P != want.P || p.Low != want.Low || p.High != want.High {
			t.Errorf("%+v, want %+v", p, want)
		}
	}
	if !slices.Equal(order, []string{"c", "a", "d"}) {
		t.Errorf("in the order %v", order)
	}
	// Holm by hand: p sorted is c, d, a, so c counts three times, d twice and a once.
	if c, d := some.Of("c", "b"), some.Of("d", "b"); !(tails[0] < tails[2] && tails[2] < tails[1]) ||
		!(math.Abs(c.Holm.P-3*c.P.P) <= 1e-12) || !(math.Abs(d.Holm.P-max(2*d.P.P, c.Holm.P)) <= 1e-12) || all.Of("c", "b").Holm.P <= c.Holm.P {
		t.Errorf("p %v, corrected %g and %g", tails, c.Holm.P, d.Holm.P)
	}
	if e := some.Exhibit(); !strings.Contains(e.Grids[0].Title, "less b") || len(e.Grids[0].Rows) != 3 {
		t.Errorf("shown as %q with %d lines", e.Grids[0].Title, len(e.Grids[0].Rows))
	}
}

// Recall by type out of fold counts the pooled predictions.
func TestScoresRecallBy(t *testing.T) {
	cv := crossValidated(t)
	r, err := cv.RecallBy("noisy", "type")
	if err != nil {
		t.Fatal(err)
	}
	o, types := cv.Pooled("noisy"), flows("train", 400).View().Strings("type")
	for _, l := range r.Levels {
		rows, found := 0, 0
		for i, c := range o.Truth {
			if types[i] == l.Level && c == o.Positive {
				rows++
				if o.Predicted(i) == c {
					found++
				}
			}
		}
		if l.Rows != rows || l.Found != float64(found) || !l.Seen || !(l.Low < l.Recall && l.Recall < l.High) {
			t.Errorf("%+v, want %d of %d", l, found, rows)
		}
	}
	if len(r.Levels) != 2 || r.Unseen().Rows != 0 {
		t.Errorf("levels %v", r.Levels)
	}
	if _, err := cv.RecallBy("noisy", "x"); err == nil {
		t.Error("recall by a number is accepted")
	}
}
