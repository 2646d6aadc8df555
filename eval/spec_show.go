package eval

import (
	"fmt"
	"math"

	"flowbook/internal/exhibit"
)

// Exhibit says how many analyses support the claim and how far their estimates reach,
// and shows the share by option, and, closed, all of them.
//
// Measures are NAME/specifications/WHAT for the analyses, share, median, lowest and
// highest, NAME/specifications/share/CHOICE/OPTION, and NAME/estimate/OPTION/… with its
// interval for each analysis, options in the order of choices.
func (c *Curve) Exhibit() exhibit.Exhibit {
	s, n := c.Specifications, len(c.List)
	least, most := c.Range()
	e := exhibit.Exhibit{Notes: c.notes(), Grids: []exhibit.Grid{c.byOption(), c.all()}}
	number := func(what string, v float64) {
		e.Measures = append(e.Measures, exhibit.Number(exhibit.ID(s.Name, "specifications", what), v, n))
	}
	number("analyses", float64(n))
	number("share", c.Share())
	number("median", c.Median())
	number("lowest", least)
	number("highest", most)
	for _, o := range c.Options() {
		e.Measures = append(e.Measures, exhibit.Number(exhibit.ID(s.Name, "specifications", "share", o.Choice, o.Option), o.Share(), len(o.At)))
	}
	for _, a := range c.List {
		m := exhibit.Measure{ID: exhibit.ID(append([]string{s.Name, "estimate"}, a.Options()...)...), Value: a.Estimate, Low: a.Low, High: a.High, Level: s.Level, Rows: a.Rows}
		if !m.HasInterval() {
			m.Low, m.High, m.Level = a.Estimate, a.Estimate, 0
		}
		e.Measures = append(e.Measures, m)
	}
	return e
}

func (c *Curve) notes() []string {
	s, n := c.Specifications, len(c.List)
	least, most := c.Range()
	claim := s.Claim
	if claim == "" {
		claim = "the claim holds"
	}
	notes := []string{fmt.Sprintf("%d of %d analyses (%.3g %%) support that %s. The median %s is %.4g, from %.4g to %.4g (%.4g where there is nothing to find).",
		c.Supporting(), n, 100*c.Share(), claim, s.Estimate, c.Median(), least, most, s.Null)}
	if n < c.Declared {
		notes = append(notes, fmt.Sprintf("They are %d of %d declared, drawn with seed %s.", n, c.Declared, s.Seed))
	}
	blind := 0
	for _, a := range c.List {
		if math.IsNaN(a.Estimate) {
			blind++
		}
	}
	if blind > 0 {
		notes = append(notes, fmt.Sprintf("%d of %d analyses cannot tell; they count as not supporting it.", blind, n))
	}
	for _, k := range c.Skipped {
		notes = append(notes, fmt.Sprintf("%d combinations are left out: %s.", k.Analyses, k.Reason))
	}
	return notes
}

func (c *Curve) byOption() exhibit.Grid {
	s := c.Specifications
	g := exhibit.Grid{
		Title:   fmt.Sprintf("%s: support by choice", s.Name),
		Caption: "Of the analyses that take an option, how many support the claim. A choice whose options differ much decides the answer.",
		Columns: []string{"choice", "option", "analyses", "supporting", "share", "median " + s.Estimate},
	}
	for _, o := range c.Options() {
		g.Rows = append(g.Rows, []exhibit.Cell{exhibit.Text(o.Choice), exhibit.Text(o.Option), exhibit.Count(len(o.At)), exhibit.Count(o.Supporting),
			exhibit.Percent(o.Share()), exhibit.Num(o.Median)})
	}
	return g
}

func (c *Curve) all() exhibit.Grid {
	s := c.Specifications
	g := exhibit.Grid{
		Title:   fmt.Sprintf("%s: all %d analyses", s.Name, len(c.List)),
		Caption: fmt.Sprintf("Sorted by %s, with its %g %% interval where there is one.", s.Estimate, 100*s.Level),
		Folded:  true,
	}
	for _, choice := range s.Choices {
		g.Columns = append(g.Columns, choice.Name)
	}
	g.Columns = append(g.Columns, s.Estimate, "p", "rows", "supports")
	for _, a := range c.List {
		var row []exhibit.Cell
		for _, o := range a.Options() {
			row = append(row, exhibit.Text(o))
		}
		estimate := exhibit.Num(a.Estimate)
		if !math.IsNaN(a.Low) && !math.IsNaN(a.High) {
			estimate = exhibit.Between(a.Estimate, a.Low, a.High, s.Level)
		}
		answer := "no"
		if a.Supports {
			answer = "yes"
		}
		g.Rows = append(g.Rows, append(row, estimate, exhibit.P(a.P, math.Log10(a.P)), exhibit.Count(a.Rows), exhibit.Text(answer)))
	}
	return g
}
