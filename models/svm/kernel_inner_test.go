package svm

import (
	"math"
	"math/big"
	"testing"

	"flowbook/internal/rng"
)

// scattered is rows of p columns of which each has some.
func scattered(n, p int) *points {
	g := rng.New(8).Rand()
	q := &points{p: p, start: []int{0}}
	for range n {
		var col []int32
		var val []float64
		for c := range int32(p) {
			if g.IntN(4) == 0 {
				col, val = append(col, c), append(val, g.NormFloat64())
			}
		}
		q.add(col, val)
	}
	return q
}

// Plain Go and assembly agree to the bit, however rows are packed, and so do K(x, z)
// and K(z, x); both agree with the sum of squared differences.
func TestKernelOneWayOrAnother(t *testing.T) {
	const n, p, gamma = 300, 17, 0.21
	q := scattered(n, p)
	q.add(nil, nil) // a row that is the base
	all := upTo(0, q.n())
	values := func(list []int32, assembly bool) [][]float64 {
		was := fast
		setFast(assembly && was)
		defer setFast(was)
		k, out, line := q.pack(list), make([][]float64, q.n()), make([]float64, p)
		for i := range out {
			out[i] = make([]float64, len(list))
			q.scatter(int32(i), line)
			kernel(k, line, q.norm[i], gamma, 0, len(k.start)-1, out[i])
			q.clear(int32(i), line)
		}
		return out
	}
	want := values(all, false)
	fastly := values(all, true)
	other := make([]int32, q.n())
	for k := range other {
		other[k] = int32((k*113 + 5) % q.n())
	}
	turned := values(other, true)
	for i := range want {
		for j, v := range want[i] {
			if math.Float64bits(fastly[i][j]) != math.Float64bits(v) {
				t.Fatalf("rows %d and %d: %v in assembly, %v in Go", i, j, fastly[i][j], v)
			}
			if want[j][i] != v {
				t.Fatalf("rows %d and %d: %v one way, %v the other", i, j, v, want[j][i])
			}
		}
		for k, j := range other {
			if turned[i][k] != want[i][j] {
				t.Fatalf("rows %d and %d: %v among other rows, want %v", i, j, turned[i][k], want[i][j])
			}
		}
	}
	x, z := make([]float64, p), make([]float64, p)
	q.scatter(3, x)
	q.scatter(8, z)
	d := 0.0
	for j := range x {
		d += (x[j] - z[j]) * (x[j] - z[j])
	}
	if !(math.Abs(want[3][8]/math.Exp(-gamma*d)-1) <= 1e-14) {
		t.Errorf("K is %v, want %v", want[3][8], math.Exp(-gamma*d))
	}
}

// gauss is right to two units in the last place, against 60 digits.
func TestGauss(t *testing.T) {
	g := rng.New(2).Rand()
	d := []float64{0, -1e-9, math.NaN(), math.Inf(1), 800, 700, 1e-300, math.Ln2}
	for len(d) < 4000 {
		d = append(d, math.Exp(20*g.Float64()-13))
	}
	assembly := append([]float64(nil), d...)
	plain := append([]float64(nil), d...)
	gauss(assembly, 1)
	gaussPlain(plain, 1)
	for i, x := range d {
		if math.Float64bits(assembly[i]) != math.Float64bits(plain[i]) {
			t.Fatalf("exp(-%v): %v in assembly, %v in Go", x, assembly[i], plain[i])
		}
		if !(x > 0) {
			x = max(0, x)
		}
		x = min(x, 700)
		if math.IsNaN(d[i]) {
			x = 700
		}
		want, _ := exp(-x).Float64()
		if !(math.Abs(plain[i]-want) <= 2*(math.Nextafter(want, 2)-want)) {
			t.Errorf("exp(-%v) is %v, want %v", d[i], plain[i], want)
		}
	}
}

// exp is e^x by its series, after halving x ten times and more.
func exp(x float64) *big.Float {
	const bits = 300
	f := func(v float64) *big.Float { return new(big.Float).SetPrec(bits).SetFloat64(v) }
	r := new(big.Float).SetPrec(bits).SetMantExp(f(x), -20)
	sum, term := f(1), f(1)
	for k := 1; k < 40; k++ {
		term.Mul(term, r)
		term.Quo(term, f(float64(k)))
		sum.Add(sum, term)
	}
	for range 20 {
		sum.Mul(sum, sum)
	}
	return sum
}
