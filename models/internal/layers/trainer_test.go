package layers

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/rng"
)

func newTrainer(s set, solver Solver, loss Loss, batch int) *Trainer {
	net := NewNet(SparseAffine{Data: s.sparse, Out: 65}, Relu{65}, Dropout{65, 0.2}, Affine{65, 70}, Tanh{70}, Affine{70, 3})
	return &Trainer{Net: net, Weights: net.Init(rng.New(1)), Loss: loss, Solver: solver, Batch: batch, L2: 0.01, Seed: rng.New(2)}
}

// TestSameBytes trains with batches of several blocks and weights of several stretches
// on 1, 2 and 7 cores.
func TestSameBytes(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	g := rand.New(rand.NewPCG(7, 2))
	s := newSet(g, 1000, 20)
	loss := losses(g, s.n, 3)["softmax"]
	for name, solver := range map[string]func() Solver{
		"adam":     func() Solver { return &Adam{Rate: 1e-3} },
		"momentum": func() Solver { return &Momentum{Rate: 0.01, Momentum: 0.9, Nesterov: true} },
		"clipped":  func() Solver { return &Adam{Rate: 1e-3} },
	} {
		var weights []float32
		var sums []float64
		for _, procs := range []int{1, 2, 7} {
			runtime.GOMAXPROCS(procs)
			tr := newTrainer(s, solver(), loss, 400)
			if name == "clipped" {
				tr.Clip, tr.Block = 0.1, 50
			}
			var got []float64
			for range 3 {
				sum, err := tr.Epoch(context.Background(), s.rows)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, sum)
			}
			if procs == 1 {
				weights, sums = tr.Weights, got
			}
			if !slices.Equal(tr.Weights, weights) || !slices.Equal(got, sums) {
				t.Errorf("%s: other weights or losses on %d cores", name, procs)
			}
		}
	}
}

// TestBlocksAddUp: a batch in one piece and the sum of its rows' own gradients agree.
func TestBlocksAddUp(t *testing.T) {
	g := rand.New(rand.NewPCG(8, 2))
	s := newSet(g, 300, 20)
	loss := losses(g, s.n, 3)["squared"]
	net := NewNet(SparseAffine{Data: s.sparse, Out: 10}, Tanh{10}, Affine{10, 3})
	w := net.Init(rng.New(1))
	sum := make([]float64, len(w))
	for _, r := range s.rows {
		b := net.NewTraining(1, rng.New(1))
		loss.Of(b.Forward(w, nil, []int32{r}, 1), b.dOut(), []int32{r})
		b.Backward()
		for i, v := range b.G {
			sum[i] += float64(v)
		}
	}
	tr := &Trainer{Net: net, Weights: slices.Clone(w), Loss: loss, Solver: &Momentum{Rate: 1}, Batch: s.n}
	if _, err := tr.Epoch(context.Background(), s.rows); err != nil {
		t.Fatal(err)
	}
	for i, v := range tr.Weights {
		if want := float64(w[i]) - sum[i]/float64(s.n); !(math.Abs(float64(v)-want) <= 1e-5) {
			t.Errorf("weight %d is %v, want %v", i, v, want)
		}
	}
}

// TestClip: a step follows the mean gradient as long as it is short enough, and else a
// stretch of it of the length that is allowed, whatever the blocks.
func TestClip(t *testing.T) {
	g := rand.New(rand.NewPCG(8, 2))
	s := newSet(g, 300, 20)
	loss := losses(g, s.n, 3)["squared"]
	net := NewNet(SparseAffine{Data: s.sparse, Out: 10}, Tanh{10}, Affine{10, 3})
	w := net.Init(rng.New(1))
	step := func(clip float64, block int) (moved []float64, length float64) {
		tr := &Trainer{Net: net, Weights: slices.Clone(w), Loss: loss, Solver: &Momentum{Rate: 1}, Batch: s.n, Clip: clip, Block: block}
		if _, err := tr.Epoch(context.Background(), s.rows); err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for i, v := range tr.Weights {
			moved = append(moved, float64(v)-float64(w[i]))
			sum += moved[i] * moved[i]
		}
		return moved, math.Sqrt(sum)
	}
	free, length := step(0, 0)
	for _, block := range []int{0, 7, 1000} {
		for _, c := range []struct{ clip, want float64 }{{2 * length, length}, {length / 3, length / 3}} {
			moved, got := step(c.clip, block)
			if !(math.Abs(got-c.want) <= 1e-5*c.want) {
				t.Errorf("Clip %v: a step of %v, want %v", c.clip, got, c.want)
			}
			for i, v := range moved {
				if want := free[i] * c.want / length; !(math.Abs(v-want) <= 1e-5) {
					t.Errorf("Clip %v: weight %d moves by %v, want %v", c.clip, i, v, want)
				}
			}
		}
	}
}

