package hypothesis

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/exhibit"
	"flowbook/internal/num"
	"flowbook/internal/par"
	"flowbook/internal/table"
)

// ScanResult is one test a feature, corrected over all of them by Holm, the
// effect farthest from its null first.
type ScanResult struct {
	ID       string // prefix of the measures; "" means "scan"
	Label    string
	Data     string   // the view's table: "KDDTrain+"
	Groups   []string // of numeric scans: {first, second}
	Results  []Result // Subject is the feature
	Skipped  []string // features that could not be tested, with the reason
	Warnings []string
}

// Scan runs a two-sample test (WelchT, MannWhitney, RankSum{…}.Test) of every
// numeric feature of the view between the two groups of a label column, corrects by
// Holm, and sorts by the distance of the effect from its null.
//
// The label is a column of two values: a code column, or numbers 0 and 1. The first
// group is 1, or the level that does not say no ("normal", "benign", "no",
// "false", "0", "negative", "background"), or the level that sorts first. Rows
// without a label are left out with a warning. A feature that the test refuses
// (constant, say) is listed in Skipped. An error where the label has not two values.
func Scan(view table.View, label string, test func(x, y []float64) (Result, error)) (ScanResult, error) {
	first, groups, warning, err := split("Scan", view, label)
	if err != nil {
		return ScanResult{}, err
	}
	features := slices.DeleteFunc(view.Numeric().Features(), func(c table.Column) bool { return c.Name == label })
	out := ScanResult{Label: label, Data: view.Table().Name(), Groups: groups, Warnings: warning}
	out.run(features, func(c table.Column) (Result, error) {
		var x, y []float64
		for i, g := range first {
			switch v := c.At(view.Row(i)); g {
			case 1:
				x = append(x, v)
			case 2:
				y = append(y, v)
			}
		}
		r, err := test(x, y)
		if err != nil {
			return r, err
		}
		if math.IsNaN(r.Get("median x")) {
			x, _ = num.DropNaN(x)
			y, _ = num.DropNaN(y)
			r.Extra = append(r.Extra, Number{Name: "median x", Value: num.Median(x)}, Number{Name: "median y", Value: num.Median(y)})
		}
		return r, nil
	})
	return out, nil
}

// ScanCategorical runs the chi-square test of every categorical feature of the view
// against a categorical label of any number of levels, corrects by Holm, and sorts
// by Cramér's V. Missing levels are left out with a warning.
func ScanCategorical(view table.View, label string) (ScanResult, error) {
	if view.Rows() == 0 {
		return ScanResult{}, fmt.Errorf("hypothesis: ScanCategorical: the view has no rows")
	}
	c, err := view.Table().Lookup(label)
	if err != nil {
		return ScanResult{}, fmt.Errorf("hypothesis: ScanCategorical: %w", err)
	}
	classes := make([]string, view.Rows())
	for i := range classes {
		classes[i] = c.String(view.Row(i))
	}
	features := slices.DeleteFunc(view.Features(), func(c table.Column) bool { return c.Kind != table.CodeKind || c.Name == label })
	out := ScanResult{Label: label, Data: view.Table().Name()}
	out.run(features, func(c table.Column) (Result, error) {
		levels := make([]string, view.Rows())
		for i := range levels {
			levels[i] = c.String(view.Row(i))
		}
		r, err := ChiSquare(levels, classes)
		r.Groups = []string{c.Name, label}
		return r, err
	})
	return out, nil
}

// run tests the features side by side and puts the results into order.
func (s *ScanResult) run(features []table.Column, test func(table.Column) (Result, error)) {
	type outcome struct {
		r   Result
		err error
	}
	all, _ := par.Map(context.Background(), len(features), func(_ context.Context, i int) (outcome, error) {
		r, err := test(features[i])
		return outcome{r, err}, nil
	})
	for i, o := range all {
		if o.err != nil {
			s.Skipped = append(s.Skipped, fmt.Sprintf("%s: %v", features[i].Name, o.err))
			continue
		}
		o.r.Subject, o.r.Data = features[i].Name, s.Data
		if s.Groups != nil {
			o.r.Groups = s.Groups
		}
		s.Results = append(s.Results, o.r)
	}
	s.Results = Holm(s.Results)
	slices.SortStableFunc(s.Results, func(a, b Result) int {
		return cmp.Compare(math.Abs(b.Effect-b.EffectNull), math.Abs(a.Effect-a.EffectNull))
	})
	s.name()
}

