package dense

import "flowbook/internal/par"

// Linear returns x·β + b for every row: n × k numbers, row-major. beta holds
// Width × k numbers, one line of k a column. A row's answer does not depend on
// the rows beside it. A missing or infinite number is an error.
//
// A run of one-hot columns costs one addition a row and class, not one a column.
func Linear(r *Rows, pkg string, beta, intercept []float64) ([]float64, error) {
	if err := r.plan.Numeric(pkg); err != nil {
		return nil, err
	}
	k := len(intercept)
	start := append([]float64(nil), intercept...)
	groups := hotGroups[float64](r.plan)
	for _, g := range groups {
		for w, off := range g.off {
			for c := range k {
				start[c] += float64(off * beta[(g.first+w)*k+c])
			}
		}
	}
	out := make([]float64, r.n*k)
	errs := make([]error, par.Count(r.n, blockRows))
	par.Blocks(r.n, blockRows, func(b, lo, hi int) {
		buf := make([]float64, tile)
		for t := lo; t < hi && errs[b] == nil; t += tile {
			errs[b] = r.linear(pkg, groups, beta, start, buf, out[t*k:min(hi, t+tile)*k], t, min(hi, t+tile))
		}
	})
	return out, first(errs)
}

func (r *Rows) linear(pkg string, groups []hotGroup[float64], beta, start, buf, out []float64, lo, hi int) error {
	k := len(start)
	for i := range hi - lo {
		copy(out[i*k:], start)
	}
	for _, g := range groups {
		for i, code := range r.sources[g.source].codes[lo:hi] {
			a := int(g.at[code+1])
			if a < 0 {
				continue
			}
			d := g.on[a] - g.off[a]
			for c, v := range beta[(g.first+a)*k : (g.first+a+1)*k] {
				out[i*k+c] += float64(d * v)
			}
		}
	}
	for j, col := range r.plan.Columns {
		if col.Kind == Hot {
			continue
		}
		r.Values(j, buf, lo, hi)
		line := beta[j*k : (j+1)*k]
		for i, v := range buf[:hi-lo] {
			if v-v != 0 {
				return r.Bad(pkg, j, lo+i, v)
			}
			for c, w := range line {
				out[i*k+c] += float64(v * w)
			}
		}
	}
	return nil
}

// Norms returns the squared length of every row. Its numbers must be finite.
func Norms(r *Rows) []float64 {
	groups := hotGroups[float64](r.plan)
	out := make([]float64, r.n)
	par.Blocks(r.n, blockRows, func(_, lo, hi int) {
		buf := make([]float64, hi-lo)
		for _, g := range groups {
			off := 0.0
			for _, v := range g.off {
				off += float64(v * v)
			}
			for i, code := range r.sources[g.source].codes[lo:hi] {
				out[lo+i] += off
				if a := g.at[code+1]; a >= 0 {
					out[lo+i] += g.on[a]*g.on[a] - g.off[a]*g.off[a]
				}
			}
		}
		for j, col := range r.plan.Columns {
			if col.Kind == Hot {
				continue
			}
			r.Values(j, buf, lo, hi)
			for i, v := range buf {
				out[lo+i] += float64(v * v)
			}
		}
	})
	return out
}
