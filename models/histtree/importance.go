package histtree

import (
	"slices"

	"flowbook/internal/table"
)

// Gain is how much a feature helped.
type Gain struct {
	Name string
	Gain float64 // share of all impurity taken away: 0 to 1, of all features together 1
}

// Importance is the mean decrease in impurity (Breiman et al. 1984, section 5.3.4;
// Breiman 2001) of each feature, most important first, equal ones by name: the
// impurity that its splits took away, as a share of each tree, averaged over the
// trees. It is measured on the training rows and favours features with many values,
// also those that are noise (Strobl et al. 2007, BMC Bioinformatics 8, 25). All are 0
// if no tree has a split.
func (m *Model) Importance() []Gain { return slices.Clone(m.gain) }

func importance(schema table.Schema, trees []*tree) []Gain {
	out := make([]Gain, len(schema))
	for f := range out {
		out[f].Name = schema[f].Name
	}
	grown := 0
	for _, t := range trees {
		total := 0.0
		for _, g := range t.gain {
			total += g
		}
		if total <= 0 {
			continue
		}
		grown++
		for f, g := range t.gain {
			out[f].Gain += g / total
		}
	}
	for f := range out {
		out[f].Gain /= float64(max(1, grown))
	}
	sortGains(out)
	return out
}

// gains is the gain of each feature in all trees as a share of all gain.
func gains(schema table.Schema, trees []*tree) []Gain {
	out := make([]Gain, len(schema))
	total := 0.0
	for f := range out {
		out[f].Name = schema[f].Name
	}
	for _, t := range trees {
		for f, g := range t.gain {
			out[f].Gain += g
			total += g
		}
	}
	if total > 0 {
		for f := range out {
			out[f].Gain /= total
		}
	}
	sortGains(out)
	return out
}
