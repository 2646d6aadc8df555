package plots

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/rng"

	"gonum.org/v1/plot/vg"
)

type golden struct {
	Values, Edges, Box, OnEdges, GridEdges []float64
	Counts, GridCounts                     []int
	Beyond                                 int
	FPR, TPR                               []float64
	Recall, Precision                      []float64
	AUC, AP                                float64
}

func loadGolden(t *testing.T) (g golden) {
	t.Helper()
	b, err := os.ReadFile("testdata/plots.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

func TestHistogramAgainstNumpy(t *testing.T) {
	g := loadGolden(t)
	if got := (Histogram{Scale: Log1p}).counts(g.Values, g.Edges); !slices.Equal(got, g.Counts) {
		t.Errorf("counts\n got %v\nwant %v", got, g.Counts)
	}
	if got := (Histogram{}).counts(g.OnEdges, g.GridEdges); !slices.Equal(got, g.GridCounts) {
		t.Errorf("counts of values on the edges\n got %v\nwant %v", got, g.GridCounts)
	}
}

func TestHistogramLaws(t *testing.T) {
	r := rng.New(3).Rand()
	for _, scale := range []Scale{Linear, Log, Log1p} {
		for _, bins := range []int{0, 1, 7, 60} {
			a, b := make([]float64, 500), make([]float64, 300)
			for i := range a {
				a[i] = math.Exp(3 * r.NormFloat64())
			}
			for i := range b {
				b[i] = math.Round(1 + 40*r.Float64())
			}
			slices.Sort(a)
			slices.Sort(b)
			h := Histogram{Scale: scale, Bins: bins}
			edges, _ := h.edges([][]float64{a, b})
			for _, values := range [][]float64{a, b} {
				sum := 0
				for _, n := range h.counts(values, edges) {
					sum += n
				}
				if sum != len(values) {
					t.Errorf("scale %d, %d bins: counts sum to %d, want %d", scale, bins, sum, len(values))
				}
				h.Height = Share
				total := 0.0
				for _, v := range h.heights(values, edges) {
					total += v
				}
				h.Height = Density
				area := 0.0
				for i, v := range h.heights(values, edges) {
					area += v * (edges[i+1] - edges[i])
				}
				if !(math.Abs(total-1) <= 1e-9) || !(math.Abs(area-1) <= 1e-9) {
					t.Errorf("scale %d, %d bins: shares sum to %g, density covers %g", scale, bins, total, area)
				}
			}
		}
	}
	edges, whole := Histogram{}.edges([][]float64{{0, 1, 2, 2, 5}})
	if !whole || len(edges) != 7 || edges[0] != -0.5 {
		t.Errorf("whole numbers 0 to 5 have edges %v; want one bin each", edges)
	}
}

func TestBoxAgainstNumpy(t *testing.T) {
	g := loadGolden(t)
	slices.Sort(g.Values)
	f := fiveOf(g.Values, Linear)
	for i, got := range []float64{f.low, f.q1, f.median, f.q3, f.high} {
		if !(math.Abs(got-g.Box[i]) <= 1e-9*math.Max(1, g.Box[i])) {
			t.Errorf("box[%d] = %g, want %g", i, got, g.Box[i])
		}
	}
	if len(f.beyond) != g.Beyond {
		t.Errorf("%d values beyond the whiskers, want %d", len(f.beyond), g.Beyond)
	}
}

func TestAreasAgainstScikitLearn(t *testing.T) {
	g := loadGolden(t)
	var out leftOut
	x, y := ROCCurve{FPR: g.FPR, TPR: g.TPR}.points(&out)
	if got := trapezoid(x, y); !(math.Abs(got-g.AUC) <= 1e-12) {
		t.Errorf("AUC %g, want %g", got, g.AUC)
	}
	if got := averagePrecision(g.Recall, g.Precision); !(math.Abs(got-g.AP) <= 1e-12) {
		t.Errorf("AP %g, want %g", got, g.AP)
	}
}

func TestROCEnds(t *testing.T) {
	for _, c := range []ROCCurve{
		{FPR: []float64{0.2}, TPR: []float64{0.8}},
		{FPR: []float64{0, 0.2, 1}, TPR: []float64{0, 0.8, 1}},
		{FPR: []float64{0, math.NaN()}, TPR: []float64{0.5, 0.7}},
	} {
		x, y := c.points(&leftOut{})
		n := len(x) - 1
		if x[0] != 0 || y[0] != 0 || x[n] != 1 || y[n] != 1 {
			t.Errorf("%v runs from (%g, %g) to (%g, %g)", c, x[0], y[0], x[n], y[n])
		}
	}
	a := ROC{Name: "r", Curves: []ROCCurve{{Name: "m", FPR: []float64{0.2}, TPR: []float64{0.8}}}}.Figure()
	if !strings.Contains(string(a.SVG), "m (AUC 0.800)") { // trapezoids: 0.2·0.8/2 + 0.8·(0.8+1)/2
		t.Error("the legend does not name the area")
	}
}

// A thinned line must stay within a fraction of a pixel of the line it replaces.
func TestThinnedLines(t *testing.T) {
	r := rng.New(4).Rand()
	pts := make([]vg.Point, 3000)
	y := 200.0
	for i := range pts {
		y += 0.8 * r.NormFloat64()
		pts[i] = vg.Point{X: vg.Length(float64(i) / 5), Y: vg.Length(y)}
	}
	kept := few(pts)
	if len(kept) > len(pts)*2/3 {
		t.Errorf("%d of %d points kept", len(kept), len(pts))
	}
	worst := 0.0
	for _, q := range pts {
		best := math.Inf(1)
		for i := 1; i < len(kept); i++ {
			if kept[i].X < q.X-3 || kept[i-1].X > q.X+3 {
				continue
			}
			best = math.Min(best, distance(q, kept[i-1], kept[i]))
		}
		worst = math.Max(worst, best)
	}
	if !(worst <= 1) {
		t.Errorf("a point lies %g pixels off the thinned line", worst)
	}
	low := slices.MinFunc(pts, func(a, b vg.Point) int { return int(math.Copysign(1, float64(a.Y-b.Y))) })
	if !slices.Contains(columns(pts), low) {
		t.Error("the lowest point of the line is lost")
	}
}

// distance from q to the segment from a to b.
func distance(q, a, b vg.Point) float64 {
	dx, dy := (b.X - a.X).Points(), (b.Y - a.Y).Points()
	px, py := (q.X - a.X).Points(), (q.Y - a.Y).Points()
	t := 0.0
	if l := dx*dx + dy*dy; l > 0 {
		t = math.Max(0, math.Min(1, (px*dx+py*dy)/l))
	}
	return math.Hypot(px-t*dx, py-t*dy)
}

func TestScales(t *testing.T) {
	for _, s := range []Scale{Linear, Log, Log1p} {
		for _, v := range []float64{1e-6, 0.5, 1, 7, 1e9} {
			if got := s.inverse(s.forward(v)); !(math.Abs(got-v) <= 1e-9*v) {
				t.Errorf("scale %d: %g comes back as %g", s, v, got)
			}
		}
	}
	if got := Log1p.forward(-9); !(math.Abs(got+1) <= 1e-15) {
		t.Errorf("Log1p of -9 is %g, want -1", got)
	}
}

// The palette must be readable on white, and text on any colour of a heat map.
func TestContrast(t *testing.T) {
	ratio := func(a, b float64) float64 { return (math.Max(a, b) + 0.05) / (math.Min(a, b) + 0.05) }
	for i, c := range palette {
		if got := ratio(luminance(c), 1); got < 1.9 {
			t.Errorf("palette[%d] on white: contrast %.2f", i, got)
		}
	}
	for _, r := range []ramp{blues, blueRed} {
		for i := range 101 {
			bg := r.at(float64(i) / 100)
			if got := ratio(luminance(textOn(bg)), luminance(bg)); got < 4.2 {
				t.Errorf("text on %v: contrast %.2f", bg, got)
			}
		}
	}
	for _, c := range []struct{ at, want float64 }{{0, luminance(blues[0])}, {1, luminance(blues[8])}, {-3, luminance(blues[0])}, {7, luminance(blues[8])}} {
		if got := luminance(blues.at(c.at)); got != c.want {
			t.Errorf("ramp at %g: %g, want %g", c.at, got, c.want)
		}
	}
}

// A value a hair below an edge belongs to the bin below it, one on the edge above.
func TestHistogramEdges(t *testing.T) {
	r := rng.New(5).Rand()
	for range 300 {
		lo, width, bins := r.NormFloat64(), r.ExpFloat64(), 1+r.IntN(60)
		edges, _ := Histogram{Bins: bins}.edges([][]float64{{lo, lo + width}})
		for i := 1; i < len(edges)-1; i++ {
			n := Histogram{}.counts([]float64{math.Nextafter(edges[i], math.Inf(-1)), edges[i]}, edges)
			if n[i-1] != 1 || n[i] != 1 {
				t.Fatalf("edge %d of %v: counts %v", i, edges, n)
			}
		}
	}
}
