package svm

import (
	"context"

	"flowbook/internal/par"
)

// shrink sets aside rows at a bound that the extremes say will stay there (Joachims
// 1998; the rule is libsvm's). Near the optimum it first takes all rows back, once,
// for the guesses made far from it may be wrong.
func (s *smo) shrink(ctx context.Context, all []int32, top, bottom int) error {
	if !s.unshrunk && s.gap(top, bottom) <= 10*s.tolerance {
		s.unshrunk = true
		if err := s.restore(ctx, all); err != nil {
			return err
		}
		top, bottom = s.extremes()
	}
	if top < 0 || bottom < 0 {
		return nil
	}
	most, least := s.grad[top], s.grad[bottom]
	var kept, gone []int32
	for k, i := range s.active {
		f := s.grad[k]
		s.f[i] = f
		if s.state[k] == canGrow && f < least || s.state[k] == canFall && f > most {
			gone = append(gone, i)
		} else {
			kept = append(kept, i)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	s.left = append(s.left, leaving{gone, append([]float64(nil), s.beta...)})
	s.active = kept
	s.gather()
	return nil
}

// restore takes back the rows that were set aside. Their F lacks what β of other
// rows has changed by since they left; a group's rows are brought up to date at once.
// libsvm keeps a second gradient of the rows at their upper bound for this, and a
// full kernel row for each that gets there; here those that stay cost nothing.
func (s *smo) restore(ctx context.Context, all []int32) error {
	if len(s.active) == len(all) {
		return nil
	}
	for k, i := range s.active {
		s.f[i] = s.grad[k]
	}
	for _, gone := range s.left {
		var changed []int32
		var by []float64
		for _, i := range all {
			if d := s.beta[i] - gone.beta[i]; d != 0 {
				changed, by = append(changed, i), append(by, d)
			}
		}
		if err := s.rows.subtract(ctx, changed, by, gone.rows, s.f); err != nil {
			return err
		}
	}
	s.left, s.active = nil, all
	s.gather()
	return nil
}

// subtract takes Σ_j by_j K_ij from f_i for the rows i of a list; each by one core,
// in the order of j.
func (r *kernelRows) subtract(ctx context.Context, js []int32, by []float64, list []int32, f []float64) error {
	const block = 512
	_, err := par.Map(ctx, par.Count(len(list), block), func(ctx context.Context, b int) (struct{}, error) {
		part := list[b*block : min(len(list), (b+1)*block)]
		with, line, k := r.x.pack(part), make([]float64, r.x.p), make([]float32, len(part))
		for at, j := range js {
			if at%64 == 0 && ctx.Err() != nil {
				return struct{}{}, ctx.Err()
			}
			r.x.scatter(j, line)
			kernel(with, line, r.x.norm[j], r.gamma, 0, len(with.start)-1, k)
			r.x.clear(j, line)
			for e, i := range part {
				f[i] -= float64(by[at] * float64(k[e]))
			}
		}
		return struct{}{}, nil
	})
	return err
}
