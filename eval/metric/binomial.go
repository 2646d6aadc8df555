package metric

import (
	"math"
	"math/rand/v2"
)

// binomial draws the number of hits in n tries of chance p, in [0, 1].
//
// Below ten expected hits by inversion (Kachitvichyanukul, Schmeiser 1988, BINV),
// above by transformed rejection (Hörmann 1993, algorithm BTRS): both exact, both
// of a cost that does not grow with n.
func binomial(g *rand.Rand, n int, p float64) int {
	switch {
	case n == 0 || p <= 0:
		return 0
	case p >= 1:
		return n
	case p > 0.5:
		return n - binomial(g, n, 1-p)
	case float64(n)*p < 10:
		return invert(g, n, p)
	}
	return reject(g, n, p)
}

func invert(g *rand.Rand, n int, p float64) int {
	s := p / (1 - p)
	a := float64(n+1) * s
	first := math.Exp(float64(n) * math.Log1p(-p)) // at least e^-14
	for {
		u, r := g.Float64(), first
		for x := 0; x <= n; x++ {
			if u < r {
				return x
			}
			u -= r
			r *= a/float64(x+1) - s
		}
		// Rounding left a crumb beyond n: draw again.
	}
}

func reject(g *rand.Rand, n int, p float64) int {
	N, q := float64(n), 1-p
	spq := math.Sqrt(N * p * q)
	b := 1.15 + 2.53*spq
	a := -0.0873 + 0.0248*b + 0.01*p
	c := N*p + 0.5
	vr := 0.92 - 4.2/b
	alpha := (2.83 + 5.1/b) * spq
	m := math.Floor((N + 1) * p)
	top := lgamma(m+1) + lgamma(N-m+1)
	odds := math.Log(p / q)
	for {
		u, v := g.Float64()-0.5, g.Float64()
		us := 0.5 - math.Abs(u)
		k := math.Floor((2*a/us+b)*u + c)
		if k < 0 || k > N {
			continue
		}
		if us >= 0.07 && v <= vr {
			return int(k)
		}
		v = math.Log(v * alpha / (a/(us*us) + b))
		if v <= top-lgamma(k+1)-lgamma(N-k+1)+(k-m)*odds {
			return int(k)
		}
	}
}

func lgamma(x float64) float64 {
	v, _ := math.Lgamma(x)
	return v
}
