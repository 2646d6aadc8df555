package hypothesis

import (
	"fmt"
	"math"
	"slices"

	"flowbook/internal/num"
)

// Kendall tests whether two variables rise together, by counting pairs of rows: τ_b is
// (concordant - discordant) over the geometric mean of the pairs not tied in either [1].
// p is exact for at most 33 rows without ties; otherwise normal with the tie correction
// [2] (scipy's choices, but that it also takes the exact p of a larger sample with at
// most one pair out of order). Statistic: z. Effect: τ_b in [-1, 1], its interval on Fisher's z
// with the standard error √(0.437/(n-4)) [3]; approximate, the more so with many ties.
//
// Pairs with a missing value are dropped with a warning. Different lengths, fewer than 5
// pairs, an infinite value, or a constant variable are errors. Time O(n log n) [4].
//
// [1] Kendall (1945), Biometrika 33, 239-251. [2] Kendall (1970), Rank Correlation
// Methods, 4th ed., ch. 4. [3] Fieller, Hartley, Pearson (1957), Biometrika 44, 470-481.
// [4] Knight (1966), JASA 61, 436-439.
func Kendall(x, y []float64) (Result, error) {
	r := blank("Kendall correlation", "the two variables are not associated")
	x, y, err := r.both("Kendall", x, y, 5)
	if err != nil {
		return Result{}, err
	}
	type pair struct{ x, y float64 }
	rows := make([]pair, len(x))
	for i := range x {
		rows[i] = pair{x[i], y[i]}
	}
	slices.SortFunc(rows, func(a, b pair) int { // of finite numbers: cmp.Compare would ask for NaN
		switch {
		case a.x < b.x || a.x == b.x && a.y < b.y:
			return -1
		case a.x > b.x || a.y > b.y:
			return 1
		}
		return 0
	})
	var tx, ty, txy tied
	run, both := 1, 1
	for i := 1; i <= len(rows); i++ {
		same := i < len(rows) && rows[i].x == rows[i-1].x
		if same && rows[i].y == rows[i-1].y {
			both++
		} else {
			txy.add(both)
			both = 1
		}
		if same {
			run++
		} else {
			tx.add(run)
			run = 1
		}
	}
	order := make([]float64, len(rows))
	for i, p := range rows {
		order[i] = p.y
	}
	discordant := inversions(order, make([]float64, len(order))) // sorts order
	run = 1
	for i := 1; i <= len(order); i++ {
		if i < len(order) && order[i] == order[i-1] {
			run++
		} else {
			ty.add(run)
			run = 1
		}
	}
	n := float64(len(x))
	pairs := n * (n - 1) / 2
	if tx.pairs == pairs || ty.pairs == pairs {
		return Result{}, fmt.Errorf("hypothesis: Kendall: one of the variables is constant; want some spread in both")
	}
	score := pairs - tx.pairs - ty.pairs + txy.pairs - 2*discordant
	tau := max(-1, min(1, score/math.Sqrt(pairs-tx.pairs)/math.Sqrt(pairs-ty.pairs)))
	v := (n*(n-1)*(2*n+5)-tx.cubes-ty.cubes)/18 + 2*tx.pairs*ty.pairs/(n*(n-1)) + tx.triples*ty.triples/(9*n*(n-1)*(n-2))
	r.StatisticName, r.Statistic = "z", score/math.Sqrt(v)
	if tx.pairs == 0 && ty.pairs == 0 && len(x) <= 33 {
		r.setTail(orders(len(x), int(discordant)))
	} else {
		r.setTail(num.NormalTail(math.Abs(r.Statistic)).Times(2))
	}
	r.correlated("tau-b", tau, math.Sqrt(0.437/(n-4)))
	return r, nil
}

// tied sums over groups of t equal values.
type tied struct{ pairs, triples, cubes float64 } // t(t-1)/2, t(t-1)(t-2), t(t-1)(2t+5)

func (g *tied) add(t int) {
	v := float64(t)
	g.pairs += v * (v - 1) / 2
	g.triples += v * (v - 1) * (v - 2)
	g.cubes += v * (v - 1) * (2*v + 5)
}

// inversions sorts x and counts the pairs that stood in the wrong order.
func inversions(x, spare []float64) float64 {
	if len(x) < 2 {
		return 0
	}
	mid := len(x) / 2
	count := inversions(x[:mid], spare) + inversions(x[mid:], spare)
	copy(spare, x)
	for i, j, k := 0, mid, 0; k < len(x); k++ {
		if j == len(x) || i < mid && spare[i] <= spare[j] {
			x[k] = spare[i]
			i++
		} else {
			x[k] = spare[j]
			count += float64(mid - i)
			j++
		}
	}
	return count
}

// orders is the exact two-sided p of so many inversions among n values: the share of the
// n! orders that are as far from the middle.
func orders(n, inverted int) num.Tail {
	p := []float64{1}
	for k := 2; k <= n; k++ { // the k-th value falls into one of k places
		next := make([]float64, len(p)+k-1)
		for s, v := range p {
			for d := range k {
				next[s+d] += v / float64(k)
			}
		}
		p = next
	}
	sum := 0.0
	for s := 0; s <= min(inverted, len(p)-1-inverted); s++ {
		sum += p[s]
	}
	return num.Tail{P: sum, Log10: math.Log10(sum)}.Times(2)
}
