package anomaly

import (
	"testing"

	"flowbook/datasets/nslkdd/nslkddtest"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models/encode"
)

// kdd is KDDTrain+, raw and as 122 columns one-hot and scaled to [0, 1].
func kdd(t testing.TB) (raw, encoded table.View, attack []bool) {
	t.Helper()
	raw = nslkddtest.View(t, "KDDTrain+")
	p, err := encode.Pipeline(encode.OneHot{}, encode.MinMax{}).Fit(background, raw)
	if err != nil {
		t.Fatal(err)
	}
	tab, err := p.Transform(background, raw)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range raw.Strings("is_attack") {
		attack = append(attack, c == "attack")
	}
	return raw, tab.View(), attack
}

func BenchmarkForest(b *testing.B) {
	raw, encoded, _ := kdd(b)
	for _, c := range []struct {
		name string
		v    table.View
	}{{"cols=41", raw}, {"cols=122", encoded}} {
		m := fit(b, Forest{Seed: rng.New(1)}, c.v)
		b.Run("fit/"+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				fit(b, Forest{Seed: rng.New(1)}, c.v)
			}
		})
		b.Run("score/"+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				score(b, m, c.v)
			}
			b.ReportMetric(float64(c.v.Rows())*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// IsolationForest(100) of scikit-learn 1.2.1 (float32 rows, fitted and scored on all of
// them) finds the attacks in KDDTrain+ with an area of 0.69915 on average over the seeds
// 0 … 29, standard deviation 0.02069. Here it is 0.70171 (0.02305) over 110 seeds, and
// 0.73752 (0.02627) over thirty on the raw columns.
func TestForestOnKDD(t *testing.T) {
	raw, encoded, attack := kdd(t)
	for _, c := range []struct {
		name  string
		v     table.View
		least float64
	}{{"122 columns", encoded, 0.69915 - 0.02069}, {"41 columns", raw, 0.69915}} {
		mean := 0.0
		const seeds = 4
		for s := range seeds {
			mean += auc(score(t, fit(t, Forest{Seed: rng.New(uint64(s))}, c.v), c.v), attack) / seeds
		}
		t.Logf("%s: AUC %.5f", c.name, mean)
		if !(mean >= c.least) {
			t.Errorf("%s: AUC %.5f on average, want at least %.5f", c.name, mean, c.least)
		}
	}
}
