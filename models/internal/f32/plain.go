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

func adamPlain(w, m, v, g []float32, s *AdamStep) {
	for i, x := range g {
		x = float32(x*s.Scale) + float32(s.L2*w[i])
		m[i] = float32(s.Beta1*m[i]) + float32(s.Rest1*x)
		v[i] = float32(s.Beta2*v[i]) + float32(s.Rest2*float32(x*x))
		w[i] -= float32(s.Rate*m[i]) / (float32(math.Sqrt(float64(v[i]))) + s.Epsilon)
	}
}
