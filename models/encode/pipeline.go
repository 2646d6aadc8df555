package encode

import (
	"context"
	"fmt"
	"strings"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
)

// Pipeline is the steps as one, each fitted on what those before it made of the
// training rows. It is itself a Step.
func Pipeline(steps ...Step) Step { return pipelineStep(steps) }

type pipelineStep []Step

func (s pipelineStep) Name() string {
	names := make([]string, len(s))
	for i, step := range s {
		names[i] = step.Name()
	}
	return strings.Join(names, ", ")
}

func (s pipelineStep) Fit(ctx context.Context, train table.View) (models.Transformer, error) {
	p, _, err := fitAll(ctx, s, train)
	return p, err
}

// pipeline is fitted: some transformers that make tables, then one last plan over
// the columns of the last table (or of the raw rows); nil where nothing is left.
type pipeline struct {
	before []models.Transformer
	last   *dense.Plan
}

func (p pipeline) Transform(ctx context.Context, rows table.View) (*table.Table, error) {
	return p.transform(ctx, rows, true)
}

func (p pipeline) transform(ctx context.Context, rows table.View, strict bool) (*table.Table, error) {
	if err := rows.Unsealed(); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	for _, t := range p.before {
		made, err := step(ctx, t, rows)
		if err != nil {
			return nil, err
		}
		rows = made
	}
	if p.last == nil {
		return rows.Table(), nil
	}
	return tabulate(p.last, rows, strict)
}

// finish applies the last plan.
func (p pipeline) finish(rows table.View) (table.View, error) {
	if p.last == nil {
		return rows, nil
	}
	t, err := tabulate(p.last, rows, true)
	if err != nil {
		return table.View{}, err
	}
	return retarget(t, rows), nil
}

// fitAll fits the steps in turn. Runs of our own steps become one plan, and no
// table is made for them; a step from elsewhere gets and gives a table. The rows
// returned are those that the last plan reads.
func fitAll(ctx context.Context, steps []Step, train table.View) (pipeline, table.View, error) {
	var p pipeline
	if err := train.Unsealed(); err != nil {
		return p, train, fmt.Errorf("encode: %w", err)
	}
	if train.Rows() == 0 {
		return p, train, fmt.Errorf("encode: no rows to fit on")
	}
	p.last = dense.Identity(train)
	for _, s := range flat(steps) {
		if err := ctx.Err(); err != nil {
			return p, train, err
		}
		if own, ok := s.(planner); ok {
			plan, err := extend(own, p.last, train)
			if err != nil {
				return p, train, err
			}
			p.last = plan
			continue
		}
		made, err := p.finish(train)
		if err != nil {
			return p, train, err
		}
		t, err := s.Fit(ctx, made)
		if err != nil {
			return p, train, err
		}
		p.before = append(p.before, fitted{p.last}, t)
		if train, err = step(ctx, t, made); err != nil {
			return p, train, err
		}
		p.last = dense.Identity(train)
	}
	return p, train, nil
}

func flat(steps []Step) []Step {
	var out []Step
	for _, s := range steps {
		if p, ok := s.(pipelineStep); ok {
			out = append(out, flat(p)...)
		} else {
			out = append(out, s)
		}
	}
	return out
}

// step transforms rows and puts target and weights back where a transformer from
// elsewhere has dropped them.
func step(ctx context.Context, t models.Transformer, rows table.View) (table.View, error) {
	made, err := t.Transform(ctx, rows)
	if err != nil {
		return table.View{}, err
	}
	if _, own := t.(fitted); !own {
		rest := rows.Select().Materialize()
		if len(rest.Columns()) > 0 {
			if made, err = rest.With(made.View().Features()...); err != nil {
				return table.View{}, err
			}
		}
	}
	return retarget(made, rows), nil
}

// retarget views a made table with the target of the rows it was made from.
func retarget(t *table.Table, from table.View) table.View {
	v := t.View()
	if c, ok := from.Target(); ok {
		return v.WithTarget(c.Name)
	}
	return v
}
