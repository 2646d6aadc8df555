package anomaly

import (
	"context"
	"math"
	"slices"

	"flowbook/internal/table"
	"flowbook/models/decompose"
	"flowbook/models/internal/wire"
)

// Reconstruction scores a row by its squared distance from what the first principal
// components tell of it (Jackson, Mudholkar 1979, Technometrics 21, 341-349, who call it
// Q): high for rows that do not keep to how the features usually go together. The
// features must be numbers without gaps and of comparable scale; put encode.OneHot,
// encode.Impute and encode.MinMax before it. Row weights are refused.
//
// Components in which the training rows do not vary are left out, however many were
// asked for; where these are all equal the score is the squared distance from them. Time
// as decompose.PCA; O(p K) to score a row of p numbers.
type Reconstruction struct {
	K     int     // components; 0: by Share
	Share float64 // where K is 0: as many as explain this share of the variance, in (0, 1]; 0 means 0.95
}

// Name returns "PCA reconstruction".
func (Reconstruction) Name() string { return "PCA reconstruction" }

// nothing is the share of variance below which a component is rounding error.
const nothing = 1e-14

// FitDetector finds the components. It fails for fewer than two rows.
func (d Reconstruction) FitDetector(ctx context.Context, train table.View) (Model, error) {
	if err := trainable(ctx, train); err != nil {
		return nil, err
	}
	if d.K == 0 && d.Share == 0 {
		d.Share = 0.95
	}
	m, err := decompose.PCA{K: d.K, Share: d.Share}.Fit(ctx, train)
	if err != nil {
		return nil, err
	}
	rank := 0
	for _, r := range m.Ratio() {
		if r > nothing {
			rank++
		}
	}
	if rank > 0 && rank < m.K() {
		if m, err = (decompose.PCA{K: rank}).Fit(ctx, train); err != nil {
			return nil, err
		}
	}
	return &reconstruction{m}, nil
}

// reconstruction is a fitted Reconstruction.
type reconstruction struct{ pca *decompose.PCAModel }

// Size is the number of components.
func (m *reconstruction) Size() (int, string) { return m.pca.K(), "components" }

// Score returns squared distances; of a row too far for that the largest number.
func (m *reconstruction) Score(ctx context.Context, rows table.View) ([]float64, error) {
	out, err := m.pca.Errors(ctx, rows)
	if err != nil {
		return nil, err
	}
	if m.pca.Variance()[0] == 0 { // all rows equal: the components mean nothing
		along, err := m.pca.Scores(ctx, rows)
		if err != nil {
			return nil, err
		}
		for i, s := range along {
			out[i/m.pca.K()] += s * s
		}
	}
	for i, s := range out {
		if !(s <= math.MaxFloat64) {
			out[i] = math.MaxFloat64
		}
	}
	return out, nil
}

// Kind names the saved form.
func (m *reconstruction) Kind() string { return "anomaly.reconstruction" }

// Schema lists the columns that the model reads.
func (m *reconstruction) Schema() table.Schema { return slices.Clone(m.pca.Schema()) }

// Save appends the components.
func (m *reconstruction) Save(w *wire.Writer) { w.Nested(m.pca) }

// reconstructionKinds leaves out decompose.Kinds, which the components have.
func reconstructionKinds() wire.Kinds {
	return wire.Kinds{"anomaly.reconstruction": func(r *wire.Reader) any {
		pca, ok := r.Nested().(*decompose.PCAModel)
		r.Check(ok, "anomaly: a reconstruction without components")
		return &reconstruction{pca}
	}}
}
