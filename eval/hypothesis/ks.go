package hypothesis

import (
	"fmt"
	"math"
	"slices"

	"flowbook/internal/num"
)

// KolmogorovSmirnov tests whether two groups have the same distribution, against any
// difference: place, spread or shape [1]. Statistic and effect: D, the largest distance
// of the two empirical distribution functions, in [0, 1]. p is exact up to 10⁸ pairs of
// values [2], beyond that by the limit distribution. Ties make it too large, never too
// small. The interval of D is that of the bands of Dvoretzky, Kiefer and Wolfowitz [3],
// which holds at least its level.
//
// NaN are dropped with a warning. An empty group or an infinite value is an error. Time
// O(n log n), and O(mn) where p is exact.
//
// [1] Smirnov (1939). [2] Hodges (1958), Arkiv för Matematik 3, 469-486. [3] Massart
// (1990), Annals of Probability 18, 1269-1283.
func KolmogorovSmirnov(x, y []float64) (Result, error) {
	r := blank("Kolmogorov-Smirnov", "the two groups have the same distribution")
	x, y, err := r.pair("KolmogorovSmirnov", x, y, 1)
	if err != nil {
		return Result{}, err
	}
	m, n := len(x), len(y)
	apart, tied := 0, false // apart = D·m·n, a whole number
	for _, s := range merge(num.Sorted(x), num.Sorted(y)) {
		i, j := int(s.xBelow+s.x), int(s.yBelow+s.y)
		apart = max(apart, abs(i*n-j*m))
		tied = tied || s.x+s.y > 1
	}
	d := float64(apart) / (float64(m) * float64(n))
	if float64(m)*float64(n) <= 1e8 {
		p := outside(m, n, apart)
		if p > 1e-280 {
			r.setTail(num.Tail{P: p, Log10: math.Log10(p)})
		} else {
			r.setTail(firstOutside(m, n, apart))
		}
	} else {
		r.setTail(kolmogorov(d * math.Sqrt(float64(m)*float64(n)/(float64(m)+float64(n)))))
	}
	if tied {
		r.warn("values are tied: p is an upper bound")
	}
	alpha := (1 - DefaultLevel) / 2 // two bands each miss with half the chance
	r.distance(d, band(m, alpha)+band(n, alpha))
	r.says = ksSays{}
	return r, nil
}

// KolmogorovSmirnovOne tests whether values come from a distribution that was known
// before they were seen; its distribution function is cdf, its name goes into the
// sentence. Parameters estimated from the same values make p too large (Lilliefors).
// p is exact up to 10,000 values [1, 2], beyond that by the limit distribution.
//
// [1] Marsaglia, Tsang, Wang (2003), J. Stat. Soft. 8(18). [2] Birnbaum, Tingey (1951),
// Ann. Math. Stat. 22, 592-596, for small p.
func KolmogorovSmirnovOne(x []float64, name string, cdf func(float64) float64) (Result, error) {
	r := blank("Kolmogorov-Smirnov", "the values come from "+name)
	kept, err := r.groups("KolmogorovSmirnovOne", 1, x)
	if err != nil {
		return Result{}, err
	}
	s := num.Sorted(kept[0])
	n, d := float64(len(s)), 0.0
	for i, v := range s {
		f := cdf(v)
		if !(f >= 0 && f <= 1) {
			return Result{}, fmt.Errorf("hypothesis: KolmogorovSmirnovOne: cdf(%g) is %v; want a chance", v, f)
		}
		d = max(d, float64(i+1)/n-f, f-float64(i)/n)
	}
	switch {
	case n > 10000:
		r.setTail(kolmogorov(d * math.Sqrt(n)))
	case n*d*d > 4: // both sides at once are then out of the question
		r.setTail(birnbaumTingey(n, d).Times(2))
	default:
		p := 1 - marsaglia(len(s), d)
		r.setTail(num.Tail{P: p, Log10: math.Log10(p)})
	}
	r.distance(d, band(len(s), 1-DefaultLevel))
	r.Groups = []string{"the values", name}
	r.says = ksSays{}
	return r, nil
}

// distance sets D as statistic and effect, with the reach of its bands.
func (r *Result) distance(d, reach float64) {
	r.StatisticName, r.Statistic = "D", d
	r.EffectName, r.Effect, r.EffectNull, r.Level = "distance D", d, 0, DefaultLevel
	r.EffectLow, r.EffectHigh = max(0, d-reach), min(1, d+reach)
	r.IntervalMethod = "bands of Dvoretzky, Kiefer and Wolfowitz, conservative"
}

// band is the reach of the band around the distribution function of n values that
// misses the true one with chance alpha at most.
func band(n int, alpha float64) float64 { return math.Sqrt(math.Log(2/alpha) / (2 * float64(n))) }

func abs(i int) int { return max(i, -i) }

// outside is the share of the lattice paths from (0, 0) to (m, n) that come as far from
// the diagonal as |i·n - j·m| = apart: by the last step of a path to (i, j), which came
// from the left with chance i/(i+j). Only positive terms are added, so that small
// shares keep their digits.
func outside(m, n, apart int) float64 {
	if apart == 0 {
		return 1
	}
	row := make([]float64, n+1) // of i, by j
	for i := 0; i <= m; i++ {
		for j := 0; j <= n; j++ {
			switch {
			case abs(i*n-j*m) >= apart:
				row[j] = 1
			case i == 0 && j == 0:
				row[j] = 0
			case i == 0:
				row[j] = row[j-1]
			case j > 0:
				share := float64(i) / float64(i+j)
				row[j] = share*row[j] + (1-share)*row[j-1]
			}
		}
	}
	return row[n]
}

