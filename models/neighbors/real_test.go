package neighbors

import (
	"math"
	"testing"

	"flowbook/datasets/nslkdd/nslkddtest"
	"flowbook/internal/table"
	"flowbook/models"
)

// scikit-learn's five neighbours on 122 one-hot, standardised columns are right in
// 17,369 of the 22,544 rows of KDDTest+; their mean share of attack is 0.40320.
func TestKDD(t *testing.T) {
	train, test := nslkddtest.View(t, "KDDTrain+"), nslkddtest.View(t, "KDDTest+")
	p := predict(t, fit(t, KNN{}, train), test)
	if hits := right(p, test); hits != 17369 {
		t.Errorf("%d rows right, want 17369", hits)
	}
	mean := 0.0
	for _, v := range p.Scores("attack") {
		mean += v / float64(p.Rows())
	}
	if !(math.Abs(mean-0.40320262597586937) <= 1e-9) {
		t.Errorf("mean share %v, want 0.40320", mean)
	}
}

func right(p models.Prediction, v table.View) int {
	c, _ := v.Target()
	hits := 0
	for i := range p.Rows() {
		if p.Classes[p.Best(i)] == c.String(i) {
			hits++
		}
	}
	return hits
}
