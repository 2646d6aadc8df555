package resample

import (
	"slices"
	"strings"
	"testing"

	"flowbook/internal/rng"
)

// Seven rows by hand. Label 0 is the background, of groups 0, 1 and 2; K = 3 keeps
// one group of them. Row 5 has the features of row 4, but another label.
func TestLeaveLabelOutByHand(t *testing.T) {
	labels := []int{0, 0, 0, 7, 7, 9, 9}
	groups := []int{0, 1, 2, 3, 4, 4, 5}
	f, left, err := LeaveLabelOut{K: 3, Seed: rng.New(1)}.Split(labels, groups, 0)
	if err != nil || !slices.Equal(left, []int{7, 9}) || f.Len() != 2 {
		t.Fatalf("%v leaves out %v, %v", f, left, err)
	}
	kept := f.Test[0][0]
	if kept > 2 || f.Test[1][0] != kept {
		t.Fatalf("the folds judge background rows %d and %d", kept, f.Test[1][0])
	}
	var others []int
	for r := range 3 {
		if r != kept {
			others = append(others, r)
		}
	}
	for i, want := range []struct{ test, train []int }{
		{[]int{kept, 3, 4}, append(slices.Clone(others), 6)}, // row 5 is a copy of row 4
		{[]int{kept, 5, 6}, append(slices.Clone(others), 3)}, // row 4 is a copy of row 5
	} {
		if !slices.Equal(f.Test[i], want.test) || !slices.Equal(f.Train[i], want.train) {
			t.Errorf("fold %d learns from %v and judges %v, want %v and %v", i, f.Train[i], f.Test[i], want.train, want.test)
		}
	}
}

// Whatever the labels and groups: the label is nowhere in training, every row of it
// is judged, the same tenth of the background is, and no group is on both sides.
func TestLeaveLabelOutLaws(t *testing.T) {
	labels, groups := data(3000)
	f, left, err := LeaveLabelOut{Seed: rng.New(4)}.Split(labels, groups, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Check(len(labels)); err != nil {
		t.Error(err)
	}
	if !slices.Equal(left, []int{0, 2}) {
		t.Errorf("labels %v are left out", left)
	}
	background := counts(Folds{Test: [][]int{all(len(labels))}}, labels, 3)[0][1]
	var first []int
	for i, l := range left {
		side := map[int]int{}
		for _, r := range f.Train[i] {
			if labels[r] == l {
				t.Fatalf("fold %d learns from row %d of label %d", i, r, l)
			}
			side[groups[r]] = 1
		}
		var judged []int
		of := 0
		for _, r := range f.Test[i] {
			switch labels[r] {
			case l:
				of++
			case 1:
				judged = append(judged, r)
			default:
				t.Fatalf("fold %d judges row %d of label %d", i, r, labels[r])
			}
			if side[groups[r]] == 1 {
				t.Fatalf("fold %d: group %d is on both sides", i, groups[r])
			}
			side[groups[r]] = 2
		}
		if want := counts(Folds{Test: [][]int{all(len(labels))}}, labels, 3)[0][l]; of != want {
			t.Errorf("fold %d judges %d of %d rows of label %d", i, of, want, l)
		}
		if d := len(judged) - background/10; d < -3 || d > 3 {
			t.Errorf("%d of %d background rows are judged", len(judged), background)
		}
		if i == 0 {
			first = judged
		} else if !slices.Equal(first, judged) {
			t.Error("the folds judge other background rows")
		}
		for r := range labels { // nothing is left out without need
			if _, used := side[groups[r]]; !used {
				t.Fatalf("fold %d has no use for row %d", i, r)
			}
		}
	}
	again, _, _ := LeaveLabelOut{Seed: rng.New(4)}.Split(labels, groups, 1)
	other, _, _ := LeaveLabelOut{Seed: rng.New(5)}.Split(labels, groups, 1)
	if again.Fingerprint() != f.Fingerprint() || other.Fingerprint() == f.Fingerprint() {
		t.Error("the seed does not decide the folds")
	}
}

func all(n int) []int {
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	return rows
}

func TestLeaveLabelOutRefuses(t *testing.T) {
	labels, groups := []int{0, 0, 0, 1, 1, 2}, []int{0, 1, 2, 3, 4, 5}
	if _, left, err := (LeaveLabelOut{K: 2, MinRows: 2}).Split(labels, groups, 0); err != nil || !slices.Equal(left, []int{1}) {
		t.Errorf("labels of two rows and more: %v, %v", left, err)
	}
	for want, c := range map[string]struct {
		s          LeaveLabelOut
		background int
		groups     []int
	}{
		"MinRows is -1": {LeaveLabelOut{K: 2, MinRows: -1}, 0, groups},
		"has 3 rows":    {LeaveLabelOut{K: 2, MinRows: 3}, 0, groups},
		"K is 10":       {LeaveLabelOut{}, 0, groups},
		"K is 2":        {LeaveLabelOut{K: 2}, 9, groups},
		"nothing is":    {LeaveLabelOut{K: 2}, 0, []int{0, 1, 0, 1, 0, 0}},
	} {
		if _, _, err := c.s.Split(labels, c.groups, c.background); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}
