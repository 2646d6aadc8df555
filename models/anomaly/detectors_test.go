package anomaly

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models/decompose"
	"flowbook/models/encode"
	"flowbook/models/modeltest"
)

// relative compares number by number, within a share of each.
func relative(t *testing.T, what string, got, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	for i, v := range got {
		if !(math.Abs(v-want[i]) <= tol*math.Abs(want[i])) {
			t.Fatalf("%s: number %d is %v, want %v", what, i, v, want[i])
		}
	}
}

// What scipy and scikit-learn say of the same rows; see testdata/gen_detectors.py.
func TestDetectorsAreTheReferences(t *testing.T) {
	text, err := os.ReadFile("testdata/detectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var ref struct {
		Columns, Fitted, Components int
		X, Z, Errors                []float64
	}
	if err := json.Unmarshal(text, &ref); err != nil {
		t.Fatal(err)
	}
	v := view(ref.X, ref.Columns)
	train := v.Take(first(ref.Fitted))
	relative(t, "robust z", score(t, fit(t, RobustZ{}, train), v), ref.Z, 1e-12)
	m := fit(t, Reconstruction{}, train)
	relative(t, "errors", score(t, m, v), ref.Errors, 1e-9)
	if k, unit := m.(*reconstruction).Size(); k != ref.Components || unit != "components" {
		t.Errorf("%d %s, want %d", k, unit, ref.Components)
	}
}

func TestDetectorsConformance(t *testing.T) {
	saved := modeltest.Saved(Kinds(), decompose.Kinds(), encode.Kinds())
	options := []modeltest.Option{saved, modeltest.IgnoresWeights, modeltest.NeedsTwoClasses, modeltest.Baseline, modeltest.NumericOnly,
		modeltest.Skip("classes renamed", "it knows the usual class by its name")}
	t.Run("robust z", func(t *testing.T) { modeltest.Run(t, byEnding{Novelty{Detector: RobustZ{}, Rate: 0.05}}, options...) })
	options = append(options, modeltest.NoMissing, modeltest.Tolerance(1e-9))
	t.Run("reconstruction", func(t *testing.T) {
		modeltest.Run(t, byEnding{Novelty{Detector: Reconstruction{K: 2}, K: 3, Rate: 0.05}}, options...)
	})
}

// correlated are rows of p columns that vary in two directions and a little beside.
func correlated(n, p int) table.View {
	g := rng.New(14).Rand()
	x := make([]float64, n*p)
	for i := range n {
		a, b := g.NormFloat64(), g.NormFloat64()
		for j := range p {
			x[i*p+j] = a*float64(j+1) + b*float64(p-j*j) + 0.01*g.NormFloat64()
		}
	}
	return view(x, p)
}

// A row that breaks the correlation is found though each number of it is usual.
func TestReconstructionFindsWhatRobustZDoesNot(t *testing.T) {
	v := correlated(300, 4)
	x := v.Floats("x01")
	x[7] = -x[7]
	odd := table.Must(v.Table().With(table.Float("x01", "", x))).View()
	scores := score(t, fit(t, Reconstruction{}, odd), odd)
	if top := slices.Index(scores, slices.Max(scores)); top != 7 {
		t.Errorf("row %d scores highest, want 7", top)
	}
	if z := score(t, fit(t, RobustZ{}, odd), odd)[7]; !(z < 3.5) {
		t.Errorf("row 7 has a robust z of %v", z)
	}
}

func TestDetectorsAtAnyCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	v := correlated(9000, 5)
	for _, d := range []Detector{Reconstruction{}, RobustZ{}} {
		want := score(t, fit(t, d, v), v)
		for _, procs := range []int{1, 2, 7} {
			runtime.GOMAXPROCS(procs)
			m := fit(t, d, v)
			if !slices.Equal(score(t, m, v), want) || score(t, m, v.Take([]int{8321}))[0] != want[8321] {
				t.Errorf("%s at %d cores: other scores", d.Name(), procs)
			}
		}
	}
}

