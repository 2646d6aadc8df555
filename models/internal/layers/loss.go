package layers

import "math"

// Loss is what a net is trained to make small: a number for each row, from the net's
// answers z and from what is true of the row.
type Loss interface {
	// Of returns the sum over rows of weight × loss; z holds their answers and rows
	// their numbers in the data set. Unless d is nil, it is filled with the sum's
	// derivatives by z.
	Of(z, d []float32, rows []int32) float64
}

// Truth is what losses of classes know.
type Truth struct {
	Class  []int32   // by row of the data set
	Weight []float32 // by row of the data set; nil: 1
}

func (t Truth) weight(row int32) float64 {
	if t.Weight == nil {
		return 1
	}
	return float64(t.Weight[row])
}

// Logistic is -log p of the true class of two, where the net's one answer z is the
// log-odds of class 1: log(1 + exp(∓z)).
type Logistic struct{ Truth }

func (l Logistic) Of(z, d []float32, rows []int32) float64 {
	sum := 0.0
	for i, r := range rows {
		// With s the answer towards the true class, the loss is log(1 + exp(-s)).
		s, w := float64(z[i]), l.weight(r)
		if l.Class[r] == 0 {
			s = -s
		}
		e := math.Exp(-math.Abs(s))
		loss, wrong := math.Log1p(e), e/(1+e) // wrong: the chance given to the other class
		if s < 0 {
			loss, wrong = loss-s, 1/(1+e)
		}
		sum += float64(w * loss)
		if d != nil {
			d[i] = float32(w * wrong)
			if l.Class[r] == 1 {
				d[i] = -d[i]
			}
		}
	}
	return sum
}

// Softmax is -log p of the true class of K, with p_c = exp z_c / Σ exp z.
type Softmax struct {
	Truth
	K int
}

func (l Softmax) Of(z, d []float32, rows []int32) float64 {
	sum := 0.0
	p := make([]float64, l.K)
	for i, r := range rows {
		line, w, c := z[i*l.K:(i+1)*l.K], l.weight(r), l.Class[r]
		total := Chances(p, line)
		sum += float64(w * (total - float64(line[c])))
		if d == nil {
			continue
		}
		p[c]--
		for k, v := range p {
			d[i*l.K+k] = float32(w * v)
		}
	}
	return sum
}

// Chances writes exp z / Σ exp z to p and returns log Σ exp z.
func Chances(p []float64, z []float32) float64 {
	top := z[0]
	for _, v := range z {
		top = max(top, v)
	}
	sum := 0.0
	for k, v := range z {
		p[k] = math.Exp(float64(v) - float64(top))
		sum += p[k]
	}
	for k := range p {
		p[k] /= sum
	}
	return float64(top) + math.Log(sum)
}

// Squared is ½ Σ (z - target)² over the K answers of a row.
type Squared struct {
	Target []float32 // rows of the data set × K
	Weight []float32 // by row of the data set; nil: 1
	K      int
}

func (l Squared) Of(z, d []float32, rows []int32) float64 {
	sum := 0.0
	for i, r := range rows {
		w := Truth{Weight: l.Weight}.weight(r)
		for k, want := range l.Target[int(r)*l.K : (int(r)+1)*l.K] {
			off := float64(z[i*l.K+k]) - float64(want)
			sum += float64(w * off * off / 2)
			if d != nil {
				d[i*l.K+k] = float32(w * off)
			}
		}
	}
	return sum
}

// Rebuilt is ½ Σ (z - x)² over the numbers of a row x of the data set, which the net is
// to give back: Squared with the rows as their own targets, without another copy of them.
type Rebuilt struct{ Data Data }

func (l Rebuilt) Of(z, d []float32, rows []int32) float64 {
	sum, p := 0.0, l.Data.P
	buf := make([]float32, p)
	for i, r := range rows {
		for k, want := range l.Data.line(buf, r) {
			off := float64(z[i*p+k]) - float64(want)
			sum += float64(off * off / 2)
			if d != nil {
				d[i*p+k] = float32(off)
			}
		}
	}
	return sum
}
