package bayes

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
)

// task is what every Fit of this package starts from.
type task struct {
	rows    *dense.Rows
	labels  []int
	classes []string
	weights []float64   // nil: all 1
	counts  [][]float64 // by source; nil for a number
	model   *Model
}

// begin binds the plan, counts the levels of categories and sets the priors: those
// given, else each class's share of the weight.
func begin(ctx context.Context, plan *dense.Plan, train table.View, given []Prior) (*task, error) {
	labels, classes, weights, err := models.Trainable("bayes", train)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	rows, err := plan.Bind("bayes", train)
	if err != nil {
		return nil, err
	}
	t := &task{rows: rows, labels: labels, classes: classes, weights: weights, counts: make([][]float64, len(plan.Source))}
	t.model = &Model{classes: classes, plan: plan, prior: make([]float64, len(classes))}
	total := 0.0
	for i, c := range labels {
		t.model.prior[c] += t.weight(i)
		total += t.weight(i)
	}
	for c := range classes {
		t.model.prior[c] = math.Log(t.model.prior[c] / total)
	}
	par.Do(len(t.counts), func(s int) {
		if plan.Source[s].Kind == table.CodeKind {
			t.counts[s] = t.count(s)
		}
	})
	if given != nil {
		err = t.priors(given)
	}
	return t, err
}

func (t *task) weight(i int) float64 {
	if t.weights == nil {
		return 1
	}
	return t.weights[i]
}

// priors checks and takes the priors given. A class without weight stays impossible.
func (t *task) priors(given []Prior) error {
	sum := 0.0
	seen := make([]bool, len(t.classes))
	for _, p := range given {
		c, ok := slices.BinarySearch(t.classes, p.Class)
		switch {
		case !ok:
			return fmt.Errorf("bayes: a prior is given for class %q, which is not among %q", p.Class, t.classes)
		case seen[c]:
			return fmt.Errorf("bayes: two priors are given for class %q", p.Class)
		case !(p.Share > 0):
			return fmt.Errorf("bayes: the prior of class %q is %v; want a share in (0, 1]", p.Class, p.Share)
		}
		seen[c] = true
		sum += p.Share
		if !math.IsInf(t.model.prior[c], -1) {
			t.model.prior[c] = math.Log(p.Share)
		}
	}
	if c := slices.Index(seen, false); c >= 0 {
		return fmt.Errorf("bayes: no prior is given for class %q; give one for each class or none", t.classes[c])
	}
	if !(math.Abs(sum-1) <= 1e-9) {
		return fmt.Errorf("bayes: the priors sum to %v; want 1", sum)
	}
	return nil
}

// k is the number of classes.
func (t *task) k() int { return len(t.classes) }

// numbers lists the columns that are numbers.
func (t *task) numbers() []int {
	var columns []int
	for j, c := range t.rows.Plan().Columns {
		if c.Kind == dense.Number || c.Kind == dense.Lookup {
			columns = append(columns, j)
		}
	}
	return columns
}

// sources lists the categorical sources of the columns of a kind, rising.
func (t *task) sources(kind dense.Kind) []int {
	var out []int
	for _, c := range t.rows.Plan().Columns {
		if c.Kind == kind {
			out = append(out, c.Source)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// count returns the weight of each code and class of a source: a line of k a
// code, unseen first, then missing.
func (t *task) count(source int) []float64 {
	k := t.k()
	n := make([]float64, (len(t.rows.Plan().Source[source].Levels)+2)*k)
	for i, code := range t.rows.Codes(source) {
		n[int(code+1)*k+t.labels[i]] += t.weight(i)
	}
	return n
}
