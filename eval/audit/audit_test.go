package audit

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"flowbook/datasets/nslkdd/nslkddtest"
	"flowbook/eval/metric"
	"flowbook/eval/resample"
	"flowbook/internal/exhibit"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/baseline"
	"flowbook/models/encode"
)

func make4(name string, x []float64, service, class []string) table.View {
	return table.Must(table.New(name, table.Float("x", "", x), table.Text("service", service),
		table.Text("class", class).As(table.Label))).View()
}

func opened(v table.View) table.View { return table.Seal(v.Table()).Open("test") }

func TestDuplicates(t *testing.T) {
	train := make4("train", []float64{1, 2, 3}, []string{"http", "ftp", "ftp"}, []string{"a", "b", "b"})
	test := make4("test", []float64{3, 2, 1, 2}, []string{"ftp", "smtp", "http", "ftp"}, []string{"a", "b", "b", "b"})
	c, err := Duplicates(train, opened(test), "test")
	if err != nil || c.Value != 3 || c.Status != exhibit.Fail {
		t.Errorf("%+v %v", c, err)
	}
	if want := []string{"test:1 = train:3", "test:3 = train:1", "test:4 = train:2"}; !slices.Equal(c.Rows, want) {
		t.Errorf("rows %q", c.Rows)
	}
	if c, _ := Duplicates(train, test.Take([]int{1}), "test"); c.Value != 0 || c.Status != exhibit.Pass {
		t.Errorf("%+v", c)
	}
	sealed := table.Seal(test.Table()).Describe("count copies")
	if c, err := Duplicates(train, sealed, "test"); err != nil || c.Value != 3 {
		t.Errorf("described: %+v %v", c, err)
	}
	if _, err := OneFeature(train, sealed, "a"); err == nil {
		t.Error("a rule is judged on a sealed test")
	}
	if _, err := Duplicates(train, table.Must(table.New("other")).View(), "other"); err == nil {
		t.Error("a missing column is accepted")
	}
}

func TestConflicts(t *testing.T) {
	v := make4("t", []float64{1, 1, 1, 2, 2, 3}, []string{"a", "a", "a", "a", "b", "c"}, []string{"x", "y", "x", "x", "y", "x"})
	c, err := Conflicts(v, "t")
	if err != nil || c.Value != 1 || c.Status != exhibit.Fail || !strings.Contains(c.Detail, "16.7 %") { // 1 row of 6 cannot be right
		t.Errorf("%+v %v", c, err)
	}
	if want := []string{`t:1 "x" ×2, t:2 "y" ×1`}; !slices.Equal(c.Rows, want) {
		t.Errorf("rows %q", c.Rows)
	}
	if c, _ := Conflicts(v.Take([]int{0, 2, 3}), "t"); c.Value != 0 || c.Status != exhibit.Pass {
		t.Errorf("%+v", c)
	}
}

func TestFoldLeak(t *testing.T) {
	v := make4("t", []float64{1, 1, 2, 3}, []string{"a", "a", "a", "a"}, []string{"x", "y", "x", "y"})
	folds := resample.Folds{Name: "two folds", Train: [][]int{{1, 3}, {0, 2}}, Test: [][]int{{0, 2}, {1, 3}}}
	c, err := FoldLeak(v, folds)
	if err != nil || c.Value != 2 || c.Status != exhibit.Fail {
		t.Errorf("%+v %v", c, err)
	}
	if want := []string{"fold 0: t:1 = t:2", "fold 1: t:2 = t:1"}; !slices.Equal(c.Rows, want) {
		t.Errorf("rows %q", c.Rows)
	}
	whole, err := resample.GroupKFold{K: 3}.Split(resample.GroupsOf(v))
	if err != nil {
		t.Fatal(err)
	}
	if c, err := FoldLeak(v, whole); err != nil || c.Value != 0 || c.Status != exhibit.Pass {
		t.Errorf("whole groups: %+v %v", c, err)
	}
}

type wrapped struct{ models.Learner }

func (w wrapped) Unwrap() models.Learner { return w.Learner }

func TestBaselines(t *testing.T) {
	if c := Baselines([]models.Learner{wrapped{encode.Then(baseline.OneRule{})}}); c.Status != exhibit.Pass || c.Value != 1 {
		t.Errorf("%+v", c)
	}
	if c := Baselines(nil); c.Status != exhibit.Fail || c.Value != 0 {
		t.Errorf("%+v", c)
	}
}

