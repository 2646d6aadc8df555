package compare

import (
	"fmt"
	"math"
	"strings"

	"flowbook/internal/exhibit"
	"flowbook/reports"
)

// Sheet puts the comparison on a page: what changed, the measures that differ, what one
// run lacks.
func (c Comparison) Sheet() *reports.Sheet {
	s := &reports.Sheet{Title: c.A.Name + " and " + c.B.Name, Origin: c.B.Origin}
	if c.A.Origin.Kind != exhibit.Real { // a page that leans on simulated data says so in its head
		s.Origin = c.A.Origin
	}
	differ, paired, sure := 0, 0, 0
	for _, l := range c.Lines {
		if l.Difference != 0 {
			differ++
		}
		if l.Paired {
			paired++
			if l.Holm.P < 1-level {
				sure++
			}
		}
	}
	s.Textf("A is %s, B is %s. Of %d measures that both have, %d differ. %d were taken over the same folds; of these %d differ by more than chance explains at %.2g, corrected for all of them.",
		c.A.Name, c.B.Name, len(c.Lines), differ, paired, sure, 1-level)
	s.Heading("How they were made")
	if len(c.Changes) == 0 {
		s.Textf("Alike: same data, seed, budget, version and folds.")
	} else {
		g := exhibit.Grid{Title: "What was different", Columns: []string{"what", "A", "B"}}
		for _, ch := range c.Changes {
			g.Rows = append(g.Rows, []exhibit.Cell{exhibit.Text(ch.What), exhibit.Text(ch.A), exhibit.Text(ch.B)})
		}
		s.Show(g)
	}
	s.Heading("Measures that differ")
	g := exhibit.Grid{Title: "Measures of both runs",
		Caption: "Over shared folds: difference B - A with its 95 % interval and the corrected resampled t test; p also corrected by Holm over all such lines. Elsewhere each value has its own interval, and no p is given. Better or worse is said where p (Holm) is below 0.05, or B lies outside A's interval. The surest come first.",
		Columns: []string{"measure", "A", "B", "B - A", "p", "p (Holm)", "B is"}}
	for _, l := range c.Lines {
		if l.Difference == 0 {
			continue
		}
		difference := exhibit.Num(l.Difference)
		p, holm, word := exhibit.Text(""), exhibit.Text(""), ""
		if l.clear() && (!l.Paired || l.Holm.P < 1-level) {
			word = []string{"worse", "", "better"}[l.Better+1]
		}
		if l.Paired {
			difference = exhibit.Between(l.Difference, l.Low, l.High, level)
			p, holm = exhibit.P(l.P.P, l.P.Log10), exhibit.P(l.Holm.P, l.Holm.Log10)
		}
		g.Rows = append(g.Rows, []exhibit.Cell{exhibit.Text(l.ID), cell(l.A, l.Paired), cell(l.B, l.Paired), difference, p, holm, exhibit.Text(word)})
	}
	if len(g.Rows) == 0 {
		s.Textf("None: %d measures have one value.", c.Same)
	} else {
		s.Show(g)
	}
	for _, side := range []struct {
		name string
		list []string
	}{{"A", c.OnlyA}, {"B", c.OnlyB}} {
		if len(side.list) > 0 {
			s.Heading("Only in " + side.name)
			s.Textf("%s.", strings.Join(side.list[:min(len(side.list), 60)], ", "))
			if more := len(side.list) - 60; more > 0 {
				s.Textf("And %d more.", more)
			}
		}
	}
	return s
}

func cell(m reports.Measure, plain bool) exhibit.Cell {
	if plain || m.Low == nil || m.High == nil {
		return exhibit.Num(float64(m.Value))
	}
	return exhibit.Between(float64(m.Value), float64(*m.Low), float64(*m.High), m.Level)
}

// Worse reports whether B is worse than A in a measure by more than its uncertainty: over
// shared folds the interval of the difference lies on the worse side; else the value
// lies beyond the worse end of A's interval; without an interval any loss counts. It
// says why, and fails where the runs do not both have the measure or nobody knows
// which way it is better.
func (c Comparison) Worse(id string) (worse bool, why string, err error) {
	for _, l := range c.Lines {
		if l.ID != id {
			continue
		}
		if direction(id) == 0 {
			return false, "", fmt.Errorf("compare: %s is no metric with a better side", id)
		}
		why = fmt.Sprintf("%s is %.6g in %s and %.6g in %s", id, float64(l.A.Value), c.A.Name, float64(l.B.Value), c.B.Name)
		switch {
		case l.Paired:
			why += fmt.Sprintf(" (difference %.4g, interval %.4g to %.4g)", l.Difference, l.Low, l.High)
		case l.A.Low != nil && l.A.High != nil:
			why += fmt.Sprintf(" (A's interval %.6g to %.6g)", float64(*l.A.Low), float64(*l.A.High))
		}
		return math.IsNaN(l.Difference) || l.Better < 0 && l.clear(), why, nil
	}
	return false, "", fmt.Errorf("compare: %s is not a measure of both %s and %s", id, c.A.Name, c.B.Name)
}
