package hclust

import "flowbook/models/internal/f32"

// fast says that the processor has AVX2. Tests turn it off.
var fast = f32.Fast()

//go:noescape
func squares8(s *lanes, a, b *float64, eights int)

//go:noescape
func gaps8(s *lanes, v, low, high *float64, eights int)

func addSquares(s *lanes, a, b []float64) {
	if !fast {
		addSquaresPlain(s, a, b)
		return
	}
	_ = b[len(a)-1]
	squares8(s, &a[0], &b[0], len(a)/8)
}

func addGaps(s *lanes, v, low, high []float64) {
	if !fast {
		addGapsPlain(s, v, low, high)
		return
	}
	_, _ = low[len(v)-1], high[len(v)-1]
	gaps8(s, &v[0], &low[0], &high[0], len(v)/8)
}
