package layers

import "math"

// naive answers in float64, number by number, as the layers' comments say. factors are
// what dropout layers multiplied with, by layer; x is one row.
func naive(net *Net, w, x []float64, factors [][]float64) []float64 {
	for i, layer := range net.layers {
		w := w[net.start[i]:net.start[i+1]]
		_, out := layer.Size()
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
