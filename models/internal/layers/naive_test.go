package layers

import (
	"math"
	"slices"
)

// naive answers in float64, number by number, as the layers' comments say. factors are
// what dropout layers multiplied with, by layer; x is one row.
func naive(net *Net, w, x []float64, factors [][]float64) []float64 {
	for i, layer := range net.layers {
		w := w[net.start[i]:net.start[i+1]]
		_, out := layer.Size()
		if l, ok := layer.(LSTM); ok {
			x = naiveLSTM(l, w, x)
			continue
		}
		y := make([]float64, out)
		for j := range y {
			switch l := layer.(type) {
			case Affine, SparseAffine:
				y[j] = w[len(x)*out+j]
				for k, v := range x {
					y[j] += v * w[k*out+j]
				}
			case Take:
				y[j] = x[j]
			case Relu:
				y[j] = math.Max(x[j], 0)
			case Tanh:
				y[j] = math.Tanh(x[j])
			case Sigmoid:
				y[j] = 1 / (1 + math.Exp(-x[j]))
			case Dropout:
				y[j] = x[j] * factors[i][j]
			default:
				panic(l)
			}
		}
		x = y
	}
	return x
}

// naiveLSTM writes the equations of LSTM out for one row.
func naiveLSTM(l LSTM, w, x []float64) (y []float64) {
	sigma := func(z float64) float64 { return 1 / (1 + math.Exp(-z)) }
	h, c := make([]float64, l.Hidden), make([]float64, l.Hidden)
	for s := range l.Steps {
		in := append(slices.Clone(x[s*l.In:(s+1)*l.In]), h...)
		sum := func(gate, j int) float64 {
			column := gate*l.Hidden + j
			z := w[len(in)*4*l.Hidden+column]
			for k, v := range in {
				z += v * w[k*4*l.Hidden+column]
			}
			return z
		}
		for j := range h {
			c[j] = sigma(sum(1, j))*c[j] + sigma(sum(0, j))*math.Tanh(sum(3, j))
			h[j] = sigma(sum(2, j)) * math.Tanh(c[j])
		}
		y = append(y, h...)
	}
	if l.All {
		return y
	}
	return h
}

// naiveLoss is the loss of one row's answers z.
func naiveLoss(loss Loss, z []float64, row int32) float64 {
	weight := func(w []float32) float64 {
		if w == nil {
			return 1
		}
		return float64(w[row])
	}
	switch l := loss.(type) {
	case Logistic:
		p := 1 / (1 + math.Exp(-z[0]))
		if l.Class[row] == 0 {
			p = 1 - p
		}
		return -weight(l.Weight) * math.Log(p)
	case Softmax:
		sum := 0.0
		for _, v := range z {
			sum += math.Exp(v)
		}
		return -weight(l.Weight) * math.Log(math.Exp(z[l.Class[row]])/sum)
	case Squared:
		sum := 0.0
		for k, v := range z {
			off := v - float64(l.Target[int(row)*l.K+k])
			sum += off * off / 2
		}
		return weight(l.Weight) * sum
	}
	panic(loss)
}
