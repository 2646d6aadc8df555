package eval

import (
	"context"
	"fmt"
	"math"

	"flowbook/internal/exhibit"
	"flowbook/internal/num"
	"flowbook/internal/par"
	"flowbook/internal/rng"
)

// Chance is what a curve looks like where there is nothing to find: the third step of
// [1] at Specifications.
type Chance struct {
	Draws      int
	Medians    []float64 // of each draw's curve
	Supporting []int     // analyses of each draw that support the claim

	// The chance of a median estimate as far from Null as that of the data, on either
	// side, and of as many analyses that support the claim: (1 + draws like that) /
	// (1 + draws), never 0 (Phipson, Smyth 2010, SAGMB 9:39).
	MedianP, ShareP float64

	curve *Curve
}

// Under makes all analyses of the curve on data without the effect, draws times: analyse
// breaks it, by shuffling what the claim is about with the given seed, which is the same
// for all analyses of a draw, for they must meet the same data. Units that belong
// together must be shuffled together. A draw whose curve cannot tell counts as far off.
// It costs draws times the analyses. Seeds are Seed.At("under").Index("draw", i).
func (c *Curve) Under(ctx context.Context, draws int, analyse func(ctx context.Context, s Specification, draw rng.Seed) (Finding, error)) (*Chance, error) {
	s := c.Specifications
	if draws < 1 {
		return nil, fmt.Errorf("eval: %s: %d draws; want at least 1", s.Name, draws)
	}
	list := make([]Specification, len(c.List))
	for i, a := range c.List {
		list[i] = a.Specification
	}
	task := par.Track(ctx, fmt.Sprintf("%s: %d analyses under the null hypothesis", s.Name, len(list)), draws)
	defer task.Done()
	quiet := par.WithProgress(ctx, nil)
	out := &Chance{Draws: draws, curve: c}
	far, many := 0, 0
	off := math.Abs(c.Median() - s.Null)
	for d := range draws {
		seed := s.Seed.At("under").Index("draw", d)
		found, err := s.analyse(quiet, list, func(ctx context.Context, s Specification) (Finding, error) { return analyse(ctx, s, seed) })
		if err != nil {
			return nil, fmt.Errorf("%w (draw %d of %d)", err, d, draws)
		}
		drawn := Curve{Specifications: s, List: found}
		out.Medians, out.Supporting = append(out.Medians, drawn.Median()), append(out.Supporting, drawn.Supporting())
		if !(math.Abs(out.Medians[d]-s.Null) < off) {
			far++
		}
		if out.Supporting[d] >= c.Supporting() {
			many++
		}
		task.Add(1)
	}
	out.MedianP, out.ShareP = float64(1+far)/float64(1+draws), float64(1+many)/float64(1+draws)
	if math.IsNaN(off) {
		out.MedianP = math.NaN()
	}
	return out, nil
}

// Exhibit shows the curve's median and share beside those of the draws.
//
// Measures are NAME/specifications/median-p and NAME/specifications/share-p.
func (c *Chance) Exhibit() exhibit.Exhibit {
	s, n := c.curve.Specifications, float64(len(c.curve.List))
	shares := make([]float64, c.Draws)
	for d := range shares {
		shares[d] = float64(c.Supporting[d]) / n
	}
	known, _ := num.DropNaN(c.Medians)
	middle := func(x []float64) exhibit.Cell {
		x = num.Sorted(x)
		return exhibit.Between(num.Quantile(x, 0.5), num.Quantile(x, (1-s.Level)/2), num.Quantile(x, (1+s.Level)/2), s.Level)
	}
	return exhibit.Exhibit{
		Grids: []exhibit.Grid{{
			Title: fmt.Sprintf("%s: the curve and chance", s.Name),
			Caption: fmt.Sprintf("All %d analyses of the data, and of %d draws in which there is nothing to find: the median over draws, and where %g %% of them lie. "+
				"p is the share of draws, and the data, that are as far off.", len(c.curve.List), c.Draws, 100*s.Level),
			Columns: []string{"", "data", "draws", "p"},
			Rows: [][]exhibit.Cell{
				{exhibit.Text("median " + s.Estimate), exhibit.Num(c.curve.Median()), middle(known), exhibit.P(c.MedianP, math.Log10(c.MedianP))},
				{exhibit.Text("share that supports the claim"), exhibit.Num(c.curve.Share()), middle(shares), exhibit.P(c.ShareP, math.Log10(c.ShareP))},
			},
		}},
		Measures: []exhibit.Measure{
			exhibit.Number(exhibit.ID(s.Name, "specifications", "median-p"), c.MedianP, c.Draws),
			exhibit.Number(exhibit.ID(s.Name, "specifications", "share-p"), c.ShareP, c.Draws),
		},
	}
}
