package anomaly

import (
	"math"
	"testing"

	"flowbook/internal/table"
)

// naiveForest scores rows as the paper says it: one row down one tree at a time.
func naiveForest(m *isolationForest, v table.View) []float64 {
	out := make([]float64, v.Rows())
	for i := range out {
		total := 0.0
		for _, t := range m.trees {
			n, depth := t.nodes[0], 0
			at := 0
			for n.feature&7 != 0 {
				f := m.plan.Source[m.plan.Columns[n.feature>>3].Source]
				right := false
				switch c := v.Table().Column(f.Name); {
				case f.Kind == table.CodeKind && n.at == 0:
					right = c.String(v.Row(i)) != ""
				case f.Kind == table.CodeKind:
					right = c.String(v.Row(i)) != f.Levels[int(n.at)-1]
				case math.IsNaN(c.At(v.Row(i))):
					right = n.feature&missingRight != 0
				default:
					right = c.At(v.Row(i)) > n.at
				}
				at = int(n.left)
				if right {
					at++
				}
				n = t.nodes[at]
				depth++
			}
			if rest := t.path[at] - float64(depth); rest < 0 || depth > t.depth {
				return nil
			}
			total += t.path[at]
		}
		out[i] = math.Exp2(-total / float64(len(m.trees)) / meanPath(m.sample))
	}
	return out
}

// The forest's walk of four rows at a time is the paper's.
func TestForestIsItsNaiveTwin(t *testing.T) {
	v := gappy(500)
	m := fit(t, Forest{Trees: 20, Sample: 100}, v.Take(first(300))).(*isolationForest)
	got, want := score(t, m, v), naiveForest(m, v)
	for i, s := range got {
		if !(math.Abs(s-want[i]) <= 1e-14) {
			t.Fatalf("row %d scores %v, want %v", i, s, want[i])
		}
	}
}
