package hypothesis

import (
	"fmt"
	"math"

	"flowbook/internal/num"
)

// Alternative is the direction of a test.
type Alternative uint8

const (
	TwoSided Alternative = iota
	Greater              // the first group tends to be larger
	Less                 // the first group tends to be smaller
)

func (a Alternative) String() string { return [...]string{"two-sided", "greater", "less"}[a] }

// RankSum is the Mann-Whitney U test with its options; the zero value is
// MannWhitney's.
type RankSum struct {
	Alternative  Alternative
	NoContinuity bool    // leave out the continuity correction of ½
	Level        float64 // of the interval; 0 means 0.95
}

// MannWhitney tests whether two groups have the same distribution, against one of
// them tending to be larger [1]. Statistic: U of x, the number of pairs in which x
// is larger, ties counting one half. p is exact where the smaller group has at
// most 8 values and there are no ties; otherwise normal with tie and continuity
// correction (scipy's choices). Effect: A12 = U/(m·n) in [0, 1], the chance that a
// value of x is larger than one of y [2]; 0.5 is none. Its interval is DeLong's on
// the logit scale [3], or Newcombe's method 5 [4] where A12 is 0 or 1 or a group has
// fewer than 10 values. Extra: z (with the
// same corrections as p), and the medians.
//
// NaN are dropped with a warning. An empty group or an infinite value is an error.
// Time O(n log n).
//
// [1] Mann, Whitney (1947). [2] Vargha, Delaney (2000). [3] DeLong, DeLong,
// Clarke-Pearson (1988), Biometrics 44, 837-845. [4] Newcombe (2006), Statistics in
// Medicine 25, 559-573.
func MannWhitney(x, y []float64) (Result, error) { return RankSum{}.Test(x, y) }

// Test runs the test; see MannWhitney.
func (o RankSum) Test(x, y []float64) (Result, error) {
	if o.Level == 0 {
		o.Level = DefaultLevel
	}
	if !(o.Level > 0 && o.Level < 1) || o.Alternative > Less {
		return Result{}, fmt.Errorf("hypothesis: RankSum: Level is %g, Alternative %d; want a level in (0, 1) and TwoSided, Greater or Less", o.Level, o.Alternative)
	}
	r := blank("Mann-Whitney U", "the two groups have the same distribution")
	x, y, err := r.pair("MannWhitney", x, y, 1)
	if err != nil {
		return Result{}, err
	}
	x, y = num.Sorted(x), num.Sorted(y)
	steps := merge(x, y)
	m, n := float64(len(x)), float64(len(y))
	u, ties := 0.0, 0.0
	tied, largest := false, 0.0
	for _, s := range steps {
		u += s.x * (s.yBelow + s.y/2)
		t := s.x + s.y
		ties += t * (t*t - 1)
		tied = tied || t > 1
		largest = max(largest, t)
	}
	r.StatisticName, r.Statistic = "U", u
	r.EffectName, r.Effect, r.EffectNull, r.Level = "A12", u/(m*n), 0.5, o.Level

	total := m + n
	sd := math.Sqrt(m * n / 12 * ((total + 1) - ties/(total*(total-1))))
	z := 0.0 // that of the two-sided p
	if sd > 0 {
		z = math.Copysign(max(0, math.Abs(u-m*n/2)-o.continuity())/sd, u-m*n/2)
	}
	switch {
	case !tied && min(m, n) <= 8 && m*n*m*n <= 2e8:
		r.setTail(o.exact(len(x), len(y), u))
	case !(sd > 0):
		r.setTail(num.Tail{P: 1})
		r.warn("all values are equal")
	default:
		r.setTail(o.normal(u, m*n/2, sd))
	}
	r.EffectLow, r.EffectHigh, r.IntervalMethod = a12Interval(steps, r.Effect, m, n, o.Level)
	r.Extra = []Number{{Name: "z", Value: z}, {Name: "median x", Value: num.Quantile(x, .5)}, {Name: "median y", Value: num.Quantile(y, .5)}}
	r.assumptions(m, n, largest, total, tied)
	r.says = rankSays{}
	return r, nil
}

