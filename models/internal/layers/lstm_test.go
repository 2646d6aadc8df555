package layers

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"

	"flowbook/internal/rng"
)

// TestLSTMAnswersAsOnnxruntimes holds one layer, and two on top of each other, to the
// operator of onnxruntime, within float32's rounding and that of its sigmoid.
func TestLSTMAnswersAsOnnxruntimes(t *testing.T) {
	var peer struct {
		Sizes     []int
		Steps     int
		X         []float32
		Weights   [][]float32
		All, Last [][]float32
	}
	text, err := os.ReadFile("testdata/lstm.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &peer); err != nil {
		t.Fatal(err)
	}
	n := len(peer.X) / peer.Steps / peer.Sizes[0]
	first := LSTM{Steps: peer.Steps, In: peer.Sizes[0], Hidden: peer.Sizes[1]}
	second := LSTM{Steps: peer.Steps, In: peer.Sizes[1], Hidden: peer.Sizes[2]}
	all := func(l LSTM) LSTM { l.All = true; return l }
	both := slices.Concat(peer.Weights...)
	for _, c := range []struct {
		what string
		net  *Net
		w    []float32
		want []float32
	}{
		{"all of one", NewNet(all(first)), peer.Weights[0], peer.All[0]},
		{"last of one", NewNet(first), peer.Weights[0], peer.Last[0]},
		{"all of two", NewNet(all(first), all(second)), both, peer.All[1]},
		{"last of two", NewNet(all(first), second), both, peer.Last[1]},
	} {
		b := c.net.NewBuffers(n)
		near(t, c.what, b.Forward(c.w, peer.X, nil, n), c.want, 2e-6)
		near(t, c.what+", again", b.Forward(c.w, peer.X, nil, n), c.want, 2e-6)
		alone := c.net.NewBuffers(1).Forward(c.w, peer.X[:len(peer.X)/n], nil, 1)
		if !slices.Equal(alone, b.Forward(c.w, peer.X, nil, n)[:len(alone)]) {
			t.Errorf("%s: the first row alone has another answer", c.what)
		}
	}
}

// TestLSTMBuffersAreUsedAgain: what earlier rows left in the buffers, more or fewer of
// them, does not show in the next gradient.
func TestLSTMBuffersAreUsedAgain(t *testing.T) {
	net := NewNet(Affine{In: 6, Out: 6}, LSTM{Steps: 3, In: 2, Hidden: 4, All: true}, LSTM{Steps: 3, In: 4, Hidden: 3})
	w, g := net.Init(rng.New(1)), rng.New(2).Rand()
	x := normal(g, 20*6)
	gradient := func(b *Buffers, n int) []float32 {
		clear(b.G)
		copy(b.dOut(), b.Forward(w, x, nil, n))
		b.Backward()
		return slices.Clone(b.G)
	}
	used := net.NewTraining(20, rng.New(3))
	for _, n := range []int{20, 3, 7, 20, 1} {
		if !slices.Equal(gradient(used, n), gradient(net.NewTraining(20, rng.New(3)), n)) {
			t.Errorf("%d rows have another gradient in used buffers", n)
		}
	}
}

func TestLSTMBeginsByRemembering(t *testing.T) {
	l := LSTM{Steps: 2, In: 3, Hidden: 5}
	_, _, bias := l.split(NewNet(l).Init(rng.New(1)))
	if want := slices.Concat(make([]float32, 5), []float32{1, 1, 1, 1, 1}, make([]float32, 10)); !slices.Equal(bias, want) {
		t.Errorf("biases %v, want %v", bias, want)
	}
}

// BenchmarkLSTM takes one step of training on the windows of ten series of 92 days.
func BenchmarkLSTM(b *testing.B) {
	const rows, steps = 780, 14
	for _, hidden := range []int{16, 32} {
		b.Run(fmt.Sprintf("rows=%d/steps=%d/hidden=%d", rows, steps, hidden), func(b *testing.B) {
			net := NewNet(Affine{In: steps, Out: steps}, LSTM{Steps: steps, In: 1, Hidden: hidden}, Affine{In: hidden, Out: 1})
			w, g := net.Init(rng.New(1)), rng.New(2).Rand()
			x, buffers := normal(g, rows*steps), net.NewTraining(rows, rng.New(3))
			b.ReportAllocs()
			for b.Loop() {
				z := buffers.Forward(w, x, nil, rows)
				copy(buffers.dOut(), z)
				buffers.Backward()
			}
			b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
