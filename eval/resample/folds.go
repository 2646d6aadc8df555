// Package resample answers: which rows are learnt from and which are judged on?
//
// A splitter is a value whose zero value works. It deals row numbers into Folds,
// the same ones for the same seed whatever the number of cores, and a
// fingerprint proves that two runs used the same.
//
//	labels, _, err := train.Labels()
//	folds, err := resample.StratifiedGroupKFold{K: 10, Seed: seed}.Split(labels, resample.GroupsOf(train))
package resample

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"

	"flowbook/internal/exhibit"
)

// Folds is a list of splits of the rows 0 … n-1 of a view. The splitters of this
// package give ascending row numbers, test folds that partition the rows, and
// training rows that are all the others; folds made by hand need not.
type Folds struct {
	Name  string  // what they are, for captions: "10 stratified folds"
	Train [][]int // rows to fit on, one list a fold
	Test  [][]int // rows to judge on
}

// Len is the number of folds.
func (f Folds) Len() int { return len(f.Test) }

// Fingerprint is the SHA-256 of all row numbers in order.
func (f Folds) Fingerprint() exhibit.Fingerprint {
	h := sha256.New()
	for i := range f.Test {
		write(h, f.Train[i])
		write(h, f.Test[i])
	}
	return exhibit.Fingerprint{Name: f.Name, SHA256: hex.EncodeToString(h.Sum(nil))}
}

func write(h hash.Hash, rows []int) {
	b := binary.LittleEndian.AppendUint64(make([]byte, 0, 8*len(rows)+8), uint64(len(rows)))
	for _, r := range rows {
		b = binary.LittleEndian.AppendUint64(b, uint64(r))
	}
	h.Write(b)
}

// Check reports the first fold that cannot be used on n rows: empty, out of range, a
// row judged twice, or one both learnt from and judged on. Training rows may repeat, as
// those of a bootstrap do.
func (f Folds) Check(n int) error {
	if len(f.Train) != len(f.Test) || len(f.Test) == 0 {
		return fmt.Errorf("resample: %s: %d training and %d test lists; want as many, at least one", f.Name, len(f.Train), len(f.Test))
	}
	seen := make([]int, n) // 2i+1: in the training rows of fold i, 2i+2: in its test rows
	for i := range f.Test {
		for part, rows := range [][]int{f.Train[i], f.Test[i]} {
			what := []string{"training", "test"}[part]
			if len(rows) == 0 {
				return fmt.Errorf("resample: %s: fold %d has no %s rows", f.Name, i, what)
			}
			for _, r := range rows {
				if r < 0 || r >= n {
					return fmt.Errorf("resample: %s: fold %d: %s row %d of %d rows; split the same rows that are judged", f.Name, i, what, r, n)
				}
				if s := seen[r]; s > 2*i && part == 1 {
					return fmt.Errorf("resample: %s: fold %d: row %d comes twice among its training and test rows", f.Name, i, r)
				}
				seen[r] = 2*i + 1 + part
			}
		}
	}
	return nil
}

// deal makes Folds from the fold that judges each row.
func deal(name string, foldOf []int32, k int) (Folds, error) {
	f := Folds{Name: name, Train: make([][]int, k), Test: make([][]int, k)}
	sizes := make([]int, k)
	for _, j := range foldOf {
		sizes[j]++
	}
	for j, size := range sizes {
		if size == 0 {
			return Folds{}, fmt.Errorf("resample: %s: fold %d would be empty; use fewer folds", name, j)
		}
		f.Test[j] = make([]int, 0, size)
		f.Train[j] = make([]int, 0, len(foldOf)-size)
	}
	for r, at := range foldOf {
		for j := range k {
			if j == int(at) {
				f.Test[j] = append(f.Test[j], r)
			} else {
				f.Train[j] = append(f.Train[j], r)
			}
		}
	}
	return f, nil
}

// count returns K, or 10 for 0.
func count(k, n int, of string) (int, error) {
	if k == 0 {
		k = 10
	}
	if k < 2 || k > n {
		return 0, fmt.Errorf("resample: K is %d; want 2 to %d, the number of %s", k, n, of)
	}
	return k, nil
}

// canonical renumbers ids by first appearance, so that renaming them changes no fold.
func canonical(ids []int) (out []int, n int) {
	out = slices.Clone(ids)
	to := map[int]int{}
	for i, id := range out {
		c, ok := to[id]
		if !ok {
			c = len(to)
			to[id] = c
		}
		out[i] = c
	}
	return out, len(to)
}
