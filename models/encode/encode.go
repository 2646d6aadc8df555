// Package encode answers: how do categories and raw numbers become what a learner
// can use, without a look at the rows it will be judged on?
//
// A Step is fitted on training rows only. Then puts steps before a learner and
// refits all of them in each Fit, so that a cross-validation cannot leak through
// an encoder; Before does the same for a clusterer and Pipeline for steps alone.
//
//	learner := encode.Then(linear.Logistic{}, encode.OneHot{}, encode.Standardize{})
//	model, err := learner.Fit(ctx, train.WithTarget("class"))
//
// The steps here describe themselves as plans (models/internal/dense). A learner
// that takes plans (linear, k-means) reads the raw columns through them: no table
// of encoded columns is ever made. Any other learner gets that table.
package encode

import (
	"context"
	"fmt"
	"strings"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
)

// Step is an unfitted encoder. Fit learns from the features of training rows and
// refuses sealed ones; the target is never looked at, and row weights do not count.
type Step interface {
	Name() string
	Fit(ctx context.Context, train table.View) (models.Transformer, error)
}

// planner is a Step that describes itself as columns of a plan.
type planner interface {
	Step
	extend(r *dense.Rows) (*dense.Plan, error)
}

// fitStep is Fit of every planner.
func fitStep(s planner, train table.View) (models.Transformer, error) {
	plan, err := extend(s, dense.Identity(train), train)
	if err != nil {
		return nil, err
	}
	return fitted{plan}, nil
}

// extend fits s on the columns of plan over the training rows.
func extend(s planner, plan *dense.Plan, train table.View) (*dense.Plan, error) {
	pkg := "encode: " + s.Name()
	if train.Rows() == 0 {
		return nil, fmt.Errorf("%s: no rows to fit on", pkg)
	}
	rows, err := plan.Bind(pkg, train)
	if err != nil {
		return nil, err
	}
	if plan, err = s.extend(rows); err != nil {
		return nil, err
	}
	return plan, plan.Distinct(pkg)
}

// fitted is a fitted plan.
type fitted struct{ plan *dense.Plan }

// Transform returns the encoded features in the plan's order, then the view's
// target and weights if it has them. The rows' seal is kept.
func (f fitted) Transform(_ context.Context, rows table.View) (*table.Table, error) {
	return tabulate(f.plan, rows, true)
}

// Columns lists the columns that Transform makes.
func (f fitted) Columns() []string { return f.plan.Names() }

func (f fitted) String() string { return "encoder to " + strings.Join(f.plan.Names(), ", ") }
