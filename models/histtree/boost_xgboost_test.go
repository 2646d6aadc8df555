package histtree

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"flowbook/internal/table"
)

// Grown level by level, the trees are XGBoost's, but for its floats of 32 bits.
func TestDepthWiseIsXGBoost(t *testing.T) {
	var peers struct {
		Models []struct {
			Number               bool
			Trees, Depth, Leaves int
			L2, MinHessian, Rate float64
			Columns              [][]*float64
			Target, Answers      []float64
		}
	}
	raw, err := os.ReadFile("testdata/xgboost.json")
	if err == nil {
		err = json.Unmarshal(raw, &peers)
	}
	if err != nil || len(peers.Models) == 0 {
		t.Fatalf("testdata/xgboost.json: %v", err)
	}
	for i, p := range peers.Models {
		l := Boost{Trees: p.Trees, MaxDepth: p.Depth, DepthWise: true, L2: p.L2, MinHessian: p.MinHessian, MinLeaf: 1, Rate: p.Rate}
		tab := numberTable(p.Columns, p.Target, nil)
		answers, nodes, spread := []float64(nil), 0, 1.0
		if p.Number {
			m := regressed(t, l, tab.View())
			answers = estimated(t, m, tab.View())
			nodes, _ = m.Size()
			spread = 1000
		} else {
			class := make([]string, len(p.Target))
			for r, c := range p.Target {
				class[r] = []string{"a", "b"}[int(c)]
			}
			v := table.Must(tab.With(table.Text("target", class).As(table.Label))).View()
			m := boosted(t, l, v)
			answers = predicted(t, m, v).Scores("b")
			nodes, _ = m.Size()
		}
		if leaves := (nodes + p.Trees) / 2; leaves != p.Leaves {
			t.Errorf("model %d: %d leaves, want %d", i, leaves, p.Leaves)
		}
		off := 0.0
		for r, want := range p.Answers {
			off = max(off, math.Abs(answers[r*7]-want))
			if !(math.Abs(answers[r*7]-want) <= 1e-5*spread) {
				t.Errorf("model %d, row %d: %v, want %v", i, r*7, answers[r*7], want)
			}
		}
		t.Logf("model %d: at most %.2g apart", i, off)
	}
}

// Level by level, leaves are at most one level apart.
func TestDepthWiseLevels(t *testing.T) {
	tab := numberTable(nil, make([]float64, 4096), nil)
	x, y := make([]float64, 4096), make([]float64, 4096)
	for i := range x {
		x[i], y[i] = float64(i%250), float64(i%250)
		if x[i] >= 125 {
			y[i] = 10 * x[i] // gains are largest on this side
		}
	}
	v := table.Must(tab.With(table.Float("x", "", x), table.Float("target", "", y).As(table.Label))).View()
	wise, wide := 0, 0
	for _, deep := range []bool{true, false} {
		m := regressed(t, Boost{Trees: 1, Leaves: 24, DepthWise: deep}, v)
		if n, _ := m.Size(); n != 47 {
			t.Fatalf("%d nodes, want 47: 24 leaves", n)
		}
		if deep {
			wise = m.Depth()
		} else {
			wide = m.Depth()
		}
	}
	if wise != 5 || wide <= 5 {
		t.Errorf("24 leaves: depth %d level by level, want 5; %d leaf by leaf, want more", wise, wide)
	}
}
