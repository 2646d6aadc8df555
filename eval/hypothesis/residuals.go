package hypothesis

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/exhibit"
	"flowbook/internal/num"
)

// Residuals says which cells make a chi-square large.
type Residuals struct {
	ID      string // prefix of the measures
	Subject string // what the levels are levels of: "service"
	Data    string // the rows it was done on: "KDDTest+"
	Cells   []Residual
	Alpha   float64 // a cell sticks out where its Holm-corrected p is below; 0.05
	Rows    int
}

// Residual is one cell of a contingency table.
type Residual struct {
	Level, Class string
	Count, Total int     // rows of this level and class; rows of this level
	Share        float64 // Count/Total
	Expected     float64 // count under independence
	Value        float64 // adjusted standardised residual: normal(0, 1) under independence
	P, Log10P    float64 // two-sided
	PHolm        float64 // corrected over all cells shown
	Log10PHolm   float64
}

// ResidualsOf returns the adjusted standardised residuals
// (O-E)/√(E·(1-row/n)·(1-col/n)) of a table (Haberman 1973), with normal p-values
// corrected by Holm, the largest in size first. In a table of two columns the second
// mirrors the first and is left out; class names the column to keep ("" for the
// first). In wider tables class picks one column, "" all.
func ResidualsOf(c Contingency, class string) (Residuals, error) {
	if err := c.check("ResidualsOf"); err != nil {
		return Residuals{}, err
	}
	if class == "" && len(c.Cols) == 2 {
		class = c.Cols[0]
	}
	if class != "" && !slices.Contains(c.Cols, class) {
		return Residuals{}, fmt.Errorf("hypothesis: ResidualsOf: no column %q; there are %q", class, c.Cols)
	}
	rows, cols, n := c.margins()
	out := Residuals{Alpha: 0.05, Rows: int(n)}
	var tails []num.Tail
	for i, level := range c.Rows {
		for j, col := range c.Cols {
			if class != "" && col != class {
				continue
			}
			e := rows[i] * cols[j] / n
			k := c.Count[i][j]
			r := Residual{Level: level, Class: col, Count: k, Total: int(rows[i]), Share: float64(k) / rows[i], Expected: e,
				Value: (float64(k) - e) / math.Sqrt(e*(1-rows[i]/n)*(1-cols[j]/n))}
			t := num.NormalTail(math.Abs(r.Value)).Times(2)
			r.P, r.Log10P = t.P, t.Log10
			tails = append(tails, t)
			out.Cells = append(out.Cells, r)
		}
	}
	for i, t := range num.Holm(tails) {
		out.Cells[i].PHolm, out.Cells[i].Log10PHolm = t.P, t.Log10
	}
	slices.SortStableFunc(out.Cells, func(a, b Residual) int { return cmp.Compare(math.Abs(b.Value), math.Abs(a.Value)) })
	return out, nil
}

// Outstanding returns the cells whose corrected p is below Alpha.
func (r Residuals) Outstanding() []Residual {
	var out []Residual
	for _, c := range r.Cells {
		if c.PHolm < r.Alpha {
			out = append(out, c)
		}
	}
	return out
}

// Exhibit shows the cells that stick out; all cells go to the measures.
func (r Residuals) Exhibit() exhibit.Exhibit {
	out := r.Outstanding()
	subject := r.subject()
	g := exhibit.Grid{
		Title: title("Levels that stick out", subject, r.Data),
		Caption: fmt.Sprintf("Adjusted standardised residuals (Haberman 1973) of %d rows: %d of %d cells have a Holm-corrected p below %g.",
			r.Rows, len(out), len(r.Cells), r.Alpha),
		Columns: []string{subject, "class", "rows of the level", "of the class", "share", "expected", "residual", "p (Holm)"},
		Folded:  len(out) > 25,
	}
	for _, c := range out {
		g.Rows = append(g.Rows, []exhibit.Cell{exhibit.Text(c.Level), exhibit.Text(c.Class), exhibit.Count(c.Total), exhibit.Count(c.Count),
			exhibit.Percent(c.Share), exhibit.Num(c.Expected), exhibit.Num(c.Value), exhibit.P(c.PHolm, c.Log10PHolm)})
	}
	e := exhibit.Exhibit{Grids: []exhibit.Grid{g}}
	for _, c := range r.Cells {
		e.Measures = append(e.Measures, exhibit.Number(measureID(r.ID, "residual", c.Level, c.Class), c.Value, c.Total))
	}
	return e
}

func (r Residuals) subject() string {
	if r.Subject == "" {
		return "level"
	}
	return r.Subject
}

// Sentence names the levels that stick out furthest in each direction.
func (r Residuals) Sentence() string {
	out := r.Outstanding()
	if len(out) == 0 {
		return fmt.Sprintf("No level of %s departs from independence at the %g %% level after Holm's correction.", r.subject(), 100*r.Alpha)
	}
	name := func(sign float64) string {
		s := ""
		for k, n := 0, 0; k < len(out) && n < 3; k++ {
			if c := out[k]; c.Value*sign > 0 {
				if n > 0 {
					s += ", "
				}
				s += fmt.Sprintf("%s (%.1f %% of %d %s)", c.Level, 100*c.Share, c.Total, c.Class)
				n++
			}
		}
		if s == "" {
			return "none"
		}
		return s
	}
	return fmt.Sprintf("%d of %d levels of %s depart from independence after Holm's correction; most over-represented: %s; most under-represented: %s.",
		len(out), len(r.Cells), r.subject(), name(1), name(-1))
}
