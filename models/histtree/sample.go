package histtree

import (
	"math"
	"math/bits"
	"slices"
)

// A sample holds the values of some rows of a column. A row is drawn by its number: it
// has a luck, l with a chance of 2⁻ˡ⁻¹, and as rows pile up the least luck that stays
// rises. Which rows are drawn depends on nothing else, so that a table and a Source of
// blocks, however large, come to the same sample; all rows are, as long as there are no
// more than sampleRows.
//
// A sample of m rows puts a bin's edge at a share of the rows that is off by more than
// √(log(2/δ)/2m) with a chance of at most δ (Dvoretzky, Kiefer, Wolfowitz 1956; Massart
// 1990): by more than 0.0091 once in 10⁹, where m is smallest, 2¹⁷; by 0.001 as a rule.
type sample struct {
	values  []float64
	weights []float64 // nil: 1 each
	luck    []uint8
	least   uint8
}

// sampleRows is how many rows a sample has at most, and about half of it at least where
// there are more.
const sampleRows = 1 << 18

// drawWith is the luck of a row by its number among those that count.
func drawWith(row uint64) uint8 {
	s := stream(row)
	return uint8(bits.LeadingZeros64(s.next()))
}

// add offers the value of a row with that luck.
func (s *sample) add(luck uint8, x, w float64) {
	if luck < s.least {
		return
	}
	if w != 1 && s.weights == nil {
		s.weights = make([]float64, len(s.values))
		for i := range s.weights {
			s.weights[i] = 1
		}
	}
	if s.weights != nil {
		s.weights = append(s.weights, w)
	}
	s.values, s.luck = append(s.values, x), append(s.luck, luck)
	for len(s.values) > sampleRows {
		s.rise()
	}
}

// rise leaves out the rows of the least luck.
func (s *sample) rise() {
	s.least++
	m := 0
	for i, l := range s.luck {
		if l < s.least {
			continue
		}
		if s.weights != nil {
			s.weights[m] = s.weights[i]
		}
		s.values[m], s.luck[m] = s.values[i], l
		m++
	}
	if s.weights != nil {
		s.weights = s.weights[:m]
	}
	s.values, s.luck = s.values[:m], s.luck[:m]
}

// edges cuts the sample into at most limit bins.
func (s *sample) edges(limit int) edges {
	type weighed struct{ x, w float64 }
	sorted := make([]weighed, len(s.values))
	for i, x := range s.values {
		sorted[i] = weighed{x, 1}
		if s.weights != nil {
			sorted[i].w = s.weights[i]
		}
	}
	slices.SortFunc(sorted, func(a, b weighed) int {
		switch {
		case a.x < b.x:
			return -1
		case a.x > b.x:
			return 1
		}
		return 0
	})
	var all counter
	for _, v := range sorted {
		if m := len(all.values); m == 0 || all.values[m-1] != v.x {
			all.values, all.weight = append(all.values, v.x), append(all.weight, 0)
		}
		all.weight[len(all.weight)-1] += v.w
	}
	e, _ := all.cut(limit)
	if s.least > 0 {
		// A row outside the sample may lie between two bins; it is put into the lower.
		for b := range e.upper[1:] {
			e.upper[b] = math.Nextafter(e.lower[b+1], math.Inf(-1))
		}
	}
	return e
}
