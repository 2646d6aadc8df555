// Package golearn answers: how do the learners of the golearn library compare, on
// our folds and with our measures?
//
// It is the library's only importer. Three of its learners are sane and, with the
// care taken here, reproducible to the bit at any number of cores:
//
//	golearn.ID3{}          // categorical decision tree, up to 20,000 rows
//	golearn.BernoulliNB{}  // naive Bayes on yes/no features, any number of rows
//	golearn.KNN{}          // nearest neighbours in its k-d tree, up to 2,000 rows
//
// Given more rows than it can take, a learner fits on a systematic sample of each
// class, and the classifier's Note says so. Row weights are not used.
//
// Left out, with the reason: RandomTree and the forests of it (random whatever the
// seed), the k-NN classifier itself (prints to stdout, and a map's order breaks its
// ties: its k-d tree is used instead), LogisticRegression and LinearSVC (panic under
// Go 1.26), neural networks (constant output), DBSCAN and EM (panic), PCA
// (overwrites its input), isolation forest (feeds the label in).
package golearn

import (
	"fmt"

	"github.com/sjwhitworth/golearn/base"
)

// Noted is a classifier with something to say about how it was fitted.
type Noted interface {
	Note() string
}

// thin returns the rows to fit on, in order: all, or about limit of them taken
// evenly from each class (at least one of each), and a note if rows were left out.
func thin(labels []int, k, limit int) (rows []int, note string) {
	n := len(labels)
	size := make([]int, k)
	for _, y := range labels {
		size[y]++
	}
	seen := make([]int, k)
	for i, y := range labels {
		want := size[y]
		if n > limit {
			want = max(1, size[y]*limit/n)
		}
		// The j-th row of a class is taken where j·want/size steps up.
		j := seen[y]
		seen[y]++
		if j*want/size[y] != (j-1)*want/size[y] || j == 0 {
			rows = append(rows, i)
		}
	}
	if n > limit {
		note = fmt.Sprintf("fitted on %d of %d rows, taken evenly from each class", len(rows), n)
	}
	return rows, note
}

// limit is a MaxRows with its default.
func limit(pkg string, given, usual int) (int, error) {
	switch {
	case given < 0:
		return 0, fmt.Errorf("%s: MaxRows is %d; want at least 1", pkg, given)
	case given == 0:
		return usual, nil
	}
	return given, nil
}

// classAttribute is golearn's form of the target.
func classAttribute(classes []string) *base.CategoricalAttribute {
	a := base.NewCategoricalAttribute()
	a.SetName("class")
	for _, c := range classes {
		a.GetSysValFromString(c) // the way to add a value
	}
	return a
}
