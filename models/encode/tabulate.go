package encode

import (
	"fmt"

	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models/internal/dense"
)

// tabulate makes the table that a plan describes: its columns as features, then
// the view's target and weights. A column that the plan leaves as it is keeps its
// kind, unit and levels. Where strict, a column that has the name of the target or
// weights is an error; else it takes their place (a prediction needs neither).
func tabulate(plan *dense.Plan, v table.View, strict bool) (*table.Table, error) {
	rows, err := plan.Bind("encode", v)
	if err != nil {
		return nil, err
	}
	rest := v.Select().Materialize() // target and weights, with the seal
	for _, c := range plan.Columns {
		if _, err := rest.Lookup(c.Name); err == nil && strict {
			return nil, fmt.Errorf("encode: feature %q has the name of the target or weight of %s; rename one", c.Name, v.Table().Name())
		}
	}
	out := make([]table.Column, len(plan.Columns))
	par.Do(len(plan.Columns), func(j int) { out[j] = column(rows, j) })
	return rest.With(out...)
}

func column(r *dense.Rows, j int) table.Column {
	c := r.Plan().Columns[j]
	if c.Kind == dense.Category {
		return category(c.Name, r.Codes(c.Source), r.Plan().Source[c.Source].Levels)
	}
	x := make([]float64, r.Len())
	r.Values(j, x, 0, len(x))
	return table.Float(c.Name, c.Unit, x)
}

// Unseen is the level that a category passed through a pipeline shows for a level
// that training did not know. A learner fitted on the table does not know it either.
const Unseen = "(unseen)"

// category is a column in the levels of training; a level unknown to training
// becomes Unseen, for 0 would make it missing.
func category(name string, codes []int32, levels []string) table.Column {
	at, foreign := int32(0), false
	for _, c := range codes {
		foreign = foreign || c == table.Unseen
	}
	if !foreign {
		return table.Code(name, codes, levels)
	}
	all := make([]string, 0, len(levels)+1)
	for _, l := range levels {
		if at == 0 && l >= Unseen {
			all, at = append(all, Unseen), int32(len(all)+1)
			if l == Unseen {
				continue
			}
		}
		all = append(all, l)
	}
	if at == 0 {
		all, at = append(all, Unseen), int32(len(all)+1)
	}
	shift := int32(len(all) - len(levels)) // 0 if training has a level of that name
	out := make([]int32, len(codes))
	for i, c := range codes {
		switch {
		case c == table.Unseen:
			out[i] = at
		case c >= at && shift > 0:
			out[i] = c + 1
		default:
			out[i] = c
		}
	}
	return table.Code(name, out, all)
}
