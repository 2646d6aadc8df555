package histtree

import (
	"math"
	"slices"
)

// A counter collects the distinct values of a numeric column with their weights, in
// an open-addressed hash table. It is fed block by block, so that a column need not
// be in memory at once.
type counter struct {
	slots  []uint32 // 0: empty, else 1 + index into values
	shift  uint
	values []float64 // in order of appearance
	weight []float64
}

func newCounter() *counter {
	c := &counter{}
	c.resize(10)
	return c
}

func (c *counter) reset() {
	clear(c.slots)
	c.values, c.weight = c.values[:0], c.weight[:0]
}

func (c *counter) resize(bits uint) {
	c.slots = make([]uint32, 1<<bits)
	c.shift = 64 - bits
	mask := uint64(len(c.slots) - 1)
	for i, v := range c.values {
		s := home(v, c.shift)
		for c.slots[s] != 0 {
			s = (s + 1) & mask
		}
		c.slots[s] = uint32(i + 1)
	}
}

// home is the first slot to look at: Fibonacci hashing of the bits.
func home(x float64, shift uint) uint64 {
	b := math.Float64bits(x)
	return (b ^ b>>32) * 0x9e3779b97f4a7c15 >> (shift & 63)
}

// id returns the number of x in order of appearance. x is not NaN, and -0 must
// have been made 0.
func (c *counter) id(x float64) uint32 {
	mask := uint64(len(c.slots) - 1)
	s := home(x, c.shift)
	for {
		i := c.slots[s&mask]
		if i == 0 {
			break
		}
		if c.values[i-1] == x {
			return i - 1
		}
		s++
	}
	c.values, c.weight = append(c.values, x), append(c.weight, 0)
	c.slots[s&mask] = uint32(len(c.values))
	if 2*len(c.values) > len(c.slots) {
		c.resize(64 - c.shift + 2)
	}
	return uint32(len(c.values) - 1)
}

// known returns the number of x, if it was counted.
func (c *counter) known(x float64) (uint32, bool) {
	mask := uint64(len(c.slots) - 1)
	for s := home(x, c.shift); ; s++ {
		i := c.slots[s&mask]
		if i == 0 || c.values[i-1] == x {
			return i - 1, i > 0
		}
	}
}

// edges says what bins a numeric column has: bin b holds the values from lower[b]
// to upper[b].
type edges struct {
	lower, upper []float64
}

// cut cuts the values counted so far into at most limit bins and returns the bin of
// each value in order of appearance. Values get a bin each if they fit (weights do
// not matter then); otherwise neighbours are joined into bins of about equal weight,
// and a value heavier than that keeps a bin of its own.
func (c *counter) cut(limit int) (edges, []uint16) {
	order := make([]valued, len(c.values))
	for i, v := range c.values {
		order[i] = valued{v, uint32(i)}
	}
	sortValued(order)
	left := 0.0
	for _, w := range c.weight {
		left += w
	}
	var e edges
	bin := make([]uint16, len(order))
	for i := 0; i < len(order); {
		bins := limit - len(e.lower)
		full := left / float64(bins)
		e.lower = append(e.lower, order[i].value)
		took := 0.0
		for first := i; i < len(order); i++ {
			w := c.weight[order[i].id]
			if i > first && bins > 1 && (len(order)-i < bins || took+w/2 > full) {
				break
			}
			took += w
			bin[order[i].id] = uint16(len(e.lower) - 1)
		}
		left -= took
		e.upper = append(e.upper, order[i-1].value)
	}
	return e, bin
}

type valued struct {
	value float64
	id    uint32
}

func sortValued(v []valued) {
	slices.SortFunc(v, func(a, b valued) int {
		if a.value < b.value {
			return -1
		}
		return 1 // the values are distinct
	})
}

// find returns the bin of x, the nearest below where x lies between two.
func (e edges) find(x float64) int {
	lo, hi := 0, len(e.lower)-1 // the last bin whose lower edge is at most x
	for lo < hi {
		m := int(uint(lo+hi+1) >> 1)
		if e.lower[m] <= x {
			lo = m
		} else {
			hi = m - 1
		}
	}
	return lo
}