func (r *Result) assumptions(m, n, largest, total float64, tied bool) {
	if share := largest / total; share > 0.25 && tied {
		r.warn("%.0f %% of all rows share one value", 100*share)
	}
	if floor := math.Exp(math.Log(2) - lchoose(m+n, m)); floor > 0.05 {
		r.warn("the smallest p that groups of %g and %g can give is %.2g: nothing can reach 0.05", m, n, min(1, floor))
	} else if min(m, n) < 10 {
		r.warn("the smaller group has %g values (smallest possible p %.2g)", min(m, n), floor)
	}
	if tied && min(m, n) <= 8 {
		r.warn("ties rule out the exact distribution; with %g values in a group the normal one is rough", min(m, n))
	}
}

func lchoose(n, k float64) float64 {
	a, _ := math.Lgamma(n + 1)
	b, _ := math.Lgamma(k + 1)
	c, _ := math.Lgamma(n - k + 1)
	return a - b - c
}

// step is one distinct value: how often each group has it, and how many of each
// lie below.
type step struct{ x, y, xBelow, yBelow float64 }

func merge(x, y []float64) []step {
	var out []step
	for i, j := 0, 0; i < len(x) || j < len(y); {
		var v float64
		if j == len(y) || i < len(x) && x[i] <= y[j] {
			v = x[i]
		} else {
			v = y[j]
		}
		s := step{xBelow: float64(i), yBelow: float64(j)}
		for ; i < len(x) && x[i] == v; i++ {
			s.x++
		}
		for ; j < len(y) && y[j] == v; j++ {
			s.y++
		}
		out = append(out, s)
	}
	return out
}

func (o RankSum) normal(u, mean, sd float64) num.Tail {
	c := o.continuity()
	switch o.Alternative {
	case Greater:
		return num.NormalTail((u - mean - c) / sd)
	case Less:
		return num.NormalTail((mean - u - c) / sd)
	}
	return num.NormalTail((math.Abs(u-mean) - c) / sd).Times(2)
}

func (o RankSum) continuity() float64 {
	if o.NoContinuity {
		return 0
	}
	return 0.5
}

// exact is the permutation distribution of U without ties, by the recurrence of
// Mann and Whitney (1947) in its probability form, which has no large numbers:
// P(m,n,u) = m/(m+n)·P(m-1,n,u-n) + n/(m+n)·P(m,n-1,u).
func (o RankSum) exact(m, n int, u float64) num.Tail {
	if m > n {
		m, n, u = n, m, float64(m*n)-u
		o.Alternative = [...]Alternative{TwoSided, Less, Greater}[o.Alternative]
	}
	row := make([][]float64, m+1) // row[i]: the distribution for i and j values
	for i := range row {
		row[i] = []float64{1}
	}
	for j := 1; j <= n; j++ {
		for i := 1; i <= m; i++ {
			next := make([]float64, i*j+1)
			a, b := float64(i)/float64(i+j), float64(j)/float64(i+j)
			for k, p := range row[i-1] { // already of i-1 and j
				next[k+j] += a * p
			}
			for k, p := range row[i] { // of i and j-1
				next[k] += b * p
			}
			row[i] = next
		}
	}
	above := func(u float64) float64 { // P(U ≥ u), from the small end
		s := 0.0
		for k := len(row[m]) - 1; k >= int(u); k-- {
			s += row[m][k]
		}
		return s
	}
	top := float64(m * n)
	p := 0.0
	switch o.Alternative {
	case Greater:
		p = above(u)
	case Less:
		p = above(top - u)
	default:
		p = 2 * above(max(u, top-u))
	}
	p = min(1, p)
	return num.Tail{P: p, Log10: math.Log10(p)}
}

type rankSays struct{}

func (rankSays) sentence(r Result) string {
	word, share := "higher", r.Effect
	if r.Effect < 0.5 {
		word, share = "lower", 1-r.Effect
	}
	return fmt.Sprintf("%s rows have %s %s than %s rows in %.1f %% of pairs, ties counting one half (A12 %s; U %s, %s), which is %s.",
		r.group(0), word, r.subject(), r.group(1), 100*share, r.effectText(), fmt.Sprintf("%.10g", r.Statistic), r.pText(), r.verdict())
}
