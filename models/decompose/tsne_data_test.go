package decompose

import (
	"context"
	"math"
	"testing"

	"flowbook/datasets/nslkdd/nslkddtest"
	"flowbook/internal/table"
	"flowbook/models/cluster"
	"flowbook/models/encode"
)

// The sets of testdata/gen_tsne.py, made by the same lines.

type numbers uint64

func (s *numbers) uniform() float64 {
	*s = *s*6364136223846793005 + 1442695040888963407
	return float64(*s>>11) / (1 << 53)
}

func (s *numbers) normal() float64 {
	t := 0.0
	for range 12 {
		t += s.uniform()
	}
	return t - 6
}

func blobs() (x []float64, p int) {
	g := numbers(1)
	var c [60]float64
	for i := range c {
		c[i] = 12 * g.uniform()
	}
	for i := range 600 {
		for j := range 10 {
			x = append(x, c[i%6*10+j]+g.normal())
		}
	}
	return x, 10
}

// roll is a swiss roll.
func roll() (x []float64, p int) {
	g := numbers(2)
	for range 1000 {
		t := 1.5 * math.Pi * (1 + 2*g.uniform())
		x = append(x, t*math.Cos(t), 21*g.uniform(), t*math.Sin(t))
	}
	return x, 3
}

// strokes are images like written digits.
func strokes() (x []float64, p int) {
	g := numbers(3)
	for i := range 1200 {
		a := math.Pi * (float64(i%3)/3 + 0.15*g.uniform())
		at := 4*g.uniform() - 2
		wide := 1 + g.uniform()
		for k := range 64 {
			d := ((float64(k%8)-3.5)*math.Cos(a) + (float64(k/8)-3.5)*math.Sin(a) - at) / wide
			x = append(x, math.Exp(-d*d)+0.05*g.normal())
		}
	}
	return x, 64
}

// flags are zeros, ones and small counts.
func flags() (x []float64, p int) {
	g := numbers(4)
	for i := range 900 {
		for j := range 20 {
			q, v := 0.1, 0.0
			if j%5 == i%5 {
				q = 0.9
			}
			if g.uniform() < q {
				v = 1
			}
			x = append(x, v)
		}
		for range 6 {
			a := 8 * g.uniform()
			x = append(x, math.Floor(a*g.uniform())/8)
		}
		x = append(x, math.Pow(g.uniform(), 4))
	}
	return x, 27
}

// kdd is the first rows of KDDTrain+, one-hot and min-max scaled by all of them.
func kdd(t testing.TB, n int) table.View {
	t.Helper()
	all, head := nslkddtest.View(t, "KDDTrain+"), make([]int, n)
	for i := range head {
		head[i] = i
	}
	steps, err := encode.Pipeline(encode.OneHot{}, encode.MinMax{}).Fit(context.Background(), all)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := steps.Transform(context.Background(), all.Take(head))
	if err != nil {
		t.Fatal(err)
	}
	return encoded.View()
}

// matrixOf is the features of a view.
func matrixOf(t testing.TB, v table.View) cluster.Matrix {
	t.Helper()
	m, err := cluster.Rows(v)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// embedded is a map that must come about.
func embedded(t testing.TB, l TSNE, v table.View) *Embedding {
	t.Helper()
	e, err := l.Embed(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range e.Points {
		if math.IsNaN(c) || math.IsInf(c, 0) {
			t.Fatalf("coordinate %d of row %d is %v", i%2, i/2, c)
		}
	}
	if len(e.Points) != 2*v.Rows() || !(e.KL >= -1e-12) || math.IsInf(e.KL, 0) {
		t.Fatalf("%d coordinates of %d rows, KL %v", len(e.Points), v.Rows(), e.KL)
	}
	return e
}
