package kmeans

import (
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"flowbook/internal/rng"
)

var dump = flag.String("dump", "", "folder to write the generated sets to, for testdata/gen_sets.py")

// A set is generated rows of one kind, and the numbers of clusters to look for.
type set struct {
	name string
	k    []int
	rows func(g *rand.Rand) [][]float64
	w    bool // rows have weights 1 to 4
}

// drawn makes n rows.
func drawn(n int, row func(i int) []float64) [][]float64 {
	x := make([][]float64, n)
	for i := range x {
		x[i] = row(i)
	}
	return x
}

// normal is p numbers of a normal distribution.
func normal(g *rand.Rand, p int, sd float64) []float64 {
	out := make([]float64, p)
	for j := range out {
		out[j] = sd * g.NormFloat64()
	}
	return out
}

// blobs are rows around k centers in a cube of side 20.
func blobs(g *rand.Rand, n, p, k int, sd float64) [][]float64 {
	centers := drawn(k, func(int) []float64 {
		c := make([]float64, p)
		for j := range c {
			c[j] = 20 * g.Float64()
		}
		return c
	})
	return drawn(n, func(int) []float64 {
		x := normal(g, p, sd)
		for j, c := range centers[g.IntN(k)] {
			x[j] += c
		}
		return x
	})
}

// heavy are sizes of flows: columns spread over many powers of ten, few rows hold most.
func heavy(g *rand.Rand, n, p int) [][]float64 {
	return drawn(n, func(int) []float64 {
		x := make([]float64, p)
		for j := range x {
			x[j] = math.Round(100 * math.Exp(1.5*g.NormFloat64()))
		}
		return x
	})
}

var sets = []set{
	{"separated", []int{10, 25}, func(g *rand.Rand) [][]float64 { return blobs(g, 1500, 2, 25, 0.3) }, false},
	{"overlapping", []int{6, 12}, func(g *rand.Rand) [][]float64 { return blobs(g, 2000, 5, 12, 4) }, false},
	{"weighted", []int{5, 15}, func(g *rand.Rand) [][]float64 { return blobs(g, 900, 3, 9, 2) }, true},
	{"rings", []int{8, 21}, func(g *rand.Rand) [][]float64 {
		return drawn(1500, func(i int) []float64 {
			a, r := 2*math.Pi*g.Float64(), float64(1+i%3)+0.05*g.NormFloat64()
			return []float64{r * math.Cos(a), r * math.Sin(a)}
		})
	}, false},
	{"uniform", []int{7, 30}, func(g *rand.Rand) [][]float64 {
		return drawn(2000, func(int) []float64 { return []float64{g.Float64(), g.Float64()} })
	}, false},
	{"high-dimensional", []int{8, 15}, func(g *rand.Rand) [][]float64 { return blobs(g, 600, 100, 8, 12) }, false},
	{"anisotropic", []int{5, 14}, func(g *rand.Rand) [][]float64 {
		x := blobs(g, 1500, 3, 7, 1)
		for _, row := range x {
			row[0], row[1] = 0.6*row[0]-2.5*row[1], -0.4*row[0]+0.8*row[1]
		}
		return x
	}, false},
	{"duplicates", []int{6, 20}, func(g *rand.Rand) [][]float64 {
		return drawn(3000, func(int) []float64 {
			x := make([]float64, 7)
			for j := range x[:6] {
				x[j] = math.Floor(g.Float64() + 0.1*float64(j+1))
			}
			x[6] = math.Round(10*math.Pow(g.Float64(), 6)) / 10
			return x
		})
	}, false},
	{"heavy tails", []int{5, 12}, func(g *rand.Rand) [][]float64 { return heavy(g, 3000, 4) }, false},
	{"tiny", []int{2, 5}, func(g *rand.Rand) [][]float64 { return drawn(12, func(int) []float64 { return normal(g, 2, 1) }) }, false},
	{"one feature", []int{4, 18}, func(g *rand.Rand) [][]float64 {
		return drawn(800, func(int) []float64 { return []float64{math.Exp(g.NormFloat64())} })
	}, false},
	{"drawn digits", []int{10, 17}, func(g *rand.Rand) [][]float64 {
		strokes := drawn(10, func(int) []float64 { // a walk over the 8 × 8 field
			x, at := make([]float64, 64), [2]int{g.IntN(8), g.IntN(8)}
			for range 24 {
				x[8*at[0]+at[1]] = 14
				d := g.IntN(2)
				at[d] = min(7, max(0, at[d]+2*g.IntN(2)-1))
			}
			return x
		})
		return drawn(1200, func(int) []float64 {
			x := make([]float64, 64)
			for j, v := range strokes[g.IntN(10)] {
				x[j] = math.Round(min(16, max(0, v+4*g.NormFloat64())))
			}
			return x
		})
	}, false},
	// Two above the size from which starts work on a sample.
	{"many, heavy tails", []int{8}, func(g *rand.Rand) [][]float64 { return heavy(g, 70000, 3) }, false},
	{"many, few far away", []int{6}, func(g *rand.Rand) [][]float64 {
		return drawn(70000, func(i int) []float64 {
			x := normal(g, 3, 1)
			if i < 12 { // three groups of four rows
				x[i%3] += 300
			}
			return x
		})
	}, false},
}

