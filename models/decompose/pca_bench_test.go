package decompose

import (
	"fmt"
	"testing"

	"flowbook/datasets/nslkdd/nslkddtest"
	"flowbook/internal/table"
	"flowbook/models/encode"
)

// encoded is KDDTrain+ one-hot and scaled to [0, 1]: 125,973 rows of 122 columns.
func encoded(t testing.TB) table.View {
	t.Helper()
	v := nslkddtest.View(t, "KDDTrain+")
	p, err := encode.Pipeline(encode.OneHot{}, encode.MinMax{}).Fit(background, v)
	if err != nil {
		t.Fatal(err)
	}
	tab, err := p.Transform(background, v)
	if err != nil {
		t.Fatal(err)
	}
	return tab.View()
}

// The variances are those of scikit-learn 1.2.1, PCA(svd_solver="full"), on the same
// matrix (all rows, encoded as cmd/flowbook's peer encodes them).
func TestPCAOnKDD(t *testing.T) {
	v := encoded(t)
	m := fit(t, PCA{K: 5}, v)
	relative(t, "variance", m.Variance(), []float64{1.748934329997802, 0.6635804837122142, 0.4639270651792572, 0.2151103370011007, 0.17409476878165617}, 1e-9)
	relative(t, "ratio", m.Ratio(), []float64{0.41249065058804996, 0.1565071602455926, 0.10941838904919715, 0.05073432508921602, 0.04106069805308912}, 1e-9)
	if k := fit(t, PCA{Share: 0.95}, v).K(); k != 29 {
		t.Errorf("%d components explain 95 %%, want 29", k)
	}
}

func BenchmarkPCA(b *testing.B) {
	v := encoded(b)
	for _, p := range []PCA{{K: 2}, {Share: 0.95}, {K: 2, Solver: Randomised}, {}} {
		b.Run(fmt.Sprintf("K=%d/share=%v/solver=%d", p.K, p.Share, p.Solver), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Fit(background, v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
