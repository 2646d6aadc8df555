package hypothesis

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Predictor is one column of a regression.
type Predictor struct {
	Name   string
	Values []float64 // NaN is missing: the row is left out
	Of     string    // the categorical variable this is an indicator of; "" for a number
	Level  string    // and its level
}

// Dummies turns a categorical variable into one 0/1 predictor a level but the
// reference, in sorted order. "" is missing. reference "" means the most frequent
// level (the first of several). Fewer than two levels, or a reference that does not
// occur, is an error.
func Dummies(name string, values []string, reference string) ([]Predictor, error) {
	count := make(map[string]int)
	for _, v := range values {
		if v != "" {
			count[v]++
		}
	}
	var levels []string
	for l := range count {
		levels = append(levels, l)
	}
	slices.Sort(levels)
	if len(levels) < 2 {
		return nil, fmt.Errorf("hypothesis: Dummies: %q has %d levels; want at least 2", name, len(levels))
	}
	if reference == "" {
		for _, l := range levels {
			if count[l] > count[reference] {
				reference = l
			}
		}
	}
	if count[reference] == 0 {
		return nil, fmt.Errorf("hypothesis: Dummies: reference level %q of %q does not occur; there are %q", reference, name, levels)
	}
	var out []Predictor
	for _, l := range levels {
		if l == reference {
			continue
		}
		p := Predictor{Name: name + "=" + l, Of: name, Level: l, Values: make([]float64, len(values))}
		for i, v := range values {
			switch v {
			case l:
				p.Values[i] = 1
			case "":
				p.Values[i] = math.NaN()
			}
		}
		out = append(out, p)
	}
	return out, nil
}

func names(predictors []Predictor) string {
	out := make([]string, 0, len(predictors))
	for i, p := range predictors {
		if i == 6 {
			out = append(out, "…")
			break
		}
		out = append(out, p.Name)
	}
	return strings.Join(out, ", ")
}
