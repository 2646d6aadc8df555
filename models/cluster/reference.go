package cluster

import (
	"fmt"
	"math"
	"math/rand/v2"

	"flowbook/internal/par"
	"flowbook/internal/table"

	"gonum.org/v1/gonum/mat"
)

// box is what reference rows are drawn from: a range along each axis.
type box struct {
	lo, hi []float64
	mean   []float64 // of the rows; nil where the axes are the features
	axes   Matrix    // of the box, in rows
}

// newBox is the box around rows. Columns that are constant make it flat.
func newBox(x Matrix, over Reference) (box, error) {
	b := box{}
	if x.Len() == 0 {
		return b, fmt.Errorf("cluster: a gap statistic of no rows")
	}
	if over == Principal {
		b.mean = newPartition(x, make([]int, x.Len())).mean()
		axes, err := principal(x, b.mean)
		if err != nil {
			return box{}, err
		}
		b.axes = axes
		scores := Matrix{make([]float64, len(x.X)), x.P}
		par.Blocks(x.Len(), 256, func(_, lo, hi int) {
			d := make([]float64, x.P)
			for i := lo; i < hi; i++ {
				for j, v := range x.Row(i) {
					d[j] = v - b.mean[j]
				}
				for a := range x.P {
					for j, v := range axes.Row(a) {
						scores.X[i*x.P+a] += float64(v * d[j])
					}
				}
			}
		})
		x = scores
	}
	b.lo, b.hi = append(b.lo, x.Row(0)...), append(b.hi, x.Row(0)...)
	flat := true
	for i := range x.Len() {
		for j, v := range x.Row(i) {
			b.lo[j], b.hi[j] = min(b.lo[j], v), max(b.hi[j], v)
			flat = flat && b.lo[j] == b.hi[j]
		}
	}
	if flat {
		return box{}, fmt.Errorf("cluster: all %d rows are equal and have no gap statistic", x.Len())
	}
	return b, nil
}

// principal returns the eigenvectors of the covariance of rows, one a row, by rising
// variance. Their signs are those of their largest numbers made positive.
func principal(x Matrix, mean []float64) (Matrix, error) {
	cov := mat.NewSymDense(x.P, nil)
	par.Do(x.P, func(a int) {
		sum := make([]float64, x.P)
		for i := range x.Len() {
			row := x.Row(i)
			if d := row[a] - mean[a]; d != 0 {
				for j := a; j < x.P; j++ {
					sum[j] += float64(d * (row[j] - mean[j]))
				}
			}
		}
		for j := a; j < x.P; j++ {
			cov.SetSym(a, j, sum[j])
		}
	})
	var eigen mat.EigenSym
	if !eigen.Factorize(cov, true) {
		return Matrix{}, fmt.Errorf("cluster: the principal components of %d features did not converge; take Ranges", x.P)
	}
	var v mat.Dense
	eigen.VectorsTo(&v)
	axes := Matrix{make([]float64, 0, x.P*x.P), x.P}
	for a := range x.P {
		axis := mat.Col(nil, a, &v)
		top := 0
		for j, c := range axis {
			if math.Abs(c) > math.Abs(axis[top]) {
				top = j
			}
		}
		sign := math.Copysign(1, axis[top])
		for _, c := range axis {
			axes.X = append(axes.X, sign*c)
		}
	}
	return axes, nil
}

// draw returns n rows.
func (b box) draw(n int, g *rand.Rand) Matrix {
	p := len(b.lo)
	x := Matrix{make([]float64, n*p), p}
	for i := range x.X {
		j := i % p
		x.X[i] = b.lo[j] + float64(g.Float64()*(b.hi[j]-b.lo[j]))
	}
	if b.mean == nil {
		return x
	}
	turned := Matrix{make([]float64, n*p), p}
	par.Blocks(n, 256, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			row := turned.Row(i)
			copy(row, b.mean)
			for a, z := range x.Row(i) {
				for j, v := range b.axes.Row(a) {
					row[j] += float64(z * v)
				}
			}
		}
	})
	return turned
}

// view is the matrix as the features of rows.
func (m Matrix) view(rows table.View) table.View {
	columns := make([]table.Column, m.P)
	for j, c := range rows.Features() {
		values := make([]float64, m.Len())
		for i := range values {
			values[i] = m.X[i*m.P+j]
		}
		columns[j] = table.Float(c.Name, c.Unit, values)
	}
	return table.Must(table.New("reference rows", columns...)).View()
}