// TestJudge agrees with the loss that training sees before the first step.
func TestJudge(t *testing.T) {
	g := rand.New(rand.NewPCG(9, 2))
	s := newSet(g, 3000, 20)
	loss := losses(g, s.n, 3)["softmax"]
	net := NewNet(SparseAffine{Data: s.sparse, Out: 10}, Tanh{10}, Affine{10, 3})
	tr := &Trainer{Net: net, Weights: net.Init(rng.New(1)), Loss: loss, Solver: &Momentum{Rate: 1}, Batch: s.n}
	judged := tr.Judge(s.rows)
	seen, err := tr.Epoch(context.Background(), s.rows)
	if err != nil {
		t.Fatal(err)
	}
	if !(math.Abs(judged-seen) <= 1e-9*judged) {
		t.Errorf("judged %v, trained from %v", judged, seen)
	}
	if after := tr.Judge(s.rows); !(after < judged) {
		t.Errorf("a step down the gradient took the loss from %v to %v", judged, after)
	}
}

// TestRun goes through epochs in mixed order until it is told that it is enough, and
// names the epoch in which numbers grow out of bounds.
func TestRun(t *testing.T) {
	g := rand.New(rand.NewPCG(9, 2))
	s := newSet(g, 100, 20)
	loss := losses(g, s.n, 3)["softmax"]
	ctx := context.Background()
	run, hand := newTrainer(s, &Adam{Rate: 0.01}, loss, 10), newTrainer(s, &Adam{Rate: 0.01}, loss, 10)
	var means []float64
	err := run.Run(ctx, "test", "net", 9, slices.Clone(s.rows), rng.New(5), func(epoch int, mean float64) (float64, bool) {
		means = append(means, mean)
		return 0, epoch == 3
	})
	if err != nil {
		t.Fatal(err)
	}
	order, mix := slices.Clone(s.rows), rng.New(5).Rand()
	for epoch := range 3 {
		Mix(mix, order)
		sum, err := hand.Epoch(ctx, order)
		if err != nil {
			t.Fatal(err)
		}
		if len(means) != 3 || means[epoch] != sum/float64(s.n) {
			t.Fatalf("mean losses %v; that of epoch %d is %v", means, epoch+1, sum/float64(s.n))
		}
	}
	if !slices.Equal(run.Weights, hand.Weights) || slices.Equal(order, s.rows) {
		t.Error("other weights than by hand, or an order that is not mixed")
	}
	wild := newTrainer(s, &Momentum{Rate: 1e30}, loss, 10)
	if err := wild.Run(ctx, "test", "net", 9, slices.Clone(s.rows), rng.New(5), nil); err == nil || !strings.Contains(err.Error(), "test: numbers grew out of bounds in epoch 1") {
		t.Errorf("error %v", err)
	}
	calm := newTrainer(s, &Adam{Rate: 0.01}, loss, 10)
	judge := func(epoch int, _ float64) (float64, bool) { return math.Inf(epoch - 2), false }
	if err := calm.Run(ctx, "test", "net", 9, slices.Clone(s.rows), rng.New(5), judge); err == nil || !strings.Contains(err.Error(), "epoch 1") {
		t.Errorf("error %v of a judge that has no number", err)
	}
}

func TestEpochStops(t *testing.T) {
	g := rand.New(rand.NewPCG(9, 2))
	s := newSet(g, 100, 20)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := newTrainer(s, &Adam{Rate: 1}, losses(g, s.n, 3)["softmax"], 10).Epoch(ctx, s.rows); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
