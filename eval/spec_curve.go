package eval

import (
	"math"
	"slices"

	"flowbook/internal/num"
)

// Curve is every analysis of a claim, sorted by estimate.
type Curve struct {
	Specifications Specifications
	List           []Analysis // ascending by estimate, equal ones as declared; NaN last
	Declared       int        // combinations that make sense, of which List may be a draw
	Skipped        []Skipped  // and those that do not, by reason
}

// Supporting counts the analyses that support the claim.
func (c *Curve) Supporting() int {
	n := 0
	for _, a := range c.List {
		if a.Supports {
			n++
		}
	}
	return n
}

// Share is the share of analyses that support the claim; one that cannot tell does not.
// It is no probability: analyses share their data, and another author would declare
// others. Under gives it one to stand beside.
func (c *Curve) Share() float64 { return float64(c.Supporting()) / float64(len(c.List)) }

// Median is the median estimate of the analyses that can tell, NaN where none can.
func (c *Curve) Median() float64 { return median(c.List) }

func median(list []Analysis) float64 {
	x := make([]float64, len(list))
	for i, a := range list {
		x[i] = a.Estimate
	}
	x, _ = num.DropNaN(x)
	return num.Median(x)
}

// Range is the least and the greatest estimate, NaN where no analysis can tell.
func (c *Curve) Range() (least, most float64) {
	least, most = c.List[0].Estimate, math.NaN()
	for _, a := range c.List {
		if !math.IsNaN(a.Estimate) {
			most = a.Estimate
		}
	}
	return least, most
}

// Points is the upper half of the plot: estimates, their intervals (NaN where there are
// none) and which support the claim, analysis by analysis from left to right.
func (c *Curve) Points() (estimate, low, high []float64, supports []bool) {
	for _, a := range c.List {
		estimate, low, high = append(estimate, a.Estimate), append(low, a.Low), append(high, a.High)
		supports = append(supports, a.Supports)
	}
	return estimate, low, high, supports
}

// Option is one option and what the analyses that take it say: a line of the dot panel
// below the curve.
type Option struct {
	Choice, Option string
	At             []int // places of its analyses in List, ascending: where the dots are
	Supporting     int
	Median         float64 // of its estimates; NaN where there are none
}

// Share is the share of the option's analyses that support the claim, NaN where none
// takes it.
func (o Option) Share() float64 { return float64(o.Supporting) / float64(len(o.At)) }

// Options lists all options in the order of declaration.
func (c *Curve) Options() []Option {
	var out []Option
	for k, choice := range c.Specifications.Choices {
		for o, name := range choice.Options {
			line := Option{Choice: choice.Name, Option: name}
			var own []Analysis
			for i, a := range c.List {
				if a.at[k] != o {
					continue
				}
				line.At = append(line.At, i)
				own = append(own, a)
				if a.Supports {
					line.Supporting++
				}
			}
			line.Median = median(own)
			out = append(out, line)
		}
	}
	return out
}

// Of returns the analysis that takes these options, one a choice in the order of
// declaration; ok is false where none was made.
func (c *Curve) Of(options ...string) (a Analysis, ok bool) {
	for _, a := range c.List {
		if slices.Equal(a.Options(), options) {
			return a, true
		}
	}
	return Analysis{}, false
}
