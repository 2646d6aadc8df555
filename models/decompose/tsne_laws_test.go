package decompose

import (
	"math"
	"slices"
	"testing"

	"flowbook/internal/rng"
	"flowbook/models/cluster"
	"flowbook/models/internal/dense"
)

// some is n rows of p normal numbers in three groups.
func some(n, p int) []float64 {
	g, x := rng.New(11).Rand(), make([]float64, n*p)
	for i := range x {
		x[i] = g.NormFloat64() + float64(4*(i/p%3))
	}
	return x
}

// scene is points of a map as they lie late in a descent: groups and a few far out.
func scene(n int) []float64 {
	g, y := rng.New(12).Rand(), make([]float64, 2*n)
	for i := range y {
		y[i] = 3*g.NormFloat64() + float64(20*(i/2%4)*(1-2*(i%2)))
	}
	y[0], y[1] = 300, -200
	copy(y[10:14], y[20:24]) // two pairs at one place
	return y
}

// miss is the length of a - b, by that of b.
func miss[T float32 | float64](a []T, b []float64) float64 {
	over, under := 0.0, 0.0
	for i, v := range b {
		over += math.Pow(float64(a[i])-v, 2)
		under += v * v
	}
	return math.Sqrt(over / under)
}

// The gradient is the derivative of the divergence, by differences of the naive formula.
func TestGradientIsTheDerivative(t *testing.T) {
	const n = 60
	a := affinity(t, view(some(n, 4), 4), 31, 10)
	p, y := a.table(), scene(n)
	d := newDescent(a, slices.Clone(y), 1e-3)
	for _, exaggeration := range []float64{1, 12} {
		d.slope(exaggeration)
		want := make([]float64, 2*n)
		for i := range y {
			const h = 1e-4
			was := y[i]
			y[i] = was + h
			up := naiveDivergence(p, y, exaggeration)
			y[i] = was - h
			want[i] = (up - naiveDivergence(p, y, exaggeration)) / (2 * h)
			y[i] = was
		}
		if e := miss(d.gradient, want); !(e <= 1e-5) {
			t.Errorf("exaggeration %v: the gradient is off by %v of its length", exaggeration, e)
		}
	}
	if got, want := a.divergence(y), naiveDivergence(p, y, 1); !(math.Abs(got-want) <= 1e-12) {
		t.Errorf("the divergence is %v, naively %v", got, want)
	}
}

// The tree's forces are near those of all pairs, the nearer the smaller Theta.
func TestTreeIsNearAllPairs(t *testing.T) {
	const n = 2000
	y := scene(n)
	push, total := naivePush(y)
	a := affinity(t, view(some(n, 2), 2), 4, 1)
	for _, c := range []struct{ theta, most float64 }{{1, 0.03}, {0.5, 0.002}, {0.25, 0.0003}, {1e-3, 1e-5}} {
		d := newDescent(a, y, c.theta)
		z := d.slope(1)
		if e := miss(d.push, push); !(e <= c.most && math.Abs(z/total-1) <= c.most) {
			t.Errorf("theta %v: forces are off by %.2g, their sum by %.2g; want at most %v", c.theta, e, z/total-1, c.most)
		}
	}
}

// The tree holds each point once, and squares stand for their points.
func TestTreeHoldsAllPoints(t *testing.T) {
	for _, y := range [][]float64{scene(1000), make([]float64, 600), {1, 2}, {0, 0, 1e-300, 0, 1e17, 0}, {5, 5, 5, 5 + 1e-9, 5, 5}} {
		n := len(y) / 2
		tree := newQuadtree(n)
		for range 2 { // its storage is used again
			tree.build(y)
		}
		seen, grouped := make([]int, n), 0
		for _, r := range tree.row {
			seen[r]++
		}
		if slices.Min(seen) != 1 || slices.Max(seen) != 1 {
			t.Fatalf("%d points: rows are held %d to %d times", n, slices.Min(seen), slices.Max(seen))
		}
		for i, g := range tree.groups {
			if int(g.lo) != grouped || g.hi <= g.lo || g.hi-g.lo > runSize {
				t.Fatalf("%d points: group %d is places %d to %d after %d", n, i, g.lo, g.hi, grouped)
			}
			grouped = int(g.hi)
		}
		if grouped != n {
			t.Errorf("%d of %d points are in groups", grouped, n)
		}
		for i, s := range tree.nodes {
			if s.next <= int32(i) || int(s.next) > len(tree.nodes) || s.all.Mass != float32(s.hi-s.lo) {
				t.Fatalf("%d points: square %d is followed by %d, mass %v of %d points", n, i, s.next, s.all.Mass, s.hi-s.lo)
			}
		}
	}
}

// Nearest rows are those that looking at all finds, also among copies, of which those in
// excess are not the row itself.
func TestNearestIsNaive(t *testing.T) {
	x := some(300, 3)
	for i := range 30 {
		copy(x[3*(10*i%300):], x[:3])
	}
	v := view(x, 3)
	plan, err := dense.Of("decompose", v)
	if err != nil {
		t.Fatal(err)
	}
	all := everybody(cluster.Matrix{X: x, P: 3})
	for _, k := range []int{1, 10, 29, 30, 299} {
		got, err := nearest(background, plan, v, k)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 300 {
			for j, h := range got[i*k : (i+1)*k] {
				if want := all[i*299+j]; h.row != want.row || !(math.Abs(h.squared-want.squared) <= 1e-12) {
					t.Fatalf("k = %d: neighbour %d of row %d is %v, want %v", k, j, i, h, want)
				}
			}
		}
	}
}

