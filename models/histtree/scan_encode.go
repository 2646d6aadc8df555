package histtree

import (
	"errors"
	"math"

	"flowbook/internal/table"
)

// errTooHeavy is the error about weights that no sum can hold.
var errTooHeavy = errors.New("histtree: the weights add up to more than a float64 holds; divide them all by one number")

var errOtherRows = errors.New("the source gave other rows when it was read again; a source must give the same ones each time")

// encode is the second pass: it puts the codes of a block's rows in their place, which
// is the next one of the row's class.
func (s *scan) encode(b *table.Table) error {
	if s.read+b.Rows() > s.rows {
		return errOtherRows
	}
	s.at = s.at[:0]
	other := false
	run := make([]uint32, len(s.next)) // where the class's positions end
	for r, c := range s.order {
		run[c] = s.ends[r+1]
	}
	err := s.begin(b, func(row, class int) {
		if class >= len(run) || s.kept[row] && s.next[class] == run[class] {
			other = true
		}
		at := uint32(0)
		if !other && s.kept[row] {
			s.next[class]++
			at = s.next[class]
		}
		s.at = append(s.at, at)
	})
	if err == nil && other {
		err = errOtherRows
	}
	if err != nil {
		return err
	}
	target, err := b.Lookup(s.target)
	if err != nil {
		return err
	}
	for i, at := range s.at {
		if at > 0 && s.number {
			s.values[at-1] = target.At(i)
		}
		if at > 0 && s.heavy != nil {
			s.heavy[at-1] = s.weigh[i]
		}
	}
	return s.each(b, func(i int, c table.Column) error {
		f, col := s.features[i], &s.columns[i]
		if col.narrow != nil && encodeColumn(f, col, col.narrow, c, s.at) || col.narrow == nil && encodeColumn(f, col, col.wide, c, s.at) {
			return nil
		}
		return errOtherRows
	})
}

func encodeColumn[B uint8 | uint16](f *feature, col *column, codes []B, c table.Column, at []uint32) bool {
	switch c.Kind {
	case table.CodeKind:
		return encodeLevels(f, codes, c, at)
	case table.FloatKind:
		return encodeNumbers(f, col, codes, c.Floats(), at)
	}
	return encodeNumbers(f, col, codes, c.Ints(), at)
}

func encodeLevels[B uint8 | uint16](f *feature, codes []B, c table.Column, at []uint32) bool {
	to := f.names.codes(c.Levels())
	for i, code := range c.Codes() {
		if at[i] == 0 {
			continue
		}
		if level := to[code]; level >= len(f.used) || !f.used[level] {
			return false
		}
		codes[at[i]-1] = B(f.code[to[code]])
	}
	return true
}

// encodeNumbers is false where a value is none of those that were counted.
func encodeNumbers[T float64 | int64, B uint8 | uint16](f *feature, col *column, codes []B, values []T, at []uint32) bool {
	for i, v := range values {
		if at[i] == 0 {
			continue
		}
		x := float64(v) + 0
		code := B(0)
		switch {
		case x != x:
			if col.first == 0 {
				return false
			}
		case f.many:
			code = B(col.edges.find(x) + 1)
		default:
			id, ok := f.counter.known(x)
			if !ok {
				return false
			}
			code = B(f.code[id+1])
		}
		codes[at[i]-1] = code
	}
	return true
}

// finish checks that all rows came again and returns the bins, and the target of a
// number by position.
func (s *scan) finish() (*binned, []float64, error) {
	for r, c := range s.order {
		if s.read != s.rows || s.next[c] != s.ends[r+1] {
			return nil, nil, within(errOtherRows)
		}
	}
	if s.total = float64(s.counted); s.heavy != nil {
		s.large = s.heavy
		if s.pack(); math.IsInf(s.total, 0) {
			return nil, nil, errTooHeavy
		}
	}
	s.countBins()
	return s.binned, s.values, nil
}
