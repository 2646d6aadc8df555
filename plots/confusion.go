package plots

import (
	"fmt"
	"math"
	"strings"

	"flowbook/internal/exhibit"
)

// Confusion draws a confusion matrix: true classes down, predicted ones across.
// A cell shows its count and its share of the row; the share is its colour, so
// that the diagonal reads as recall also where classes differ in size.
type Confusion struct {
	Name, Title, Caption, XLabel, YLabel string
	Size                                 Size

	Classes []string
	Counts  [][]int // [true][predicted]
}

// Exhibit shows the figure.
func (c Confusion) Exhibit() exhibit.Exhibit { return c.Figure().Exhibit() }

// Figure draws the matrix.
func (c Confusion) Figure() exhibit.Figure {
	total, correct := 0, 0
	truth := make([]string, len(c.Counts))
	var recalls []string
	shares := make([][]float64, len(c.Counts))
	for i, row := range c.Counts {
		sum := 0
		for j, n := range row {
			sum += n
			if i == j {
				correct += n
			}
		}
		total += sum
		if i < len(c.Classes) {
			truth[i] = fit(typeset(tickSize, ink), c.Classes[i], 130)
		}
		if sum > 0 && i < len(row) {
			recalls = append(recalls, truth[i]+" "+percentage(float64(row[i])/float64(sum)))
		}
		truth[i] += " (" + count(sum) + ")"
		shares[i] = make([]float64, len(row))
		for j, n := range row {
			shares[i][j] = math.NaN() // of no rows
			if sum > 0 {
				shares[i][j] = float64(n) / float64(sum)
			}
		}
	}
	cells := newCells(shares)
	s := newSheet("Confusion matrix", c.Name, c.Title, c.Caption, c.XLabel, c.YLabel, c.Size, 640, cells.height(truth, c.Classes))
	s.grid, s.above = gridNone, barHeight
	s.labelX("predicted class")
	s.labelY("true class (rows)")
	if total > 0 {
		s.fact(fmt.Sprintf("%s rows, %s on the diagonal", count(total), count(correct)))
		s.hint("Share on the diagonal: " + strings.Join(recalls[:min(8, len(recalls))], ", "))
		a := axis{percent: true}
		cells.axes(s, truth, c.Classes)
		cells.color = func(i, j int) float64 { return cells.values[i][j] }
		cells.label = func(i, j int) []string {
			if j >= len(c.Counts[i]) || math.IsNaN(cells.values[i][j]) {
				return []string{"–"}
			}
			if c.Counts[i][j] == 0 {
				return []string{"0"}
			}
			return []string{count(c.Counts[i][j]), share(cells.values[i][j]) + " %"}
		}
		s.draw(func(p pen) {
			cells.draw(p, blues)
			colorBar(p, blues, 0, 1, a, "share of the true class")
		})
	}
	return s.figure()
}
