package nslkdd

import (
	"math"
	"testing"

	"flowbook/internal/num"
	"flowbook/internal/rng"
)

// TestFill draws a made-up stratum: rank correlations come out as calibrated, levels
// and cells with exactly their rows, pooled cells evenly.
func TestFill(t *testing.T) {
	const n = 4000
	s := &Stratum{
		Rows:  n,
		Types: []TypeCount{{Attack: Normal, Rows: n}},
		Cells: []Cell{
			{Rows: 1000, Of: [][3]string{{"udp", "private", "SF"}, {"udp", "other", "SF"}}},
			{Rows: 3000, Of: [][3]string{{"tcp", "http", "SF"}}},
		},
		Margins: []Margin{
			{Column: "src_bytes", Rest: n, Quantiles: []float64{100, 200, 900}},
			{Column: "dst_bytes", Zero: 1000, Rest: 3000, Quantiles: []float64{10, 20, 90}},
			{Column: "hot", Levels: [][2]float64{{0, 3990}, {2, 10}}},
			{Column: "logged_in", Levels: [][2]float64{{1, n}}},
		},
	}
	copula := Copula{Columns: []string{cellColumn, "count", "src_bytes", "dst_bytes", "hot"},
		Hundredths: []int{
			99, // of a column that the stratum lacks
			0, 0,
			0, 0, 80,
			0, 0, 0, 0,
		}}
	p, err := newSampler(s, []Copula{copula})
	if err != nil {
		t.Fatal(err)
	}
	sheet := newSheet(n)
	p.fill(sheet, 0, n, rng.New(1).Rand())
	out, in := sheet.column[srcBytes], sheet.column[dstBytes]
	// A quarter of dst_bytes is tied at zero, which costs a little of the 0.8.
	if rho := num.Spearman(out, in); !(math.Abs(rho-.8) <= .03) {
		t.Errorf("rank correlation %.3f, want about 0.8", rho)
	}
	count := func(column string, value float64) (rows int) {
		for _, v := range sheet.column[columnIndex[column]] {
			if v == value {
				rows++
			}
		}
		return rows
	}
	for _, c := range []struct {
		column string
		value  float64
		want   int
	}{{"dst_bytes", 0, 1000}, {"hot", 2, 10}, {"hot", 0, 3990}, {"logged_in", 1, n}, {"count", 0, n}, {"protocol_type", tcp, 3000}} {
		if got := count(c.column, c.value); got != c.want {
			t.Errorf("%s is %v in %d rows, want %d", c.column, c.value, got, c.want)
		}
	}
	pooled := make(map[[3]string]int)
	for i := range n {
		pooled[cellName(cellCode(sheet, i))]++
	}
	for _, name := range s.Cells[0].Of {
		if pooled[name] != 500 {
			t.Errorf("%v has %d rows, want half of 1000", name, pooled[name])
		}
	}
}

// TestSamplerErrors: a calibration that does not fit the schema is refused by name.
func TestSamplerErrors(t *testing.T) {
	good := [][3]string{{"tcp", "http", "SF"}}
	for _, s := range []*Stratum{
		{Cells: []Cell{{Rows: 20, Of: [][3]string{{"tcp", "no such", "SF"}}}}},
		{Cells: []Cell{{Rows: 20, Of: good}}, Margins: []Margin{{Column: "no such", Rest: 20, Quantiles: []float64{1}}}},
		{Cells: []Cell{{Rows: 20, Of: good}}, Margins: []Margin{{Column: "hot", Rest: 20, Quantiles: []float64{1, 2}}}},
	} {
		if _, err := newSampler(s, []Copula{{}}); err == nil {
			t.Errorf("stratum %+v was accepted", s)
		}
	}
}
