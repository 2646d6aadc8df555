package hypothesis

import (
	"fmt"
	"math"

	"flowbook/internal/num"
)

// McNemar tests whether two classifiers are right equally often on the same rows; only
// rows on which one is right and the other wrong tell [1]. p is exact (binomial), two-
// sided. Statistic: b, the rows that only the first has right. Effect: the odds b/c with
// the interval of Clopper and Pearson for b/(b+c); 0 or +Inf where one is empty. Extra:
// the difference of the two accuracies with the adjusted Wald interval of Bonett and
// Price [2], the mid-p [3], and c.
//
// Different lengths, or no rows, are errors. Without a row on which they differ p is 1.
// Rows must be independent: near copies of one attack are not, and p is then too small.
//
// [1] McNemar (1947), Psychometrika 12, 153-157. [2] Bonett, Price (2012), J. Educ.
// Behav. Stat. 37, 479-488. [3] Fagerland, Lydersen, Laake (2013), BMC Med. Res.
// Methodol. 13, 91.
func McNemar(first, second []bool) (Result, error) {
	r := blank("McNemar", "the two are right equally often")
	if len(first) != len(second) || len(first) == 0 {
		return Result{}, fmt.Errorf("hypothesis: McNemar: %d rows against %d; want as many, at least 1", len(first), len(second))
	}
	b, c := 0, 0
	for i, f := range first {
		switch {
		case f && !second[i]:
			b++
		case !f && second[i]:
			c++
		}
	}
	n, m := float64(len(first)), b+c
	r.N = []int{len(first)}
	r.StatisticName, r.Statistic = "b", float64(b)
	tail := binomialTail(min(b, c), m)
	r.setTail(tail.Times(2))
	r.EffectName, r.EffectNull, r.Level = "odds b/c", 1, DefaultLevel
	r.Effect = float64(b) / float64(c) // NaN for 0/0
	low, high := num.ClopperPearson(b, m, DefaultLevel)
	r.EffectLow, r.EffectHigh = low/(1-low), high/(1-high)
	r.IntervalMethod = "Clopper-Pearson on b/(b+c)"
	bb, cc, nn := float64(b)+1, float64(c)+1, n+2
	half := zOf(DefaultLevel) * math.Sqrt(bb+cc-(bb-cc)*(bb-cc)/nn) / nn
	middle := (bb - cc) / nn
	mid := r.P
	if b != c { // half of the chance of this very count, on either side
		l, _ := math.Lgamma(float64(m) + 1)
		lb, _ := math.Lgamma(float64(b) + 1)
		lc, _ := math.Lgamma(float64(c) + 1)
		mid = r.P - math.Exp(l-lb-lc-float64(m)*math.Ln2)
	}
	r.Extra = []Number{
		{Name: "difference in accuracy", Value: float64(b-c) / n, Low: max(-1, middle-half), High: min(1, middle+half), Level: DefaultLevel},
		{Name: "mid-p", Value: mid}, {Name: "c", Value: float64(c)},
	}
	if m < 6 {
		r.warn("the two differ on %d rows only: no p below 0.05 is possible", m)
	}
	r.says = mcnemarSays{}
	return r, nil
}

// binomialTail is P(X ≤ k) of n fair coins.
func binomialTail(k, n int) num.Tail {
	if k >= n {
		return num.Tail{P: 1}
	}
	l := num.LogBetaInc(float64(n-k), float64(k+1), 0.5, 0.5)
	return num.Tail{P: math.Exp(l), Log10: l / math.Ln10}
}

type mcnemarSays struct{}

func (mcnemarSays) sentence(r Result) string {
	return fmt.Sprintf("%s alone is right on %.0f rows and %s alone on %.0f (difference in accuracy %s; McNemar, %s), which is %s.",
		r.group(0), r.Statistic, r.group(1), r.Get("c"), sig(r.Get("difference in accuracy")), r.pText(), r.verdict())
}
