package histtree

import (
	"context"
	"fmt"
	"math"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
)

type scored interface {
	models.Classifier
	Scorer() *Scorer
}

// rowOf is row i of a table as a Scorer takes it.
func rowOf(s *Scorer, schema table.Schema, rows *table.Table, i int) []float64 {
	row := make([]float64, s.Width())
	for f, field := range schema {
		if c := rows.Column(field.Name); c.Kind == table.CodeKind {
			row[f] = s.Code(s.Feature(field.Name), c.String(i))
		} else {
			row[f] = c.At(i)
		}
	}
	return row
}

func schemaOf(m models.Classifier) table.Schema {
	return m.(interface{ Schema() table.Schema }).Schema()
}

// A Scorer says, to the bit, what Predict says, of walked trees and of others.
func TestScorerIsPredict(t *testing.T) {
	random := newStream(rng.New(21))
	g := func(n int) int { return int(random.below(uint64(n))) }
	for _, l := range []models.Learner{
		Tree{}, Forest{Trees: 7}, Forest{Trees: 40}, Forest{Trees: 40, MaxLeaves: 64}, Forest{Trees: 20, MaxLeaves: 64, NoBootstrap: true},
		Boost{Trees: 15, MinLeaf: 1}, Boost{Trees: 16, MinLeaf: 1}, Boost{Trees: 30, MinLeaf: 1, Leaves: 64}, Boost{Trees: 30, MinLeaf: 1, Leaves: 80},
	} {
		for k := 1; k <= 4; k++ {
			train, test := small(g, 500, k, 70, true, false), small(g, 300, k, 90, true, false)
			fit, err := l.Fit(context.Background(), train.View())
			if err != nil {
				t.Fatal(err)
			}
			m := fit.(scored)
			s := m.Scorer()
			want := predicted(t, m, test.View())
			p := make([]float64, len(want.Classes))
			for i := range want.Rows() {
				s.Score(p, rowOf(s, schemaOf(m), test, i))
				for c, w := range want.Row(i) {
					if math.Float64bits(p[c]) != math.Float64bits(w) {
						t.Fatalf("%+v, %d classes, row %d: %v, want %v", l, k, i, p, want.Row(i))
					}
				}
			}
		}
	}
}

func TestRegressedScorerIsEstimate(t *testing.T) {
	random := newStream(rng.New(23))
	g := func(n int) int { return int(random.below(uint64(n))) }
	train, test := small(g, 500, 2, 70, true, false), small(g, 300, 2, 90, true, false)
	for _, trees := range []int{3, 30} {
		m := regressed(t, Boost{Trees: trees, MinLeaf: 2}, train.View().WithTarget("c"))
		s, e, y := m.Scorer(), m.Describe(), make([]float64, 1)
		for i, want := range estimated(t, m, test.View()) {
			s.Score(y, rowOf(s, m.Schema(), test, i))
			sum := 0.0
			for _, tree := range e.Trees {
				sum += leafOf(e, tree, test, i).Values[0]
			}
			if y[0] != want || sum+e.Base[0] != want {
				t.Fatalf("%d trees, row %d: %v, by its description %v, want %v", trees, i, y[0], sum+e.Base[0], want)
			}
		}
	}
}

// What quick adds up is what walking adds up, to the bit.
func TestQuickIsWalking(t *testing.T) {
	random := newStream(rng.New(22))
	g := func(n int) int { return int(random.below(uint64(n))) }
	quicks := 0
	for round := range 60 {
		k := 1 + round%4
		train, test := small(g, 50+g(800), k, 3+g(150), round%2 == 0, round%3 == 0).View(), small(g, 300, k, 200, true, false).View()
		for _, l := range []models.Learner{Forest{Trees: 16 + g(20), MaxLeaves: 2 + g(70), Seed: rng.New(uint64(round))}, Boost{Trees: 16 + g(20), MinLeaf: 1, Leaves: 2 + g(70)}} {
			m, err := l.Fit(context.Background(), train)
			if err != nil {
				t.Fatal(err)
			}
			quick := predicted(t, m, test)
			inner, ok := m.(*Model)
			if !ok {
				inner = m.(*Boosted).model
			}
			if inner.quick != nil {
				quicks++
			}
			inner.quick = nil
			walked := predicted(t, m, test)
			for i, v := range quick.P {
				if math.Float64bits(v) != math.Float64bits(walked.P[i]) {
					t.Fatalf("round %d, %s: %v, walking %v", round, l.Name(), v, walked.P[i])
				}
			}
		}
	}
	if quicks < 90 { // those of one class have no trees to speak of
		t.Errorf("%d models of 120 were quick", quicks)
	}
}

// A leaf needs a bit: 64 are quick, 65 are not.
func TestQuickLeaves(t *testing.T) {
	v := flows(3000, 10, 2, rng.New(1)).View()
	for _, leaves := range []int{63, 64, 65} {
		m := fitted(t, Forest{Trees: 20, MaxLeaves: leaves}, v)
		if n, _ := m.Size(); n != 20*(2*leaves-1) {
			t.Fatalf("%d nodes of 20 trees, want %d leaves each", n, leaves)
		}
		if (m.quick != nil) != (leaves <= 64) {
			t.Errorf("%d leaves: quick is %v", leaves, m.quick != nil)
		}
	}
}

// Codes that no level has are those of a level that training did not know.
func TestScorerTakesAnyNumber(t *testing.T) {
	train := flows(2000, 8, 2, rng.New(1))
	m := fitted(t, Forest{Trees: 20}, train.View())
	s := m.Scorer()
	f := s.Feature("x01")
	row := rowOf(s, m.schema, train, 5)
	want, p := make([]float64, 2), make([]float64, 2)
	row[f] = s.Code(f, "no such level")
	s.Score(want, row)
	for _, x := range []float64{-1, -7, 1e9, 1e300, 1.5, math.Inf(1), math.Inf(-1), 71} {
		row[f] = x
		if s.Score(p, row); p[0] != want[0] {
			t.Errorf("code %v: %v, want %v", x, p, want)
		}
	}
	row[f] = 0
	s.Score(want, row)
	row[f] = math.NaN()
	if s.Score(p, row); p[0] != want[0] {
		t.Errorf("NaN of a category: %v, missing %v", p, want)
	}
}

func TestScorerDoesNotAllocate(t *testing.T) {
	train := flows(3000, 12, 3, rng.New(1))
	for _, m := range []scored{fitted(t, Forest{Trees: 20}, train.View()), boosted(t, Boost{Trees: 20}, train.View())} {
		s := m.Scorer()
		p, row := make([]float64, 3), rowOf(s, schemaOf(m), train, 0)
		if n := testing.AllocsPerRun(100, func() { s.Score(p, row) }); n != 0 {
			t.Errorf("%T: %v allocations a row", m, n)
		}
	}
}

// One row after the other; ns/op is the time of a row.
func BenchmarkScorer(b *testing.B) {
	n := 20_000
	train := flows(n, 41, 2, rng.New(1))
	for _, m := range []scored{boosted(b, Boost{}, train.View()), fitted(b, Forest{}, train.View())} {
		s := m.Scorer()
		var rows [][]float64
		for i := range 2000 {
			rows = append(rows, rowOf(s, schemaOf(m), train, i))
		}
		p := make([]float64, 2)
		nodes, _ := m.(models.Sized).Size()
		b.Run(fmt.Sprintf("%T/trees=100/nodes=%d", m, nodes), func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				s.Score(p, rows[i%len(rows)])
				i++
			}
		})
	}
}
