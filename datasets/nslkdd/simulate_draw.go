package nslkdd

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"

	"flowbook/internal/par"
	"flowbook/internal/rng"
	"flowbook/internal/table"
)

// drawn is a part under construction.
type drawn struct {
	*sheet
	samplers []*sampler
	stratum  []uint16 // of each row
}

// drawPart draws all strata of a part, each with its own seed.
func drawPart(ctx context.Context, p *Part, seed rng.Seed, size Size) (*drawn, error) {
	want := p.shares(size)
	total := 0
	for _, w := range want {
		for _, n := range w {
			total += n
		}
	}
	d := &drawn{sheet: newSheet(total), stratum: make([]uint16, total)}
	type span struct{ lo, hi int }
	spans := make([]span, len(want))
	at := 0
	for i, w := range want {
		first := at
		for j, n := range w {
			a := slices.Index(attacks, p.Strata[i].Types[j].Attack)
			if a < 0 {
				return nil, fmt.Errorf("calibration names attack %q, which attacks.go does not know", p.Strata[i].Types[j].Attack)
			}
			for range n {
				d.attack[at], d.stratum[at] = uint8(a), uint16(i)
				at++
			}
		}
		spans[i] = span{first, at}
	}
	var err error
	d.samplers, err = par.Map(ctx, len(p.Strata), func(_ context.Context, i int) (*sampler, error) {
		return newSampler(&p.Strata[i], p.Copulas)
	})
	if err != nil {
		return nil, err
	}
	_, err = par.Map(ctx, len(spans), func(_ context.Context, i int) (struct{}, error) {
		d.samplers[i].fill(d.sheet, spans[i].lo, spans[i].hi, seed.Index("stratum", i).Rand())
		for r := spans[i].lo; r < spans[i].hi; r++ {
			d.obey(r)
		}
		return struct{}{}, nil
	})
	return d, err
}

// redraw fills row i anew.
func (d *drawn) redraw(i int, g *rand.Rand, correlated bool) {
	d.samplers[d.stratum[i]].draw(d.sheet, i, g, correlated)
	d.obey(i)
}

// makeDistinct redraws every row whose features are in seen, and adds all to it.
// Real rows never repeat inside a file; the repeats between files are made by
// copyTwins. After eight tries the columns are drawn without correlation; the rare
// row that still repeats after 40 stays.
func (d *drawn) makeDistinct(seen map[uint64]bool, seed rng.Seed) (repeats int) {
	for i := range d.rows() {
		h := d.hash(i)
		if seen[h] {
			g := seed.Index("again", i).Rand()
			for try := 0; seen[h] && try < 40; try++ {
				d.redraw(i, g, try < 8)
				h = d.hash(i)
			}
			if seen[h] {
				repeats++
			}
		}
		seen[h] = true
	}
	return repeats
}

// sampler draws the rows of one stratum.
type sampler struct {
	constant []constant
	active   []int    // columns in the copula's order; columnCount stands for the cell
	margin   []Margin // of each active column
	lower    []float64
	cells    []Cell
	cellRows float64
	codes    [][][3]float64 // of each cell: protocol, service and flag
	mixed    bool           // holds rows of difficulty 21 and below
}

type constant struct {
	column int
	value  float64
}

// newSampler prepares the Cholesky factor of a stratum.
func newSampler(s *Stratum, copulas []Copula) (*sampler, error) {
	p := &sampler{cells: s.Cells}
	for _, c := range s.Cells {
		p.cellRows += float64(c.Rows)
		var list [][3]float64
		for _, name := range c.Of {
			var code [3]float64
			for k, levels := range [][]string{protocols, services, flags} {
				j, ok := slices.BinarySearch(levels, name[k])
				if !ok {
					return nil, fmt.Errorf("calibration names %q, want one of %q", name[k], levels)
				}
				code[k] = float64(j)
			}
			list = append(list, code)
		}
		p.codes = append(p.codes, list)
	}
	margins := make(map[int]Margin)
	for _, m := range s.Margins {
		k, ok := columnIndex[m.Column]
		if !ok || k == columnCount {
			return nil, fmt.Errorf("calibration names column %q, which the set does not have", m.Column)
		}
		if len(m.Levels) == 1 {
			p.constant = append(p.constant, constant{k, m.Levels[0][0]})
			continue
		}
		if k == difficultyColumn {
			p.mixed = m.at(1) == hardest
		}
		margins[k] = m
	}
	c := copulas[s.Copula]
	var from []int // places in the copula
	for j, name := range c.Columns {
		k := columnIndex[name]
		m, ok := margins[k]
		if ok || name == cellColumn && len(s.Cells) > 1 {
			p.active, p.margin, from = append(p.active, k), append(p.margin, m), append(from, j)
		}
		delete(margins, k)
	}
	if len(margins) > 0 {
		return nil, fmt.Errorf("calibration has %d margins without a correlation", len(margins))
	}
	p.lower = factor(len(from), func(a, b int) float64 {
		// Pearson's r of normals whose rank correlation is rho (Pearson 1907).
		return 2 * math.Sin(math.Pi/6*c.at(from[a], from[b]))
	})
	return p, nil
}

// at returns a rank correlation, a > b.
func (c Copula) at(a, b int) float64 { return float64(c.Hundredths[a*(a-1)/2+b]) / 100 }

