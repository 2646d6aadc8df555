package num

import "math"

// Glossary of the fast Gauss transform (Greengard, Strain 1991), in one dimension:
//
//	h   bandwidth: the standard deviation of the Gaussian put on every value
//	s   h·√2, so that a Gaussian is exp(-((g-x)/s)²)
//	c   centre of a box of values, at most s/2 from each of them
//	u   (x-c)/s, in [-1/2, 1/2]
//	A_k Σ u^k / k! over the values of a box: its moments
//	H_k Hermite function exp(-t²)·H_k(t), by H_{k+1} = 2t·H_k - 2k·H_{k-1}
//
// Then Σ exp(-(t-u)²) = Σ_k A_k·H_k(t) with t = (g-c)/s; gaussTerms terms leave
// less than 1e-13 of one value's peak, and a box farther than gaussReach adds
// less than 1e-16.
const (
	gaussTerms = 26
	gaussReach = 6.6 // in units of s; exp(-6.1²) < 1e-16
)

// KDE returns the Gaussian kernel density estimate of x at the grid's points: the
// mean over x of the normal density with standard deviation bandwidth around each
// value, per unit of x. Far from every value it is 0.
//
// x must have no NaN and neither x nor grid need be sorted. For no values, or a
// bandwidth that is not above 0, every density is NaN. The result agrees with the
// plain double sum to 1e-13 of the highest possible density; time O(n log n + n·26)
// where the double sum takes n·len(grid) exponentials.
func KDE(x, grid []float64, bandwidth float64) []float64 {
	out := make([]float64, len(grid))
	if len(x) == 0 || !(bandwidth > 0) {
		for i := range out {
			out[i] = math.NaN()
		}
		return out
	}
	s := bandwidth * math.Sqrt2
	boxes := gaussBoxes(Sorted(x), s)
	norm := 1 / (float64(len(x)) * bandwidth * math.Sqrt(2*math.Pi))
	for i, g := range grid {
		sum := 0.0
		for _, b := range boxes[firstBox(boxes, g-gaussReach*s):] {
			t := (g - b.centre) / s
			if t < -gaussReach {
				break
			}
			sum += b.at(t)
		}
		out[i] = max(0, sum*norm)
	}
	return out
}

type gaussBox struct {
	centre float64
	moment [gaussTerms]float64 // A_k
}

// gaussBoxes cuts sorted values into boxes no wider than s.
func gaussBoxes(sorted []float64, s float64) []gaussBox {
	var boxes []gaussBox
	for lo := 0; lo < len(sorted); {
		hi := lo
		for hi < len(sorted) && sorted[hi]-sorted[lo] <= s {
			hi++
		}
		if hi == lo { // an infinite value has no place on any grid
			lo++
			continue
		}
		b := gaussBox{centre: sorted[lo] + (sorted[hi-1]-sorted[lo])/2}
		for i := lo; i < hi; {
			same := i + 1
			for same < hi && sorted[same] == sorted[i] {
				same++
			}
			u, a := (sorted[i]-b.centre)/s, float64(same-i)
			for k := range b.moment {
				b.moment[k] += a
				a *= u
			}
			i = same
		}
		factorial := 1.0
		for k := range b.moment {
			b.moment[k] /= factorial
			factorial *= float64(k + 1)
		}
		boxes = append(boxes, b)
		lo = hi
	}
	return boxes
}

// at sums the Gaussians of the box's values at distance t from its centre.
func (b *gaussBox) at(t float64) float64 {
	before, h := 0.0, math.Exp(-t*t)
	sum := 0.0
	for k, a := range b.moment {
		sum += float64(a * h)
		before, h = h, float64(2*t*h)-float64(2*float64(k)*before)
	}
	return sum
}

// firstBox is the index of the first box whose centre is at least low.
func firstBox(boxes []gaussBox, low float64) int {
	lo, hi := 0, len(boxes)
	for lo < hi {
		if mid := (lo + hi) / 2; boxes[mid].centre < low {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// Silverman returns the rule-of-thumb bandwidth 0.9·min(sd, IQR/1.34)·n^(-1/5)
// (Silverman 1986, eq. 3.31; R's bw.nrd0). Where the quartiles coincide it uses
// the standard deviation alone, and 1 where that is 0 too or n < 2: a constant
// has no width, but must be drawn.
func Silverman(x []float64) float64 {
	sd := StdDev(x)
	a := sd
	if q := IQR(x) / 1.34; q > 0 && q < sd {
		a = q
	}
	return orOne(0.9 * a * math.Pow(float64(len(x)), -0.2))
}

// Scott returns the bandwidth sd·n^(-1/5) (Scott 1992, as scipy has it), and 1
// where that is not above 0.
func Scott(x []float64) float64 {
	return orOne(StdDev(x) * math.Pow(float64(len(x)), -0.2))
}

func orOne(h float64) float64 {
	if !(h > 0) || math.IsInf(h, 0) {
		return 1
	}
	return h
}
