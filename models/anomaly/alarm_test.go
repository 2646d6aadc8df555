package anomaly

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
)

// distance is a detector whose score is |x00| less what it has learnt, 0, and which notes
// what it was fitted on.
type distance struct {
	seen *[]table.View
	odd  float64 // score of every row, if not 0
}

func (distance) Name() string { return "distance" }

func (d distance) FitDetector(_ context.Context, train table.View) (Model, error) {
	*d.seen = append(*d.seen, train)
	return distanceModel{d.odd}, nil
}

type distanceModel struct{ odd float64 }

func (d distanceModel) Score(_ context.Context, rows table.View) ([]float64, error) {
	s := rows.Floats("x00")
	for i := range s {
		s[i] = math.Abs(s[i])
		if d.odd != 0 {
			s[i] = d.odd
		}
	}
	return s, nil
}

// memory is a detector that knows its rows by heart: they score 0, others 1 and their value.
type memory struct{}

func (memory) Name() string { return "memory" }

func (memory) FitDetector(_ context.Context, train table.View) (Model, error) {
	return memoryModel(train.Floats("x00")), nil
}

type memoryModel []float64

func (m memoryModel) Score(_ context.Context, rows table.View) ([]float64, error) {
	s := rows.Floats("x00")
	for i, x := range s {
		if s[i] = 1 + x; slices.Contains(m, x) {
			s[i] = 0
		}
	}
	return s, nil
}

func watch(t *testing.T, a Alarm, v table.View) *Watch {
	t.Helper()
	w, err := a.Fit(background, v)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// steps are 1 … n as one column.
func steps(n int) table.View {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(i + 1)
	}
	return view(x, 1)
}

// By hand: of scores 1 … 99 and a rate of 0.05, 5 = ⌊0.05 · 100⌋ ranks lie above, so that the
// threshold is the 95th. Rates that floating point has just below a whole number count.
func TestThresholdByHand(t *testing.T) {
	var seen []table.View
	for _, c := range []struct {
		n     int
		rate  float64
		want  float64
		warns bool
	}{
		{99, 0.05, 95, false}, {99, 0.01, 99, false}, {98, 0.01, 98, true}, {199, 0.01, 198, false}, {9, 0.3, 7, false},
		{2, 0.01, 2, true}, {99, 0.07, 93, false}, {99, 0.29, 71, false},
	} {
		w := watch(t, Alarm{Detector: distance{seen: &seen}, Rate: c.rate}, steps(c.n))
		if !(math.Abs(w.Threshold()-c.want) <= 1e-6) || (w.Warning() != "") != c.warns || w.Rate() != c.rate {
			t.Errorf("%d rows, rate %v: threshold %v (warning %q), want %v", c.n, c.rate, w.Threshold(), w.Warning(), c.want)
		}
		flags, err := w.Flag(background, steps(c.n+2))
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range flags {
			if f != (float64(i+1) > c.want) {
				t.Errorf("%d rows, rate %v: row with score %d: %v", c.n, c.rate, i+1, f)
			}
		}
	}
}

// A detector gets the features and nothing else, and each fold without its rows.
func TestAlarmShowsFeaturesOnly(t *testing.T) {
	var seen []table.View
	v := steps(50)
	full := table.Must(v.Table().With(
		table.Text("class", slices.Repeat([]string{"a", "b"}, 25)).As(table.Label),
		table.Int("id", "", make([]int64, 50)).As(table.ID), table.Int("when", "", make([]int64, 50)).As(table.Stamp)))
	rows := first(40)
	slices.Reverse(rows)
	watch(t, Alarm{Detector: distance{seen: &seen}, K: 4}, full.View().Take(rows))
	if len(seen) != 5 {
		t.Fatalf("%d fits", len(seen))
	}
	for i, s := range seen {
		if _, ok := s.Target(); ok || len(s.Table().Columns()) != 1 {
			t.Errorf("fit %d sees %v", i, s.Table().Columns())
		}
		if want := []int{30, 40}[i/4]; s.Rows() != want {
			t.Errorf("fit %d sees %d rows, want %d", i, s.Rows(), want)
		}
	}
	if got := seen[4].Floats("x00"); got[0] != 40 || got[39] != 1 {
		t.Errorf("the last fit sees %v", got)
	}
}

