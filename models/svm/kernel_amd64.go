package svm

import "flowbook/models/internal/f32"

// fast says that the processor has AVX2. Tests turn it off.
var fast = f32.Fast()

//go:noescape
func products8(dst *float64, groups int, start, col *int32, val, line *float64)

//go:noescape
func gauss4(d *float64, fours int, gamma float64, powers *uint64, constants *[9]float64)

func (k *packed) productsFast(line []float64, from, to int, dst []float64) {
	if len(k.col) == 0 {
		clear(dst[:(to-from)*group])
		return
	}
	_ = dst[(to-from)*group-1]
	products8(&dst[0], to-from, &k.start[from], &k.col[0], &k.val[0][0], &line[0])
}

func gaussFast(d []float64, gamma float64) {
	gauss4(&d[0], len(d)/4, -gamma, &powers[0], &constants)
}
