package hypothesis

import (
	"fmt"
	"math"

	"flowbook/internal/num"
)

// WelchT tests whether two groups have the same mean, without assuming that they
// have the same variance [1]. Statistic: (mean x - mean y) over its standard
// error, DF by Welch and Satterthwaite. Effect: Hedges' g, the difference in
// pooled standard deviations with the exact small-sample factor [2]; its interval
// is normal, on the delta-method variance that does not assume equal variances
// either. Extra: Cohen's d, the difference of means with its Welch interval, and
// both means.
//
// NaN are dropped with a warning. Fewer than two values in a group, an infinite
// value, or two constant groups are errors.
//
// [1] Welch (1947), Biometrika 34, 28-35. [2] Hedges (1981), J. Educ. Stat. 6, 107-128.
func WelchT(x, y []float64) (Result, error) { return twoMeans("Welch t", "WelchT", false, x, y) }

// StudentT is WelchT for groups of equal variance (Student 1908): the pooled variance,
// m+n-2 degrees of freedom. It warns where the variances differ fourfold: with groups of
// unequal size its p is then wrong, and Welch's is not.
func StudentT(x, y []float64) (Result, error) { return twoMeans("Student t", "StudentT", true, x, y) }

func twoMeans(name, test string, equal bool, x, y []float64) (Result, error) {
	r := blank(name, "the two groups have the same mean")
	x, y, err := r.pair(test, x, y, 2)
	if err != nil {
		return Result{}, err
	}
	m, n := float64(len(x)), float64(len(y))
	mx, vx := num.MeanVariance(x)
	my, vy := num.MeanVariance(y)
	pooled := ((m-1)*vx + (n-1)*vy) / (m + n - 2)
	a, b := vx/m, vy/n // squared standard errors
	ux, uy := vx/pooled, vy/pooled
	if equal {
		a, b, ux, uy = pooled/m, pooled/n, 1, 1
	}
	if a+b == 0 {
		return Result{}, fmt.Errorf("hypothesis: %s: both groups are constant (%g and %g); want some spread", test, mx, my)
	}
	se := math.Sqrt(a + b)
	r.StatisticName, r.Statistic = "t", (mx-my)/se
	r.DF = m + n - 2
	if !equal { // (a+b)²/(a²/(m-1)+b²/(n-1)), on shares so that nothing overflows
		sa, sb := a/(a+b), b/(a+b)
		r.DF = 1 / (sa*sa/(m-1) + sb*sb/(n-1))
	}
	r.setTail(num.StudentTail(math.Abs(r.Statistic), r.DF).Times(2))

	d := (mx - my) / math.Sqrt(pooled)
	j := hedgesFactor(m + n - 2)
	vd := (a+b)/pooled + d*d*((m-1)*ux*ux+(n-1)*uy*uy)/(2*(m+n-2)*(m+n-2))
	z := zOf(DefaultLevel)
	r.EffectName, r.Effect, r.EffectNull = "Hedges' g", j*d, 0
	r.EffectLow, r.EffectHigh, r.Level = j*(d-z*math.Sqrt(vd)), j*(d+z*math.Sqrt(vd)), DefaultLevel
	r.IntervalMethod = "delta method, variances not assumed equal"
	if equal {
		r.IntervalMethod = "delta method, equal variances"
	}
	half := -num.StudentQuantile((1-DefaultLevel)/2, r.DF) * se
	r.Extra = []Number{
		{Name: "mean difference", Value: mx - my, Low: mx - my - half, High: mx - my + half, Level: DefaultLevel},
		{Name: "Cohen's d", Value: d},
		{Name: "mean x", Value: mx}, {Name: "mean y", Value: my},
	}
	if min(vx, vy) == 0 {
		r.warn("one group is constant")
	} else if v := max(vx, vy) / min(vx, vy); v > 4 && equal {
		r.warn("one variance is %.3g times the other, and this test assumes equal ones: read Welch's", v)
	} else if v > 4 {
		r.warn("one variance is %.3g times the other: a pooled standard deviation describes neither group well", v)
	}
	r.leansOnMeans(min(len(x), len(y)), max(topShare(x, mx), topShare(y, my)))
	r.says = welchSays{}
	return r, nil
}

// leansOnMeans warns where a mean, or a t of few values, may not be trusted.
func (r *Result) leansOnMeans(least int, top float64) {
	if least < 30 {
		r.warn("the smaller group has %d values: t leans on a normal shape there", least)
	}
	if top > 0.5 {
		r.warn("one value makes up %.0f %% of a group's sum of squares: the mean follows single rows; read a rank test beside it", 100*top)
	}
}

// hedgesFactor is J(df) = Γ(df/2) / (√(df/2)·Γ((df-1)/2)).
func hedgesFactor(df float64) float64 {
	if df < 2 {
		return math.NaN()
	}
	if df > 1e5 {
		return 1 - 3/(4*df-1)
	}
	a, _ := math.Lgamma(df / 2)
	b, _ := math.Lgamma((df - 1) / 2)
	return math.Exp(a-b) / math.Sqrt(df/2)
}

// topShare is the largest single part of Σ(v-mean)².
func topShare(x []float64, mean float64) float64 {
	top, sum := 0.0, 0.0
	for _, v := range x {
		q := (v - mean) * (v - mean)
		sum += q
		top = max(top, q)
	}
	if sum == 0 || len(x) < 10 {
		return 0
	}
	return top / sum
}

type welchSays struct{}

func (welchSays) sentence(r Result) string {
	return fmt.Sprintf("The mean %s of %s is %s against %s of %s (difference %s; t %s, df %s, %s; Hedges' g %s), which is %s.",
		r.subject(), r.group(0), sig(r.Get("mean x")), sig(r.Get("mean y")), r.group(1),
		sig(r.Get("mean difference")), sig(r.Statistic), sig(r.DF), r.pText(), r.effectText(), r.verdict())
}
