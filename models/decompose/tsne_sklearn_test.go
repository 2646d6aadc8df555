package decompose

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models/cluster"
	"flowbook/models/internal/dense"
)

// judged is what scikit-learn's TSNE reaches on a set, see testdata/gen_tsne.py.
type judged struct {
	Name       string
	Rows       int
	Perplexity float64
	Sum        float64
	KL         float64 `json:"kl"`
	Full       float64 `json:"kl_full"`
	Trust      float64
}

type peers struct {
	Cases []judged
	KDD   judged `json:"kdd"`
	Map   struct {
		Y, Betas []float64
		KL       float64 `json:"kl"`
		Trust    map[int]float64
		Columns  float64 `json:"trust_of_two_columns"`
	}
}

func loadPeers(t testing.TB) (p peers) {
	t.Helper()
	b, err := os.ReadFile("testdata/tsne.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// affinity is the joint probabilities of a view's rows from k neighbours of each.
func affinity(t testing.TB, v table.View, k int, perplexity float64) *affinities {
	t.Helper()
	plan, err := dense.Of("decompose", v)
	if err != nil {
		t.Fatal(err)
	}
	found, err := nearest(background, plan, v, k)
	if err != nil {
		t.Fatal(err)
	}
	return joint(found, v.Rows(), k, perplexity)
}

// beats holds maps to scikit-learn's at the same settings. Each has a lower divergence,
// from the affinities of 3 perplexity + 1 neighbours and, of small sets, of all rows. Their mean
// trustworthiness is at least as high, but for 5e-5, which is less than one start differs
// from the next: scikit-learn's own, stirred alike, range over 7e-4 of blobs and flags and
// over 1.2e-4 of strokes. It is not what either of them minimises.
func beats(t *testing.T, want judged, v table.View, seeds int) {
	t.Helper()
	x := matrixOf(t, v)
	sum := 0.0
	for _, c := range x.X {
		sum += c
	}
	if x.Len() != want.Rows || !(math.Abs(sum-want.Sum) <= 1e-9*math.Abs(want.Sum)) {
		t.Fatalf("%d rows that add up to %v, want %d and %v", x.Len(), sum, want.Rows, want.Sum)
	}
	var full *affinities
	if want.Rows <= 2000 { // of 5,000 rows it would take 2 GB
		full = joint(everybody(x), want.Rows, want.Rows-1, want.Perplexity)
	}
	mean := 0.0
	for s := range seeds {
		e := embedded(t, TSNE{Perplexity: want.Perplexity, Seed: rng.New(uint64(s))}, v)
		trust, all := Trustworthiness(x, e.Matrix(), 5), math.NaN()
		if full != nil {
			all = full.divergence(e.Points)
		}
		mean += trust / float64(seeds)
		t.Logf("seed %d: KL %.4f (scikit-learn %.4f), from all rows %.4f (%.4f), trustworthiness %.6f (%.6f)", s, e.KL, want.KL, all, want.Full, trust, want.Trust)
		if !(e.KL <= want.KL && (full == nil || all <= want.Full)) {
			t.Errorf("seed %d: KL is above scikit-learn's", s)
		}
	}
	if !(mean >= want.Trust-5e-5) {
		t.Errorf("trustworthiness is %.6f in the mean, scikit-learn's %.6f", mean, want.Trust)
	}
}

func TestTSNEBeatsScikitLearn(t *testing.T) {
	sets := map[string]func() ([]float64, int){"blobs": blobs, "roll": roll, "strokes": strokes, "flags": flags}
	seeds := map[string]int{"blobs": 3, "roll": 3, "strokes": 3, "flags": 6}
	for _, want := range loadPeers(t).Cases {
		t.Run(want.Name, func(t *testing.T) { beats(t, want, view(sets[want.Name]()), seeds[want.Name]) })
	}
}

func TestTSNEOnKDD(t *testing.T) {
	beats(t, loadPeers(t).KDD, kdd(t, 5000), 2)
}

// TestDivergenceIsNumpys: the divergence that TSNE reports, and the affinities behind it,
// are those that numpy works out for scikit-learn's own map.
func TestDivergenceIsNumpys(t *testing.T) {
	p := loadPeers(t)
	v := view(blobs())
	a := affinity(t, v, 91, 30)
	if got := a.divergence(p.Map.Y); !(math.Abs(got-p.Map.KL) <= 1e-9) {
		t.Errorf("KL is %v, want %v", got, p.Map.KL)
	}
	plan, err := dense.Of("decompose", v)
	if err != nil {
		t.Fatal(err)
	}
	found, err := nearest(background, plan, v, 91)
	if err != nil {
		t.Fatal(err)
	}
	d, given := make([]float64, 91), make([]float64, 91)
	for i, want := range p.Map.Betas {
		for j := range d {
			d[j] = found[i*91+j].squared
		}
		if got := gaussian(d, given, 30); !(math.Abs(got/want-1) <= 1e-9) {
			t.Errorf("row %d: β is %v, want %v", i, got, want)
		}
	}
}

func TestTrustworthinessIsScikitLearns(t *testing.T) {
	p := loadPeers(t)
	rows, width := blobs()
	x := cluster.Matrix{X: rows, P: width}
	for k, want := range p.Map.Trust {
		if got := Trustworthiness(x, cluster.Matrix{X: p.Map.Y, P: 2}, k); !(math.Abs(got-want) <= 1e-9) {
			t.Errorf("k = %d: %v, want %v", k, got, want)
		}
	}
	two := cluster.Matrix{P: 2}
	for i := range x.Len() {
		two.X = append(two.X, x.Row(i)[:2]...)
	}
	if got := Trustworthiness(x, two, 5); !(math.Abs(got-p.Map.Columns) <= 1e-9) {
		t.Errorf("of two columns: %v, want %v", got, p.Map.Columns)
	}
}
