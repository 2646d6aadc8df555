package anomaly

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/encode"
	"flowbook/models/modeltest"
)

func TestNoveltyConformance(t *testing.T) {
	options := []modeltest.Option{modeltest.Saved(Kinds(), encode.Kinds()), modeltest.IgnoresWeights, modeltest.NeedsTwoClasses, modeltest.Baseline,
		modeltest.Skip("classes renamed", "it knows the usual class by its name")}
	t.Run("forest", func(t *testing.T) {
		modeltest.Run(t, byEnding{Novelty{Detector: Forest{Trees: 20}, Rate: 0.05}}, options...)
	})
	t.Run("forest behind steps", func(t *testing.T) {
		modeltest.Run(t, encode.Then(byEnding{Novelty{Detector: Forest{Trees: 10, Sample: 64}, K: 3}}, encode.Impute{}, encode.OneHot{}, encode.MinMax{}), options...)
	})
}

// byEnding takes the class whose name ends in "normal" for the usual one: the suite puts
// hostile text before it.
type byEnding struct{ Novelty }

func (b byEnding) WithSeed(seed rng.Seed) models.Learner {
	return byEnding{b.Novelty.WithSeed(seed).(Novelty)}
}

func (b byEnding) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	if _, classes, err := train.Labels(); err == nil {
		for _, c := range classes {
			if strings.HasSuffix(c, "normal") {
				b.Normal = c
			}
		}
	}
	return b.Novelty.Fit(ctx, train)
}

// traffic are normal rows about 0 and attacks of two kinds further out.
func traffic(classes ...string) table.View {
	g := rng.New(31).Rand()
	var x, y []float64
	var class []string
	for i := range 600 {
		c := classes[i%len(classes)]
		off := map[string]float64{"normal": 0, "dos": 9, "probe": -7, "attack": 8}[c]
		x, y, class = append(x, off+g.NormFloat64()), append(y, g.NormFloat64()-off), append(class, c)
	}
	return table.Must(table.New("traffic", table.Float("x", "", x), table.Float("y", "", y), table.Text("class", class).As(table.Label))).View()
}

func learn(t *testing.T, n Novelty, v table.View) (models.Classifier, models.Prediction) {
	t.Helper()
	c, err := n.Fit(background, v)
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.Predict(background, v)
	if err != nil {
		t.Fatal(err)
	}
	return c, p
}

// The class predicted is the alarm's, to the row, and the order of the scores is the
// detector's; so with any number of classes.
func TestNoveltyIsItsAlarm(t *testing.T) {
	for _, classes := range [][]string{{"normal", "attack"}, {"normal", "dos", "dos", "probe"}, {"normal"}} {
		v := traffic(classes...)
		c, p := learn(t, Novelty{Rate: 0.02}, v)
		w := c.(Sounder).Watch()
		flags, err := w.Flag(background, v)
		if err != nil {
			t.Fatal(err)
		}
		scores := score(t, w, v)
		rings, hits := 0, 0
		normal := p.Scores("normal")
		order := first(v.Rows())
		slices.SortFunc(order, func(a, b int) int { return int(1e9 * (scores[a] - scores[b])) })
		for k, i := range order {
			says := p.Classes[p.Best(i)]
			if (says != "normal") != flags[i] {
				t.Errorf("%q: row %d scores %v at a threshold of %v and is called %s", classes, i, scores[i], w.Threshold(), says)
			}
			if k > 0 && (normal[i] > normal[order[k-1]] || scores[i] > scores[order[k-1]]+1e-9 && normal[i] == normal[order[k-1]]) {
				t.Errorf("%q: score %v gives %v, score %v gives %v", classes, scores[i], normal[i], scores[order[k-1]], normal[order[k-1]])
			}
			if flags[i] {
				rings++
			}
			if flags[i] == (v.Strings("class")[i] != "normal") {
				hits++
			}
		}
		if hits < 580 || rings > 460 {
			t.Errorf("%q: %d rows right, %d ring", classes, hits, rings)
		}
		if len(classes) == 4 && !slices.Equal(slices.Compact(slices.Sorted(slices.Values(best(p)))), []string{"dos", "normal"}) {
			t.Errorf("answers %q", best(p))
		}
	}
}

