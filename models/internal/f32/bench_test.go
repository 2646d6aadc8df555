package f32

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
)

// BenchmarkMulAdd multiplies the shapes of one mini-batch of a net of 122-64-32-1,
// beside gonum's Gemm.
func BenchmarkMulAdd(b *testing.B) {
	g := rand.New(rand.NewPCG(1, 1))
	for _, s := range []struct{ m, n, k int }{{200, 64, 122}, {200, 32, 64}, {200, 1, 32}, {200, 64, 32}, {512, 512, 512}} {
		x, y, z := random(g, s.m*s.k), random(g, s.k*s.n), random(g, s.m*s.n)
		size := fmt.Sprintf("m=%d/n=%d/k=%d", s.m, s.n, s.k)
		flops := func(b *testing.B) {
			b.ReportMetric(2*float64(s.m*s.n*s.k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		}
		b.Run("by=f32/"+size, func(b *testing.B) {
			for b.Loop() {
				MulAdd(Of(z, s.m, s.n), Of(x, s.m, s.k), Of(y, s.k, s.n))
			}
			flops(b)
		})
		b.Run("by=f32T/"+size, func(b *testing.B) { // the left side transposed
			for b.Loop() {
				MulAddT(Of(z, s.m, s.n), Of(x, s.k, s.m), Of(y, s.k, s.n))
			}
			flops(b)
		})
		b.Run("by=gonum/"+size, func(b *testing.B) {
			general := func(d []float32, r, c int) blas32.General {
				return blas32.General{Rows: r, Cols: c, Stride: c, Data: d}
			}
			for b.Loop() {
				blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, general(x, s.m, s.k), general(y, s.k, s.n), 1, general(z, s.m, s.n))
			}
			flops(b)
		})
	}
}

// BenchmarkSparse does the first layer's two products of a mini-batch with rows that
// keep 16 or 122 of 122 numbers.
func BenchmarkSparse(b *testing.B) {
	g := rand.New(rand.NewPCG(1, 1))
	const rows, p, n = 200, 122, 64
	w, y := random(g, p*n), random(g, rows*n)
	for _, entries := range []int{16, p} {
		start, col := []int{0}, []int32{}
		for range rows {
			for _, c := range g.Perm(p)[:entries] {
				col = append(col, int32(c))
			}
			start = append(start, len(col))
		}
		s := NewSparse(p, start, col, random(g, len(col)))
		for name, f := range map[string]func(i int32){
			"gather":  func(i int32) { s.Gather(y[i*n:(i+1)*n], w, i) },
			"scatter": func(i int32) { s.Scatter(w, y[i*n:(i+1)*n], i) },
		} {
			b.Run(fmt.Sprintf("%s/entries=%d", name, entries), func(b *testing.B) {
				for b.Loop() {
					for i := range int32(rows) {
						f(i)
					}
				}
			})
		}
	}
}

func BenchmarkAdam(b *testing.B) {
	g := rand.New(rand.NewPCG(1, 1))
	const n = 10000
	w, m, v, d := random(g, n), random(g, n), make([]float32, n), random(g, n)
	s := AdamStep{Scale: 1, Beta1: 0.9, Rest1: 0.1, Beta2: 0.999, Rest2: 0.001, Rate: 1e-3, Epsilon: 1e-8}
	for b.Loop() {
		Adam(w, m, v, d, &s)
	}
}
