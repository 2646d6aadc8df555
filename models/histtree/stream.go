package histtree

import (
	"math/bits"

	"flowbook/internal/rng"
)

// A stream is SplitMix64 (Steele, Lea, Flood 2014, figure 17), seeded from a path:
// a bootstrap draws as many numbers as there are rows, and this one is inlined.
type stream uint64

func newStream(seed rng.Seed) stream { return stream(seed.Uint64()) }

func (s *stream) next() uint64 {
	*s += 0x9e3779b97f4a7c15
	z := uint64(*s)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below is uniform on 0 … n-1, but for a part in 2⁶⁴/n.
func (s *stream) below(n uint64) uint64 {
	hi, _ := bits.Mul64(s.next(), n)
	return hi
}

func (s *stream) shuffle(x []uint32) {
	for i := len(x) - 1; i > 0; i-- {
		j := s.below(uint64(i + 1))
		x[i], x[j] = x[j], x[i]
	}
}
