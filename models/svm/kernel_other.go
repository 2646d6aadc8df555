//go:build !amd64

package svm

// fast says that the assembly can run: it is for amd64 alone.
const fast = false

func (k *packed) productsFast(line []float64, from, to int, dst []float64) {}
func gaussFast(d []float64, gamma float64)                                 {}
