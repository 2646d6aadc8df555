package hypothesis

import (
	"fmt"
	"slices"
	"sort"

	"flowbook/internal/exhibit"
	"flowbook/internal/num"
)

// DecileTest asks whether the share of positive rows changes along a number,
// in whatever shape: it sees a U where a test of means sees nothing.
type DecileTest struct {
	Result  // chi-square of bin against class
	Outcome string
	Bins    []Bin
}

// Bin is one tenth of the rows, or more where ties join several.
type Bin struct {
	Low, High           float64 // smallest and largest value in it
	N, Hits             int
	Share               float64 // Hits/N
	ShareLow, ShareHigh float64 // Wilson interval at 95 %
}

// Deciles cuts x at its deciles (type 7; bins are open below and closed above) and
// tests bin against y by chi-square. Equal values stay together: where cuts
// coincide the bins are joined, so that there may be fewer than ten (cutting by rank
// would put equal rows into different bins by their order in the file). NaN in x are
// left out with a warning. Errors: lengths that differ, one class only, or so many
// ties that one bin is left.
func Deciles(x []float64, y []bool) (DecileTest, error) {
	if len(x) != len(y) {
		return DecileTest{}, fmt.Errorf("hypothesis: Deciles: %d values for %d rows", len(x), len(y))
	}
	x, y, dropped := drop(x, y)
	sorted := num.Sorted(x)
	var cuts []float64 // upper ends
	for q := 1; q <= 10; q++ {
		cuts = append(cuts, num.Quantile(sorted, float64(q)/10))
	}
	cuts = slices.Compact(cuts)
	bins := make([]Bin, len(cuts))
	for i, v := range x {
		b := &bins[min(sort.SearchFloat64s(cuts, v), len(cuts)-1)]
		if b.N == 0 || v < b.Low {
			b.Low = v
		}
		if b.N == 0 || v > b.High {
			b.High = v
		}
		b.N++
		if y[i] {
			b.Hits++
		}
	}
	c := Contingency{Cols: []string{"negative", "positive"}}
	for i := range bins {
		b := &bins[i]
		if b.N == 0 {
			continue
		}
		b.Share = float64(b.Hits) / float64(b.N)
		b.ShareLow, b.ShareHigh = num.Wilson(b.Hits, b.N, DefaultLevel)
		c.Rows = append(c.Rows, fmt.Sprint(i+1))
		c.Count = append(c.Count, []int{b.N - b.Hits, b.Hits})
	}
	bins = slices.DeleteFunc(bins, func(b Bin) bool { return b.N == 0 })
	r, err := ChiSquareOf(c)
	if err != nil {
		return DecileTest{}, fmt.Errorf("hypothesis: Deciles: %w", err)
	}
	r.Test, r.Null = "chi-square over deciles", "the share of positive rows is the same in every tenth"
	if dropped > 0 {
		r.warn("%d missing values were left out", dropped)
	}
	if len(bins) < 10 {
		r.warn("ties leave %d bins of 10", len(bins))
	}
	r.says = nil
	return DecileTest{Result: r, Bins: bins, Outcome: "positive rows"}, nil
}

// Exhibit shows the test and the bins.
func (d DecileTest) Exhibit() exhibit.Exhibit {
	e := d.Result.Exhibit()
	g := exhibit.Grid{Title: title("Shares by decile", d.Subject, d.Data),
		Caption: fmt.Sprintf("Share of %s in each tenth of %d rows, with 95 %% Wilson intervals.", d.Outcome, d.Rows()),
		Columns: []string{"bin", "from", "to", "rows", "share"}}
	for i, b := range d.Bins {
		g.Rows = append(g.Rows, []exhibit.Cell{exhibit.Count(i + 1), exhibit.Num(b.Low), exhibit.Num(b.High), exhibit.Count(b.N),
			exhibit.Between(b.Share, b.ShareLow, b.ShareHigh, DefaultLevel)})
		e.Measures = append(e.Measures, exhibit.Measure{ID: measureID(d.ID, "share", fmt.Sprintf("bin %d", i+1)),
			Value: b.Share, Low: b.ShareLow, High: b.ShareHigh, Level: DefaultLevel, Rows: b.N})
	}
	e.Grids = append(e.Grids, g)
	return e
}

// Sentence gives the share in the first, the lowest and the last bin.
func (d DecileTest) Sentence() string {
	low := 0
	for i, b := range d.Bins {
		if b.Share < d.Bins[low].Share {
			low = i
		}
	}
	first, least, last := d.Bins[0], d.Bins[low], d.Bins[len(d.Bins)-1]
	return fmt.Sprintf("By decile of %s the share of %s starts at %.1f %%, is lowest at %.1f %% (%s to %s) and ends at %.1f %% (chi2 %s, df %s, %s; Cramer's V %s).",
		d.subject(), d.Outcome, 100*first.Share, 100*least.Share, sig(least.Low), sig(least.High), 100*last.Share,
		sig(d.Statistic), sig(d.DF), d.pText(), d.effectText())
}
