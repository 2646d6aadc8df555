package metric

import (
	"slices"

	"flowbook/internal/exhibit"
	"flowbook/internal/num"
)

// Confusion counts rows by true and predicted class, each row once.
type Confusion struct {
	Title   string
	Classes []string
	Counts  [][]int // Counts[true][predicted]
}

// NewConfusion counts an outcome. Rows with a NaN among their scores are not told
// apart here: check the metrics. It panics where the lengths in o do not fit.
func NewConfusion(title string, o Outcome) Confusion {
	o.check("confusion")
	k := len(o.Classes)
	c := Confusion{Title: title, Classes: o.Classes, Counts: make([][]int, k)}
	for t := range c.Counts {
		c.Counts[t] = make([]int, k)
	}
	for i, t := range o.Truth {
		c.Counts[t][o.Predicted(i)]++
	}
	return c
}

// Rows is the number of rows counted.
func (c Confusion) Rows() (n int) {
	for t := range c.Counts {
		n += c.Support(t)
	}
	return n
}

// Support is the number of rows of a class.
func (c Confusion) Support(class int) (n int) {
	for _, v := range c.Counts[class] {
		n += v
	}
	return n
}

// Answers is the number of rows predicted as a class.
func (c Confusion) Answers(class int) (n int) {
	for _, row := range c.Counts {
		n += row[class]
	}
	return n
}

// Recall is the share of a class's rows that were predicted right; NaN without rows.
func (c Confusion) Recall(class int) float64 {
	return float64(c.Counts[class][class]) / float64(c.Support(class))
}

// Precision is the share of a class's predictions that were right; NaN without any.
func (c Confusion) Precision(class int) float64 {
	return float64(c.Counts[class][class]) / float64(c.Answers(class))
}

// Grid shows the counts, one line a true class, with the recall of each, and the
// precision of each column below.
func (c Confusion) Grid() exhibit.Grid {
	g := exhibit.Grid{
		Title:   c.Title,
		Caption: "Lines are true classes, columns predicted ones; recall with its 95 % Wilson interval.",
		Columns: slices.Concat([]string{"true class"}, c.Classes, []string{"rows", "recall"}),
	}
	last := []exhibit.Cell{exhibit.Text("precision")}
	for t, name := range c.Classes {
		row := []exhibit.Cell{exhibit.Text(name)}
		for _, n := range c.Counts[t] {
			row = append(row, exhibit.Count(n))
		}
		low, high := num.Wilson(c.Counts[t][t], c.Support(t), 0.95)
		row = append(row, exhibit.Count(c.Support(t)), exhibit.Between(c.Recall(t), low, high, 0.95))
		g.Rows = append(g.Rows, row)
		last = append(last, exhibit.Num(c.Precision(t)))
	}
	last = append(last, exhibit.Count(c.Rows()), exhibit.Text(""))
	g.Rows = append(g.Rows, last)
	return g
}

// Exhibit shows the grid.
func (c Confusion) Exhibit() exhibit.Exhibit { return c.Grid().Exhibit() }
