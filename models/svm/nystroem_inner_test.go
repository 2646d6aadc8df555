package svm

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models/internal/dense"
	"flowbook/models/linear"
)

func view(x [][]float64, y []int, w []float64) table.View {
	var columns []table.Column
	for j := range x[0] {
		v := make([]float64, len(x))
		for i := range v {
			v[i] = x[i][j]
		}
		columns = append(columns, table.Float(fmt.Sprintf("x%03d", j), "", v))
	}
	class := make([]string, len(x))
	for i := range class {
		class[i] = fmt.Sprint("c", y[i])
	}
	columns = append(columns, table.Text("class", class).As(table.Label))
	if w != nil {
		columns = append(columns, table.Float("w", "", w).As(table.Weight))
	}
	return table.Must(table.New("generated", columns...)).View()
}

func read(t *testing.T, x [][]float64, y []int, w []float64) *data {
	t.Helper()
	v := view(x, y, w)
	plan, err := dense.Of("svm", v)
	if err != nil {
		t.Fatal(err)
	}
	d, err := begin(context.Background(), plan, v, 0, false)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Features have scikit-learn's products, to what float32 leaves of them.
func TestFeaturesAgainstScikitLearn(t *testing.T) {
	b, err := os.ReadFile("testdata/nystroem.json")
	if err != nil {
		t.Fatal(err)
	}
	var ref struct {
		Cases []struct {
			Name        string
			Gamma       float64
			X, Products [][]float64
			Marks       []int32
		}
	}
	if err := json.Unmarshal(b, &ref); err != nil {
		t.Fatal(err)
	}
	for _, c := range ref.Cases {
		ctx := context.Background()
		d := read(t, c.X, make([]int, len(c.X)), nil)
		marks := d.q.take(c.Marks)
		w, err := whiten(ctx, marks, c.Gamma)
		if err != nil {
			t.Fatal(err)
		}
		n := len(c.X)
		if w.cols != marks.n() {
			t.Fatalf("%s: %d directions of %d", c.Name, w.cols, marks.n())
		}
		// In float64: K(x, L) through the whitening.
		phi := make([][]float64, n)
		for i := range phi {
			k := make([]float64, marks.n())
			line := make([]float64, d.q.p)
			d.q.scatter(int32(i), line)
			kernel(marks.pack(nil), line, d.q.norm[i], c.Gamma, 0, (marks.n()+group-1)/group, k)
			phi[i] = make([]float64, w.cols)
			for v, kernel := range k {
				for j := range w.cols {
					phi[i][j] += kernel * w.t[v*w.cols+j]
				}
			}
		}
		rounded, err := features(ctx, d.q, marks.pack(nil), c.Gamma, w)
		if err != nil {
			t.Fatal(err)
		}
		for i := range n {
			for j := range n {
				want, single := c.Products[i][j], 0.0
				if got := dense.Dot(phi[i], phi[j]); !(math.Abs(got-want) <= 1e-8) {
					t.Fatalf("%s: product of rows %d and %d is %v, want %v", c.Name, i, j, got, want)
				}
				for f := range w.cols {
					single += float64(rounded[i*(w.cols+1)+f]) * float64(rounded[j*(w.cols+1)+f])
				}
				if !(math.Abs(single-want) <= 1e-5) {
					t.Fatalf("%s: product of rounded rows %d and %d is %v, want %v", c.Name, i, j, single, want)
				}
			}
		}
	}
}

// The optimum is that of linear.SVM on the same features.
func TestHingeAgainstLinearSVM(t *testing.T) {
	g := rng.New(3).Rand()
	const n, m = 900, 15
	x, y, w := make([][]float64, n), make([]int, n), make([]float64, n)
	for i := range x {
		x[i] = []float64{g.NormFloat64(), g.NormFloat64(), float64(g.IntN(3))}
		y[i] = int(math.Abs(x[i][0]*x[i][1]+g.NormFloat64()/3)+x[i][2]/2) % 3
		w[i] = g.ExpFloat64()
	}
	ctx := context.Background()
	d := read(t, x, y, w)
	marks := d.q.take(d.landmarks(m, rng.New(1)))
	white, err := whiten(ctx, marks, 0.5)
	if err != nil {
		t.Fatal(err)
	}
	phi, err := features(ctx, d.q, marks.pack(nil), 0.5, white)
	if err != nil {
		t.Fatal(err)
	}
	z, labels, weights := make([][]float64, n), make([]int, n), make([]float64, n)
	for k, row := range d.order {
		for _, v := range phi[k*(white.cols+1) : (k+1)*(white.cols+1)-1] {
			z[k] = append(z[k], float64(v))
		}
		labels[k], weights[k] = y[row], w[row]
	}
	const cost = 3
	want, err := linear.SVM{C: cost, Tolerance: 1e-10}.Fit(ctx, view(z, labels, weights))
	if err != nil {
		t.Fatal(err)
	}
	c := want.(*linear.SVMModel).Coefficients()
	for line := range d.classes {
		theta, rounds, converged, err := newHinge(phi, white.cols, d, line, cost).solve(ctx, 100, 1e-8)
		if err != nil || !converged {
			t.Fatalf("%v after %d rounds, error %v", converged, rounds, err)
		}
		for j, want := range append(c.Values[line], c.Intercept[line]) {
			if got := theta[j]; !(math.Abs(got-want) <= 1e-6*max(1, math.Abs(want))) {
				t.Errorf("line %d: coefficient %d is %v, want %v", line, j, got, want)
			}
		}
	}
}

// Landmarks are distinct rows, drawn evenly, and neither repeated rows nor classes
// change the draw.
func TestLandmarks(t *testing.T) {
	g := rng.New(3).Rand()
	const n = 60
	x, y := make([][]float64, n), make([]int, n)
	for i := range x {
		x[i], y[i] = []float64{float64(i % 40), float64(i % 40 * 7 % 5)}, g.IntN(2)
	}
	drawn := func(x [][]float64, y []int, seed uint64) map[float64]bool {
		d := read(t, x, y, nil)
		out := map[float64]bool{}
		for _, i := range d.landmarks(10, rng.New(seed)) {
			out[x[d.order[i]][0]] = true
		}
		return out
	}
	count := make(map[float64]int)
	for seed := range uint64(400) {
		marks := drawn(x, y, seed)
		if len(marks) != 10 {
			t.Fatalf("%d distinct landmarks, want 10", len(marks))
		}
		for v := range marks {
			count[v]++
		}
	}
	for v := range 40 { // each is expected 100 times, with a deviation of 8.7
		if c := count[float64(v)]; c < 60 || c > 140 {
			t.Errorf("row %d was drawn %d times of 400, want about 100", v, c)
		}
	}
	turned := make([]int, n)
	for i := range y {
		turned[i] = 1 - y[i]
	}
	want := fmt.Sprint(drawn(x, y, 9))
	if got := fmt.Sprint(drawn(append(append([][]float64{}, x...), x...), append(append([]int{}, y...), turned...), 9)); got != want {
		t.Errorf("with rows repeated: %s, want %s", got, want)
	}
	if got := fmt.Sprint(drawn(x, turned, 9)); got != want {
		t.Errorf("with classes exchanged: %s, want %s", got, want)
	}
}

// With all rows as landmarks the kernel is seen whole, and the optimum is that of the
// kernel machine with the squared hinge: f = Σ β K + b with
//
//	β_i = 2 C s_i y_i max(0, 1 - y_i f(x_i)),  Σ β = 0.
func TestAllLandmarks(t *testing.T) {
	g := rng.New(6).Rand()
	const n, cost = 300, 2
	x, y, w := make([][]float64, n), make([]int, n), make([]float64, n)
	for i := range x {
		x[i] = []float64{3 * g.NormFloat64(), 3 * g.NormFloat64(), 3 * g.NormFloat64()}
		if x[i][0]*x[i][1]+3*g.NormFloat64() > 0 {
			y[i] = 1
		}
		w[i] = 0.1 + g.ExpFloat64()
	}
	v, ctx := view(x, y, w), context.Background()
	c, err := Nystroem{Landmarks: n, C: cost, Gamma: 0.7, Tolerance: 1e-9}.Fit(ctx, v)
	if err != nil {
		t.Fatal(err)
	}
	m := c.(*NystroemModel)
	if m.Features() != n {
		t.Fatalf("%d features of %d landmarks; want rows far enough apart", m.Features(), n)
	}
	f, err := m.Margins(ctx, v)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for i, got := range m.segments[0].coeff {
		yi := float64(2*y[i] - 1)
		want := 2 * cost * w[i] * yi * max(0, 1-yi*f[i])
		if !(math.Abs(got-want) <= 1e-4*max(1, math.Abs(want))) {
			t.Errorf("coefficient %d is %v, want %v", i, got, want)
		}
		sum += got
	}
	if !(math.Abs(sum) <= 1e-3) {
		t.Errorf("coefficients sum to %v, want 0", sum)
	}
}
