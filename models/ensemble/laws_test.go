package ensemble

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/baseline"
	"flowbook/models/histtree"
	"flowbook/models/linear"
)

// plain hides what kind of learner it is.
type plain struct{ models.Seeded }

func (p plain) WithSeed(s rng.Seed) models.Learner {
	return plain{p.Seeded.WithSeed(s).(models.Seeded)}
}

// A tree takes the times a row was drawn as its weight; a learner that nobody knows
// gets the row as often. Both come to the same trees, to the bit, also where a view
// has a row more than once.
func TestBaggingByWeightIsBaggingByRows(t *testing.T) {
	for _, p := range peers(t).Tables {
		v := p.table(nil).View()
		var rows []int
		for i := range v.Rows() {
			for range 1 + i%3 {
				rows = append(rows, i)
			}
		}
		for _, part := range []table.View{v, v.Take(rows)} {
			seed := rng.New(5)
			a := predicted(t, fitted(t, Bagging{Seed: seed}, part), v)
			b := predicted(t, fitted(t, Bagging{Learner: plain{histtree.Tree{}}, Seed: seed}, part), v)
			if !slices.Equal(a.P, b.P) {
				t.Errorf("%s, %d rows: weights and rows give different trees", p.Name, part.Rows())
			}
		}
	}
}

// Bins cut once, or again each round: the same members.
func TestAdaBoostByRefitIsAdaBoostByFit(t *testing.T) {
	for _, p := range peers(t).Tables {
		v := p.table(nil).View()
		for _, part := range []table.View{v, v.Take([]int{0, 0, 3, 9, 5, 5, 30, 12, 14, 71, 60, 55})} {
			for _, boost := range []AdaBoost{{Seed: rng.New(4)}, {Real: true, Seed: rng.New(5)}} {
				a := predicted(t, fitted(t, boost, part), v)
				boost.Learner = plain{histtree.Tree{MaxDepth: 1}}
				b := predicted(t, fitted(t, boost, part), v)
				if !slices.Equal(a.P, b.P) {
					t.Errorf("%s, %s, %d rows: other scores", p.Name, boost.Name(), part.Rows())
				}
			}
		}
	}
}

// Two classes: on the weights that a round leaves behind, its member is wrong half
// of the time (Freund, Schapire 1997). Hand-worked: five rows, the stump that splits
// best has row 4 wrong, err = 1/5, α = log 4; its weight grows from 1/5 to 4/5 / (8/5)
// = 1/2.
func TestBoostHalves(t *testing.T) {
	tab := table.Must(table.New("five", table.Float("x", "", []float64{1, 2, 3, 4, 5}),
		table.Text("class", []string{"a", "a", "b", "b", "a"}).As(table.Label)))
	m := fitted(t, AdaBoost{Rounds: 2}, tab.View()).(*Boosted)
	r := m.Rounds()
	if !(math.Abs(r[0].Error-0.2) <= 1e-15) || !(math.Abs(r[0].Weight-math.Log(4)) <= 1e-14) {
		t.Fatalf("first round %+v, want an error of 1/5 and a weight of log 4", r[0])
	}
	// Weights are now 1/8, 1/8, 1/8, 1/8, 1/2. The best stump answers a throughout
	// (or cuts off rows that it calls a too) and has rows 3 and 4 wrong: 1/4.
	if !(math.Abs(r[1].Error-0.25) <= 1e-15) || !(math.Abs(r[1].Weight-math.Log(3)) <= 1e-14) {
		t.Errorf("second round %+v, want an error of 1/4 and a weight of log 3", r[1])
	}
	// Row 5 hears b with log 4 and a with log 3: a has exp(-d)/(exp(-d)+exp(d)) with
	// d = (log 4 - log 3) / (2 (log 4 + log 3)).
	d := math.Log(4.0/3) / (2 * math.Log(12))
	if got, want := predicted(t, m, tab.View()).Row(4)[0], 1/(1+math.Exp(2*d)); !(math.Abs(got-want) <= 1e-15) {
		t.Errorf("score of a is %v, want %v", got, want)
	}
}

