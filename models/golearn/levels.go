package golearn

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"flowbook/internal/num"
	"flowbook/internal/table"
)

// level turns one feature into codes: 0 missing, then bins or levels; -1 for a
// level that training did not know.
type level struct {
	field table.Field
	edges []float64 // of a number: code 1 + how many edges are below it
}

type levels []level

// newLevels cuts numbers at quantiles of the training rows, each edge once.
func newLevels(train table.View, bins int) levels {
	var out levels
	for _, f := range table.SchemaOf(train) {
		l := level{field: f}
		if f.Kind != table.CodeKind {
			x := slices.DeleteFunc(train.Floats(f.Name), math.IsNaN)
			slices.Sort(x)
			for b := 1; b < bins && len(x) > 0; b++ {
				e := num.Quantile(x, float64(b)/float64(bins))
				// An edge at the top would leave nothing above it.
				if e < x[len(x)-1] && (len(l.edges) == 0 || e > l.edges[len(l.edges)-1]) {
					l.edges = append(l.edges, e)
				}
			}
		}
		out = append(out, l)
	}
	return out
}

// names are the texts that golearn knows the codes by.
func (l level) names() []string {
	names := []string{"missing"}
	if l.field.Kind != table.CodeKind {
		for b := range len(l.edges) + 1 {
			names = append(names, fmt.Sprintf("bin %d", b))
		}
		return names
	}
	for _, v := range l.field.Levels {
		names = append(names, "="+v)
	}
	return names
}

func (ls levels) schema() table.Schema {
	s := make(table.Schema, len(ls))
	for k, l := range ls {
		s[k] = l.field
	}
	return s
}

// codes are the view's rows, column by column. The view must pass the schema's Check.
func (ls levels) codes(v table.View) [][]int32 {
	schema := ls.schema()
	out := make([][]int32, len(ls))
	for k, l := range ls {
		if l.field.Kind == table.CodeKind {
			out[k] = schema.Codes(v, k)
			continue
		}
		out[k] = make([]int32, v.Rows())
		for i, x := range schema.Floats(v, k) {
			if !math.IsNaN(x) {
				out[k][i] = int32(1 + sort.SearchFloat64s(l.edges, x))
			}
		}
	}
	return out
}

// impurity is the entropy of the counts, in bits, times their sum.
func impurity(counts []int) float64 {
	n, sum := 0, 0.0
	for _, c := range counts {
		if c > 0 {
			n += c
			sum += float64(float64(c) * math.Log2(float64(c)))
		}
	}
	if n == 0 {
		return 0
	}
	return float64(float64(n)*math.Log2(float64(n))) - sum
}
