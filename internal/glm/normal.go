package glm

import (
	"math"

	"flowbook/internal/par"
)

// Glossary: η linear predictor, π fitted probability, w = weight·π(1-π),
// I = X'WX Fisher information, U score, h hat diagonal, L Cholesky factor (I = LL').

const block = 2048 // rows; the order of every sum hangs on it

// state is everything a Newton step needs at one vector of coefficients.
type state struct {
	info, chol []float64 // P × P; chol holds L in its lower triangle
	curve      []float64 // P × P: what the step divides by; info, or Firth's I*
	score      []float64
	logLik     float64 // not penalised
	logDet     float64 // log det I
	singular   bool
}

// at computes the state at beta. With firth, the score is Firth's:
// U* = Σ x·(weight·(y-π) + h·(½-π)) (Heinze, Schemper 2002, p. 2411).
func (p Problem) at(beta []float64, firth bool) state {
	n, k := p.rows(), p.P
	blocks := par.Count(n, block)
	info := make([]float64, blocks*k*k)
	score := make([]float64, blocks*k)
	lik := make([]float64, blocks)
	par.Blocks(n, block, func(b, lo, hi int) {
		in, sc := info[b*k*k:(b+1)*k*k], score[b*k:(b+1)*k]
		buffer := make([]int, 0, k)
		for i := lo; i < hi; i++ {
			x := p.row(i)
			eta, used := p.predictor(i, beta, buffer)
			pi, rest := logistic(eta)
			wt := p.weight(i)
			lik[b] += wt * rowLogLik(eta, p.Y[i])
			w, r := wt*pi*rest, wt*residual(p.Y[i], pi, rest)
			scatter(sc, in, x, used, r, w)
		}
	})
	s := state{info: fold(info, blocks, k*k), score: fold(score, blocks, k), logLik: fold(lik, blocks, 1)[0]}
	mirror(s.info, k)
	s.chol, s.singular = cholesky(s.info, k)
	if s.singular {
		return s
	}
	for j := range k {
		s.logDet += 2 * math.Log(s.chol[j*k+j])
	}
	s.curve = s.info
	if firth {
		s.penalise(p, beta)
	}
	return s
}

// penalise adds Firth's part to the score, Σ x·h·(½-π) with h = w·x'I⁻¹x = w·|L⁻¹x|²,
// and sets curve to X'diag(w + h·π(1-π))X: Firth's fit is that of h more rows half of
// which are positive, and with their information the step is right. (Steps by I
// alone, as first published, are up to twice too long and never settle on a level
// that has a single row.)
func (s *state) penalise(p Problem, beta []float64) {
	n, k := p.rows(), p.P
	blocks := par.Count(n, block)
	score := make([]float64, blocks*k)
	more := make([]float64, blocks*k*k)
	par.Blocks(n, block, func(b, lo, hi int) {
		sc, in := score[b*k:(b+1)*k], more[b*k*k:(b+1)*k*k]
		z, buffer := make([]float64, k), make([]int, 0, k)
		for i := lo; i < hi; i++ {
			x := p.row(i)
			eta, used := p.predictor(i, beta, buffer)
			pi, rest := logistic(eta)
			lower(s.chol, x, z, k)
			h := 0.0
			for _, v := range z {
				h += v * v
			}
			h *= p.weight(i) * pi * rest
			r, w := h*(rest-pi)/2, h*pi*rest
			scatter(sc, in, x, used, r, w)
		}
	})
	for j, v := range fold(score, blocks, k) {
		s.score[j] += v
	}
	s.curve = fold(more, blocks, k*k)
	mirror(s.curve, k)
	for j, v := range s.info {
		s.curve[j] += v
	}
}

// predictor is η of row i, and the columns that are not 0 there, appended to used.
func (p Problem) predictor(i int, beta []float64, used []int) (float64, []int) {
	eta := p.offset(i)
	for j, v := range p.row(i) {
		if v != 0 {
			used = append(used, j)
			eta += v * beta[j]
		}
	}
	return eta, used
}

// scatter adds r·x to a score and the lower triangle of w·xx' to an information, for
// a row x whose columns used are not 0.
func scatter(score, info, x []float64, used []int, r, w float64) {
	k := len(x)
	for _, j := range used {
		score[j] += r * x[j]
		wx := w * x[j]
		line := info[j*k : j*k+k]
		for _, m := range used {
			if m > j {
				break
			}
			line[m] += wx * x[m]
		}
	}
}

// mirror fills in the upper triangle.
func mirror(a []float64, k int) {
	for i := range k {
		for j := range i {
			a[j*k+i] = a[i*k+j]
		}
	}
}

// fold adds the blocks' parts, in their order.
func fold(part []float64, blocks, size int) []float64 {
	out := make([]float64, size)
	for b := range blocks {
		for j := range out {
			out[j] += part[b*size+j]
		}
	}
	return out
}

// logistic is π and 1-π, neither by subtraction.
func logistic(eta float64) (pi, rest float64) {
	e := math.Exp(-math.Abs(eta))
	if eta >= 0 {
		return 1 / (1 + e), e / (1 + e)
	}
	return e / (1 + e), 1 / (1 + e)
}

// residual is y - π, exact also where π is within rounding of y.
func residual(y, pi, rest float64) float64 {
	switch y {
	case 1:
		return rest
	case 0:
		return -pi
	}
	return y*rest - (1-y)*pi
}

// rowLogLik is y·log π + (1-y)·log(1-π).
func rowLogLik(eta, y float64) float64 {
	return y*min(eta, 0) - (1-y)*max(eta, 0) - math.Log1p(math.Exp(-math.Abs(eta)))
}

// cholesky returns L; singular is set where a pivot keeps less than 1e-12 of its
// column's size.
func cholesky(a []float64, k int) (l []float64, singular bool) {
	l = make([]float64, k*k)
	for j := range k {
		for i := j; i < k; i++ {
			s := a[i*k+j]
			for m := range j {
				s -= l[i*k+m] * l[j*k+m]
			}
			if i > j {
				l[i*k+j] = s / l[j*k+j]
				continue
			}
			if !(s > 1e-12*a[j*k+j]) {
				return l, true
			}
			l[j*k+j] = math.Sqrt(s)
		}
	}
	return l, false
}

// lower solves Lz = x.
func lower(l, x, z []float64, k int) {
	for i := range k {
		s := x[i]
		for m := range i {
			s -= l[i*k+m] * z[m]
		}
		z[i] = s / l[i*k+i]
	}
}

// solve returns I⁻¹b.
func solve(l, b []float64, k int) []float64 {
	z := make([]float64, k)
	lower(l, b, z, k)
	for i := k - 1; i >= 0; i-- {
		s := z[i]
		for m := i + 1; m < k; m++ {
			s -= l[m*k+i] * z[m]
		}
		z[i] = s / l[i*k+i]
	}
	return z
}

// inverse returns I⁻¹.
func inverse(l []float64, k int) []float64 {
	out := make([]float64, k*k)
	e := make([]float64, k)
	for j := range k {
		clear(e)
		e[j] = 1
		copy(out[j*k:], solve(l, e, k))
	}
	return out
}
