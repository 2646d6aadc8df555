package f32

import "math"

// The functions here are what the assembly must equal, bit for bit, and what runs
// where there is none. float32(a*b) forbids the compiler to fuse the addition.

func mulAddPlain(c Matrix, a []float32, b Matrix, down, along int) {
	for i := range c.Rows {
		row := c.Data[i*c.Stride : i*c.Stride+c.Cols]
		for k := range b.Rows {
			f := a[i*down+k*along]
			for j, v := range b.Data[k*b.Stride : k*b.Stride+b.Cols] {
				row[j] += float32(f * v)
			}
		}
	}
}

func gatherPlain(y, w []float32, col []int32, val []float32) {
	for e, c := range col {
		f := val[e]
		for j, v := range w[int(c)*len(y) : (int(c)+1)*len(y)] {
			y[j] += float32(f * v)
		}
	}
}

func scatterPlain(g, d []float32, col []int32, val []float32) {
	for e, c := range col {
		f, row := val[e], g[int(c)*len(d):(int(c)+1)*len(d)]
		for j, v := range d {
			row[j] += float32(f * v)
		}
	}
}

// tanhOver and tanhUnder are the coefficients of x·P(x²)/Q(x²), the highest first.
// tanhEnd is where tanh reaches 1; below tanhSmall it is x. The assembly reads them.
var (
	tanhOver  = [7]float32{-2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-08, 1.48572235717979e-05, 6.37261928875436e-04, 4.89352455891786e-03}
	tanhUnder = [4]float32{1.19825839466702e-06, 1.18534705686654e-04, 2.26843463243900e-03, 4.89352518554385e-03}
	tanhEnd   = float32(7.99881172180175781)
)

func tanhPlain(y, x []float32) {
	for i, v := range x {
		if !(v < tanhEnd) { // NaN too, as the processor's minimum has it
			v = tanhEnd
		}
		if !(v > -tanhEnd) {
			v = -tanhEnd
		}
		s := float32(v * v)
		over, under := tanhOver[0], tanhUnder[0]
		for _, c := range tanhOver[1:] {
			over = float32(over*s) + c
		}
		for _, c := range tanhUnder[1:] {
			under = float32(under*s) + c
		}
		y[i] = float32(v*over) / under
	}
}

func adamPlain(w, m, v, g []float32, s *AdamStep) {
	for i, x := range g {
		x = float32(x*s.Scale) + float32(s.L2*w[i])
		m[i] = float32(s.Beta1*m[i]) + float32(s.Rest1*x)
		v[i] = float32(s.Beta2*v[i]) + float32(s.Rest2*float32(x*x))
		w[i] -= float32(s.Rate*m[i]) / (float32(math.Sqrt(float64(v[i]))) + s.Epsilon)
	}
}
