package svm

// Symbols, after Bottou and Lin (2007), where signs are taken into the variables:
//
//	β_i      y_i α_i, from low_i to high_i: 0 to C_i for the second class, -C_i to 0
//	         for the first
//	F_i      y_i − Σ_j β_j K_ij, the gradient of the dual Σ yβ − ½ βᵀKβ
//	up, low  rows whose β may grow, may fall
//
// The optimum has max F over up ≤ min F over low. A step takes λ from β_j of low to
// β_i of up, so that Σβ stays 0.

import (
	"context"
	"math"

	"flowbook/internal/par"
)

const (
	canGrow uint8 = 1 // in up
	canFall uint8 = 2 // in low
)

// tau stands for a curvature that is not above 0: two rows at one place (libsvm's TAU).
const tau = 1e-12

// smo solves the dual of one pair of classes by sequential minimal optimisation with
// the working sets of Fan, Chen, Lin (2005), algorithm 2.
//
// What did not pay, on 20,000 rows of KDDTrain+: to start from the optimum of a sample
// (as many kernel entries, for margins of all rows must follow every coefficient), to
// shrink more often, and to compute the rows of the next candidates on the way (four
// in ten are never asked for).
type smo struct {
	rows      *kernelRows
	tolerance float64
	maxSteps  int

	y, low, high []float64 // by row
	beta, f      []float64 // by row; f of rows that are not active is what it was when they left

	active []int32   // rows that take part, rising
	grad   []float64 // F, by place in active
	state  []uint8   // by place in active

	left     []leaving // rows that were set aside, a group each time
	unshrunk bool      // the groups were taken back once, near the optimum

	steps   int
	stalled bool // a step was too small for float64
}

// leaving is a group of rows set aside at one time, with β as it was then.
type leaving struct {
	rows []int32
	beta []float64
}

// solution is the optimum of one pair.
type solution struct {
	rows      []int32   // with a coefficient, rising
	beta      []float64 // theirs
	bounded   int       // how many are at their bound
	intercept float64
	objective float64 // of the dual as libsvm has it: ½ αᵀQα − Σα
	gap       float64 // max F over up − min F over low
	steps     int
	converged bool
}

// newSMO prepares the pair of rows, all of which take part; y is -1 or 1.
func newSMO(rows *kernelRows, active []int32, y, c []float64, tolerance float64, maxSteps int) *smo {
	n := len(y)
	s := &smo{rows: rows, tolerance: tolerance, maxSteps: maxSteps, y: y, active: active,
		low: make([]float64, n), high: make([]float64, n), beta: make([]float64, n), f: make([]float64, n)}
	for _, i := range active {
		if y[i] > 0 {
			s.high[i] = c[i]
		} else {
			s.low[i] = -c[i]
		}
		s.f[i] = y[i]
	}
	s.gather()
	return s
}

// gather fills what is kept by place from what is kept by row.
func (s *smo) gather() {
	s.rows.use(s.active)
	s.grad, s.state = make([]float64, len(s.active)), make([]uint8, len(s.active))
	for k, i := range s.active {
		s.grad[k], s.state[k] = s.f[i], s.stateOf(i)
	}
}

func (s *smo) stateOf(i int32) (state uint8) {
	if s.beta[i] < s.high[i] {
		state |= canGrow
	}
	if s.beta[i] > s.low[i] {
		state |= canFall
	}
	return state
}

// solve runs to the optimum, to maxSteps, or until ctx ends.
func (s *smo) solve(ctx context.Context) (*solution, error) {
	task := par.Track(ctx, "support vectors", 0)
	defer task.Done()
	all := s.active
	every := min(len(all), 1000)
	countdown := every
	top, bottom := s.extremes()
	for s.steps < s.maxSteps && !s.stalled {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if countdown--; countdown == 0 {
			countdown = every
			task.Add(every)
			if err := s.shrink(ctx, all, top, bottom); err != nil {
				return nil, err
			}
			top, bottom = s.extremes()
		}
		if s.gap(top, bottom) > s.tolerance {
			top, bottom = s.step(top)
			s.steps++
			continue
		}
		if err := s.restore(ctx, all); err != nil {
			return nil, err
		}
		if top, bottom = s.extremes(); s.gap(top, bottom) <= s.tolerance {
			return s.finish(top, bottom, true), nil
		}
		countdown = 1
	}
	if err := s.restore(ctx, all); err != nil {
		return nil, err
	}
	top, bottom = s.extremes()
	return s.finish(top, bottom, s.gap(top, bottom) <= s.tolerance), nil
}