// Each row's own probabilities have the perplexity asked for where that can be.
func TestGaussianHasThePerplexity(t *testing.T) {
	g := rng.New(13).Rand()
	p := make([]float64, 40)
	for _, c := range []struct{ perplexity, scale, want float64 }{{10, 1, 10}, {1.5, 1e-80, 1.5}, {39, 1e80, 39}, {39.9999, 1, 39.9999}, {45, 1, 40}, {1, 1, 1}, {3, 0, 40}} {
		d := make([]float64, len(p))
		for j := range d {
			d[j] = c.scale * g.ExpFloat64()
		}
		slices.Sort(d)
		gaussian(d, p, c.perplexity)
		entropy, sum := 0.0, 0.0
		for _, v := range p {
			if sum += v; v > 0 {
				entropy -= v * math.Log(v)
			}
		}
		if got := math.Exp(entropy); !(math.Abs(got/c.want-1) <= 1e-9 && math.Abs(sum-1) <= 1e-12) {
			t.Errorf("perplexity %v at scale %v: got %v, want %v; the sum is %v", c.perplexity, c.scale, got, c.want, sum)
		}
	}
	d := make([]float64, len(p)) // more copies than the perplexity: they share all
	for j := 12; j < len(d); j++ {
		d[j] = 1 + float64(j)
	}
	if gaussian(d, p, 5); !(math.Abs(p[0]-1./12) <= 1e-9 && p[12] <= 1e-9) {
		t.Errorf("of 12 copies the first has %v, the next row %v", p[0], p[12])
	}
}

// Affinities are symmetric, sum to 1 and follow the rows where these change places; so
// does the gradient of points that change places with them. (A whole descent does not,
// for it magnifies rounding and the stirring goes by row.)
func TestPermutedRows(t *testing.T) {
	const n, p = 200, 3
	x, y := some(n, p), scene(n)
	order := rng.New(14).Rand().Perm(n)
	xo, yo := make([]float64, n*p), make([]float64, 2*n)
	for to, from := range order {
		copy(xo[to*p:(to+1)*p], x[from*p:])
		copy(yo[2*to:2*to+2], y[2*from:])
	}
	a, b := affinity(t, view(x, p), 31, 10), affinity(t, view(xo, p), 31, 10)
	ta, tb := a.table(), b.table()
	sum := 0.0
	for i := range n {
		for j := range n {
			sum += tb[i*n+j]
			if tb[i*n+j] != tb[j*n+i] || i == j && tb[i*n+j] != 0 {
				t.Fatalf("p(%d, %d) is %v, the other way %v", i, j, tb[i*n+j], tb[j*n+i])
			}
			if want := ta[order[i]*n+order[j]]; !(math.Abs(tb[i*n+j]-want) <= 1e-15) {
				t.Fatalf("p(%d, %d) is %v, before %v", i, j, tb[i*n+j], want)
			}
		}
	}
	if !(math.Abs(sum-1) <= 1e-12) {
		t.Errorf("affinities sum to %v", sum)
	}
	da, db := newDescent(a, y, 0.5), newDescent(b, yo, 0.5)
	da.slope(1)
	db.slope(1)
	want := make([]float64, 2*n)
	for to, from := range order {
		copy(want[2*to:2*to+2], da.gradient[2*from:])
	}
	if e := miss(db.gradient, want); !(e <= 1e-4) {
		t.Errorf("the gradient of permuted rows differs by %v of its length", e)
	}
}

// After exaggeration the divergence falls from one hundred rounds to the next.
func TestDivergenceFalls(t *testing.T) {
	v := view(some(400, 5), 5)
	l, err := TSNE{Rounds: 1000}.defaults(v)
	if err != nil {
		t.Fatal(err)
	}
	y, _, err := l.start(background, v)
	if err != nil {
		t.Fatal(err)
	}
	a := affinity(t, v, 91, 30)
	d := newDescent(a, y, l.Theta)
	last := math.Inf(1)
	for round := range 1000 {
		if round < 250 {
			d.slope(12)
			d.step(l.Rate, 0.5)
			continue
		}
		if round%100 == 50 {
			now := a.divergence(y)
			if !(now < last+1e-4) {
				t.Errorf("round %d: KL %v after %v", round, now, last)
			}
			last = now
		}
		d.slope(1)
		d.step(l.Rate, 0.8)
	}
}

func TestTrustworthiness(t *testing.T) {
	x := cluster.Matrix{X: []float64{0, 1, 2.5, 4.5, 7, 10}, P: 1}
	if got := Trustworthiness(x, x, 2); got != 1 {
		t.Errorf("of the data itself it is %v", got)
	}
	// On the map row 5 stands at row 0's side. The rows nearest to 0 … 5 there are 5 1 0 … :
	// for k = 1 only 0 -> 5 (rank 5) and 5 -> 0 (rank 5) are untrue: 1 - 2·(4+4)/(6·1·(12-3-1)).
	y := cluster.Matrix{X: []float64{0, 1, 2.5, 4.5, 7, -0.1}, P: 1}
	if got, want := Trustworthiness(x, y, 1), 1-2*8./48; !(math.Abs(got-want) <= 1e-15) {
		t.Errorf("got %v, want %v", got, want)
	}
	if a, b := rank([]float64{0, 2, 2, 1, 3}, 0, 1), rank([]float64{0, 2, 2, 1, 3}, 0, 2); a != 2 || b != 3 {
		t.Errorf("ranks of a tie are %d and %d, want 2 and 3", a, b)
	}
	for _, k := range []int{0, -1, 3, 6} {
		if got := Trustworthiness(x, y, k); !math.IsNaN(got) {
			t.Errorf("k = %d: %v", k, got)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a map of fewer rows passes")
		}
	}()
	Trustworthiness(x, cluster.Matrix{X: y.X[:4], P: 1}, 1)
}
