package histtree

import (
	"fmt"
	"math"
	"slices"

	"flowbook/internal/table"
)

// A Scorer scores one row at a time, without a table and without allocating: in a
// microsecond or two for a hundred boosted trees. It gives the bits that Predict
// and Estimate give.
// It has buffers of its own and is not safe for concurrent use: make one for each
// goroutine, which is cheap, for they share the trees.
//
//	s := model.Scorer()
//	row := make([]float64, s.Width())
//	row[bytes] = 1500                    // bytes := s.Feature("bytes"); NaN is missing
//	row[service] = s.Code(service, "ssh")
//	s.Score(p, row)
type Scorer struct {
	model  *Model
	room   *room
	base   []float64
	levels []int    // by feature: levels of a category; -1 for a number
	ends   []uint32 // of a model without quick, by tree: where the row came to; and room for three more
	finish func(p, sums []float64)
	k      int
}

// Scorer returns a scorer of class shares, in the order of Classes.
func (m *Model) Scorer() *Scorer {
	return newScorer(m, make([]float64, len(m.classes)), len(m.classes), m.mean)
}

// Scorer returns a scorer of probabilities, in the order of Classes.
func (m *Boosted) Scorer() *Scorer {
	return newScorer(m.model, m.base, len(m.model.classes), m.probabilities)
}

// Scorer returns a scorer of one number, the estimate.
func (m *Regressed) Scorer() *Scorer { return newScorer(m.model, make([]float64, 1), 1, m.add) }

func newScorer(m *Model, base []float64, k int, finish func(p, sums []float64)) *Scorer {
	s := &Scorer{model: m, room: m.newRoom(1, len(base)), base: base, finish: finish, k: k}
	for _, f := range m.schema {
		levels := -1
		if f.Kind == table.CodeKind {
			levels = len(f.Levels)
		}
		s.levels = append(s.levels, levels)
	}
	if m.quick == nil {
		s.ends = make([]uint32, len(m.trees)+3)
	}
	return s
}

// Width is the number of features: those of the model's Schema, in its order.
func (s *Scorer) Width() int { return len(s.levels) }

// Feature is the place of a feature in a row. It panics if the model knows no such one.
func (s *Scorer) Feature(name string) int {
	for f, field := range s.model.schema {
		if field.Name == name {
			return f
		}
	}
	panic(fmt.Sprintf("histtree: no feature %q", name))
}

// Code is what stands in a row for a level of a categorical feature: 0 for "", which is
// missing, 1 … for the levels of training in their order, table.Unseen for any other.
func (s *Scorer) Code(feature int, level string) float64 {
	if level == "" {
		return 0
	}
	if at, ok := slices.BinarySearch(s.model.schema[feature].Levels, level); ok {
		return float64(at + 1)
	}
	return float64(table.Unseen)
}

// Score writes the scores of a row to p, one a class, or the estimate. row has a number for each feature,
// NaN where it is missing, and for a category a Code. It panics where row or p have
// another length.
func (s *Scorer) Score(p, row []float64) {
	if len(row) != len(s.levels) || len(p) != s.k {
		panic(fmt.Sprintf("histtree: %d scores of a row of %d values; want %d and %d", len(p), len(row), s.k, len(s.levels)))
	}
	r := s.room
	copy(r.sums, s.base)
	if q := s.model.quick; q != nil {
		for j := range q.features {
			f := &q.features[j]
			r.states[j] = f.state(s.value(f.at, row[f.at]))
		}
		q.score(r.sums, r.kept, r.states)
	} else {
		for f, x := range row {
			r.x[f] = s.value(f, x)
		}
		s.walk()
	}
	s.finish(p, r.sums)
}

// value is what the encoder makes of a value.
func (s *Scorer) value(f int, x float64) uint64 {
	levels := s.levels[f]
	switch {
	case levels < 0:
		return key(x)
	case x != x:
		return 0
	case x >= 0 && x <= float64(levels) && x == math.Trunc(x):
		return uint64(x)
	}
	return uint64(levels + 1)
}

// walk takes the row down all trees and adds up the leaves.
func (s *Scorer) walk() {
	trees, x := s.model.trees, s.room.x
	for i := 0; i < len(trees); i += 4 {
		last := len(trees) - 1
		t, u, v, w := trees[i], trees[min(i+1, last)], trees[min(i+2, last)], trees[min(i+3, last)]
		var a, b, c, d uint32
		for {
			k, l, m, n := &t.nodes[a], &u.nodes[b], &v.nodes[c], &w.nodes[d]
			if k.kind&l.kind&m.kind&n.kind == leaf {
				break
			}
			a = k.left + k.right(x[k.feature], t.sets)
			b = l.left + l.right(x[l.feature], u.sets)
			c = m.left + m.right(x[m.feature], v.sets)
			d = n.left + n.right(x[n.feature], w.sets)
		}
		s.ends[i], s.ends[i+1], s.ends[i+2], s.ends[i+3] = a, b, c, d
	}
	at := 0
	for i, t := range trees {
		for c, v := range t.leaf(s.ends[i]) {
			s.room.sums[at+c] += v
		}
		if at += t.k; at == len(s.room.sums) {
			at = 0
		}
	}
}
