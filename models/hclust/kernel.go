package hclust

// Sums of squares are added in eight lanes, of columns 0, 8, 16 … to 7, 15, 23 …, which
// the assembly for amd64 does in two registers; what is left behind the last whole eight
// joins the first lane. Both give the same bits.

// lanes are eight sums.
type lanes [8]float64

func (s *lanes) sum() float64 {
	return ((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7]))
}

// stride is after how many columns a sum is compared with its limit.
const stride = 32

// square returns the squared distance of a and b, the same bits for b and a; where it
// is above limit, anything above limit.
func square(a, b []float64, limit float64) float64 {
	var s lanes
	b = b[:len(a)]
	whole := len(a) &^ 7
	for lo := 0; lo < whole; lo += stride {
		hi := min(lo+stride, whole)
		addSquares(&s, a[lo:hi], b[lo:hi])
		if d := s.sum(); d > limit {
			return d
		}
	}
	for i, v := range a[whole:] {
		d := v - b[whole+i]
		s[0] += float64(d * d)
	}
	return s.sum()
}

// gap returns the squared distance of v from the box between low and high, which is never
// above that of v from a point in the box; where it is above limit, anything above limit.
func gap(v, low, high []float64, limit float64) float64 {
	var s lanes
	low, high = low[:len(v)], high[:len(v)]
	whole := len(v) &^ 7
	for lo := 0; lo < whole; lo += stride {
		hi := min(lo+stride, whole)
		addGaps(&s, v[lo:hi], low[lo:hi], high[lo:hi])
		if d := s.sum(); d > limit {
			return d
		}
	}
	for i := whole; i < len(v); i++ {
		d := max(low[i]-v[i], v[i]-high[i], 0)
		s[0] += float64(d * d)
	}
	return s.sum()
}

// addSquares adds (a-b)² to the lanes; the length is a multiple of eight.
func addSquaresPlain(s *lanes, a, b []float64) {
	for i, v := range a {
		d := v - b[i]
		s[i&7] += float64(d * d)
	}
}

// addGaps adds max(low-v, v-high, 0)² to the lanes; the length is a multiple of eight.
func addGapsPlain(s *lanes, v, low, high []float64) {
	for i, x := range v {
		d := max(low[i]-x, x-high[i], 0)
		s[i&7] += float64(d * d)
	}
}