func TestMetrics(t *testing.T) {
	for _, c := range []struct {
		metrics []metric.Metric
		counts  []int
		want    exhibit.Status
	}{
		{metric.Binary, []int{5, 95}, exhibit.Pass},
		{metric.Multiclass, []int{5, 95, 0}, exhibit.Pass},
		{[]metric.Metric{metric.Accuracy}, []int{50, 50}, exhibit.Fail},
		{[]metric.Metric{metric.Accuracy, metric.F1}, []int{50, 50}, exhibit.Warn},
		{[]metric.Metric{metric.Accuracy, metric.F1}, []int{5, 95}, exhibit.Fail},
		{[]metric.Metric{metric.Accuracy, metric.MCC, metric.PRAUC}, []int{5, 95}, exhibit.Fail},
		{[]metric.Metric{metric.Accuracy, metric.MCC, metric.PRAUC}, []int{50, 50}, exhibit.Warn},
		{[]metric.Metric{metric.MCC, metric.PRAUC, metric.Accuracy}, []int{5, 95}, exhibit.Pass},
		{[]metric.Metric{metric.MCC, metric.PRAUC, metric.Recall}, []int{50, 50}, exhibit.Fail},
	} {
		if got := Metrics(c.metrics, c.counts); got.Status != c.want {
			t.Errorf("%v of %v: %v, %s", c.metrics, c.counts, got.Status, got.Detail)
		}
	}
	if got := Metrics(metric.Binary, []int{0, 5, 95}); !(math.Abs(got.Value-.05) <= 1e-15) {
		t.Errorf("smallest share %g", got.Value)
	}
}

func TestBaseRate(t *testing.T) {
	c := BaseRate("forest", 0.9, 0.01, 1000)
	// .9e-3 / (.9e-3 + .01·.999) = .08264
	if !(math.Abs(c.Value-.0009/(.0009+.00999)) <= 1e-15) || c.Status != exhibit.Warn || len(c.Rows) != 5 {
		t.Errorf("%+v", c)
	}
	if c := BaseRate("forest", 0.9, 0, 30_000); c.Status != exhibit.Pass || !(math.Abs(c.Value-.0009/(.0009+1e-4*.999)) <= 1e-12) || !strings.Contains(c.Detail, "3/n") {
		t.Errorf("%+v", c)
	}
	if c := BaseRate("never", 0, 0, 0); c.Status != exhibit.Warn || !math.IsNaN(c.Value) {
		t.Errorf("%+v", c)
	}
}

func TestSealedAndThreshold(t *testing.T) {
	v := make4("t", []float64{1}, []string{"a"}, []string{"x"})
	if c := Sealed(v, opened(v), "t"); c.Status != exhibit.Pass {
		t.Errorf("%+v", c)
	}
	if c := Sealed(v, v, "t"); c.Status != exhibit.Warn {
		t.Errorf("%+v", c)
	}
	if c := Sealed(opened(v), opened(v), "t"); c.Status != exhibit.Fail {
		t.Errorf("%+v", c)
	}
	if c := Threshold(nil); c.Status != exhibit.Pass || c.Detail == "" {
		t.Errorf("%+v", c)
	}
}

// Train has 3 rows a and 1 row b, test 1 and 3; the level c is in test only, once.
// With half a row added to three bins: p = 3.5, 1.5, .5 of 5.5, q = 1.5, 3.5, 1.5 of 6.5.
func TestPSIByHand(t *testing.T) {
	train := make4("train", []float64{1, 1, 1, 1}, []string{"a", "a", "a", "b"}, []string{"x", "x", "y", "y"})
	test := make4("test", []float64{1, 1, 1, 1, 1}, []string{"a", "b", "b", "b", "c"}, []string{"x", "x", "y", "y", "y"})
	got, err := PSI(train, test)
	if err != nil {
		t.Fatal(err)
	}
	want := 0.0
	for i, p := range []float64{3.5, 1.5, .5} {
		q := []float64{1.5, 3.5, 1.5}[i]
		want += (q/6.5 - p/5.5) * math.Log(q/6.5*5.5/p)
	}
	if got[0].Feature != "service" || !(math.Abs(got[0].PSI-want) <= 1e-14) || got[1] != (Shift{"x", 0}) {
		t.Errorf("%v, want %g", got, want)
	}
	c, err := Drift(train, test, "test")
	if err != nil || c.Status != exhibit.Fail || c.Value != got[0].PSI {
		t.Errorf("%+v %v", c, err)
	}
	if c, _ := Drift(train, train, "train"); c.Status != exhibit.Pass || c.Value != 0 {
		t.Errorf("against itself: %+v", c)
	}
}

