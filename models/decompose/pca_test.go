package decompose

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models/internal/dense"
)

var background = context.Background()

// reference is what scikit-learn makes of a set; see testdata/gen_pca.py.
type reference struct {
	Name                                       string
	Columns, Rank                              int
	X, Mean, Variance, Ratio, Singular, Scores []float64
	Components                                 []float64 // the first Rank
	Errors                                     []float64 // of the first rows with two components
}

func references(t *testing.T) []reference {
	t.Helper()
	text, err := os.ReadFile("testdata/pca.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []reference
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// view makes a table of p numbers a row.
func view(x []float64, p int) table.View {
	columns := make([]table.Column, p)
	for j := range columns {
		values := make([]float64, len(x)/p)
		for i := range values {
			values[i] = x[i*p+j]
		}
		columns[j] = table.Float(fmt.Sprintf("x%02d", j), "", values)
	}
	return table.Must(table.New("numbers", columns...)).View()
}

func fit(t *testing.T, p PCA, v table.View) *PCAModel {
	t.Helper()
	m, err := p.Fit(background, v)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// near compares number by number, within tol of scale.
func near(t *testing.T, what string, got, want []float64, tol, scale float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d numbers, want %d", what, len(got), len(want))
		return
	}
	for i, v := range got {
		if !(math.Abs(v-want[i]) <= tol*scale) {
			t.Errorf("%s: number %d is %v, want %v", what, i, v, want[i])
			return
		}
	}
}

// relative compares number by number, within a share of each.
func relative(t *testing.T, what string, got, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d numbers, want %d", what, len(got), len(want))
		return
	}
	for i, v := range got {
		if !(math.Abs(v-want[i]) <= tol*math.Abs(want[i])) {
			t.Errorf("%s: number %d is %v, want %v", what, i, v, want[i])
			return
		}
	}
}

// Both precise solvers agree with scikit-learn to 1e-9 of each number, all that the
// rows determine.
func TestPCAIsScikitLearns(t *testing.T) {
	for _, ref := range references(t) {
		for _, solver := range []Solver{Auto, Full} {
			what := fmt.Sprintf("%s, solver %d: ", ref.Name, solver)
			v := view(ref.X, ref.Columns)
			m := fit(t, PCA{Solver: solver}, v)
			r := ref.Rank
			near(t, what+"mean", m.Mean(), ref.Mean, 1e-14, 1e6)
			relative(t, what+"variance", m.Variance()[:r], ref.Variance[:r], 1e-9)
			relative(t, what+"ratio", m.Ratio()[:r], ref.Ratio[:r], 1e-9)
			relative(t, what+"singular", m.Singular()[:r], ref.Singular[:r], 1e-9)
			near(t, what+"singular beyond the rank", m.Singular()[r:], make([]float64, len(ref.Singular)-r), 1e-13, ref.Singular[0])
			near(t, what+"components", m.components[:r*ref.Columns], ref.Components, 1e-9, 1)
			scores, err := m.Scores(background, v)
			if err != nil {
				t.Fatal(err)
			}
			var first []float64
			for i := range min(5, v.Rows()) {
				first = append(first, scores[i*m.K():i*m.K()+r]...)
			}
			near(t, what+"scores", first, ref.Scores, 1e-9, ref.Singular[0])
			lost, err := fit(t, PCA{K: min(2, m.K()), Solver: solver}, v).Errors(background, v)
			if err != nil {
				t.Fatal(err)
			}
			near(t, what+"errors", lost[:len(ref.Errors)], ref.Errors, 1e-9, max(1e-12, slices.Max(ref.Errors)))
		}
	}
}

// Laws of what comes out, on all sets and solvers: orthonormal components, variances that
// fall and add up, scores uncorrelated and as spread as said, rows that come back.
func TestPCALaws(t *testing.T) {
	for _, ref := range references(t) {
		for _, solver := range []Solver{Auto, Full, Randomised} {
			v := view(ref.X, ref.Columns)
			n, p := v.Rows(), ref.Columns
			m := fit(t, PCA{K: min(n-1, p), Solver: solver}, v)
			what := fmt.Sprintf("%s, solver %d: ", ref.Name, solver)
			k := m.K()
			scores, err := m.Scores(background, v)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.IsSortedFunc(m.Variance(), func(a, b float64) int { return int(math.Copysign(1, b-a)) * b2i(a != b) }) {
				t.Errorf("%svariances %v do not fall", what, m.Variance())
			}
			for a := range k {
				for b := range a + 1 {
					want, cross := 0.0, 0.0
					if a == b {
						want = 1
					}
					near(t, what+"product of components", []float64{dense.Dot(m.component(a), m.component(b))}, []float64{want}, 1e-12, 1)
					for i := range n {
						cross += scores[i*k+a] * scores[i*k+b]
					}
					near(t, what+"cross product of scores", []float64{cross}, []float64{want * m.squares[a]}, 1e-11, m.squares[0])
				}
			}
			sum := 0.0
			for _, s := range m.Ratio() {
				sum += s
			}
			near(t, what+"sum of ratios", []float64{sum}, []float64{1}, 1e-12, 1)
			near(t, what+"training error", []float64{m.TrainingError()}, []float64{0}, 1e-12, m.total)
			near(t, what+"rows that come back", m.Inverse(scores), ref.X, 1e-12, 1e6)
			small := fit(t, PCA{K: 1, Solver: solver}, v)
			lost, err := small.Errors(background, v)
			if err != nil {
				t.Fatal(err)
			}
			total := 0.0
			for _, e := range lost {
				total += e
			}
			near(t, what+"training error of one", []float64{total}, []float64{small.TrainingError()}, 1e-9, small.total)
		}
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// spread are n rows of p columns, most of them at a usual value, with variances that fall.
func spread(n, p int) table.View {
	g := rng.New(5).Rand()
	x := make([]float64, n*p)
	for i := range n {
		common := g.NormFloat64()
		for j := range p {
			if g.IntN(3) == 0 {
				x[i*p+j] = 3*common/float64(1+j) + g.NormFloat64()/float64(2+j)
			}
		}
	}
	return view(x, p)
}

// The randomised solver finds the first components of rows whose variances fall fast.
func TestRandomisedIsNearFull(t *testing.T) {
	v := spread(3000, 60)
	want := fit(t, PCA{K: 3, Solver: Full}, v)
	got := fit(t, PCA{K: 3, Solver: Randomised, Power: 12, Seed: rng.New(1)}, v)
	relative(t, "variance", got.Variance(), want.Variance(), 1e-9)
	relative(t, "ratio", got.Ratio(), want.Ratio(), 1e-9)
	near(t, "components", got.components, want.components, 1e-6, 1)
	rough := fit(t, PCA{K: 3, Solver: Randomised, Power: 1, Oversample: 1, Seed: rng.New(1)}, v)
	if rough.Variance()[2] > want.Variance()[2]*(1+1e-12) || slices.Equal(rough.squares, got.squares) {
		t.Errorf("one iteration finds %v of %v", rough.Variance(), want.Variance())
	}
	other := fit(t, PCA{K: 3, Solver: Randomised, Power: 1, Oversample: 1, Seed: rng.New(2)}, v)
	if slices.Equal(rough.squares, other.squares) {
		t.Error("another seed draws the same directions")
	}
}

// Solvers agree where Auto leaves the Gram matrix, and each gives the same bytes at any
// number of cores.
func TestPCAAtAnyCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	v := spread(9000, 30)
	for _, p := range []PCA{{}, {K: 3}, {K: 3, Solver: Full}, {K: 3, Solver: Randomised}} {
		var want *PCAModel
		for _, procs := range []int{1, 2, 7} {
			runtime.GOMAXPROCS(procs)
			m := fit(t, p, v)
			scores, err := m.Scores(background, v.Take([]int{17, 8000, 17}))
			if err != nil {
				t.Fatal(err)
			}
			all, err := m.Scores(background, v)
			if err != nil {
				t.Fatal(err)
			}
			k := m.K()
			if !slices.Equal(scores[:k], all[17*k:18*k]) || !slices.Equal(scores[2*k:], all[17*k:18*k]) {
				t.Error("a row alone has other scores")
			}
			if want == nil {
				want = m
			}
			if !slices.Equal(m.components, want.components) || !slices.Equal(m.squares, want.squares) || m.total != want.total {
				t.Errorf("%+v at %d cores differs", p, procs)
			}
		}
	}
}

// A weight of k is k rows, and of 0 none.
func TestPCAWeightsAreRows(t *testing.T) {
	v := spread(200, 6)
	w, rows := make([]int64, v.Rows()), []int{}
	for i := range w {
		w[i] = int64(i * i / 7 % 4)
		for range w[i] {
			rows = append(rows, i)
		}
	}
	weighted := table.Must(v.Table().With(table.Int("w", "", w).As(table.Weight))).View()
	for _, solver := range []Solver{Auto, Full, Randomised} {
		a := fit(t, PCA{K: 3, Solver: solver, Oversample: 1, Power: 60}, weighted)
		b := fit(t, PCA{K: 3, Solver: solver, Oversample: 1, Power: 60}, v.Take(rows))
		near(t, "mean", a.Mean(), b.Mean(), 1e-12, 1)
		relative(t, "variance", a.Variance(), b.Variance(), 1e-10)
		relative(t, "ratio", a.Ratio(), b.Ratio(), 1e-10)
		near(t, "components", a.components, b.components, 1e-9, 1)
	}
}

// Rows that do not count may be where most rows are: the sums of squares from there
// would have no digits left.
func TestPCAFarFromTheBase(t *testing.T) {
	v := spread(300, 4)
	x, w := v.Floats("x01"), make([]float64, v.Rows())
	for i := range x {
		if i%3 > 0 {
			x[i] = 0
			continue
		}
		w[i] = 1
		x[i] += 1e7
	}
	far := table.Must(v.Table().With(table.Float("x01", "", x), table.Float("w", "", w).As(table.Weight))).View()
	want := fit(t, PCA{Solver: Full}, far)
	relative(t, "variance", fit(t, PCA{}, far).Variance(), want.Variance(), 1e-12)
}
