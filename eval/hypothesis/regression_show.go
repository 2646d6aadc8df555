package hypothesis

import (
	"fmt"
	"strings"

	"flowbook/internal/exhibit"
)

// Exhibit shows the coefficients and the likelihood-ratio test.
func (r Regression) Exhibit() exhibit.Exhibit {
	name := "Logistic regression"
	if strings.HasPrefix(r.Method, "Firth") {
		name += " with Firth's penalty"
	}
	g := exhibit.Grid{Title: title(name, r.Subject, r.Data),
		Caption: fmt.Sprintf("Odds of %s by %s; %d rows, %d of them positive; log-likelihood %.6g, intercept alone %.6g. Intervals: %g %%, %s.",
			r.Outcome, r.Method, r.N, r.Events, r.LogLik, r.Null, 100*r.Level, r.Interval),
		Columns: []string{"term", "coefficient", "SE", "z", "p", "odds ratio", "note"}}
	for _, w := range r.Warnings {
		g.Caption += " Note: " + w + "."
	}
	e := exhibit.Exhibit{}
	for _, c := range append([]Coefficient{r.Intercept}, r.Terms...) {
		note := ""
		odds := exhibit.Between(c.Odds, c.OddsLow, c.OddsHigh, r.Level)
		value := exhibit.Between(c.Value, c.Low, c.High, r.Level)
		if c.Separated {
			note = "separated"
			if r.Method == "maximum likelihood" {
				value, odds = exhibit.Text(infinite(c.Value)), exhibit.Text("–")
			}
		}
		g.Rows = append(g.Rows, []exhibit.Cell{exhibit.Text(c.Name), value, exhibit.Num(c.SE), exhibit.Num(c.Z), exhibit.P(c.P, c.Log10P), odds, exhibit.Text(note)})
		e.Measures = append(e.Measures, exhibit.Measure{ID: measureID(r.ID, "coefficient", c.Name), Value: c.Value, Low: c.Low, High: c.High, Level: r.Level, Rows: r.N},
			exhibit.Number(measureID(r.ID, "p", c.Name), c.P, r.N))
	}
	t := r.LRT
	t.ID, t.Subject, t.Data, t.Warnings = r.ID, r.Subject, r.Data, nil
	t.Test = name + ", " + t.Test
	lrt := t.Exhibit()
	e.Grids = append([]exhibit.Grid{g}, lrt.Grids...)
	e.Measures = append(e.Measures, exhibit.Number(measureID(r.ID, "log-likelihood"), r.LogLik, r.N))
	e.Measures = append(e.Measures, lrt.Measures...)
	return e
}

func infinite(v float64) string {
	if v < 0 {
		return "-∞"
	}
	return "+∞"
}

// Sentence reads the model's test and its strongest term that can be estimated.
func (r Regression) Sentence() string {
	s := fmt.Sprintf("The model of %s on %s has a likelihood ratio of %s (df %s, %s)", r.Outcome, plural(len(r.Terms), "term", "terms"), sig(r.LRT.Statistic), sig(r.LRT.DF), r.LRT.pText())
	best := -1
	for j, c := range r.Terms {
		if (!c.Separated || r.Method != "maximum likelihood") && (best < 0 || c.Log10P < r.Terms[best].Log10P) {
			best = j
		}
	}
	if best >= 0 {
		c := r.Terms[best]
		s += fmt.Sprintf("; %s multiplies the odds by %s (%g %% CI %s to %s)", c.Name, sig(c.Odds), 100*r.Level, sig(c.OddsLow), sig(c.OddsHigh))
		if c.Low < 0 && c.High > 0 {
			s += ", an interval that contains 1: the data cannot tell the direction"
		}
	}
	if len(r.Separated) > 0 {
		s += fmt.Sprintf("; %s the classes", plural(len(r.Separated), "term separates", "terms separate"))
	}
	return s + "."
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
