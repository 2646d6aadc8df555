package nslkdd

import (
	"slices"

	"flowbook/internal/rng"
)

// copyTwins gives n rows of t.As in to the features of rows of t.Attack in from.
// Under the same label the difficulty goes along (in all 610 real cases it is the
// same); under another it stays. Two labels in the test part are hard for somebody:
// both rows come from below difficulty 21 (52 of 54 real cases). Rows that are already twins are never overwritten,
// so rounds do not undo each other.
func copyTwins(from, to *sheet, t Twin, n int, seed rng.Seed) {
	sameLabel := t.Attack == t.As
	level := func(s *sheet, asked bool) func(i int) bool {
		return func(i int) bool { return !asked || (s.difficulty[i] == hardest) == t.Easy }
	}
	source := from.candidates(t.Attack, t.Known, level(from, sameLabel || t.Of == "test"))
	target := to.candidates(t.As, false, level(to, t.In == "test"))
	g := seed.Rand()
	g.Shuffle(len(source), func(a, b int) { source[a], source[b] = source[b], source[a] })
	g.Shuffle(len(target), func(a, b int) { target[a], target[b] = target[b], target[a] })
	for r := range min(n, len(source), len(target)) {
		j, i := source[r], target[r]
		for k := range FeatureCount {
			to.column[k][i] = from.column[k][j]
		}
		if sameLabel {
			to.difficulty[i] = from.difficulty[j]
		}
		from.twin[j], to.twin[i] = true, true
	}
}

// candidates are rows of an attack type that are twins already, or not yet. The
// handful with urgent packets are left out: which class has them is a finding.
func (s *sheet) candidates(attack string, twin bool, keep func(i int) bool) []int {
	a := uint8(slices.Index(attacks, attack))
	var rows []int
	for i, b := range s.attack {
		if b == a && s.twin[i] == twin && s.column[urgentColumn][i] == 0 && keep(i) {
			rows = append(rows, i)
		}
	}
	return rows
}