// Training is 0 … 999: ten bins of 100 rows. Test is 500 … 1499: the first five are
// empty, the next four hold 100, the last one, open above, 600. Half a row is added
// to each. The bin of missing values is empty in both and does not count.
func TestPSIOfNumbers(t *testing.T) {
	x, y, s := make([]float64, 1000), make([]float64, 1000), make([]string, 1000)
	for i := range x {
		x[i], y[i], s[i] = float64(i), float64(i+500), "a"
	}
	got, err := PSI(make4("train", x, s, s), make4("test", y, s, s))
	want := 5*(.5-100.5)/1005*math.Log(.5/100.5) + (600.5-100.5)/1005*math.Log(600.5/100.5)
	if err != nil || got[0].Feature != "x" || !(math.Abs(got[0].PSI-want) <= 1e-12) {
		t.Errorf("%v %v, want %g", got, err, want)
	}
}

func TestShortcut(t *testing.T) {
	g := rng.New(3).Rand()
	n := 2000
	x, s, class := make([]float64, n), make([]string, n), make([]string, n)
	for i := range n {
		x[i] = g.Float64()
		class[i] = "normal"
		if x[i] < .2 || x[i] > .8 { // U-shaped: a threshold would do badly
			class[i] = "attack"
		}
		s[i] = strconv.Itoa(g.IntN(3))
	}
	v := make4("t", x, s, class)
	train, test := v.Take(g.Perm(n)[:1000]), opened(v)
	c, err := Shortcut(train, test, "attack", "forest", 0.999)
	if err != nil || c.Status != exhibit.Warn || !(c.Value > .98 && c.Value <= 1) || !strings.HasPrefix(c.Rows[0], "x:") {
		t.Errorf("%+v %v", c, err)
	}
	rules, err := OneFeature(train, test, "attack")
	if err != nil || !(math.Abs(rules[1].AUC-.5) < .05) {
		t.Errorf("%v %v", rules, err)
	}
	// The AUC of the rule is that of metric.ROCAUC on the same scores.
	schema := table.SchemaOf(train)
	y, _ := isClass(train, "attack")
	z, _ := isClass(test, "attack")
	for k := range schema {
		a, b, parts := bins(schema, k, 32, train, test)
		score := shares(a, y, parts)
		o := metric.Outcome{Classes: []string{"attack", "normal"}, Positive: 0}
		for i := range b {
			o.P = append(o.P, score[b[i]], 1-score[b[i]])
			o.Truth = append(o.Truth, map[bool]int{true: 0, false: 1}[z[i]])
		}
		if got, want := binAUC(score, b, z), metric.ROCAUC.Of(o); !(math.Abs(got-want) <= 1e-12) {
			t.Errorf("%s: AUC %g, want %g", schema[k].Name, got, want)
		}
	}
	if c, _ := Shortcut(train.Select("service"), test, "attack", "forest", 0.999); c.Status != exhibit.Pass {
		t.Errorf("a useless feature: %+v", c)
	}
	if c, _ := Shortcut(train.Select("service"), test, "attack", "coin", 0.5); c.Status != exhibit.Warn {
		t.Errorf("a model that one feature beats: %+v", c)
	}
}

// NSL-KDD as papers print it: 54 feature vectors of KDDTest+ carry both labels, 664
// of its rows occur verbatim in KDDTrain+ and 118 in the 20 % file.
func TestPinsOfNSLKDD(t *testing.T) {
	test := nslkddtest.View(t, "KDDTest+")
	if c, err := Conflicts(test, "KDDTest+"); err != nil || c.Value != 54 {
		t.Errorf("conflicts: %+v %v", c, err)
	}
	for name, want := range map[string]float64{"KDDTrain+": 664, "KDDTrain+_20Percent": 118} {
		train := nslkddtest.View(t, name)
		c, err := Duplicates(train, test, "KDDTest+")
		if err != nil || c.Value != want || c.Status != exhibit.Warn {
			t.Errorf("%s: %+v %v", name, c, err)
		}
		t.Log(c.Detail, c.Rows)
		d, err := Drift(train, test, "KDDTest+")
		if err != nil {
			t.Error(err)
		}
		t.Log(d.Detail, d.Rows)
		s, err := Shortcut(train, test, "attack", "none", 1)
		if err != nil {
			t.Error(err)
		}
		t.Log(s.Detail, s.Rows)
	}
}