// firstOutside is outside for shares that underflow: the sum, over the places where a path
// may first be so far out, of the share of paths to that place that were inside until
// then, times the share of all paths that pass the place.
func firstOutside(m, n, apart int) num.Tail {
	var logs []float64
	hit := func(i, j int, share float64) {
		if share > 0 {
			logs = append(logs, math.Log(share)+lchoose(float64(i+j), float64(i))+lchoose(float64(m+n-i-j), float64(m-i))-lchoose(float64(m+n), float64(m)))
		}
	}
	inside := make([]float64, n+1) // of the paths to (i, j), by j
	inside[0] = 1
	from := 0 // the first j of the row before that was inside
	for i := 0; i <= m; i++ {
		j := from
		for ; j <= n && i*n-j*m >= apart; j++ {
			hit(i, j, float64(i)/float64(i+j)*inside[j])
			inside[j] = 0
		}
		for from = j; j <= n && j*m-i*n < apart; j++ {
			if i+j == 0 {
				continue
			}
			share := float64(i) / float64(i+j)
			inside[j] *= share
			if j > 0 {
				inside[j] += (1 - share) * inside[j-1]
			}
		}
		if 0 < j && j <= n {
			hit(i, j, float64(j)/float64(i+j)*inside[j-1])
		}
	}
	return sumOfLogs(logs)
}

// sumOfLogs is the sum of chances that are given by their natural logarithms.
func sumOfLogs(logs []float64) num.Tail {
	if len(logs) == 0 {
		return num.Tail{Log10: math.Inf(-1)}
	}
	top, sum := slices.Max(logs), 0.0
	for _, l := range logs {
		sum += math.Exp(l - top)
	}
	l := top + math.Log(sum)
	return num.Tail{P: min(1, math.Exp(l)), Log10: min(0, l/math.Ln10)}
}

// kolmogorov is the tail of the limit distribution, 2 Σ (-1)^(k-1) exp(-2k²λ²); from the
// other end where λ is small.
func kolmogorov(lambda float64) num.Tail {
	if lambda < 0.8 {
		sum := 0.0
		for k := 1.0; k <= 19; k += 2 {
			sum += math.Exp(-k * k * math.Pi * math.Pi / (8 * lambda * lambda))
		}
		p := 1 - math.Sqrt(2*math.Pi)/lambda*sum
		if lambda < 0.05 {
			p = 1
		}
		return num.Tail{P: p, Log10: math.Log10(p)}
	}
	first := -2 * lambda * lambda
	rest := 1.0
	for k, sign := 2.0, -1.0; k <= 10; k, sign = k+1, -sign {
		rest += sign * math.Exp((k*k-1)*first)
	}
	l := math.Ln2 + first + math.Log(rest)
	return num.Tail{P: min(1, math.Exp(l)), Log10: min(0, l/math.Ln10)}
}

// birnbaumTingey is the chance that the distribution function of n values rises d above
// the true one: d Σ_j C(n,j) (d+j/n)^(j-1) (1-d-j/n)^(n-j).
func birnbaumTingey(n, d float64) num.Tail {
	var logs []float64
	for j := 0.0; j <= math.Floor(n*(1-d)); j++ {
		l := math.Log(d) + lchoose(n, j) + (j-1)*math.Log(d+j/n)
		if rest := 1 - d - j/n; rest > 0 {
			l += (n - j) * math.Log(rest)
		} else if j < n {
			continue
		}
		logs = append(logs, l)
	}
	return sumOfLogs(logs)
}

// marsaglia is the chance that the distance of n values stays below d: n!/nⁿ times the
// middle element of a matrix of 2k-1 rows to the n-th power.
func marsaglia(n int, d float64) float64 {
	k := int(float64(n)*d) + 1
	h := float64(k) - float64(n)*d
	size := 2*k - 1
	a := make([]float64, size*size)
	for i := range size {
		for j := range size {
			if i-j+1 >= 0 {
				a[i*size+j] = 1
			}
		}
	}
	for i := range size {
		a[i*size] -= math.Pow(h, float64(i+1))
		a[(size-1)*size+i] -= math.Pow(h, float64(size-i))
	}
	if 2*h-1 > 0 {
		a[(size-1)*size] += math.Pow(2*h-1, float64(size))
	}
	for i := range size {
		for j := range size {
			for g := 1; g <= i-j+1; g++ {
				a[i*size+j] /= float64(g)
			}
		}
	}
	q, scale := power(a, size, n)
	s := q[(k-1)*size+k-1]
	for i := 1; i <= n; i++ {
		s *= float64(i) / float64(n)
		if s < 1e-140 {
			s *= 1e140
			scale -= 140
		}
	}
	return s * math.Pow(10, float64(scale))
}

// power is a matrix to the n-th power, as a matrix times a power of ten.
func power(a []float64, size, n int) (out []float64, scale int) {
	if n == 1 {
		return a, 0
	}
	half, e := power(a, size, n/2)
	out, scale = product(half, half, size), 2*e
	if n%2 == 1 {
		out = product(a, out, size)
	}
	if out[(size/2)*size+size/2] > 1e140 {
		for i := range out {
			out[i] *= 1e-140
		}
		scale += 140
	}
	return out, scale
}

func product(a, b []float64, size int) []float64 {
	out := make([]float64, size*size)
	for i := range size {
		for k, v := range a[i*size : (i+1)*size] {
			if v == 0 {
				continue
			}
			for j, w := range b[k*size : (k+1)*size] {
				out[i*size+j] += float64(v * w)
			}
		}
	}
	return out
}

type ksSays struct{}

func (ksSays) sentence(r Result) string {
	return fmt.Sprintf("the distributions of %s of %s and %s are up to %s apart (Kolmogorov-Smirnov, %s), which is %s.",
		r.subject(), r.group(0), r.group(1), r.effectText(), r.pText(), r.verdict())
}
