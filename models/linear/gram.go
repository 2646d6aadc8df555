package linear

import (
	"math"

	"flowbook/internal/par"
	"flowbook/models/internal/dense"
)

// maxFactor is the number of columns up to which a class's part of the Hessian is
// factorised; above it the diagonal has to do.
const maxFactor = 1000

// preconditioner is an approximation of the Hessian that is quickly solved: one
// Cholesky factor a line of coefficients (exact where there is one), or a diagonal.
type preconditioner struct {
	k, q    int         // q = p+1
	exact   bool        // it is the Hessian itself
	factors [][]float64 // q × q, lower
	diag    []float64   // q × k, used where factors is nil
}

func (o *objective) preconditioner() *preconditioner {
	m := &preconditioner{k: o.k, q: o.x.P + 1}
	if o.x.P > maxFactor {
		m.diag = o.diagonal()
		return m
	}
	m.exact = o.k == 1
	m.factors = make([][]float64, o.k)
	for c := range m.factors {
		m.factors[c] = o.gram(c)
		for j := range o.x.P {
			m.factors[c][j*m.q+j]++
		}
	}
	par.Do(o.k, func(c int) { cholesky(m.factors[c], m.q) })
	return m
}

// gram returns the lower triangle of Σ s P(1-P) x xᵀ for line c.
func (o *objective) gram(c int) []float64 {
	q := o.x.P + 1
	var partial [parts][]float64
	for i := range partial {
		partial[i] = make([]float64, q*q)
	}
	o.over(func(part int, b *dense.Block) {
		h := partial[part]
		last := h[o.x.P*q:]
		for i := b.Lo; i < b.Hi; i++ {
			p := o.prob[i*o.k+c]
			w := o.s[i] * p * (1 - p)
			if w == 0 {
				continue
			}
			lo, hi := b.Start[i-b.Lo], b.Start[i-b.Lo+1]
			cols, vals := b.Col[lo:hi], b.Val[lo:hi]
			for e, col := range cols {
				v := w * vals[e]
				line := h[int(col)*q : int(col)*q+int(col)+1]
				for f, other := range cols[:e+1] {
					line[other] += float64(v * vals[f])
				}
				last[col] += v
			}
			last[o.x.P] += w
		}
	})
	out := make([]float64, q*q)
	add(out, partial)
	return out
}

// diagonal is the diagonal of the Hessian.
func (o *objective) diagonal() []float64 {
	var partial [parts][]float64
	for i := range partial {
		partial[i] = make([]float64, o.size())
	}
	o.over(func(part int, b *dense.Block) {
		w, h := make([]float64, o.k), partial[part]
		for i := b.Lo; i < b.Hi; i++ {
			for c, p := range o.prob[i*o.k : (i+1)*o.k] {
				w[c] = o.s[i] * p * (1 - p)
				h[o.x.P*o.k+c] += w[c]
			}
			for e := b.Start[i-b.Lo]; e < b.Start[i-b.Lo+1]; e++ {
				v := b.Val[e] * b.Val[e]
				for c, u := range w {
					h[int(b.Col[e])*o.k+c] += float64(v * u)
				}
			}
		}
	})
	out := make([]float64, o.size())
	for j := range o.x.P * o.k {
		out[j] = 1
	}
	add(out, partial)
	for j, v := range out {
		if out[j] = v; v < 1e-300 {
			out[j] = 1
		}
	}
	return out
}

// cholesky factorises the lower triangle of a in place. A pivot that rounding has
// taken (an intercept whose probabilities are all 0 or 1) becomes tiny, not zero.
func cholesky(a []float64, q int) {
	for i := range q {
		row := a[i*q : i*q+q]
		for j := range i {
			other := a[j*q : j*q+q]
			row[j] = (row[j] - dot4(row[:j], other[:j])) / other[j]
		}
		pivot := row[i]
		rest := pivot - dot4(row[:i], row[:i])
		if floor := max(1e-14*pivot, 1e-290); !(rest > floor) {
			rest = floor
		}
		row[i] = math.Sqrt(rest)
	}
}

// dot4 adds in four lanes.
func dot4(a, b []float64) float64 {
	var s0, s1, s2, s3 float64
	b = b[:len(a)]
	for len(a) >= 4 && len(b) >= 4 {
		s0 += float64(a[0] * b[0])
		s1 += float64(a[1] * b[1])
		s2 += float64(a[2] * b[2])
		s3 += float64(a[3] * b[3])
		a, b = a[4:], b[4:]
	}
	for i, v := range a {
		s0 += float64(v * b[i])
	}
	return (s0 + s1) + (s2 + s3)
}

// solve writes M⁻¹r. With several lines the answer is taken back to the lines that
// sum to 0, where gradients and steps of the multinomial loss live.
func (m *preconditioner) solve(r, z []float64) {
	if m.factors == nil {
		for j, v := range r {
			z[j] = v / m.diag[j]
		}
	} else {
		par.Do(m.k, func(c int) { m.line(c, r, z) })
	}
	if m.k == 1 {
		return
	}
	for j := 0; j < len(z); j += m.k {
		mean := 0.0
		for _, v := range z[j : j+m.k] {
			mean += v
		}
		mean /= float64(m.k)
		for c := range m.k {
			z[j+c] -= mean
		}
	}
}

// line solves L Lᵀ z = r for line c.
func (m *preconditioner) line(c int, r, z []float64) {
	l, q := m.factors[c], m.q
	y := make([]float64, q)
	for i := range q {
		y[i] = (r[i*m.k+c] - dot4(l[i*q:i*q+i], y[:i])) / l[i*q+i]
	}
	for i := q - 1; i >= 0; i-- {
		y[i] /= l[i*q+i]
		for j, v := range l[i*q : i*q+i] {
			y[j] -= float64(v * y[i])
		}
		z[i*m.k+c] = y[i]
	}
}
