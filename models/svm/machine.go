package svm

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models"
)

// Machine is a fitted RBF. It is immutable and safe for concurrent use.
type Machine struct {
	expansion // its vectors are rows with a coefficient in some pair, its lines the pairs
	pair      []Pair
	trained   int   // rows of training
	rows      []int // of training, by vector; nil in a loaded model
}

// Pair is the machine of two classes: its margin is Σ β K(x, ·) + Intercept, above 0
// on the side of Positive.
type Pair struct {
	Negative, Positive string
	Intercept          float64 // -ρ of libsvm
	Objective          float64 // of the dual at the end, ½ αᵀQα − Σα: at most 0
	Gap                float64 // violation of the optimum's conditions that is left
	Steps              int     // of the solver
	Vectors            int     // support vectors
	Bounded            int     // those at their bound: within the margin or on the wrong side
	Converged          bool    // Gap is at most the Tolerance
}

// pairs lists the pairs of classes, (0,1), (0,2), …, (1,2), …
func (m *Machine) pairs() (pairs [][2]int) {
	for a := range m.classes {
		for b := a + 1; b < len(m.classes); b++ {
			pairs = append(pairs, [2]int{a, b})
		}
	}
	return pairs
}

// keep takes over the solutions: rows with a coefficient in some pair become vectors.
func (m *Machine) keep(d *data, pairs [][2]int, solved []*solution) {
	wanted := make([]bool, d.q.n())
	for _, s := range solved {
		for _, i := range s.rows {
			wanted[i] = true
		}
	}
	var rows []int32
	at := make([]int, d.q.n())             // by row: its vector
	first := make([]int, len(m.classes)+1) // of each class's vectors
	for c := range m.classes {
		for i := d.first[c]; i < d.first[c+1]; i++ {
			if wanted[i] {
				at[i] = len(rows)
				rows = append(rows, int32(i))
			}
		}
		first[c+1] = len(rows)
	}
	m.setVectors(d.q.take(rows))
	m.trained, m.rows = d.q.n(), make([]int, len(rows))
	for v, i := range rows {
		m.rows[v] = d.order[i]
	}
	m.pair, m.intercept = make([]Pair, len(pairs)), make([]float64, len(pairs))
	for p, s := range solved {
		parts := [2]segment{}
		for side, c := range pairs[p] {
			parts[side] = segment{line: p, lo: first[c], coeff: make([]float64, first[c+1]-first[c])}
		}
		for k, i := range s.rows { // those of the first class come first
			side := 0
			if int(i) >= d.first[pairs[p][1]] {
				side = 1
			}
			parts[side].coeff[at[i]-parts[side].lo] = s.beta[k]
		}
		m.segments = append(m.segments, parts[:]...)
		m.intercept[p] = s.intercept
		m.pair[p] = Pair{Negative: m.classes[pairs[p][0]], Positive: m.classes[pairs[p][1]], Intercept: s.intercept, Objective: s.objective,
			Gap: s.gap, Steps: s.steps, Vectors: len(s.rows), Bounded: s.bounded, Converged: s.converged}
	}
}

// Size is the number of support vectors.
func (m *Machine) Size() (int, string) { return m.vectors.n(), "support vectors" }

// Pairs describes the machines, the first class against each later one, then the
// second, and so on; none for one class.
func (m *Machine) Pairs() []Pair { return slices.Clone(m.pair) }

// Coefficients returns β of one of Pairs for every row of training that had a weight
// above 0, in their order; 0 where the row is no support vector of that pair. A model
// that was loaded does not know its rows, and returns nil.
func (m *Machine) Coefficients(pair int) []float64 {
	if m.rows == nil {
		return nil
	}
	out := make([]float64, m.trained)
	for _, s := range m.segments {
		if s.line == pair {
			for v, beta := range s.coeff {
				out[m.rows[s.lo+v]] = beta
			}
		}
	}
	return out
}

// Warning says that the optimum was not reached; "" if it was.
func (m *Machine) Warning() string {
	for _, p := range m.pair {
		if !p.Converged {
			return fmt.Sprintf("svm: RBF SVM of %q and %q stopped after %d steps, %.2g from its optimum", p.Negative, p.Positive, p.Steps, p.Gap)
		}
	}
	return ""
}

// Margins returns the margin of every row in every pair, row-major, in the order of
// Pairs. Time O(rows × support vectors).
func (m *Machine) Margins(ctx context.Context, rows table.View) ([]float64, error) {
	return m.values(ctx, rows)
}

// Predict scores by margins; see RBF for how.
func (m *Machine) Predict(ctx context.Context, rows table.View) (models.Prediction, error) {
	margins, err := m.Margins(ctx, rows)
	if err != nil {
		return models.Prediction{}, err
	}
	p := models.NewPrediction(m.Classes(), rows.Rows())
	k := len(m.classes)
	par.Blocks(rows.Rows(), 4096, func(_, lo, hi int) {
		votes := make([]float64, 2*k)
		for i := lo; i < hi; i++ {
			f := margins[i*len(m.pair) : (i+1)*len(m.pair)]
			switch k {
			case 1:
				p.Row(i)[0] = 1
			case 2:
				p.Row(i)[0], p.Row(i)[1] = logistic(-f[0]), logistic(f[0])
			default:
				poll(f, votes[:k], votes[k:])
				copy(p.Row(i), votes[:k])
				softmax(p.Row(i))
			}
		}
	})
	return p, nil
}

// poll writes each class's votes plus its margins squeezed into less than a third.
func poll(f, votes, margin []float64) {
	clear(votes)
	clear(margin)
	for a, t := 0, 0; a < len(votes); a++ {
		for b := a + 1; b < len(votes); b, t = b+1, t+1 {
			if f[t] > 0 {
				votes[b]++
			} else {
				votes[a]++
			}
			margin[a] -= f[t]
			margin[b] += f[t]
		}
	}
	for c, s := range margin {
		votes[c] += s / (3 * (math.Abs(s) + 1))
	}
}
