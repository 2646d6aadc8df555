package svm

// Symbols: n rows of r features and a 1; θ is w and then b; z_i = φ_i·θ; s_i the
// weight times C; y_i is -1 or 1; A the rows with y_i z_i < 1, within the margin.
//
//	f(θ) = ½ |w|² + Σ_i s_i max(0, 1 - y_i z_i)²
//	g    = (w, 0) - 2 Σ_A s_i y_i (1 - y_i z_i) φ_i
//	H    = diag(1, …, 1, 0) + 2 Σ_A s_i φ_i φ_iᵀ

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"flowbook/internal/par"
	"flowbook/models/internal/dense"
	"flowbook/models/internal/f32"
)

const (
	hingeBlock = 256   // rows of one item of work
	hingeParts = 16    // partial sums; fixed, so that cores do not change them
	sampleFrom = 20000 // rows from which a sample is solved first: it moves the start, not the optimum
	sampleStep = 8     // one in how many rows of a class it takes
)

// hinge is the squared hinge of one class against the others over dense features.
type hinge struct {
	phi   []float32
	width int     // r+1
	list  []int32 // rows that take part
	y, s  []float64
	cost  float64 // C
	theta []float64
	z     []float64 // by place in list
}

// newHinge is line c of the data's classes.
func newHinge(phi []float32, r int, d *data, c int, cost float64) *hinge {
	n := d.q.n()
	h := &hinge{phi: phi, cost: cost, width: r + 1, list: upTo(0, n), y: make([]float64, n), s: make([]float64, n), theta: make([]float64, r+1)}
	if len(d.classes) == 2 {
		c = 1
	}
	for i := range n {
		h.y[i], h.s[i] = -1, cost
		if i >= d.first[c] && i < d.first[c+1] {
			h.y[i] = 1
		}
		if d.weights != nil {
			h.s[i] *= d.weights[i]
		}
	}
	return h
}

// solve returns θ at the optimum.
func (h *hinge) solve(ctx context.Context, maxRounds int, tolerance float64) (theta []float64, rounds int, converged bool, err error) {
	if all := h.list; len(all) >= sampleFrom {
		h.list = nil
		for k := 0; k < len(all); k += sampleStep {
			h.list = append(h.list, all[k])
		}
		if rounds, _, err = h.newton(ctx, maxRounds, max(tolerance, 1e-2)); err != nil {
			return nil, 0, false, err
		}
		h.list = all
	}
	more, converged, err := h.newton(ctx, maxRounds, tolerance)
	return h.theta, rounds + more, converged, err
}

// newton runs until a step's length in the metric of H, which is at least that of w,
// is below the tolerance times the larger of 1 and |w|.
func (h *hinge) newton(ctx context.Context, maxRounds int, tolerance float64) (rounds int, converged bool, err error) {
	h.z = make([]float64, len(h.list))
	t := make([]float64, len(h.list))
	h.times(h.theta, h.z)
	for rounds < maxRounds {
		if err := ctx.Err(); err != nil {
			return rounds, false, err
		}
		rounds++
		g := h.gradient()
		d, err := h.direction(ctx, g)
		if err != nil {
			return rounds, false, err
		}
		slope := -dense.Dot(g, d)
		if !(slope > 0) {
			return rounds, slope <= 0, nil
		}
		h.times(d, t)
		step := h.search(d, t)
		for j, v := range d {
			h.theta[j] += float64(step * v)
		}
		for k, v := range t {
			h.z[k] += float64(step * v)
		}
		w := h.theta[:h.width-1]
		if math.Sqrt(slope) <= tolerance*max(1, math.Sqrt(dense.Dot(w, w))) {
			return rounds, true, nil
		}
	}
	return rounds, false, nil
}

func (h *hinge) line(k int) []float32 {
	i := int(h.list[k])
	return h.phi[i*h.width : (i+1)*h.width]
}

// times writes Φ v.
func (h *hinge) times(v, out []float64) {
	par.Blocks(len(h.list), 4*hingeBlock, func(_, lo, hi int) {
		for k := lo; k < hi; k++ {
			line, v := h.line(k), v
			var s0, s1, s2, s3 float64
			for len(line) >= 4 && len(v) >= 4 {
				s0 += float64(float64(line[0]) * v[0])
				s1 += float64(float64(line[1]) * v[1])
				s2 += float64(float64(line[2]) * v[2])
				s3 += float64(float64(line[3]) * v[3])
				line, v = line[4:], v[4:]
			}
			for j, x := range line {
				s0 += float64(float64(x) * v[j])
			}
			out[k] = (s0 + s1) + (s2 + s3)
		}
	})
}

// parts calls f for each part's rows, in order, at once for different parts.
func (h *hinge) parts(f func(part, lo, hi int)) {
	n := len(h.list)
	par.Do(hingeParts, func(p int) { f(p, p*n/hingeParts, (p+1)*n/hingeParts) })
}

