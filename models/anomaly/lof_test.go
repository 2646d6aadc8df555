package anomaly

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models/encode"
	"flowbook/models/internal/wire"
	"flowbook/models/modeltest"
)

func TestLOFIsScikitLearns(t *testing.T) {
	var peer struct {
		Cases []struct {
			Name                 string
			K                    int
			X, Y                 [][]float64
			Factor, Fresh, Again []float64
		}
	}
	text, err := os.ReadFile("testdata/lof.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &peer); err != nil {
		t.Fatal(err)
	}
	for _, c := range peer.Cases {
		v := rowsOf(c.X)
		m := fit(t, LOF{K: c.K}, v).(*Densities)
		agree := func(what string, got, want []float64) {
			t.Helper()
			for i, w := range want {
				if !(math.Abs(got[i]-w) <= 1e-9*w) {
					t.Errorf("%s, %s row %d: factor %v, want %v", c.Name, what, i, got[i], w)
				}
			}
		}
		agree("training", m.TrainingScores(), c.Factor)
		agree("new", score(t, m, rowsOf(c.Y)), c.Fresh)
		agree("training, as if new,", score(t, m, v)[:len(c.Again)], c.Again)
	}
}

func TestLOFConformance(t *testing.T) {
	saved := modeltest.Saved(Kinds(), encode.Kinds())
	options := []modeltest.Option{saved, modeltest.IgnoresWeights, modeltest.NeedsTwoClasses, modeltest.Baseline, modeltest.NumericOnly, modeltest.NoMissing,
		modeltest.Tolerance(1e-9), modeltest.Skip("classes renamed", "it knows the usual class by its name")}
	modeltest.Run(t, byEnding{Novelty{Detector: LOF{K: 5}}}, options...)
}

// naiveLOF measures everything from everything: the training rows' factors, and those of
// new rows.
func naiveLOF(k int, x, y [][]float64) (training, fresh []float64) {
	type other struct {
		row      int
		distance float64
	}
	nearest := func(q []float64, without int) []other {
		var all []other
		for i, row := range x {
			d := 0.0
			for j, v := range row {
				d += (v - q[j]) * (v - q[j])
			}
			if i != without {
				all = append(all, other{i, math.Sqrt(d)})
			}
		}
		slices.SortStableFunc(all, func(a, b other) int { return cmp.Compare(a.distance, b.distance) })
		return all[:k]
	}
	reach := make([]float64, len(x))
	for i, row := range x {
		reach[i] = nearest(row, i)[k-1].distance
	}
	density := func(q []float64, without int) float64 {
		sum := 0.0
		for _, o := range nearest(q, without) {
			sum += max(o.distance, reach[o.row])
		}
		return 1 / (sum/float64(k) + 1e-10)
	}
	factor := func(q []float64, without int) float64 {
		sum := 0.0
		for _, o := range nearest(q, without) {
			sum += density(x[o.row], o.row)
		}
		return sum / float64(k) / density(q, without)
	}
	for i, row := range x {
		training = append(training, factor(row, i))
	}
	for _, row := range y {
		fresh = append(fresh, factor(row, -1))
	}
	return training, fresh
}

// drawn is n rows of p numbers, some of them copies, some on a grid.
func drawn(n, p, round int) [][]float64 {
	g := rng.New(21).Index("round", round).Rand()
	x := make([][]float64, n)
	for i := range x {
		x[i] = make([]float64, p)
		for j := range x[i] {
			if x[i][j] = g.NormFloat64(); round%3 == 1 {
				x[i][j] = math.Round(2 * x[i][j])
			}
		}
		if round%3 == 2 && i > 0 && g.IntN(2) == 0 {
			x[i] = x[g.IntN(min(i, 5))]
		}
	}
	return x
}

func TestLOFIsItsNaiveTwin(t *testing.T) {
	for round := range 24 {
		n, p, k := 30+5*round, 1+round%5, 1+round%7
		x, y := drawn(n, p, round), drawn(12, p, round+100)
		training, fresh := naiveLOF(k, x, y)
		m := fit(t, LOF{K: k}, rowsOf(x)).(*Densities)
		got := slices.Concat(m.TrainingScores(), score(t, m, rowsOf(y)))
		for i, want := range slices.Concat(training, fresh) {
			if !(math.Abs(got[i]-want) <= 1e-9*want) {
				t.Fatalf("round %d, row %d of %d: factor %v, want %v", round, i, n, got[i], want)
			}
		}
	}
}

