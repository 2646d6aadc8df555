package resample

import (
	"fmt"
	"slices"

	"flowbook/internal/rng"
)

// LeaveLabelOut makes a fold for each label, an attack type, say: it learns from
// no row of the label and is judged on all of them, which asks what a model makes
// of an attack that it has never met. Rows of one background label, normal
// traffic, are in every fold on both sides: one in K is kept for judging, the same
// ones in all folds, so that false alarms are counted on rows that nothing was
// learnt from.
//
// Rows of a group stay together: what shares a group with a row that a fold judges
// is not learnt from in that fold, whatever its label (see GroupsOf).
type LeaveLabelOut struct {
	K       int      // one in K rows of the background is judged, 2 to the number of its groups; 0 means 10
	MinRows int      // labels with fewer rows get no fold and are always learnt from; 0 means 1
	Seed    rng.Seed // of the background rows that are judged
}

// Split makes the folds, by ascending label, and says which label each leaves out.
// Unlike those of the other splitters, test rows do not partition the rows. It
// panics if the lengths differ; it fails where K or MinRows is out of range, where
// the background has too few groups, and where no label has MinRows rows.
func (s LeaveLabelOut) Split(labels, groups []int, background int) (f Folds, left []int, err error) {
	if len(labels) != len(groups) {
		panic(fmt.Sprintf("resample: %d labels and %d groups", len(labels), len(groups)))
	}
	if s.MinRows < 0 {
		return Folds{}, nil, fmt.Errorf("resample: MinRows is %d; want at least 0", s.MinRows)
	}
	kept, err := s.kept(labels, groups, background)
	if err != nil {
		return Folds{}, nil, err
	}
	rows := map[int]int{}
	for _, l := range labels {
		rows[l]++
	}
	for l, n := range rows {
		if l != background && n >= s.MinRows {
			left = append(left, l)
		}
	}
	if len(left) == 0 {
		return Folds{}, nil, fmt.Errorf("resample: no label but the background has %d rows; lower MinRows", s.MinRows)
	}
	slices.Sort(left)

	f.Name = fmt.Sprintf("%d folds that leave a label out", len(left))
	judged := make(map[int]int, len(groups)) // by group: 1 + the last fold that judges a row of it
	for i, l := range left {
		var test, train []int
		for r := range labels {
			if kept[r] || labels[r] == l {
				test = append(test, r)
				judged[groups[r]] = i + 1
			}
		}
		for r := range labels {
			if judged[groups[r]] != i+1 {
				train = append(train, r)
			}
		}
		if len(train) == 0 {
			return Folds{}, nil, fmt.Errorf("resample: nothing is left to learn from without label %d", l)
		}
		f.Test, f.Train = append(f.Test, test), append(f.Train, train)
	}
	return f, left, nil
}

// kept marks the background rows that are judged.
func (s LeaveLabelOut) kept(labels, groups []int, background int) ([]bool, error) {
	var rows, of []int
	for r, l := range labels {
		if l == background {
			rows, of = append(rows, r), append(of, groups[r])
		}
	}
	folds, err := GroupKFold{K: s.K, Seed: s.Seed.At("background")}.Split(of)
	if err != nil {
		return nil, fmt.Errorf("resample: background rows: %w", err)
	}
	kept := make([]bool, len(labels))
	for _, i := range folds.Test[0] {
		kept[rows[i]] = true
	}
	return kept, nil
}
