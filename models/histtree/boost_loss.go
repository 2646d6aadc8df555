package histtree

import (
	"math"

	"flowbook/internal/par"
)

// losses holds the scores of all training rows and what they say of the next trees.
// Of two classes there is one score, the log odds of the second; of more, one each. Of a
// number there is one, see newSquares.
type losses struct {
	*binned
	units
	active  int         // classes that have rows; they are numbered first
	base    []float64   // scores of a row before the first tree
	scores  [][]float64 // by score and position
	cells   [][]cell    // by score and position
	weights []float64   // by position; nil: 1 each
	target  []float64   // of a number, by position; nil: classes
}

func newLosses(b *binned) *losses {
	s := &losses{binned: b, weights: b.weights()}
	s.units = newUnits(b.rows(), s.weights, -2)
	prior := make([]float64, len(b.classes))
	for c := range b.classes {
		for i := b.ends[c]; i < b.ends[c+1]; i++ {
			prior[c] += b.weight(int(i))
		}
		if b.ends[c+1] > b.ends[c] {
			s.active++
		}
	}
	if s.active == 2 {
		s.base = []float64{math.Log(prior[1] / prior[0])}
	} else {
		for _, w := range prior[:s.active] {
			s.base = append(s.base, math.Log(w/b.total))
		}
	}
	if s.active < 2 {
		return s
	}
	for _, v := range s.base {
		s.start(v)
	}
	return s
}

// start adds a score with which every row begins.
func (s *losses) start(v float64) {
	own := make([]float64, s.rows())
	for i := range own {
		own[i] = v
	}
	s.scores = append(s.scores, own)
	s.cells = append(s.cells, make([]cell, s.rows()))
}

// lossBlock is the number of rows that a core takes at a time.
const lossBlock = 1 << 13

// gradients computes the cells of all rows from their scores. With p the probability
// of a class, the gradient is p - 1 for the rows of that class and p for others, and
// the second derivative p(1-p); both follow from the gradient's absolute value.
func (s *losses) gradients() {
	if s.target != nil {
		s.squares()
		return
	}
	par.Blocks(s.rows(), lossBlock, func(_, lo, hi int) {
		if len(s.scores) == 1 {
			border := int(s.ends[1])
			if m := min(hi, border); lo < m {
				s.logistic(lo, m, 1)
			}
			if m := max(lo, border); m < hi {
				s.logistic(m, hi, -1)
			}
			return
		}
		s.softmax(lo, hi)
	})
}

// logistic fills the cells of rows of one class: sign is that of their gradients.
func (s *losses) logistic(lo, hi int, sign float64) {
	var buffer [256]float64
	for ; lo < hi; lo += len(buffer) {
		m := min(hi, lo+len(buffer))
		a := buffer[:m-lo]
		logistics(a, s.scores[0][lo:m], -sign)
		cells := s.cells[0][lo:m]
		if s.weights != nil {
			for i, w := range s.weights[lo:m] {
				cells[i] = s.cell(a[i], sign, w)
			}
			continue
		}
		g, h, b := sign*s.units.gradient, s.units.hessian, s.units.bits&63
		for i, a := range a {
			cells[i] = cell{int64(a * g), uint64(int64(float64(a*(1-a)*h))+1)<<b | 1}
		}
	}
}

func (s *losses) softmax(lo, hi int) {
	p := make([]float64, s.active)
	class := 0
	for i := lo; i < hi; i++ {
		for i >= int(s.ends[class+1]) {
			class++
		}
		for c := range p {
			p[c] = s.scores[c][i]
		}
		shares(p)
		w := s.binned.weight(i)
		for c, v := range p {
			if c == class {
				s.cells[c][i] = s.cell(1-v, -1, w)
			} else {
				s.cells[c][i] = s.cell(v, 1, w)
			}
		}
	}
}

// shares turns scores into probabilities.
func shares(x []float64) {
	most := x[0]
	for _, v := range x[1:] {
		most = max(most, v)
	}
	sum := 0.0
	for i, v := range x {
		x[i] = math.Exp(v - most)
		sum += x[i]
	}
	for i := range x {
		x[i] /= sum
	}
}

// add adds the values of a tree's leaves to the scores of the rows in them.
func (s *losses) add(c int, g *booster, leaves []*bud) {
	type piece struct {
		rows  []uint32
		value float64
	}
	var pieces []piece
	cut := func(rows []uint32, value float64) {
		for len(rows) > 0 {
			m := min(len(rows), lossBlock)
			pieces = append(pieces, piece{rows[:m], value})
			rows = rows[m:]
		}
	}
	for _, t := range leaves {
		cut(g.in.of(t.in), t.value)
		cut(g.out.of(t.out), t.value)
	}
	scores := s.scores[c]
	par.Do(len(pieces), func(i int) {
		for _, r := range pieces[i].rows {
			scores[r] += pieces[i].value
		}
	})
}

// loss is the log loss of some rows, held-out ones in a fixed order, or their squared
// error.
func (s *losses) loss(rows []uint32) float64 {
	part := make([]float64, par.Count(len(rows), lossBlock))
	par.Blocks(len(rows), lossBlock, func(b, lo, hi int) {
		p := make([]float64, s.active)
		for _, r := range rows[lo:hi] {
			w := s.binned.weight(int(r))
			if s.target != nil {
				d := s.scores[0][r] - s.target[r]
				part[b] += float64(w * float64(d*d))
				continue
			}
			class := 0
			for r >= s.ends[class+1] {
				class++
			}
			if len(s.scores) == 1 {
				margin := s.scores[0][r]
				if class == 1 {
					margin = -margin
				}
				part[b] += float64(w * softplus(margin))
				continue
			}
			for c := range p {
				p[c] = s.scores[c][r]
			}
			own := p[class]
			most := p[0]
			for _, v := range p[1:] {
				most = max(most, v)
			}
			sum := 0.0
			for _, v := range p {
				sum += math.Exp(v - most)
			}
			part[b] += float64(w * (math.Log(sum) + most - own))
		}
	})
	sum := 0.0
	for _, v := range part {
		sum += v
	}
	return sum
}

// softplus is log(1 + exp(x)).
func softplus(x float64) float64 {
	return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
}