// made draws a set's rows and weights.
func (s set) made() (x [][]float64, w []float64) {
	g := rng.New(4).At(s.name).Rand()
	x = s.rows(g)
	if s.w {
		for range x {
			w = append(w, float64(1+g.IntN(4)))
		}
	}
	return x, w
}

// sum tells rows from others.
func sum(x [][]float64) (out float64) {
	for _, row := range x {
		for j, v := range row {
			out += float64(j+1) * v
		}
	}
	return out
}

// peers are scikit-learn's results, with its defaults.
type peers map[string]struct {
	K         []int
	Inertia   []float64   // of the best of ten starts, median of five such runs
	Least     []float64   // of all fifty
	MiniBatch float64     // inertia of its mini-batches and the first K, median of five
	X         [][]float64 // of the sets that are not generated here
	Sum       float64
}

// TestSets holds our inertia, of default settings and several seeds, to 1.001 of
// scikit-learn's best of ten starts, and to 1.002 of its best of fifty, on generated sets
// of many kinds, iris and wine. With
// -dump DIR it writes the generated rows instead.
func TestSets(t *testing.T) {
	if testing.Short() {
		t.Skip("long work of one kind: not under the race detector")
	}
	if *dump != "" {
		writeSets(t)
		t.Skip("written")
	}
	want := loadPeers(t)
	type rows struct {
		x [][]float64
		w []float64
	}
	all := map[string]rows{}
	for _, s := range sets {
		x, w := s.made()
		all[s.name] = rows{x, w}
		if got := sum(x); !(math.Abs(got-want[s.name].Sum) <= 1e-9*math.Abs(got)) {
			t.Fatalf("%s: the rows are not those that scikit-learn had; see testdata/gen_sets.py", s.name)
		}
	}
	for name, r := range want {
		t.Run(name, func(t *testing.T) {
			x := all[name]
			if r.X != nil {
				x.x = r.X
			}
			v := tabled(x.x, x.w)
			for i, k := range r.K {
				worst := 0.0
				for seed := range uint64(3) {
					got := cluster(t, Config{K: k, Seed: rng.New(seed)}, v)
					worst = max(worst, got.Inertia/r.Least[i])
					if !(got.Inertia <= 1.001*r.Inertia[i] && got.Inertia <= 1.002*r.Least[i]) {
						t.Errorf("k=%d, seed %d: inertia %v, want at most 1.001 of %v and 1.002 of %v", k, seed, got.Inertia, r.Inertia[i], r.Least[i])
					}
				}
				t.Logf("k=%d: at most %.5f of the best of scikit-learn's fifty", k, worst)
			}
		})
	}
}

func loadPeers(t *testing.T) (out peers) {
	b, err := os.ReadFile("testdata/sets.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func writeSets(t *testing.T) {
	type line struct {
		Name       string
		K          []int
		Rows, Cols int
		Weighted   bool
		Sum        float64
	}
	var lines []line
	for i, s := range sets {
		x, w := s.made()
		lines = append(lines, line{s.name, s.k, len(x), len(x[0]), s.w, sum(x)})
		var b []byte
		for _, row := range append(x, w) {
			for _, v := range row {
				b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
			}
		}
		if err := os.WriteFile(filepath.Join(*dump, fmt.Sprintf("%d.bin", i)), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := json.Marshal(lines)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*dump, "sets.json"), b, 0o644); err != nil {
		t.Fatal(err)
	}
}