func TestBoostEnds(t *testing.T) {
	x := []float64{1, 2, 3, 4}
	tab := table.Must(table.New("four", table.Float("x", "", x), table.Float("still", "", make([]float64, 4)),
		table.Text("class", []string{"a", "a", "b", "b"}).As(table.Label)))
	for _, l := range []AdaBoost{{}, {Real: true}} {
		m := fitted(t, l, tab.View()).(*Boosted)
		if r := m.Rounds(); len(r) != 1 || r[0] != (Round{0, 1}) {
			t.Errorf("%s: rounds %+v, want one without error", l.Name(), r)
		}
	}
	_, err := AdaBoost{}.Fit(context.Background(), tab.View().Select("still"))
	if err == nil || !strings.Contains(err.Error(), "less than chance, 0.5") {
		t.Errorf("features that tell nothing: error %v", err)
	}
	// Majority is wrong on 1/4 and, once these weigh as much as the rest, on half.
	uneven := table.Must(tab.With(table.Text("class", []string{"a", "b", "b", "b"}).As(table.Label)))
	m := fitted(t, AdaBoost{Learner: baseline.Majority{}}, uneven.View()).(*Boosted)
	if r := m.Rounds(); len(r) != 1 || !(math.Abs(r[0].Weight-math.Log(3)) <= 1e-15) {
		t.Errorf("rounds %+v, want one of weight log 3 and an end at chance", r)
	}
}

// Hard votes are counts; of equal counts the class that sorts first wins.
func TestVotes(t *testing.T) {
	tab := table.Must(table.New("two", table.Float("x", "", []float64{1, 2}), table.Text("class", []string{"a", "b"}).As(table.Label)))
	say := func(c string) models.Learner { return baseline.Always{Class: c} }
	for want, l := range map[float64]Voting{
		0.25:   {Learners: []models.Learner{say("b"), say("b"), say("a"), say("b")}},
		0.5:    {Learners: []models.Learner{say("b"), say("a")}},
		2. / 3: {Learners: []models.Learner{say("a"), histtree.Tree{MaxDepth: 1}, say("b")}}, // the tree knows

	} {
		p := predicted(t, fitted(t, l, tab.View()), tab.View())
		if !(math.Abs(p.Row(0)[0]-want) <= 1e-15) {
			t.Errorf("share of a is %v, want %v", p.Row(0)[0], want)
		}
	}
	// Majority says 1/2 to both classes: its vote is a's, its score is no one's.
	l := Voting{Learners: []models.Learner{baseline.Majority{}, say("b")}, Soft: true}
	if p := predicted(t, fitted(t, l, tab.View()), tab.View()); p.Row(0)[0] != 0.25 {
		t.Errorf("mean score of a is %v, want 1/4", p.Row(0)[0])
	}
}

// spy notes the seeds and the rows it was fitted on, and what it scored.
type spy struct {
	seed rng.Seed
	log  *spyLog
}

type spyLog struct {
	mu    sync.Mutex
	fits  map[string][]int // by seed: table rows
	asked map[string][]int
}

func newSpy() spy {
	return spy{log: &spyLog{fits: map[string][]int{}, asked: map[string][]int{}}}
}

func (spy) Name() string                            { return "spy" }
func (s spy) WithSeed(seed rng.Seed) models.Learner { s.seed = seed; return s }

func tableRows(v table.View) []int {
	rows := make([]int, v.Rows())
	for i := range rows {
		rows[i] = v.Row(i)
	}
	return rows
}

func (s spy) Fit(ctx context.Context, v table.View) (models.Classifier, error) {
	s.log.mu.Lock()
	s.log.fits[s.seed.String()] = tableRows(v)
	s.log.mu.Unlock()
	c, err := baseline.Majority{}.Fit(ctx, v)
	return spied{c, s}, err
}

type spied struct {
	models.Classifier
	spy spy
}

func (s spied) Predict(ctx context.Context, v table.View) (models.Prediction, error) {
	l := s.spy.log
	l.mu.Lock()
	l.asked[s.spy.seed.String()] = tableRows(v)
	l.mu.Unlock()
	return s.Classifier.Predict(ctx, v)
}

