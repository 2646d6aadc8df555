//go:build !amd64

package hclust

func addSquares(s *lanes, a, b []float64) { addSquaresPlain(s, a, b) }

func addGaps(s *lanes, v, low, high []float64) { addGapsPlain(s, v, low, high) }
