package svm_test

import (
	"context"
	"testing"

	"flowbook/datasets/nslkdd/nslkddtest"
	"flowbook/models"
	"flowbook/models/encode"
	"flowbook/models/svm"
)

// scikit-learn's SVC with its defaults, fitted on the first 10,000 rows of KDDTrain+
// (116 one-hot, standardised columns), has 409 and 497 support vectors and is right in
// 17,509 rows of KDDTest+. Its tolerance leaves the last few to chance.
func TestKDD(t *testing.T) {
	train, test := nslkddtest.View(t, "KDDTrain+"), nslkddtest.View(t, "KDDTest+")
	rows := make([]int, 10000)
	for i := range rows {
		rows[i] = i
	}
	m := fit[*svm.Machine](t, encode.Then(svm.RBF{}, encode.OneHot{}, encode.Standardize{}), train.Take(rows))
	if n := m.Pairs()[0].Vectors; n < 900 || n > 912 {
		t.Errorf("%d support vectors, want about 906", n)
	}
	p := must[models.Prediction](t)(m.Predict(context.Background(), test))
	right := 0
	for i, class := range test.Strings("is_attack") {
		if p.Classes[p.Best(i)] == class {
			right++
		}
	}
	if right < 17500 || right > 17518 {
		t.Errorf("%d rows right, want about 17509", right)
	}
}
