package nslkdd

import (
	"slices"
	"sort"
	"sync"

	"flowbook/internal/table"
)

// scores of the tree that findings are measured with.
type scores struct{ inside, test, hard, r2l float64 }

// treeScores fits a tree on the first half of Train20 and judges it on the second
// half, the two test sets and the r2l rows of Test. It is a yardstick of the data,
// small and plain on purpose; learners live in package models.
func treeScores(s *Set) scores {
	n := s.Train20.Rows()
	train := matrixOf(s.Train20.View())
	t := fitTree(train, isAttack(s.Train20.View()), n/2, 6)
	test := s.Test.Describe("finding")
	var out scores
	out.inside = t.accuracy(train, isAttack(s.Train20.View()), n/2)
	m, attack := matrixOf(test), isAttack(test)
	out.test = t.accuracy(m, attack, 0)
	hard := s.Test21.Describe("finding")
	out.hard = t.accuracy(matrixOf(hard), isAttack(hard), 0)
	found, all := 0.0, 0.0
	for i, c := range test.Strings("class") {
		if c == "r2l" {
			all++
			found += t.predict(m, i)
		}
	}
	out.r2l = found / all
	return out
}

// once remembers what f gave for each set.
func once(f func(*Set) scores) func(*Set) scores {
	var mu sync.Mutex
	known := make(map[*Set]scores)
	return func(s *Set) scores {
		mu.Lock()
		defer mu.Unlock()
		out, ok := known[s]
		if !ok {
			out = f(s)
			known[s] = out
		}
		return out
	}
}

// matrixOf returns the features as numbers, categories by the place of their
// level in the published lists.
func matrixOf(v table.View) [][]float64 {
	out := make([][]float64, FeatureCount)
	for k, f := range features {
		if levels := categories[k]; levels != nil {
			out[k] = make([]float64, v.Rows())
			for i, l := range v.Strings(f.Name) {
				out[k][i] = float64(slices.Index(levels, l))
			}
			continue
		}
		out[k] = v.Floats(f.Name)
	}
	return out
}

// tree is a binary tree of cuts "x ≤ at"; leaves hold the majority.
type tree struct {
	column      int // -1 for a leaf
	at          float64
	label       float64
	left, right *tree
}

// fitTree grows a tree on rows 0…n-1 by Gini impurity over at most 64 cuts a
// column (Breiman et al. 1984). Ties go to the lower column and cut.
func fitTree(x [][]float64, y []float64, n, depth int) *tree {
	cuts := make([][]float64, len(x))
	bin := make([][]uint8, len(x))
	for k := range x {
		sorted := slices.Clone(x[k][:n])
		slices.Sort(sorted)
		for q := range 64 {
			cuts[k] = append(cuts[k], sorted[q*(n-1)/64])
		}
		cuts[k] = slices.Compact(cuts[k])
		bin[k] = make([]uint8, n)
		for i := range n {
			bin[k][i] = uint8(sort.SearchFloat64s(cuts[k], x[k][i]))
		}
	}
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	return grow(bin, cuts, y, rows, depth)
}

func grow(bin [][]uint8, cuts [][]float64, y []float64, rows []int, depth int) *tree {
	ones := 0.0
	for _, i := range rows {
		ones += y[i]
	}
	n := float64(len(rows))
	t := &tree{column: -1}
	if 2*ones > n {
		t.label = 1
	}
	if depth == 0 || ones == 0 || ones == n {
		return t
	}
	best, cut := ones*(n-ones)/n-1e-9*n, 0 // a cut has to gain something
	for k := range bin {
		var hit, all [65]float64
		for _, i := range rows {
			hit[bin[k][i]] += y[i]
			all[bin[k][i]]++
		}
		h, a := 0.0, 0.0
		for c := range cuts[k] {
			h, a = h+hit[c], a+all[c]
			if a == 0 || a == n {
				continue
			}
			g := h*(a-h)/a + (ones-h)*(n-a-ones+h)/(n-a)
			if g < best {
				best, t.column, cut = g, k, c
			}
		}
	}
	if t.column < 0 {
		return t
	}
	t.at = cuts[t.column][cut]
	var left, right []int
	for _, i := range rows {
		if int(bin[t.column][i]) <= cut {
			left = append(left, i)
		} else {
			right = append(right, i)
		}
	}
	t.left = grow(bin, cuts, y, left, depth-1)
	t.right = grow(bin, cuts, y, right, depth-1)
	return t
}

func (t *tree) predict(x [][]float64, i int) float64 {
	for t.column >= 0 {
		if x[t.column][i] <= t.at {
			t = t.left
		} else {
			t = t.right
		}
	}
	return t.label
}

// accuracy is the share of rows from the given one on that the tree gets right.
func (t *tree) accuracy(x [][]float64, y []float64, from int) float64 {
	right := 0.0
	for i := from; i < len(y); i++ {
		if t.predict(x, i) == y[i] {
			right++
		}
	}
	return right / float64(len(y)-from)
}
