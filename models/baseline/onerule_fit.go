package baseline

import (
	"math"
	"slices"

	"flowbook/internal/num"
)

// rows are what a rule is judged on.
type rows struct {
	labels  []int
	weights []float64 // nil: all 1
	k       int       // classes
}

// tally counts classes and turns into a Rule part by part.
type tally struct {
	*Rule
	all []float64
}

func (d rows) tally(missing []float64) tally {
	all := make([]float64, d.k)
	for i, c := range d.labels {
		all[c] += weightOf(d.weights, i)
	}
	t := tally{&Rule{}, all}
	for _, v := range all {
		t.total += v
	}
	t.rest = slices.Clone(all)
	normalize(t.rest)
	t.missing = t.judge(missing)
	return t
}

// judge counts what a part of the rule with these class counts gets right and
// returns its shares; nil if no row is in it.
func (t tally) judge(counts []float64) []float64 {
	total := 0.0
	for _, v := range counts {
		total += v
	}
	if total == 0 {
		return nil
	}
	t.right += counts[most(counts)]
	shares := slices.Clone(counts)
	normalize(shares)
	return shares
}

// levels makes the rule of a category; codes are those of training, 0 missing.
func (d rows) levels(codes []int32, levels int) *Rule {
	counts := make([][]float64, levels+1)
	for l := range counts {
		counts[l] = make([]float64, d.k)
	}
	for i, c := range codes {
		counts[c][d.labels[i]] += weightOf(d.weights, i)
	}
	t := d.tally(counts[0])
	t.parts = make([][]float64, levels+1)
	for l := 1; l <= levels; l++ {
		t.parts[l] = t.judge(counts[l])
	}
	return t.Rule
}

// intervals makes the rule of a number.
func (d rows) intervals(values []float64, bucket int) *Rule {
	// Values are sorted without their rows, which repeated values make quick; each row
	// then looks up its place.
	missing := make([]float64, d.k)
	distinct := make([]float64, 0, len(values))
	for i, x := range values {
		if !math.IsNaN(x) && weightOf(d.weights, i) != 0 {
			distinct = append(distinct, x+0) // one zero, not two
		}
	}
	slices.Sort(distinct)
	distinct = slices.Compact(distinct)
	flat := make([]float64, len(distinct)*d.k)
	counts := make([][]float64, len(distinct)) // class counts of each
	for j := range counts {
		counts[j] = flat[j*d.k : (j+1)*d.k : (j+1)*d.k]
	}
	for i, x := range values {
		switch w := weightOf(d.weights, i); {
		case w == 0:
		case math.IsNaN(x):
			missing[d.labels[i]] += w
		default:
			j, _ := slices.BinarySearch(distinct, x)
			counts[j][d.labels[i]] += w
		}
	}
	t := d.tally(missing)
	ends := best(counts, d.k)
	if bucket > 0 {
		ends = holte(counts, d.k, float64(bucket))
	}
	from := 0
	for _, end := range append(ends, len(counts)) {
		sum := make([]float64, d.k)
		for _, c := range counts[from:end] {
			add(sum, c)
		}
		t.parts = append(t.parts, t.judge(sum))
		if end < len(counts) {
			t.cuts = append(t.cuts, num.Midpoint(distinct[end-1], distinct[end]))
		}
		from = end
	}
	return t.Rule
}

// best returns the index of the distinct value that the upper side of the best
// single threshold begins with, the lowest of a tie; nothing where no threshold
// does better than the commonest class.
func best(counts [][]float64, k int) []int {
	low, high := make([]float64, k), make([]float64, k)
	for _, c := range counts {
		add(high, c)
	}
	var cut []int
	top := high[most(high)]
	for j := 0; j+1 < len(counts); j++ {
		for c, v := range counts[j] {
			low[c] += v
			high[c] -= v
		}
		if right := low[most(low)] + high[most(high)]; right > top {
			top, cut = right, []int{j + 1}
		}
	}
	return cut
}

// holte returns where the intervals of 1R begin, without the first: an interval
// grows until its commonest class has bucket rows and the next value's commonest
// class is another; neighbours with the same answer are joined [1, section 2.2].
func holte(counts [][]float64, k int, bucket float64) []int {
	var begins []int
	var answers []int
	sum := make([]float64, k)
	begin := 0
	for j, c := range counts {
		add(sum, c)
		last := j == len(counts)-1
		if !last && (sum[most(sum)] < bucket || most(counts[j+1]) == most(sum)) {
			continue
		}
		answer := most(sum)
		short := last && sum[answer] < bucket && len(answers) > 0 // a remainder joins the interval before
		if !short && (len(answers) == 0 || answers[len(answers)-1] != answer) {
			begins, answers = append(begins, begin), append(answers, answer)
		}
		begin = j + 1
		clear(sum)
	}
	if len(begins) == 0 {
		return nil
	}
	return begins[1:]
}

// most is the index of the largest count, the lowest of a tie.
func most(counts []float64) int {
	best := 0
	for c, v := range counts {
		if v > counts[best] {
			best = c
		}
	}
	return best
}

func add(sum, c []float64) {
	for i, v := range c {
		sum[i] += v
	}
}