func best(p models.Prediction) []string {
	var out []string
	for i := range p.Rows() {
		out = append(out, p.Classes[p.Best(i)])
	}
	return out
}

// Rows at the threshold do not ring, and those just above it do.
func TestOddTurnsAtTheThreshold(t *testing.T) {
	for _, w := range []Watch{{threshold: 3, middle: 1}, {threshold: 3, middle: 3}, {}, {threshold: -1e300, middle: -1e308}, {threshold: 1e308, middle: -1e308}} {
		last := -1.0
		scores := []float64{-1.7e308, w.middle, w.threshold - 1, w.threshold, w.threshold + 1, 1.7e308}
		slices.Sort(scores)
		for _, s := range scores {
			p := w.odd(s)
			if !(p >= last && p >= 0 && p <= 1) || (p > 0.5) != (s > w.threshold) || p == 0.5 {
				t.Errorf("%+v: score %v gives %v after %v", w, s, p, last)
			}
			last = p
		}
	}
}

// Nothing but the normal rows and the shares of the others has a say.
func TestNoveltyLearnsFromNormalOnly(t *testing.T) {
	v := traffic("normal", "attack")
	_, want := learn(t, Novelty{}, v)
	x := v.Floats("x")
	for i, c := range v.Strings("class") {
		if c != "normal" {
			x[i] = 1e6
		}
	}
	c, err := Novelty{}.Fit(background, table.Must(v.Table().With(table.Float("x", "", x))).View())
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Predict(background, v)
	if err != nil || !slices.Equal(got.P, want.P) {
		t.Errorf("the attacks' values matter (%v)", err)
	}
}

func TestNoveltyNamesAndRefuses(t *testing.T) {
	v := traffic("normal", "attack")
	if n := (Novelty{}); n.Name() != "novelty by isolation forest" || !strings.Contains(n.ThresholdRule(), "at most 1 %") {
		t.Errorf("%q, %q", n.Name(), n.ThresholdRule())
	}
	a, b := Novelty{}.WithSeed(rng.New(1)).(Novelty), Novelty{Detector: memory{}}.WithSeed(rng.New(1)).(Novelty)
	if fmt.Sprint(a.Detector.(Forest).Seed) != "1/detector" || b.Detector != (memory{}) {
		t.Errorf("detectors %+v and %+v", a.Detector, b.Detector)
	}
	if got := mustFit(t, Novelty{Other: "zero day"}, traffic("normal")).Classes(); !slices.Equal(got, []string{"normal", "zero day"}) {
		t.Errorf("classes %q", got)
	}
	for _, c := range []struct {
		n    Novelty
		v    table.View
		says string
	}{
		{Novelty{Normal: "benign"}, v, `no row of traffic is of class "benign"`},
		{Novelty{Other: "normal"}, v, `both "normal"`},
		{Novelty{Rate: 2}, v, "Rate is 2"},
		{Novelty{}, v.Take([]int{0, 1, 3}), "one row"},
		{Novelty{}, v.WithTarget("y"), "categorical"},
		{Novelty{}, table.Must(v.Table().With(table.Float("w", "", slices.Repeat([]float64{1}, 600)).As(table.Weight))).View(), "row weights"},
		{Novelty{}, table.Seal(v.Table()).Open("a test"), "test set"},
	} {
		if _, err := c.n.Fit(background, c.v); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: got %v, want an error with %q", c.n, err, c.says)
		}
	}
}

func mustFit(t *testing.T, n Novelty, v table.View) models.Classifier {
	t.Helper()
	c, _ := learn(t, n, v)
	return c
}
