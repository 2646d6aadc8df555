package nslkdd

import (
	"math"
	"math/bits"

	"flowbook/internal/par"
	"flowbook/internal/table"
)

// key stands for a feature vector: 128 bits hashed from the 41 values, the same in
// every table. Two of 10^5 different vectors share one with a chance near 10^-29.
type key [2]uint64

// keys hashes the features of each row.
func keys(t *table.Table) []key {
	out := make([]key, t.Rows())
	words := make([][]uint64, FeatureCount) // of a category: the hash of each level
	cols := make([]table.Column, FeatureCount)
	for i, f := range features {
		cols[i] = t.Column(f.Name)
		if f.Kind == table.CodeKind {
			words[i] = make([]uint64, len(cols[i].Levels())+1)
			for l, name := range cols[i].Levels() {
				words[i][l+1] = hashText(name)
			}
		}
	}
	par.Blocks(t.Rows(), 8192, func(_, lo, hi int) {
		for i, c := range cols {
			switch c.Kind {
			case table.CodeKind:
				for r, v := range c.Codes()[lo:hi] {
					out[lo+r].add(words[i][v])
				}
			case table.FloatKind:
				for r, v := range c.Floats()[lo:hi] {
					out[lo+r].add(math.Float64bits(v))
				}
			default:
				for r, v := range c.Ints()[lo:hi] {
					out[lo+r].add(uint64(v))
				}
			}
		}
	})
	return out
}

// add mixes a value into the key: two independent multiply-and-fold steps, after
// wyhash (Wang Yi, 2019), each with its own odd constants.
func (k *key) add(v uint64) {
	hi, lo := bits.Mul64(k[0]^v^0x9e3779b97f4a7c15, 0xa0761d6478bd642f)
	k[0] = hi ^ lo + 0x8ebc6af09c88c6e3
	hi, lo = bits.Mul64(k[1]^v^0xe7037ed1a0b428db, 0x589965cc75374cc3)
	k[1] = hi ^ lo + 0x1d8e4e27c47d124f
}

func hashText(s string) uint64 {
	h := uint64(14695981039346656037) // FNV-1a
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}
