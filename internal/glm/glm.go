// Package glm answers: how do the odds change with the columns, and can the data
// tell at all?
//
// Logistic regression by iteratively reweighted least squares, and with Firth's
// penalty, which has a finite answer also where a column separates the classes.
//
//	fit, err := glm.Logistic(glm.Problem{X: x, P: 3, Y: y}, glm.Options{})
//	low, high, err := glm.Profile(problem, fit, 1, 0.95)
package glm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Problem is what a regression is fitted to. The intercept is a column of ones
// that the caller puts into X.
type Problem struct {
	X      []float64 // n × P, row by row
	P      int       // columns
	Y      []float64 // n shares in [0, 1]; 0 and 1 for single rows
	Weight []float64 // n frequencies ≥ 0, nil for 1: a row of weight w counts as w equal rows
	Offset []float64 // n known parts of the linear predictor, nil for 0
}

// Options of a fit. The zero value is ready to use.
type Options struct {
	MaxIter int       // Newton steps; 0 means 100
	Tol     float64   // largest change of a coefficient, in standard errors, at the end; 0 means 1e-9
	Start   []float64 // first coefficients; nil means 0
}

func (o Options) defaults() Options {
	if o.MaxIter == 0 {
		o.MaxIter = 100
	}
	if o.Tol == 0 {
		o.Tol = 1e-9
	}
	return o
}

// Fit is a fitted regression.
type Fit struct {
	Coef       []float64
	SE         []float64 // Wald standard errors, from the inverse Fisher information
	Cov        []float64 // P × P
	LogLik     float64   // log-likelihood; penalised (plus ½·log det of the information) where Penalised
	Iterations int
	Converged  bool
	Separated  []int // coefficients that run to infinity: the columns (or a sum of them) separate the classes; nil for none
	Penalised  bool
}

// ErrSingular says that some columns are linear combinations of others.
var ErrSingular = errors.New("glm: the columns are linearly dependent; drop one")

func (p Problem) rows() int { return len(p.Y) }

func (p Problem) row(i int) []float64 { return p.X[i*p.P : (i+1)*p.P] }

func (p Problem) weight(i int) float64 {
	if p.Weight == nil {
		return 1
	}
	return p.Weight[i]
}

func (p Problem) offset(i int) float64 {
	if p.Offset == nil {
		return 0
	}
	return p.Offset[i]
}

func (p Problem) check() error {
	n := len(p.Y)
	switch {
	case p.P < 1 || n == 0:
		return fmt.Errorf("glm: %d rows and %d columns; want at least one of each", n, p.P)
	case len(p.X) != n*p.P:
		return fmt.Errorf("glm: X has %d values; want %d rows times %d columns", len(p.X), n, p.P)
	case p.Weight != nil && len(p.Weight) != n, p.Offset != nil && len(p.Offset) != n:
		return fmt.Errorf("glm: %d weights and %d offsets for %d rows", len(p.Weight), len(p.Offset), n)
	}
	for i, v := range p.X {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("glm: X is %v in row %d, column %d; want a finite number", v, i/p.P, i%p.P)
		}
	}
	for i, y := range p.Y {
		if !(y >= 0 && y <= 1) || !(p.weight(i) >= 0) || math.IsInf(p.weight(i), 0) || math.IsNaN(p.offset(i)) || math.IsInf(p.offset(i), 0) {
			return fmt.Errorf("glm: row %d has y %v, weight %v, offset %v; want y in [0, 1] and weight of at least 0", i, y, p.weight(i), p.offset(i))
		}
	}
	return nil
}

// Compact joins rows with equal columns and offset into one that carries their
// weights; every fit of it is the same fit. Categorical designs shrink to a few
// rows. The rows keep the order of their first occurrence. Time O(n·P).
func Compact(p Problem) Problem {
	out := Problem{P: p.P, Weight: []float64{}}
	if p.Offset != nil {
		out.Offset = []float64{}
	}
	place := make(map[string]int)
	key := make([]byte, 8*(p.P+1))
	var ones []float64 // weighted Σy of each new row
	for i := range p.Y {
		for k, v := range p.row(i) {
			binary.LittleEndian.PutUint64(key[8*k:], math.Float64bits(v+0)) // -0 becomes 0
		}
		binary.LittleEndian.PutUint64(key[8*p.P:], math.Float64bits(p.offset(i)+0))
		j, ok := place[string(key)]
		if !ok {
			j = len(ones)
			place[string(key)] = j
			out.X = append(out.X, p.row(i)...)
			if p.Offset != nil {
				out.Offset = append(out.Offset, p.Offset[i])
			}
			ones = append(ones, 0)
			out.Weight = append(out.Weight, 0)
		}
		w := p.weight(i)
		out.Weight[j] += w
		ones[j] += float64(w * p.Y[i])
	}
	out.Y = ones
	for j, w := range out.Weight {
		if w > 0 {
			out.Y[j] = min(1, ones[j]/w)
		}
	}
	return out
}