// No member scores a row it was fitted on, or one like it; every row is scored
// once; every fit has its own seed; and the last fit has all rows.
func TestOutOfFold(t *testing.T) {
	var x []float64
	var class []string
	for i := range 60 {
		x = append(x, float64(i/2)) // every row twice
		class = append(class, []string{"a", "b", "b"}[i/2%3])
	}
	v := table.Must(table.New("pairs", table.Float("x", "", x), table.Text("class", class).As(table.Label))).View()
	for name, learner := range map[string]func(models.Learner) models.Learner{
		"stacking":   func(l models.Learner) models.Learner { return Stacking{Learners: []models.Learner{l}, K: 4} },
		"calibrated": func(l models.Learner) models.Learner { return Calibrated{Learner: l, K: 4} },
	} {
		s := newSpy()
		fitted(t, learner(s), v)
		if len(s.log.fits) != 5 {
			t.Errorf("%s: %d seeds, want 5", name, len(s.log.fits))
		}
		times := make([]int, 60)
		all := 0
		for seed, rows := range s.log.fits {
			met := map[float64]bool{}
			for _, r := range rows {
				met[x[r]] = true
			}
			if len(rows) == 60 {
				all++
			}
			for _, r := range s.log.asked[seed] {
				times[r]++
				if met[x[r]] {
					t.Errorf("%s, %s: row %d is scored by a member that met it", name, seed, r)
				}
			}
		}
		if all != 1 || !slices.Equal(times, slices.Repeat([]int{1}, 60)) {
			t.Errorf("%s: %d fits on all rows, rows scored %v times; want 1 each", name, all, times)
		}
	}
}

// Members have seeds of their own.
func TestSeeds(t *testing.T) {
	v := peers(t).Tables[0].table(nil).View()
	s := newSpy()
	fitted(t, Bagging{Learner: s, N: 7, Seed: rng.New(3)}, v)
	if len(s.log.fits) != 7 {
		t.Errorf("bagging: %d seeds, want 7", len(s.log.fits))
	}
	drawn := map[string]bool{}
	for _, rows := range s.log.fits {
		if len(rows) != v.Rows() {
			t.Errorf("bagging: a sample of %d rows of %d", len(rows), v.Rows())
		}
		drawn[fmt.Sprint(rows)] = true
	}
	if len(drawn) != 7 {
		t.Errorf("bagging: %d different samples of 7", len(drawn))
	}
	s = newSpy()
	fitted(t, Voting{Learners: []models.Learner{s, s, s}}, v)
	if len(s.log.fits) != 3 {
		t.Errorf("voting: %d seeds, want 3", len(s.log.fits))
	}
}

// An ensemble of ensembles, in a table that already has columns called weight.
func TestNested(t *testing.T) {
	p := peers(t).Tables[2]
	w := make([]float64, len(p.Class))
	for i := range w {
		w[i] = float64(i%4) / 2
	}
	tab := table.Must(p.table(w).With(table.Float("weight", "", p.Columns[0]).As(table.ID), table.Float("weight'", "", w), table.Text("kind", slices.Repeat([]string{"x", "y"}, len(w)/2)).As(table.Label)))
	boost := AdaBoost{Rounds: 5}
	l := Stacking{Learners: []models.Learner{Bagging{Learner: boost, N: 3}, Calibrated{Learner: boost}, Voting{Learners: []models.Learner{boost}}}, K: 3}
	v := tab.View().WithTarget("class") // of two labels
	if got := len(v.Features()); got != 7 {
		t.Fatalf("%d features, want 7", got)
	}
	labels, _, _ := v.Labels()
	if got := accuracy(predicted(t, fitted(t, l, v), v), labels); !(got >= 0.7) {
		t.Errorf("accuracy %.3f on its own rows", got)
	}
}