// Factors compare distances: moving, turning or stretching space leaves them.
func TestLOFLaws(t *testing.T) {
	x := drawn(200, 2, 0)
	want := fit(t, LOF{}, rowsOf(x)).(*Densities).TrainingScores()
	moved := make([][]float64, len(x))
	for i, r := range x {
		moved[i] = []float64{7 + 3*(0.6*r[0]-0.8*r[1]), -2 + 3*(0.8*r[0]+0.6*r[1])}
	}
	for i, got := range fit(t, LOF{}, rowsOf(moved)).(*Densities).TrainingScores() {
		if !(math.Abs(got-want[i]) <= 1e-8) {
			t.Errorf("row %d: factor %v, %v before it was moved", i, got, want[i])
		}
	}
}

// The row between a dense cloud and a thin one, nearer to the dense than thin rows are to
// one another, has the highest factor: what a global distance would not show.
func TestLOFFindsTheOddOne(t *testing.T) {
	g := rng.New(3).Rand()
	x := [][]float64{{1, 0}}
	for range 100 {
		x = append(x, []float64{0.05 * g.NormFloat64(), 0.05 * g.NormFloat64()}, []float64{20 + 3*g.NormFloat64(), 3 * g.NormFloat64()})
	}
	s := fit(t, LOF{}, rowsOf(x)).(*Densities).TrainingScores()
	if s[0] != slices.Max(s) || !(s[0] > 5) {
		t.Errorf("factor %v of %v at most", s[0], slices.Max(s))
	}
}

// The same bytes at any number of cores, and for a row alone.
func TestLOFAtAnyCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	v, later := rowsOf(drawn(1500, 3, 2)), rowsOf(drawn(1000, 3, 3))
	var want []byte
	var scores []float64
	for _, procs := range []int{1, 2, 7} {
		runtime.GOMAXPROCS(procs)
		m := fit(t, LOF{}, v)
		b, s := bytesOf(t, m), score(t, m, later)
		if want == nil {
			want, scores = b, s
		}
		if !slices.Equal(b, want) || !slices.Equal(s, scores) {
			t.Errorf("%d cores: another model", procs)
		}
		if score(t, m, later.Take([]int{777}))[0] != s[777] {
			t.Errorf("%d cores: a row's score depends on the others", procs)
		}
	}
}

func TestLOFDegenerate(t *testing.T) {
	for _, n := range []int{2, 5, 30, 40000} {
		m := fit(t, LOF{}, rowsOf(slices.Repeat([][]float64{{3, 4}}, n))).(*Densities)
		for i, s := range m.TrainingScores() {
			if s != 1 {
				t.Fatalf("%d equal rows: row %d has the factor %v, want 1", n, i, s)
			}
		}
		if s := score(t, m, rowsOf([][]float64{{3, 4}, {3, 5}})); s[0] != 1 || !(s[1] > 1e9) {
			t.Errorf("%d equal rows: one more %v, one beside %v", n, s[0], s[1])
		}
	}
	far := fit(t, LOF{}, rowsOf([][]float64{{-1e150}, {0}, {1}, {1e150}})).(*Densities)
	score(t, far, rowsOf([][]float64{{1e150}, {-1e150}, {0.5}}))
	if s := score(t, far, rowsOf([][]float64{{1}}).Take([]int{})); len(s) != 0 {
		t.Errorf("%d scores of no rows", len(s))
	}
	rows := [][]float64{{1}, {2}, {4}}
	m := fit(t, LOF{}, rowsOf(rows)).(*Densities)
	m.TrainingScores()[0] = 99
	if m.TrainingScores()[0] == 99 {
		t.Error("the caller reaches into the model")
	}
}