// name gives every result its measure prefix.
func (s *ScanResult) name() {
	prefix := s.ID
	if prefix == "" {
		prefix = "scan"
	}
	for i := range s.Results {
		s.Results[i].ID = prefix + "/" + s.Results[i].Subject
	}
}

// Named returns the scan with another measure prefix.
func (s ScanResult) Named(id string) ScanResult {
	s.ID = id
	s.Results = slices.Clone(s.Results)
	s.name()
	return s
}

// Of returns the result of one feature.
func (s ScanResult) Of(feature string) (Result, bool) {
	for _, r := range s.Results {
		if r.Subject == feature {
			return r, true
		}
	}
	return Result{}, false
}

// Exhibit shows one line a feature; the measures of every result stand below
// its own prefix.
func (s ScanResult) Exhibit() exhibit.Exhibit {
	if len(s.Results) == 0 {
		return exhibit.Exhibit{Notes: append([]string{fmt.Sprintf("No feature could be tested against %s.", s.Label)}, s.Skipped...)}
	}
	first := s.Results[0]
	g := exhibit.Grid{
		Title: title(fmt.Sprintf("%s of each feature by %s", first.Test, s.Label), "", s.Data),
		Caption: fmt.Sprintf("%d tests, Holm-corrected, sorted by the distance of %s from %g. Null hypothesis: %s.",
			len(s.Results), first.EffectName, first.EffectNull, first.Null),
	}
	for _, w := range append(s.warnings(), s.Warnings...) {
		g.Caption += " Note: " + w + "."
	}
	for _, sk := range s.Skipped {
		g.Caption += " Left out: " + sk + "."
	}
	numeric := s.Groups != nil
	g.Columns = []string{"feature"}
	if numeric {
		g.Columns = append(g.Columns, "median "+s.Groups[0], "median "+s.Groups[1])
	}
	g.Columns = append(g.Columns, first.StatisticName)
	if !numeric {
		g.Columns = append(g.Columns, "df")
	}
	g.Columns = append(g.Columns, "p", "p (Holm)", first.EffectName)
	var e exhibit.Exhibit
	for _, r := range s.Results {
		row := []exhibit.Cell{exhibit.Text(r.Subject)}
		if numeric {
			row = append(row, exhibit.Num(r.Get("median x")), exhibit.Num(r.Get("median y")))
		}
		row = append(row, exhibit.Num(r.Statistic))
		if !numeric {
			row = append(row, exhibit.Num(r.DF))
		}
		row = append(row, exhibit.P(r.P, r.Log10P), exhibit.P(r.PCorrected, r.Log10PCorrected), r.EffectCell())
		g.Rows = append(g.Rows, row)
		e.Measures = append(e.Measures, r.Measures(r.prefix()...)...)
	}
	e.Grids = []exhibit.Grid{g}
	return e
}

// warnings says which features carry one, without repeating it forty times.
func (s ScanResult) warnings() []string {
	n := 0
	example := ""
	for _, r := range s.Results {
		if len(r.Warnings) > 0 {
			if n == 0 {
				example = r.Subject + ": " + r.Warnings[0]
			}
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%d of %d tests carry a warning, the first of them %s", n, len(s.Results), example)}
}

// Sentence names the feature with the largest effect and counts what holds after
// correction.
func (s ScanResult) Sentence() string {
	if len(s.Results) == 0 {
		return fmt.Sprintf("No feature could be tested against %s.", s.Label)
	}
	n := 0
	for _, r := range s.Results {
		if r.PCorrected < 0.05 {
			n++
		}
	}
	top := s.Results[0]
	return fmt.Sprintf("%d of %d features differ at the 5 %% level after Holm's correction; the largest effect is that of %s (%s %s).",
		n, len(s.Results), top.Subject, top.EffectName, top.effectText())
}