// In the sample a detector that remembers its rows would find nothing; out of fold its
// threshold lies among the scores that new rows get.
func TestAlarmOutOfFold(t *testing.T) {
	w := watch(t, Alarm{Detector: memory{}, Rate: 0.1}, steps(99))
	if !(math.Abs(w.Threshold()-91) <= 1e-6) {
		t.Errorf("threshold %v, want 91", w.Threshold())
	}
}

// New rows drawn like the training rows ring about as often as the rate says: over twenty
// draws the share differs from it by less than three standard errors.
func TestAlarmHoldsItsRate(t *testing.T) {
	const rate, rows, draws = 0.05, 400, 20
	rings := 0
	for d := range draws {
		g := rng.New(8).Index("draw", d).Rand()
		x := make([]float64, 2*rows*2)
		for i := range x {
			x[i] = g.NormFloat64()
		}
		all := view(x, 2)
		w := watch(t, Alarm{Detector: Forest{Trees: 50, Seed: rng.New(uint64(d))}, Rate: rate}, all.Take(first(rows)))
		later := first(2 * rows)[rows:]
		flags, err := w.Flag(background, all.Take(later))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range flags {
			if f {
				rings++
			}
		}
	}
	// The share varies with the test rows and, about as much, with the threshold's.
	share, se := float64(rings)/(rows*draws), math.Sqrt(2*rate*(1-rate)/(rows*draws))
	t.Logf("%.4f of new rows ring, rate %v, standard error %.4f", share, rate, se)
	if !(math.Abs(share-rate) <= 3*se) {
		t.Errorf("%.4f of new rows ring, want %v", share, rate)
	}
}

// Where all rows are equal none rings, nor where most score 0.
func TestAlarmOfEqualRows(t *testing.T) {
	var seen []table.View
	zeros := view(make([]float64, 50), 1)
	quiet, err := watch(t, Alarm{Detector: distance{seen: &seen}}, zeros).Flag(background, zeros)
	if err != nil || slices.Contains(quiet, true) {
		t.Errorf("%v rings at a threshold of 0 (%v)", quiet, err)
	}
	v := view(slices.Repeat([]float64{7}, 300), 1)
	flags, err := watch(t, Alarm{}, v).Flag(background, v)
	if err != nil || slices.Contains(flags, true) {
		t.Errorf("%v rings (%v)", flags, err)
	}
}

func TestAlarmRefuses(t *testing.T) {
	var seen []table.View
	v := steps(20)
	sealed := table.Seal(v.Table())
	unopened := sealed.Describe("a test")
	cancelled, cancel := context.WithCancel(background)
	cancel()
	for _, c := range []struct {
		a    Alarm
		v    table.View
		says string
	}{
		{Alarm{Rate: 1}, v, "Rate is 1"},
		{Alarm{Rate: -0.1}, v, "Rate is -0.1"},
		{Alarm{Rate: math.NaN()}, v, "Rate is NaN"},
		{Alarm{K: 1}, v, "K is 1"},
		{Alarm{K: -1}, v, "K is -1"},
		{Alarm{}, v.Take([]int{3}), "one row"},
		{Alarm{}, v.Take([]int{}), "no rows"},
		{Alarm{}, v.Select(), "no features"},
		{Alarm{}, unopened, "sealed"},
		{Alarm{Detector: distance{&seen, math.NaN()}}, v, "has the score NaN"},
		{Alarm{Detector: Forest{Trees: -1}}, v, "without fold 1 of 5"},
	} {
		if _, err := c.a.Fit(background, c.v); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: got %v, want an error with %q", c.a, err, c.says)
		}
	}
	w := watch(t, Alarm{}, v)
	if _, err := w.Flag(background, unopened); err == nil || !strings.Contains(err.Error(), "sealed") {
		t.Errorf("flags of a sealed test set: %v", err)
	}
	opened := sealed.Open("a test")
	if _, err := (Alarm{}).Fit(background, opened); err == nil || !strings.Contains(err.Error(), "test set") {
		t.Errorf("a threshold from an opened test set: %v", err)
	}
	if _, err := w.Flag(background, opened); err != nil {
		t.Errorf("flags of an opened test set: %v", err)
	}
	if _, err := (Alarm{}).Fit(cancelled, v); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context: %v", err)
	}
}

func TestSavedWatch(t *testing.T) {
	v := gappy(80)
	w := watch(t, Alarm{Detector: Forest{Trees: 3, Sample: 20}, Rate: 0.1}, v)
	roundTrip(t, w, v)
}