func TestLOFRefuses(t *testing.T) {
	v := rowsOf(drawn(50, 2, 0))
	for _, c := range []struct {
		LOF
		v    table.View
		says string
	}{
		{LOF{K: -1}, v, "K is -1"},
		{LOF{}, v.Take([]int{4}), "one row"},
		{LOF{}, v.Take([]int{}), "no rows"},
		{LOF{}, rowsOf([][]float64{{1}, {math.NaN()}}), "row 2 of column \"x0\" is missing"},
		{LOF{}, rowsOf([][]float64{{1}, {math.Inf(1)}}), "row 2 of column \"x0\" is +Inf"},
		{LOF{}, rowsOf([][]float64{{1}, {1e160}}), "cap it"},
		{LOF{}, table.Must(table.New("t", table.Text("s", []string{"a", "b"}))).View(), "\"s\" is categorical"},
		{LOF{}, table.Seal(v.Table()).Describe("a test"), "sealed"},
	} {
		if _, err := c.FitDetector(background, c.v); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: got %v, want an error with %q", c.LOF, err, c.says)
		}
	}
	m := fit(t, LOF{}, v)
	for says, rows := range map[string]table.View{
		"sealed":    table.Seal(v.Table()).Describe("a test"),
		"\"x1\"":    v.Select("x0").Materialize().View(),
		"is +Inf":   rowsOf([][]float64{{1, math.Inf(1)}}),
		"is missin": rowsOf([][]float64{{1, math.NaN()}}),
	} {
		if _, err := m.Score(background, rows); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want an error with %q", err, says)
		}
	}
}

// Fitting and scoring end soon after they are called off.
func TestLOFStops(t *testing.T) {
	v := rowsOf(drawn(20000, 20, 0))
	m := fit(t, LOF{}, rowsOf(drawn(500, 20, 0)))
	for _, after := range []time.Duration{0, 50 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(background, after)
		start := time.Now()
		_, err := LOF{}.FitDetector(ctx, v)
		if took := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || took > after+2*time.Second {
			t.Errorf("called off after %v: %v after %v", after, err, took)
		}
		if _, err := m.Score(ctx, v); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("scoring called off: %v", err)
		}
		cancel()
	}
}

func TestSavedLOF(t *testing.T) {
	g := rng.New(4).Rand()
	x, s := make([]float64, 80), make([]string, 80)
	for i := range x {
		x[i], s[i] = g.NormFloat64(), string("abc"[g.IntN(3)])
	}
	raw := table.Must(table.New("flows", table.Float("x", "", x), table.Text("s", s))).View()
	made, err := encode.Pipeline(encode.OneHot{}, encode.MinMax{}).Fit(background, raw)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := made.Transform(background, raw)
	if err != nil {
		t.Fatal(err)
	}
	v := wide.View()
	m := fit(t, LOF{K: 5}, v).(*Densities)
	roundTrip(t, m, v)
	again := wire.NewReader(bytesOf(t, m), Kinds()).Nested().(*Densities)
	if !slices.Equal(again.TrainingScores(), m.TrainingScores()) {
		t.Error("other training scores after loading")
	}
	for _, c := range []struct {
		spoil func(m *Densities)
		says  string
	}{
		{func(m *Densities) { m.k = 0 }, "0 where 1"},
		{func(m *Densities) { m.k = 80 }, "80 neighbours of 80"},
		{func(m *Densities) { m.reach = m.reach[1:] }, "79 reaches"},
		{func(m *Densities) { m.density = m.density[1:] }, "79 densities"},
		{func(m *Densities) { m.reach[3] = -1 }, "reach -1"},
		{func(m *Densities) { m.reach[3] = 1e200 }, "reach 1e+200"},
		{func(m *Densities) { m.density[3] = 0 }, "density 0"},
		{func(m *Densities) { m.density[3] = 1e11 }, "density 1e+11"},
		{func(m *Densities) { m.tree.Weight[3] = 2 }, "weight 2"},
		{func(m *Densities) { m.training[3] = math.NaN() }, "NaN"},
	} {
		m := fit(t, LOF{K: 5}, v).(*Densities)
		c.spoil(m)
		r := wire.NewReader(bytesOf(t, m), Kinds())
		if r.Nested(); r.Err() == nil || !strings.Contains(r.Err().Error(), c.says) {
			t.Errorf("got %v, want an error with %q", r.Err(), c.says)
		}
	}
}

func BenchmarkLOF(b *testing.B) {
	_, encoded, _ := kdd(b)
	for _, n := range []int{20000, 125973} {
		v := encoded.Take(first(n))
		b.Run(fmt.Sprintf("fit/rows=%d/cols=122", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				fit(b, LOF{}, v)
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
	m := fit(b, LOF{}, encoded.Take(first(20000)))
	b.Run("score/train=20000/rows=20000/cols=122", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			score(b, m, encoded.Take(first(40000)[20000:]))
		}
		b.ReportMetric(20000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}
