package layers

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"flowbook/internal/rng"
	"flowbook/models/internal/f32"
)

// set is a small data set in both forms: most of its numbers are the usual ones.
type set struct {
	n, p   int
	dense  []float32
	sparse *Sparse
	rows   []int32
}

func newSet(g *rand.Rand, n, p int) set {
	s := set{n: n, p: p}
	base, start, col, val := normal(g, p), []int{0}, []int32{}, []float32{}
	for i := range n {
		for j := range p {
			v := float32(0)
			if g.IntN(3) == 0 {
				v = float32(g.NormFloat64())
				col, val = append(col, int32(j)), append(val, v)
			}
			s.dense = append(s.dense, base[j]+v)
		}
		start = append(start, len(col))
		s.rows = append(s.rows, int32(i))
	}
	s.sparse = &Sparse{base, f32.NewSparse(p, start, col, val)}
	g.Shuffle(n, func(i, j int) { s.rows[i], s.rows[j] = s.rows[j], s.rows[i] })
	return s
}

func normal(g *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(g.NormFloat64())
	}
	return x
}

func wide(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

// nets are all layers, each behind one with weights and before another.
func nets(s set, out int) map[string]*Net {
	in := []Layer{Take{Data: s.dense, Width: s.p}, Affine{In: s.p, Out: 9}}
	last := Affine{In: 9, Out: out}
	return map[string]*Net{
		"affine":            NewNet(Take{Data: s.dense, Width: s.p}, Affine{In: s.p, Out: out}),
		"sparse":            NewNet(SparseAffine{Data: s.sparse, Out: 9}, Tanh{9}, last),
		"relu":              NewNet(in[0], in[1], Relu{9}, last),
		"tanh":              NewNet(in[0], in[1], Tanh{9}, last),
		"sigmoid":           NewNet(in[0], in[1], Sigmoid{9}, last),
		"dropout":           NewNet(in[0], in[1], Tanh{9}, Dropout{9, 0.4}, last),
		"lstm":              NewNet(in[0], Affine{In: s.p, Out: 6}, LSTM{Steps: 3, In: 2, Hidden: 9}, last),
		"lstm of all steps": NewNet(in[0], LSTM{Steps: s.p, In: 1, Hidden: 5, All: true}, Affine{5 * s.p, 9}, Tanh{9}, last),
		"lstm on lstm":      NewNet(in[0], LSTM{Steps: s.p, In: 1, Hidden: 4, All: true}, LSTM{Steps: s.p, In: 4, Hidden: 9}, last),
		"deep":              NewNet(in[0], in[1], Relu{9}, Affine{9, 17}, Sigmoid{17}, Affine{17, 5}, Tanh{5}, Affine{5, out}),
	}
}

func losses(g *rand.Rand, n, k int) map[string]Loss {
	truth := Truth{Class: make([]int32, n), Weight: make([]float32, n)}
	for i := range n {
		truth.Class[i], truth.Weight[i] = int32(g.IntN(max(k, 2))), g.Float32()+0.1
	}
	all := map[string]Loss{"squared": Squared{Target: normal(g, n*k), Weight: truth.Weight, K: k}}
	if k == 1 {
		all["logistic"] = Logistic{truth}
	} else {
		all["softmax"] = Softmax{truth, k}
	}
	return all
}

// TestGradients holds every layer and loss to central differences of the twin in
// float64: the derivative by a weight is (loss(w+h) - loss(w-h)) / 2h.
func TestGradients(t *testing.T) {
	g := rand.New(rand.NewPCG(1, 2))
	s := newSet(g, 6, 7)
	for _, out := range []int{1, 3} {
		for lossName, loss := range losses(g, s.n, out) {
			for name, net := range nets(s, out) {
				t.Run(fmt.Sprintf("%s/%s/%d", name, lossName, out), func(t *testing.T) {
					w := net.Init(rng.New(3))
					b := net.NewTraining(s.n, rng.New(4))
					z := b.Forward(w, nil, s.rows, s.n)
					got := loss.Of(z, b.dOut(), s.rows)
					b.Backward()

					w64 := wide(w)
					at := func() float64 {
						sum := 0.0
						for i, r := range s.rows {
							x := wide(s.dense[int(r)*s.p : (int(r)+1)*s.p])
							sum += naiveLoss(loss, naive(net, w64, x, factorsOf(b, i, s.n)), r)
						}
						return sum
					}
					if want := at(); !(math.Abs(got-want) <= 1e-5*(1+math.Abs(want))) {
						t.Errorf("loss %v, want %v", got, want)
					}
					const h = 1e-5
					for i, v := range w64 {
						w64[i] = v + h
						up := at()
						w64[i] = v - h
						want := (up - at()) / (2 * h)
						w64[i] = v
						if !(math.Abs(float64(b.G[i])-want) <= 2e-5*(1+math.Abs(want))) {
							t.Errorf("derivative by weight %d is %v, want %v", i, b.G[i], want)
						}
					}
				})
			}
		}
	}
}

// factorsOf is what dropout multiplied row i of n with, by layer.
func factorsOf(b *Buffers, i, n int) [][]float64 {
	out := make([][]float64, len(b.passes))
	for k, l := range b.net.layers {
		if d, ok := l.(Dropout); ok {
			out[k] = wide(b.passes[k].Spare[i*d.Width : (i+1)*d.Width])
		}
	}
	return out
}

// TestSparseIsAffine: both forms of the data give the same answers and gradients, up
// to rounding.
func TestSparseIsAffine(t *testing.T) {
	g := rand.New(rand.NewPCG(5, 2))
	s := newSet(g, 40, 30)
	loss := Squared{Target: normal(g, 40*11), K: 11}
	var z, grad [2][]float32
	for k, net := range []*Net{
		NewNet(SparseAffine{Data: s.sparse, Out: 11}),
		NewNet(Take{Data: s.dense, Width: s.p}, Affine{In: s.p, Out: 11}),
	} {
		b := net.NewTraining(s.n, rng.New(1))
		z[k] = b.Forward(normal(rand.New(rand.NewPCG(6, 2)), net.Weights()), nil, s.rows, s.n)
		loss.Of(z[k], b.dOut(), s.rows)
		b.Backward()
		grad[k] = b.G
	}
	near(t, "answers", z[0], z[1], 1e-4)
	near(t, "gradient", grad[0], grad[1], 2e-3)
}

func near(t *testing.T, what string, got, want []float32, tol float64) {
	t.Helper()
	if len(got) != len(want) || len(got) == 0 {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	for i, v := range got {
		if !(math.Abs(float64(v-want[i])) <= tol) {
			t.Errorf("%s %d: %v, want %v", what, i, v, want[i])
		}
	}
}

func TestDropoutKeepsTheMean(t *testing.T) {
	const n = 40000
	x := make([]float32, n)
	for i := range x {
		x[i] = 1
	}
	net := NewNet(Dropout{Width: 1, Rate: 0.3})
	y := net.NewTraining(n, rng.New(1)).Forward(nil, x, nil, n)
	sum, zeros := 0.0, 0
	for _, v := range y {
		sum += float64(v)
		if v == 0 {
			zeros++
		}
	}
	// The share of zeros has a deviation of √(.3·.7/40000) = 0.0023; four of them.
	if share := float64(zeros) / n; !(math.Abs(share-0.3) <= 0.0092) {
		t.Errorf("%.4f dropped, want 0.3", share)
	}
	if !(math.Abs(sum/n-1) <= 0.0131) {
		t.Errorf("mean %.4f, want 1", sum/n)
	}
	for i, v := range net.NewBuffers(n).Forward(nil, x, nil, n) {
		if v != x[i] {
			t.Fatalf("answering, row %d became %v", i, v)
		}
	}
}

func TestInitIsGlorots(t *testing.T) {
	net := NewNet(Affine{In: 60, Out: 40})
	w := net.Init(rng.New(1))
	bound, sum := math.Sqrt(6.0/100), 0.0
	most := 0.0
	for _, v := range w {
		sum += float64(v) * float64(v)
		most = math.Max(most, math.Abs(float64(v)))
	}
	if !(most <= bound) || !(most > 0.99*bound) {
		t.Errorf("largest weight %v, want just below %v", most, bound)
	}
	if got, want := sum/float64(len(w)), bound*bound/3; !(math.Abs(got/want-1) < 0.06) {
		t.Errorf("variance %v, want %v", got, want)
	}
}

func TestNetsThatDoNotFitPanic(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	NewNet(Affine{In: 3, Out: 4}, Relu{Width: 5})
}
