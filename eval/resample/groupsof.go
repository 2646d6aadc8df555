package resample

import (
	"math"

	"flowbook/internal/table"
)

// GroupsOf returns an id for each row of the view, equal for rows whose features
// are all equal and for no others, numbered by first appearance. Missing equals
// missing, -0 equals 0. A view without features is one group. Rows are hashed
// column by column, then compared. Time O(n p).
func GroupsOf(view table.View) []int {
	n := view.Rows()
	features := view.Features()
	hashes := make([]uint64, n)
	for _, c := range features {
		word := words(c)
		for i := range hashes {
			hashes[i] = mix(hashes[i], word(view.Row(i)))
		}
	}
	same := func(a, b int) bool {
		for _, c := range features {
			word := words(c)
			if word(view.Row(a)) != word(view.Row(b)) {
				return false
			}
		}
		return true
	}
	return group(hashes, same)
}

// group numbers rows by equality, given hashes that agree for equal rows.
func group(hashes []uint64, same func(a, b int) bool) []int {
	ids := make([]int, len(hashes))
	first := make(map[uint64]int, len(hashes)) // the id of the first group with this hash
	var head, next []int                       // the first row of each group; the next group with its hash, or -1
	for i, h := range hashes {
		start, ok := first[h]
		if !ok {
			start = -1
		}
		g := start
		for g >= 0 && !same(head[g], i) {
			g = next[g]
		}
		if g < 0 {
			g = len(head)
			head, next = append(head, i), append(next, -1)
			if start >= 0 { // two vectors, one hash: the new group goes behind the first
				next[g], next[start] = next[start], g
			} else {
				first[h] = g
			}
		}
		ids[i] = g
	}
	return ids
}

// words returns a column's rows as 64 bits that are equal for equal values.
func words(c table.Column) func(row int) uint64 {
	switch c.Kind {
	case table.FloatKind:
		values := c.Floats()
		return func(row int) uint64 { return floatWord(values[row]) }
	case table.CodeKind:
		codes := c.Codes()
		return func(row int) uint64 { return uint64(uint32(codes[row])) }
	}
	values := c.Ints()
	return func(row int) uint64 { return uint64(values[row]) }
}

func floatWord(v float64) uint64 {
	switch {
	case v == 0:
		return 0
	case math.IsNaN(v):
		return math.Float64bits(math.NaN())
	}
	return math.Float64bits(v)
}

// mix adds a word to a hash: a multiply and shift in the manner of SplitMix64
// (Steele, Lea, Flood 2014). It need not resist an enemy: equality is verified.
func mix(h, word uint64) uint64 {
	h = (h ^ word) * 0x9e3779b97f4a7c15
	h ^= h >> 32
	h *= 0xbf58476d1ce4e5b9
	return h ^ h>>29
}

// Matches returns for each row of test the first row of train with equal
// features, or -1. Columns are found by name and levels by string; a missing value
// equals a missing one. Numbers are compared as float64, so whole numbers beyond
// 2^53 may be taken for their neighbours. It fails where test lacks a feature of
// train. Time O((n + m) p), one column in memory at a time.
func Matches(train, test table.View) ([]int, error) {
	schema := table.SchemaOf(train)
	if err := schema.Check(test); err != nil {
		return nil, err
	}
	a, b := make([]uint64, train.Rows()), make([]uint64, test.Rows())
	columns(schema, train, func(_ int, row int, word uint64) { a[row] = mix(a[row], word) })
	columns(schema, test, func(_ int, row int, word uint64) { b[row] = mix(b[row], word) })
	first := make(map[uint64]int, len(a))
	for i, h := range a {
		if _, ok := first[h]; !ok {
			first[h] = i
		}
	}
	match := make([]int, len(b))
	for i, h := range b {
		match[i] = -1
		if r, ok := first[h]; ok {
			match[i] = r
		}
	}
	verify(schema, train, test, match)
	return match, nil
}

// verify drops matches that only the hash believes in. (Two training vectors with
// one hash hide the second: one chance in 2^64 a pair.)
func verify(schema table.Schema, train, test table.View, match []int) {
	for k := range schema {
		one := schema[k : k+1]
		words := make([]uint64, train.Rows())
		columns(one, train, func(_, row int, word uint64) { words[row] = word })
		columns(one, test, func(_, row int, word uint64) {
			if m := match[row]; m >= 0 && words[m] != word {
				match[row] = -1
			}
		})
	}
}

// columns calls f with every value of the schema's columns as 64 bits, in terms of
// the schema's levels.
func columns(schema table.Schema, v table.View, f func(column, row int, word uint64)) {
	for k, field := range schema {
		if field.Kind == table.CodeKind {
			for i, code := range schema.Codes(v, k) {
				f(k, i, uint64(uint32(code)))
			}
			continue
		}
		for i, x := range schema.Floats(v, k) {
			f(k, i, floatWord(x))
		}
	}
}
