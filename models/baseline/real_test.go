package baseline

import (
	"context"
	"math"
	"testing"

	"flowbook/datasets/nslkdd/nslkddtest"
)

// The trivial rules of the literature: src_bytes ≤ 28 is right for 79.99 % of
// KDDTest+ and 63.20 % of KDDTest-21, always-attack for 56.92 % and 81.84 %.
func TestTrivialRulesOnKDD(t *testing.T) {
	train := nslkddtest.View(t, "KDDTrain+").Select("src_bytes")
	rule := fit(t, OneRule{}, train).(*Rule)
	always := fit(t, Always{Class: "attack"}, train)
	for _, c := range []struct {
		file         string
		rule, always float64
	}{{"KDDTest+", 0.7999, 0.5692}, {"KDDTest-21", 0.6320, 0.8184}} {
		test := nslkddtest.View(t, c.file)
		target, _ := test.Target()
		p, err := always.Predict(context.Background(), test)
		if err != nil {
			t.Fatal(err)
		}
		q, err := rule.Predict(context.Background(), test)
		if err != nil {
			t.Fatal(err)
		}
		hits, learnt, told := 0, 0, 0
		bytes := test.Floats("src_bytes")
		for i := range test.Rows() {
			truth := target.String(i)
			if p.Classes[p.Best(i)] == truth {
				hits++
			}
			if q.Classes[q.Best(i)] == truth {
				learnt++
			}
			if (bytes[i] <= 28) == (truth == "attack") {
				told++
			}
		}
		n := float64(test.Rows())
		if got := float64(hits) / n; !(math.Abs(got-c.always) <= 5e-5) {
			t.Errorf("%s: always-attack %.4f, want %.4f", c.file, got, c.always)
		}
		if got := float64(told) / n; !(math.Abs(got-c.rule) <= 5e-5) {
			t.Errorf("%s: src_bytes ≤ 28 %.4f, want %.4f", c.file, got, c.rule)
		}
		if got := float64(learnt) / n; !(math.Abs(got-c.rule) <= 5e-5) || rule.Cuts()[0] != 28.5 {
			t.Errorf("%s: the rule learnt from KDDTrain+, %v: %.4f, want that of 28 bytes, %.4f", c.file, rule, got, c.rule)
		}
	}
}