func (h *hinge) gradient() []float64 {
	var partial [hingeParts][]float64
	h.parts(func(p, lo, hi int) {
		sum := make([]float64, h.width)
		for k := lo; k < hi; k++ {
			i := h.list[k]
			rest := 1 - h.y[i]*h.z[k]
			if !(rest > 0) {
				continue
			}
			by := -2 * h.s[i] * h.y[i] * rest
			for j, x := range h.line(k) {
				sum[j] += float64(by * float64(x))
			}
		}
		partial[p] = sum
	})
	g := append([]float64(nil), h.theta...)
	g[h.width-1] = 0
	for _, p := range partial {
		for j, v := range p {
			g[j] += v
		}
	}
	return g
}

// direction returns -H⁻¹ g. Products of H are float32 within a block of rows: they
// make the step a little less than Newton's, and no difference to where it ends.
func (h *hinge) direction(ctx context.Context, g []float64) ([]float64, error) {
	q := h.width
	var partial [hingeParts][]float64
	h.parts(func(p, lo, hi int) {
		sum := make([]float64, q*q)
		a, b, c := make([]float32, hingeBlock*q), make([]float32, hingeBlock*q), make([]float32, q*q)
		n := 0
		flush := func() {
			lowerGram(c, a[:n*q], b[:n*q], n, q)
			for i := range q {
				for j, v := range c[i*q : i*q+i+1] {
					sum[i*q+j] += float64(v)
				}
			}
			n = 0
		}
		for k := lo; k < hi && ctx.Err() == nil; k++ {
			i := h.list[k]
			if !(h.y[i]*h.z[k] < 1) {
				continue
			}
			by := float32(2 * h.s[i])
			for j, x := range h.line(k) {
				a[n*q+j], b[n*q+j] = x, by*x
			}
			if n++; n == hingeBlock {
				flush()
			}
		}
		flush()
		partial[p] = sum
	})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	hess := make([]float64, q*q)
	for _, p := range partial {
		for j, v := range p {
			hess[j] += v
		}
	}
	for i := range q {
		if v := hess[i*q+i]; v-v != 0 {
			return nil, fmt.Errorf("svm: C times the weights of the rows is more than float32 holds; lower C from %g, or the weights", h.cost)
		}
		if hess[i*q+i]++; i == q-1 {
			hess[i*q+i] += 1e-10 - 1 // b is free; without rows in the margin it stays
		}
		for j := range i {
			hess[j*q+i] = hess[i*q+j] // gonum reads the upper triangle
		}
	}
	for ridge := 0.0; ; ridge = max(1e-6, 10*ridge) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var factor mat.Cholesky
		for i := range q {
			hess[i*q+i] *= 1 + ridge
		}
		if !factor.Factorize(mat.NewSymDense(q, hess)) {
			continue // float32 has taken a pivot
		}
		var d mat.VecDense
		if err := factor.SolveVecTo(&d, mat.NewVecDense(q, g)); err != nil && ridge < 1 {
			if _, rough := err.(mat.Condition); !rough {
				continue
			}
		}
		out := d.RawVector().Data
		for j := range out {
			out[j] = -out[j]
		}
		return out, nil
	}
}

// lowerGram writes the lower triangle (by tiles) of aᵀ b for n rows of q numbers.
func lowerGram(c, a, b []float32, n, q int) {
	const tile = 64
	clear(c)
	for lo := 0; lo < q; lo += tile {
		hi := min(q, lo+tile)
		if n == 0 {
			return
		}
		f32.MulAddT(
			f32.Matrix{Rows: hi - lo, Cols: hi, Stride: q, Data: c[lo*q:]},
			f32.Matrix{Rows: n, Cols: hi - lo, Stride: q, Data: a[lo:]},
			f32.Matrix{Rows: n, Cols: hi, Stride: q, Data: b})
	}
}

// search returns the step along d, with t = Φ d, at which f is least. Its derivative
// there rises and is straight between the steps at which rows cross the margin, so
// that Newton's method on it ends after a few rounds; a bracket keeps it in.
func (h *hinge) search(d, t []float64) float64 {
	w, dw := h.theta[:h.width-1], d[:h.width-1]
	wd, dd := dense.Dot(w, dw), dense.Dot(dw, dw)
	lo, hi, step := 0.0, math.Inf(1), 1.0
	for range 60 {
		slope, curve := wd+step*dd, dd
		for k, i := range h.list {
			y := h.y[i]
			if rest := 1 - y*(h.z[k]+float64(step*t[k])); rest > 0 {
				slope -= 2 * h.s[i] * y * t[k] * rest
				curve += 2 * h.s[i] * t[k] * t[k]
			}
		}
		if slope > 0 {
			hi = step
		} else {
			lo = step
		}
		next := step - slope/curve
		if !(next > lo && next < hi) {
			if next = (lo + hi) / 2; math.IsInf(hi, 1) {
				next = 2 * step
			}
		}
		if math.Abs(next-step) <= 1e-9*step {
			return next
		}
		step = next
	}
	return step
}
