package nslkdd

import (
	"slices"

	"flowbook/internal/rng"
)

// copyTwins gives n rows of t.As in to the features of rows of t.Attack in from.
// Under the same label the difficulty goes along (in all 610 real cases it is the
// same); under another it stays. Rows that are already twins are left alone, so
// rounds do not undo each other.
func copyTwins(from, to *sheet, t Twin, n int, seed rng.Seed) {
	sameLabel := t.Attack == t.As
	source := from.candidates(t.Attack, func(i int) bool { return !sameLabel || (from.difficulty[i] == hardest) == t.Easy })
	target := to.candidates(t.As, func(i int) bool { return t.Of == t.In || (to.difficulty[i] == hardest) == t.Easy })
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

// candidates are rows of an attack type that are not twins yet. The handful with
// urgent packets are left out: which class has them is a finding.
func (s *sheet) candidates(attack string, keep func(i int) bool) []int {
	a := uint8(slices.Index(attacks, attack))
	var rows []int
	for i, b := range s.attack {
		if b == a && !s.twin[i] && s.column[urgentColumn][i] == 0 && keep(i) {
			rows = append(rows, i)
		}
	}
	return rows
}