// factor returns the Cholesky factor of a correlation matrix given below its
// diagonal. Rounded and converted entries need not form one: the matrix is drawn
// towards the identity, in steps, until it is positive definite.
func factor(n int, entry func(a, b int) float64) []float64 {
	l := make([]float64, n*n)
	for _, keep := range []float64{1, .999, .995, .99, .98, .96, .93, .9, .85, .8, .7, .6, .5, .3, 0} {
		if cholesky(l, n, func(a, b int) float64 { return keep * entry(a, b) }) {
			return l
		}
	}
	return l // not reached: the last matrix is the identity
}

func cholesky(l []float64, n int, entry func(a, b int) float64) bool {
	for a := range n {
		for b := range a {
			v := entry(a, b)
			for k := range b {
				v -= float64(l[a*n+k] * l[b*n+k])
			}
			l[a*n+b] = v / l[b*n+b]
		}
		d := 1.0
		for k := range a {
			d -= float64(l[a*n+k] * l[a*n+k])
		}
		if d < 1e-4 {
			return false
		}
		l[a*n+a] = math.Sqrt(d)
	}
	return true
}

// fill draws rows lo…hi-1 together: correlated normals whose ranks, jittered, pick
// the quantiles (Iman, Conover 1982, "A distribution-free approach to inducing rank
// correlation among input variables"). A level with m of the stratum's n rows then
// gets m of n drawn rows, not m on average.
func (p *sampler) fill(s *sheet, lo, hi int, g *rand.Rand) {
	n := hi - lo
	normal := make([][]float64, len(p.active))
	for a := range normal {
		normal[a] = make([]float64, n)
	}
	var z [columnCount + 1]float64
	for r := range n {
		p.setConstants(s, lo+r)
		for a := range p.active {
			z[a] = g.NormFloat64()
			normal[a][r] = p.correlate(a, &z)
		}
	}
	order := make([]int, n)
	for a := range p.active {
		for r := range order {
			order[r] = r
		}
		slices.SortFunc(order, func(b, c int) int { return cmp.Or(cmp.Compare(normal[a][b], normal[a][c]), b-c) })
		for rank, r := range order {
			p.set(s, lo+r, a, (float64(rank)+g.Float64())/float64(n))
		}
	}
}

// draw draws row i alone.
func (p *sampler) draw(s *sheet, i int, g *rand.Rand, correlated bool) {
	p.setConstants(s, i)
	var z [columnCount + 1]float64
	for a := range p.active {
		z[a] = g.NormFloat64()
		x := z[a]
		if correlated {
			x = p.correlate(a, &z)
		}
		p.set(s, i, a, math.Erfc(-x/math.Sqrt2)/2)
	}
}

// correlate returns the a-th correlated normal from independent ones.
func (p *sampler) correlate(a int, z *[columnCount + 1]float64) float64 {
	x := 0.0
	n := len(p.active)
	for b, w := range p.lower[a*n : a*n+a+1] {
		x += float64(w * z[b])
	}
	return x
}

// setConstants sets the columns that do not vary, and the cell where there is one.
func (p *sampler) setConstants(s *sheet, i int) {
	for k := range columnCount {
		s.column[k][i] = 0
	}
	for _, c := range p.constant {
		s.column[c.column][i] = c.value
	}
	p.setCell(s, i, .5)
}

// set puts the u-quantile of the a-th active column into row i.
func (p *sampler) set(s *sheet, i, a int, u float64) {
	if k := p.active[a]; k == columnCount {
		p.setCell(s, i, u)
	} else {
		s.column[k][i] = printedOf(k, p.margin[a].at(u))
	}
}

// setCell sets protocol, service and flag; a pool's members share it evenly.
func (p *sampler) setCell(s *sheet, i int, u float64) {
	u *= p.cellRows
	cell := 0
	for cell < len(p.cells)-1 && u >= float64(p.cells[cell].Rows) {
		u -= float64(p.cells[cell].Rows)
		cell++
	}
	of := p.codes[cell]
	member := min(int(u/float64(p.cells[cell].Rows)*float64(len(of))), len(of)-1)
	for k, code := range of[member] {
		s.column[protocolField+k][i] = code
	}
}

// printedOf rounds a value to what the file prints in column k.
func printedOf(k int, v float64) float64 {
	if k < FeatureCount && features[k].Kind == table.FloatKind {
		return twoDecimals(v)
	}
	return math.Round(v)
}

// at returns the u-quantile, 0 ≤ u ≤ 1. Between the quantiles of a column without
// an upper end it goes along log(1+v), else along v.
func (m *Margin) at(u float64) float64 {
	if m.Levels != nil {
		total := 0.0
		for _, l := range m.Levels {
			total += l[1]
		}
		u *= total
		for _, l := range m.Levels {
			if u -= l[1]; u < 0 {
				return l[0]
			}
		}
		return m.Levels[len(m.Levels)-1][0]
	}
	u = (u*float64(m.Zero+m.Rest) - float64(m.Zero)) / float64(m.Rest)
	n := len(m.Quantiles)
	if u < 0 {
		return 0
	}
	if n == 1 {
		return m.Quantiles[0]
	}
	j := sort.Search(n-1, func(j int) bool { return levelAt(j, n) > u })
	j = max(1, min(j, n-1))
	lo, hi := m.Quantiles[j-1], m.Quantiles[j]
	w := (u - levelAt(j-1, n)) / (levelAt(j, n) - levelAt(j-1, n))
	w = max(0, min(w, 1))
	if hi > 1000 && lo != hi {
		return math.Expm1(math.Log1p(lo) + float64(w*(math.Log1p(hi)-math.Log1p(lo))))
	}
	return lo + float64(w*(hi-lo))
}
