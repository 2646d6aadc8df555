package nslkdd

import (
	"cmp"
	"math"
	"slices"
)

// twins counts the rows whose 41 features occur once more: within a part under
// another label, and test rows that are in train, under the same label if there is
// one. The order is that of making them: train, train to test, test.
func twins(train, test *sheet) []Twin {
	count := make(map[Twin]int)
	seen := make(map[uint64][]int) // first rows of train by features
	for i := range train.rows() {
		h := train.hash(i)
		for _, j := range seen[h] {
			if train.attack[i] != train.attack[j] {
				count[twinOf("train", train, j, "train", train, i, false)]++
			}
		}
		seen[h] = append(seen[h], i)
	}
	here := make(map[uint64]int)
	for i := range test.rows() {
		h := test.hash(i)
		j, repeated := here[h]
		switch of := seen[h]; {
		case repeated && test.attack[j] != test.attack[i]:
			t := twinOf("test", test, j, "test", test, i, false)
			t.Known = len(of) > 0
			count[t]++
		case len(of) > 0:
			j := of[0]
			for _, k := range of {
				if train.attack[k] == test.attack[i] {
					j = k
				}
			}
			count[twinOf("train", train, j, "test", test, i, test.difficulty[i] == hardest)]++
		}
		here[h] = i
	}
	var out []Twin
	for t, n := range count {
		t.Rows = n
		out = append(out, t)
	}
	last := map[bool]int{true: 1}
	slices.SortFunc(out, func(a, b Twin) int {
		return cmp.Or(-cmp.Compare(a.Of, b.Of), -cmp.Compare(a.In, b.In), cmp.Compare(a.As, b.As), cmp.Compare(a.Attack, b.Attack), last[a.Easy]-last[b.Easy], last[b.Known]-last[a.Known])
	})
	return out
}

// twinOf names a pair; inside a part the attacks are put in order.
func twinOf(of string, s *sheet, j int, in string, t *sheet, i int, easy bool) Twin {
	a, b := attacks[s.attack[j]], attacks[t.attack[i]]
	if of == in && a > b {
		a, b = b, a
	}
	return Twin{Of: of, Attack: a, In: in, As: b, Easy: easy}
}

// hash is a 64-bit hash of a row's features (the finaliser of SplitMix64, Steele
// et al. 2014, chained). Two of 150,000 rows meet by chance once in a billion sets.
func (s *sheet) hash(i int) uint64 {
	h := uint64(0x9e3779b97f4a7c15)
	for k := range FeatureCount {
		h ^= math.Float64bits(s.column[k][i])
		h ^= h >> 30
		h *= 0xbf58476d1ce4e5b9
		h ^= h >> 27
		h *= 0x94d049bb133111eb
		h ^= h >> 31
	}
	return h
}

// columnIndex maps names to columns, "cell" to columnCount.
var columnIndex = func() map[string]int {
	m := map[string]int{cellColumn: columnCount}
	for k := range columnCount {
		m[columnName(k)] = k
	}
	return m
}()
