package ensemble

import "math"

// sigmoid is the chance 1/(1+exp(a f + b)) of a score f.
type sigmoid struct{ a, b float64 }

func (s sigmoid) at(f float64) float64 { return logistic(-(float64(s.a*f) + s.b)) }

// logistic is 1/(1+exp(-z)) without overflow.
func logistic(z float64) float64 {
	if z >= 0 {
		return 1 / (1 + math.Exp(-z))
	}
	e := math.Exp(z)
	return e / (1 + e)
}

// fitSigmoid finds the a and b of the largest likelihood of scores (Platt 1999,
// Probabilistic outputs for support vector machines). In the place of 1 and 0 the
// n₊ hits aim at (n₊+1)/(n₊+2) and the n₋ others at 1/(n₋+2), so that scores which
// separate the rows do not end in chances of 0 and 1; n₊ and n₋ are sums of weights.
//
// The optimum is found by Newton's method with halved steps, for which Platt's own
// pseudocode can stop too early (Lin, Lin, Weng 2007, A note on Platt's probabilistic
// outputs, Machine Learning 68, 267-276). weights may be nil. Scores are centred and
// scaled first, which moves the optimum nowhere. Where all scores are equal a is 0.
// Time O(n) a round, some ten of them.
func fitSigmoid(scores []float64, hit []bool, weights []float64) sigmoid {
	w := func(i int) float64 {
		if weights == nil {
			return 1
		}
		return weights[i]
	}
	var hits, rest, mean float64
	for i, f := range scores {
		if hit[i] {
			hits += w(i)
		} else {
			rest += w(i)
		}
		mean += float64(w(i) * f)
	}
	mean /= hits + rest
	spread := 0.0
	for i, f := range scores {
		spread += float64(w(i) * (f - mean) * (f - mean))
	}
	spread = math.Sqrt(spread / (hits + rest))
	if !(spread > 0) {
		spread = math.Inf(1) // every score becomes 0
	}
	aim := func(i int) float64 {
		if hit[i] {
			return (hits + 1) / (hits + 2)
		}
		return 1 / (rest + 2)
	}
	// In units of spread: chance = logistic(u x + v), loss = Σ w (log(1+exp z) - aim z).
	loss := func(u, v float64) float64 {
		sum := 0.0
		for i, f := range scores {
			z := float64(u*((f-mean)/spread)) + v
			sum += float64(w(i) * (math.Max(z, 0) + math.Log1p(math.Exp(-math.Abs(z))) - float64(aim(i)*z)))
		}
		return sum
	}
	const rounding = 1e-13 // of the loss: close to the optimum it tells no better
	u, v := 0.0, math.Log((hits+1)/(rest+1))
	now := loss(u, v)
	for range 100 {
		var gu, gv, huu, huv, hvv float64
		for i, f := range scores {
			x := (f - mean) / spread
			p := logistic(float64(u*x) + v)
			d, h := w(i)*(p-aim(i)), w(i)*p*(1-p)
			gu, gv = gu+float64(d*x), gv+d
			huu, huv, hvv = huu+float64(h*x*x), huv+float64(h*x), hvv+h
		}
		huu, hvv = huu+1e-12, hvv+1e-12 // a flat place has a step, too
		det := float64(huu*hvv) - float64(huv*huv)
		du := -(float64(hvv*gu) - float64(huv*gv)) / det
		dv := -(float64(huu*gv) - float64(huv*gu)) / det
		slope := float64(gu*du) + float64(gv*dv)
		if !(slope < 0) {
			break
		}
		step := 1.0
		next := loss(u+du, v+dv)
		for !(next <= now+float64(1e-4*step*slope)+rounding*now) && step > 1e-10 {
			step /= 2
			next = loss(u+float64(step*du), v+float64(step*dv))
		}
		if step <= 1e-10 {
			break
		}
		u, v, now = u+float64(step*du), v+float64(step*dv), next
		if math.Abs(du)+math.Abs(dv) <= 1e-12*(1+math.Abs(u)+math.Abs(v)) {
			break
		}
	}
	if math.IsInf(spread, 1) {
		return sigmoid{0, -v}
	}
	return sigmoid{-u / spread, float64(u*mean/spread) - v}
}