// A member that has not met a class gives it a score of 0.
func TestMemberOfFewerClasses(t *testing.T) {
	tab := table.Must(table.New("three", table.Float("x", "", []float64{1, 2, 3, 4}), table.Text("class", []string{"a", "b", "c", "c"}).As(table.Label)))
	v := tab.View()
	m, err := fitMember(context.Background(), baseline.Majority{}, rng.New(1), v.Take([]int{1, 2, 3}), []string{"a", "b", "c"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.predict(context.Background(), v.Take([]int{0, 1}), 3)
	if want := []float64{0, 1. / 3, 2. / 3, 0, 1. / 3, 2. / 3}; err != nil || !slices.Equal(p, want) {
		t.Errorf("scores %v, error %v; want %v", p, err, want)
	}
	// Of three rows in three folds each member misses one class.
	l := Stacking{Learners: []models.Learner{histtree.Tree{}}, K: 3}
	predicted(t, fitted(t, l, v.Take([]int{0, 1, 2})), v)
}

// The final learner has the rows' weights: of 1, 2, 3 and 4 the class b has 6 of 10.
func TestStackingKeepsWeights(t *testing.T) {
	tab := table.Must(table.New("four", table.Float("x", "", []float64{1, 2, 3, 4}), table.Text("class", []string{"a", "b", "a", "b"}).As(table.Label),
		table.Int("w", "", []int64{1, 2, 3, 4}).As(table.Weight)))
	l := Stacking{Learners: []models.Learner{histtree.Tree{}}, Final: baseline.Majority{}, K: 2}
	if p := predicted(t, fitted(t, l, tab.View()), tab.View()); !(math.Abs(p.Row(0)[1]-0.6) <= 1e-15) {
		t.Errorf("share of b is %v, want 0.6", p.Row(0)[1])
	}
}

// New weights take the place of old ones and of nothing else, whatever columns are called.
func TestReweigh(t *testing.T) {
	tab := table.Must(table.New("t", table.Float("weight", "", []float64{7, 8, 9}), table.Float("old", "", []float64{1, 1, 1}).As(table.Weight),
		table.Text("class", []string{"a", "b", "a"}).As(table.Label), table.Float("weight'", "", []float64{4, 5, 6}), table.Float("x", "", []float64{1, 2, 3})))
	v := reweigh(tab.View().Select("x", "weight", "weight'").Take([]int{2, 0}), []float64{0.1, 0.2, 0.3})
	w, err := v.Weights()
	if err != nil || !slices.Equal(w, []float64{0.3, 0.1}) {
		t.Errorf("weights %v, error %v; want 0.3 and 0.1", w, err)
	}
	if got, want := table.SchemaOf(v).Names(), []string{"x", "weight", "weight'"}; !slices.Equal(got, want) {
		t.Errorf("features %q, want %q", got, want)
	}
	if got := v.Floats("weight"); !slices.Equal(got, []float64{9, 7}) {
		t.Errorf("feature weight is %v, want 9 and 7", got)
	}
	if c, ok := v.Target(); !ok || c.Name != "class" || c.String(0) != "a" {
		t.Errorf("target %v", c)
	}
}

// The final learner meets one column a member and class, one a member for two classes.
func TestStackingFeatures(t *testing.T) {
	for i, want := range [][]string{
		{"member 1, majority: score 1, 0", "member 2, decision tree: score 1, 0"},
		{"member 1, majority: score 1, 3", "member 1, majority: score 2, 0", "member 1, majority: score 3, 2", "member 1, majority: score 4, 1"},
	} {
		v := peers(t).Tables[i].table(nil).View()
		learners := []models.Learner{baseline.Majority{}, histtree.Tree{MaxDepth: 2}}
		m := fitted(t, Stacking{Learners: learners[:2-i]}, v).(*Stacked)
		if got := m.Final().(*linear.Model).Coefficients().Columns; !slices.Equal(got, want) {
			t.Errorf("%s: features %q, want %q", v.Table().Name(), got, want)
		}
	}
}

// TestStackingInParts: many members of many classes answer a few rows at a time, and each
// row as if it were alone.
func TestStackingInParts(t *testing.T) {
	n, k := 40, 1024
	x, names := make([]float64, n), make([]string, k)
	for i := range x {
		x[i] = float64(i % 7)
	}
	for c := range names {
		names[c] = fmt.Sprintf("%04d", c)
	}
	v := table.Must(table.New("t", table.Float("x", "", x))).View()
	s := &Stacked{classes: names, order: []int{0}}
	one := member{echo(names[:1]), []int{0}}
	for i := range 1024 {
		s.members, s.names = append(s.members, one), append(s.names, fmt.Sprint(i))
	}
	final := &most{Classifier: echo(names[:1])}
	s.final = member{final, []int{0}}
	p := predicted(t, s, v)
	if final.rows == 0 || final.rows*len(s.members)*k > scoresAtOnce {
		t.Errorf("%d rows at a time keep %d scores; want at most %d", final.rows, final.rows*len(s.members)*k, scoresAtOnce)
	}
	for i := range n {
		if p.P[i*k] != x[i] {
			t.Fatalf("row %d has the score of another: %v, want %v", i, p.P[i*k], x[i])
		}
	}
}

// echo answers the first feature of the rows, whatever they are.
type echo []string

func (e echo) Classes() []string { return e }

func (e echo) Predict(_ context.Context, rows table.View) (models.Prediction, error) {
	return models.Prediction{Classes: e, P: rows.Floats(rows.Features()[0].Name)}, nil
}

// most remembers the most rows that it was asked about at a time.
type most struct {
	models.Classifier
	rows int
}

func (m *most) Predict(ctx context.Context, rows table.View) (models.Prediction, error) {
	m.rows = max(m.rows, rows.Rows())
	return m.Classifier.Predict(ctx, rows)
}
