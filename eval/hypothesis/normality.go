package hypothesis

import (
	"fmt"
	"math"

	"flowbook/internal/num"
)

// DAgostino tests whether values look normal, by their skewness and kurtosis together
// [1]. Statistic: K² = z(skewness)² + z(kurtosis)², 2 degrees of freedom. Effect: the
// skewness g₁ (0 for a symmetric shape), without an interval: on the standard error of
// normal values it would hold an exponential's skewness in 57 % of draws of 60. Extra: the excess kurtosis g₂ (0 for the normal) and both z.
//
// With many rows every real feature fails this test; read the skewness and kurtosis.
// NaN are dropped with a warning. Fewer than 8 values, an infinite one, or a constant
// sample are errors. p is good from some 20 values on.
//
// [1] D'Agostino, Pearson (1973), Biometrika 60, 613-622; D'Agostino (1970), Biometrika
// 57, 679-681; Anscombe, Glynn (1983), Biometrika 70, 227-234.
func DAgostino(x []float64) (Result, error) {
	r := blank("D'Agostino K2", "the values come from a normal distribution")
	kept, err := r.groups("DAgostino", 8, x)
	if err != nil {
		return Result{}, err
	}
	v := kept[0]
	n := float64(len(v))
	mean, top := num.Mean(v), 0.0
	for _, a := range v {
		top = max(top, math.Abs(a-mean))
	}
	if top == 0 {
		return Result{}, fmt.Errorf("hypothesis: DAgostino: every value is %g; want some spread", mean)
	}
	if math.IsInf(top, 0) || math.IsNaN(top) {
		return Result{}, fmt.Errorf("hypothesis: DAgostino: the values are too far apart to subtract; divide all by some power of ten")
	}
	var m2, m3, m4 float64 // of distances in units of the largest, so that no power of them overflows
	for _, a := range v {
		d := (a - mean) / top
		m2 += d * d
		m3 += d * d * d
		m4 += d * d * d * d
	}
	m2, m3, m4 = m2/n, m3/n, m4/n
	g1, g2 := m3/math.Pow(m2, 1.5), m4/(m2*m2)-3
	zs, zk := skewZ(g1, n), kurtosisZ(g2, n)
	r.StatisticName, r.Statistic, r.DF = "K2", zs*zs+zk*zk, 2
	r.setTail(num.ChiSquareTail(r.Statistic, 2))
	r.EffectName, r.Effect, r.EffectNull = "skewness", g1, 0
	r.Extra = []Number{{Name: "excess kurtosis", Value: g2}, {Name: "z skewness", Value: zs}, {Name: "z kurtosis", Value: zk}}
	if n < 20 {
		r.warn("%g values: p is rough below 20", n)
	}
	r.says = dagostinoSays{}
	return r, nil
}

// skewZ makes g₁ normal (D'Agostino 1970).
func skewZ(g1, n float64) float64 {
	y := g1 * math.Sqrt((n+1)*(n+3)/(6*(n-2)))
	beta2 := 3 * (n*n + 27*n - 70) * (n + 1) * (n + 3) / ((n - 2) * (n + 5) * (n + 7) * (n + 9))
	w2 := math.Sqrt(2*(beta2-1)) - 1
	return math.Asinh(y/math.Sqrt(2/(w2-1))) / math.Sqrt(math.Log(w2)/2)
}

// kurtosisZ makes g₂ normal (Anscombe, Glynn 1983).
func kurtosisZ(g2, n float64) float64 {
	mean := -6 / (n + 1)
	sd := math.Sqrt(24 * n * (n - 2) * (n - 3) / ((n + 1) * (n + 1) * (n + 3) * (n + 5)))
	x := (g2 - mean) / sd
	skew := 6 * (n*n - 5*n + 2) / ((n + 7) * (n + 9)) * math.Sqrt(6*(n+3)*(n+5)/(n*(n-2)*(n-3)))
	a := 6 + 8/skew*(2/skew+math.Sqrt(1+4/(skew*skew)))
	cube := math.Cbrt((1 - 2/a) / (1 + x*math.Sqrt(2/(a-4))))
	return (1 - 2/(9*a) - cube) / math.Sqrt(2/(9*a))
}

type dagostinoSays struct{}

func (dagostinoSays) sentence(r Result) string {
	return fmt.Sprintf("%s has a skewness of %s and an excess kurtosis of %s (normal: 0 and 0; K2 %s, %s); the departure from normal is %s.",
		r.subject(), r.effectText(), sig(r.Get("excess kurtosis")), sig(r.Statistic), r.pText(), r.verdict())
}