func TestDetectorsDegenerate(t *testing.T) {
	// All rows equal: the distance from them, or nothing to look at.
	equal := view(slices.Repeat([]float64{3, 0.1}, 20), 2)
	other := view([]float64{3, 0.1, 3, 2.1, 5, 0.1}, 2)
	relative(t, "rows from equal ones", score(t, fit(t, Reconstruction{}, equal), other)[1:], []float64{4, 4}, 1e-12)
	relative(t, "z from equal ones", score(t, fit(t, RobustZ{}, equal), other), []float64{0, 0, 0}, 0)
	// More components than rank: what the rows do not vary in counts all the same.
	line := view([]float64{1, 1, 2, 2, 3, 3, 4, 4}, 2)
	relative(t, "rows beside a line", score(t, fit(t, Reconstruction{K: 2}, line), view([]float64{2, 4, 5, 5}, 2))[:1], []float64{2}, 1e-9)
	// One feature, one row, gaps, and rows far away.
	score(t, fit(t, Reconstruction{}, steps(5)), steps(9))
	relative(t, "one feature", score(t, fit(t, RobustZ{}, steps(5)), steps(5)), []float64{1.3489795003921634, 0.6744897501960817, 0, 0.6744897501960817, 1.3489795003921634}, 1e-14)
	relative(t, "one row", score(t, fit(t, RobustZ{}, steps(1)), steps(3)), []float64{0, 0, 0}, 0)
	gaps := view([]float64{1, math.NaN(), 2, math.NaN(), 3, math.NaN()}, 2)
	relative(t, "gaps", score(t, fit(t, RobustZ{}, gaps), gaps), []float64{0.6744897501960817, 0, 0.6744897501960817}, 1e-14)
	far := view([]float64{1e200, -1e308, 1e308, 1e308}, 2)
	for _, d := range []Detector{Reconstruction{}, RobustZ{}} {
		score(t, fit(t, d, line), far)
	}
	score(t, fit(t, RobustZ{}, far), line)
}

func TestDetectorsRefuse(t *testing.T) {
	v := correlated(20, 3)
	holes := v.Floats("x01")
	holes[4] = math.NaN()
	gap := table.Must(v.Table().With(table.Float("x01", "", holes))).View()
	holes = slices.Clone(holes)
	holes[4] = math.Inf(1)
	infinite := table.Must(v.Table().With(table.Float("x01", "", holes))).View()
	text := table.Must(v.Table().With(table.Text("s", slices.Repeat([]string{"a"}, 20)))).View()
	sealed := table.Seal(v.Table()).Describe("a test")
	cancelled, cancel := context.WithCancel(background)
	cancel()
	for _, c := range []struct {
		d    Detector
		v    table.View
		says string
	}{
		{Reconstruction{K: -1}, v, "K is -1"},
		{Reconstruction{K: 9}, v, "at most 3 components"},
		{Reconstruction{Share: 2}, v, "Share is 2"},
		{Reconstruction{K: 1, Share: 0.5}, v, "both K and Share"},
		{Reconstruction{}, v.Take([]int{1}), "at least 2"},
		{Reconstruction{}, gap, "row 5"},
		{Reconstruction{}, text, "categorical"},
		{Reconstruction{}, sealed, "sealed"},
		{RobustZ{}, infinite, "row 5"},
		{RobustZ{}, text, "categorical"},
		{RobustZ{}, v.Take([]int{}), "no rows"},
		{RobustZ{}, sealed, "sealed"},
	} {
		if _, err := c.d.FitDetector(background, c.v); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: got %v, want an error with %q", c.d, err, c.says)
		}
	}
	for _, d := range []Detector{Reconstruction{}, RobustZ{}} {
		m := fit(t, d, v)
		for _, rows := range []table.View{infinite, sealed, steps(3)} {
			if _, err := m.Score(background, rows); err == nil {
				t.Errorf("%s scores %s", d.Name(), rows.Table().Name())
			}
		}
		if _, err := d.FitDetector(cancelled, v); !errors.Is(err, context.Canceled) {
			t.Errorf("%s fits with a cancelled context: %v", d.Name(), err)
		}
		if _, err := m.Score(cancelled, v); !errors.Is(err, context.Canceled) {
			t.Errorf("%s scores with a cancelled context: %v", d.Name(), err)
		}
	}
}

func TestSavedDetectors(t *testing.T) {
	v := correlated(40, 3)
	for _, d := range []Detector{Reconstruction{K: 2}, RobustZ{}} {
		roundTrip(t, fit(t, d, v), v)
		roundTrip(t, watch(t, Alarm{Detector: d}, v), v)
	}
}
