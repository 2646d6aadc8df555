package eval

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"flowbook/eval/metric"
	"flowbook/eval/resample"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
)

// centroid answers by the distance to the mean of each class.
type centroid struct {
	name  string
	noise float64 // of its seed, added to the means
	seed  rng.Seed
	fail  bool
}

func (c centroid) Name() string {
	if c.name == "" {
		return "centroid"
	}
	return c.name
}

func (c centroid) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	labels, classes, _, err := models.Trainable("centroid", train)
	if err != nil {
		return nil, err
	}
	if c.fail {
		return nil, errors.New("centroid: told to fail")
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m := fitted{classes: classes, schema: table.SchemaOf(train)}
	for k := range m.schema {
		x := m.schema.Floats(train, k)
		sum, n := make([]float64, len(classes)), make([]float64, len(classes))
		for i, l := range labels {
			sum[l] += x[i]
			n[l]++
		}
		g := c.seed.At("centroid").Index("feature", k).Rand()
		for l := range sum {
			sum[l] = sum[l]/n[l] + c.noise*(g.Float64()-0.5)
		}
		m.means = append(m.means, sum)
	}
	return m, nil
}

type fitted struct {
	classes []string
	schema  table.Schema
	means   [][]float64 // by feature and class
}

func (m fitted) Classes() []string { return m.classes }
func (m fitted) Size() (int, string) {
	return len(m.classes) * len(m.schema), "means"
}

func (m fitted) Predict(_ context.Context, rows table.View) (models.Prediction, error) {
	if err := models.Predictable("centroid", m.schema, rows); err != nil {
		return models.Prediction{}, err
	}
	p := models.NewPrediction(m.classes, rows.Rows())
	x := make([][]float64, len(m.schema))
	for k := range x {
		x[k] = m.schema.Floats(rows, k)
	}
	for i := range p.Rows() {
		sum := 0.0
		for c := range m.classes {
			d := 0.0
			for k := range x {
				d += (x[k][i] - m.means[k][c]) * (x[k][i] - m.means[k][c])
			}
			p.Row(i)[c] = 1 / (1e-9 + d)
			sum += p.Row(i)[c]
		}
		for c := range p.Row(i) {
			p.Row(i)[c] /= sum
		}
	}
	return p, nil
}

// noisy is a centroid that takes a seed.
type noisy struct{ centroid }

func (n noisy) WithSeed(s rng.Seed) models.Learner {
	n.seed = s
	return n
}

// broken answers what no learner may.
type broken struct{ kind string }

func (b broken) Name() string { return "broken" }
func (b broken) Fit(_ context.Context, train table.View) (models.Classifier, error) {
	_, classes, _, err := models.Trainable("broken", train)
	return answer{b.kind, classes}, err
}

type answer struct {
	kind    string
	classes []string
}

func (a answer) Classes() []string { return a.classes }
func (a answer) Predict(_ context.Context, rows table.View) (models.Prediction, error) {
	p := models.NewPrediction(a.classes, rows.Rows())
	for i := range p.Rows() {
		p.Row(i)[0] = 1
	}
	switch a.kind {
	case "NaN":
		p.P[3] = math.NaN()
	case "rows":
		p.P = p.P[:len(p.P)-len(p.Classes)]
	case "class":
		p.Classes = append([]string{"martian"}, p.Classes[1:]...)
	}
	return p, nil
}

// flows makes n rows of two numbers that tell classes apart a little, a binary
// target and the type it was made from. extra types come from test only.
func flows(name string, n int, extra ...string) *table.Table {
	g := rng.New(11).At(name).Rand()
	x, y := make([]float64, n), make([]float64, n)
	types, class := make([]string, n), make([]string, n)
	names := append([]string{"normal", "normal", "dos", "probe"}, extra...)
	for i := range n {
		at := g.IntN(len(names))
		types[i], class[i] = names[at], "attack"
		if types[i] == "normal" {
			class[i] = "normal"
		}
		x[i] = float64(at) + 1.5*g.NormFloat64()
		y[i] = math.Round(4*(g.Float64()+float64(at%2))) / 4
	}
	return table.Must(table.New(name, table.Float("x", "", x), table.Float("y", "", y),
		table.Text("type", types).As(table.Label), table.Text("class", class).As(table.Label)))
}

func binary() Trial {
	return Trial{Name: "binary", Target: "class", Positive: "attack", Metrics: metric.Binary, Seed: rng.New(1)}
}

func foldsOf(t *testing.T, v table.View, target string, k int) resample.Folds {
	t.Helper()
	labels, _, err := v.WithTarget(target).Labels()
	if err != nil {
		t.Fatal(err)
	}
	f, err := resample.StratifiedGroupKFold{K: k, Seed: rng.New(2)}.Split(labels, resample.GroupsOf(v))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func opened(t *table.Table) table.View {
	return table.Seal(t).Open(fmt.Sprintf("test of %s", t.Name()))
}
