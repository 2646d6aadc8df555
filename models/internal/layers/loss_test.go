package layers

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestRebuiltIsSquared: rows as their own targets, in both forms.
func TestRebuiltIsSquared(t *testing.T) {
	g := rand.New(rand.NewPCG(5, 2))
	s := newSet(g, 40, 30)
	z := normal(g, s.n*s.p)
	want := make([]float32, len(z))
	loss := Squared{Target: s.dense, K: s.p}.Of(z, want, s.rows)
	for form, d := range map[string]Data{"dense": {N: s.n, P: s.p, Rows: s.dense}, "sparse": {N: s.n, P: s.p, Sparse: s.sparse}} {
		got := make([]float32, len(z))
		if sum := (Rebuilt{d}).Of(z, got, s.rows); sum != loss || !slices.Equal(got, want) {
			t.Errorf("%s: loss %v, want %v", form, sum, loss)
		}
		if sum := (Rebuilt{d}).Of(z, nil, s.rows); sum != loss {
			t.Errorf("%s: loss %v without derivatives, want %v", form, sum, loss)
		}
	}
}
