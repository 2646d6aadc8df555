package hypothesis

import (
	"fmt"
	"math"

	"flowbook/internal/num"
)

// PairedT tests whether the mean difference of pairs (x[i], y[i]) is 0. Statistic: the
// mean of x-y over its standard error, n-1 degrees of freedom. Effect: the mean
// difference in standard deviations of the differences (Cohen's d_z) with Hedges'
// small-sample factor; its interval is normal, by the delta method. Extra: the mean
// difference with its t interval.
//
// Pairs with a missing value are dropped with a warning. Different lengths, fewer than
// two pairs, an infinite value, or differences that are all equal but for rounding are
// errors: 0.8-0.7 and 0.81-0.71 differ in the last bit, which is no spread.
func PairedT(x, y []float64) (Result, error) {
	r := blank("paired t", "the mean difference is 0")
	d, rounding, err := r.differences("PairedT", x, y, 2)
	if err == nil {
		err = squarable("PairedT", d)
	}
	if err != nil {
		return Result{}, err
	}
	n := float64(len(d))
	mean, v := num.MeanVariance(d)
	if math.Sqrt(v) <= rounding {
		return Result{}, fmt.Errorf("hypothesis: PairedT: every difference is %.6g; want some spread", mean)
	}
	se := math.Sqrt(v / n)
	r.StatisticName, r.Statistic, r.DF = "t", mean/se, n-1
	r.setTail(num.StudentTail(math.Abs(r.Statistic), r.DF).Times(2))
	dz, j, z := mean/math.Sqrt(v), hedgesFactor(n-1), zOf(DefaultLevel)
	spread := z * math.Sqrt(1/n+dz*dz/(2*(n-1)))
	r.EffectName, r.Effect, r.EffectNull = "Hedges' g", j*dz, 0
	r.EffectLow, r.EffectHigh, r.Level = j*(dz-spread), j*(dz+spread), DefaultLevel
	r.IntervalMethod = "delta method"
	half := -num.StudentQuantile((1-DefaultLevel)/2, r.DF) * se
	r.Extra = []Number{{Name: "mean difference", Value: mean, Low: mean - half, High: mean + half, Level: DefaultLevel}}
	r.leansOnMeans(len(d), topShare(d, mean))
	r.says = pairedSays{}
	return r, nil
}

// differences returns x-y where both are there, and what rounding may have done to them,
// each value having been rounded once or twice before. It records N and warnings.
func (r *Result) differences(test string, x, y []float64, least int) (d []float64, rounding float64, err error) {
	x, y, err = r.both(test, x, y, least)
	if err != nil {
		return nil, 0, err
	}
	d = make([]float64, len(x))
	for i := range x {
		if d[i] = x[i] - y[i]; math.IsInf(d[i], 0) {
			return nil, 0, fmt.Errorf("hypothesis: %s: %g less %g is no finite number; divide all values by some power of ten", test, x[i], y[i])
		}
		rounding = max(rounding, 0x1p-50*max(math.Abs(x[i]), math.Abs(y[i])))
	}
	return d, rounding, nil
}

// both keeps the pairs of which neither value is missing, and records N and warnings.
func (r *Result) both(test string, x, y []float64, least int) (kx, ky []float64, err error) {
	if len(x) != len(y) {
		return nil, nil, fmt.Errorf("hypothesis: %s: %d values against %d; pairs want as many", test, len(x), len(y))
	}
	kx, ky = make([]float64, 0, len(x)), make([]float64, 0, len(x))
	for i := range x {
		switch {
		case math.IsNaN(x[i]) || math.IsNaN(y[i]):
			continue
		case math.IsInf(x[i], 0) || math.IsInf(y[i], 0):
			return nil, nil, fmt.Errorf("hypothesis: %s: pair %d is (%v, %v); want finite numbers", test, i+1, x[i], y[i])
		}
		kx, ky = append(kx, x[i]), append(ky, y[i])
	}
	if dropped := len(x) - len(kx); dropped > 0 {
		r.warn("%d pairs of %d with a missing value were dropped", dropped, len(x))
	}
	if len(kx) < least {
		return nil, nil, fmt.Errorf("hypothesis: %s: %d pairs; want at least %d", test, len(kx), least)
	}
	r.N = []int{len(kx)}
	return kx, ky, nil
}

type pairedSays struct{}

func (pairedSays) sentence(r Result) string {
	word, mean := "larger", r.Get("mean difference")
	if mean < 0 {
		word, mean = "smaller", -mean
	}
	return fmt.Sprintf("%s is on average %s %s in %s than in %s (t %s, df %s, %s; Hedges' g %s), which is %s.",
		r.subject(), sig(mean), word, r.group(0), r.group(1), sig(r.Statistic), sig(r.DF), r.pText(), r.effectText(), r.verdict())
}