// gap is how far the rows at two places are from the optimum; -Inf without either.
func (s *smo) gap(top, bottom int) float64 {
	if top < 0 || bottom < 0 {
		return math.Inf(-1)
	}
	return s.grad[top] - s.grad[bottom]
}

// extremes returns the places of the largest F that may grow and of the smallest
// that may fall; the lower place of a tie, -1 if there is none.
func (s *smo) extremes() (top, bottom int) {
	top, bottom = -1, -1
	most, least := math.Inf(-1), math.Inf(1)
	for k, f := range s.grad {
		if s.state[k]&canGrow != 0 && f > most {
			most, top = f, k
		}
		if s.state[k]&canFall != 0 && f < least {
			least, bottom = f, k
		}
	}
	return top, bottom
}

// step moves β of the place that may grow most and of its best partner, and returns
// the new extremes.
func (s *smo) step(top int) (newTop, newBottom int) {
	rowI := s.rows.get(s.active[top])
	partner, curve := s.partner(top, rowI)
	rowJ := s.rows.get(s.active[partner])
	i, j := s.active[top], s.active[partner]
	room, stock := s.high[i]-s.beta[i], s.beta[j]-s.low[j]
	lambda := min((s.grad[top]-s.grad[partner])/curve, room, stock)
	nextI, nextJ := min(s.high[i], s.beta[i]+lambda), max(s.low[j], s.beta[j]-lambda)
	if lambda == room { // to the bound itself, whatever rounding does
		nextI = s.high[i]
	}
	if lambda == stock {
		nextJ = s.low[j]
	}
	if nextI == s.beta[i] && nextJ == s.beta[j] {
		s.stalled = true
		return top, partner
	}
	s.beta[i], s.beta[j] = nextI, nextJ
	s.state[top], s.state[partner] = s.stateOf(i), s.stateOf(j)
	return s.update(rowI, rowJ, lambda)
}

// partner returns the place that may fall with the largest gain
// (F_i − F_j)² / (K_ii + K_jj − 2 K_ij), and that curvature. K_ii is 1.
func (s *smo) partner(top int, rowI []float32) (best int, curve float64) {
	grad := s.grad
	state, row := s.state[:len(grad)], rowI[:len(grad)]
	own, gain := grad[top], 0.0
	best = -1
	for k, f := range grad {
		d := own - f
		if !(d > 0) || state[k]&canFall == 0 {
			continue
		}
		q := 2 - 2*float64(row[k])
		if !(q > 0) {
			q = tau
		}
		if square := float64(d * d); best < 0 || square > float64(gain*q) {
			best, gain, curve = k, square/q, q
		}
	}
	return best, curve
}

// update takes a step's change from F and finds the new extremes on the way.
func (s *smo) update(rowI, rowJ []float32, lambda float64) (top, bottom int) {
	top, bottom = -1, -1
	most, least := math.Inf(-1), math.Inf(1)
	grad := s.grad
	state, a, b := s.state[:len(grad)], rowI[:len(grad)], rowJ[:len(grad)]
	for k, f := range grad {
		f -= float64(lambda * (float64(a[k]) - float64(b[k])))
		grad[k] = f
		if f > most && state[k]&canGrow != 0 {
			most, top = f, k
		}
		if f < least && state[k]&canFall != 0 {
			least, bottom = f, k
		}
	}
	return top, bottom
}

// finish reads the intercept off the rows between their bounds, whose margin is 1;
// without such rows any number between the extremes will do, and it is their mean.
func (s *smo) finish(top, bottom int, converged bool) *solution {
	out := &solution{steps: s.steps, converged: converged, gap: s.gap(top, bottom)}
	free, sum := 0, 0.0
	for k, i := range s.active {
		if s.state[k] == canGrow|canFall {
			free++
			sum += s.grad[k]
		}
		if b := s.beta[i]; b != 0 {
			out.rows, out.beta = append(out.rows, i), append(out.beta, b)
			out.objective -= float64(b*(s.y[i]+s.grad[k])) / 2
		}
	}
	out.bounded = len(out.rows) - free
	switch {
	case free > 0:
		out.intercept = sum / float64(free)
	case top >= 0 && bottom >= 0:
		out.intercept = (s.grad[top] + s.grad[bottom]) / 2
	}
	return out
}
