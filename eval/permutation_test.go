package eval

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"flowbook/eval/metric"
	"flowbook/internal/num"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
)

// rule is the rule of gen_permutation.py.
type rule struct{}

func (rule) Classes() []string { return []string{"a", "b"} }

func (rule) Predict(ctx context.Context, rows table.View) (models.Prediction, error) {
	if err := ctx.Err(); err != nil {
		return models.Prediction{}, err
	}
	p := models.NewPrediction([]string{"a", "b"}, rows.Rows())
	u, v, w := rows.Floats("u"), rows.Floats("v"), rows.Floats("w")
	for i := range u {
		b := 1 / (1 + math.Exp(-(2*u[i] - v[i] + w[i]/2)))
		p.P[2*i], p.P[2*i+1] = 1-b, b
	}
	return p, nil
}

type permutationPeer struct {
	Names   []string
	X       [][]float64
	Y       []string
	Repeats int
	Metrics map[string]struct{ Mean, SD []float64 }
}

func permutation(t *testing.T) (permutationPeer, *table.Table) {
	t.Helper()
	b, err := os.ReadFile("testdata/permutation.json")
	if err != nil {
		t.Fatal(err)
	}
	var peer permutationPeer
	if err := json.Unmarshal(b, &peer); err != nil {
		t.Fatal(err)
	}
	columns := []table.Column{table.Text("class", peer.Y).As(table.Label)}
	for f, name := range peer.Names {
		x := make([]float64, len(peer.X))
		for i, row := range peer.X {
			x[i] = row[f]
		}
		columns = append(columns, table.Float(name, "", x))
	}
	return peer, table.Must(table.New("rule", columns...))
}

var permuting = Trial{Name: "rule", Metrics: []metric.Metric{metric.Accuracy, metric.LogLoss}, Seed: rng.New(4)}

func permuted(t *testing.T, v table.View, repeats int) *Permuted {
	t.Helper()
	s, err := permuting.Permute(context.Background(), "rule", rule{}, v, repeats)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Shuffles differ from scikit-learn's; their means lie within five standard errors of
// each other, and their deviations are alike. Over all shuffles every row meets every
// value equally often, from which the mean that both estimate follows.
func TestPermuteAgainstSklearn(t *testing.T) {
	peer, tab := permutation(t)
	const repeats = 2000
	s := permuted(t, tab.View(), repeats)
	for _, m := range permuting.Metrics {
		for f, name := range peer.Names {
			want := peer.Metrics[m.Name]
			got, sd := s.Mean(name, m), num.StdDev(s.Drops(name, m))
			se := want.SD[f] * math.Sqrt(1./repeats+1/float64(peer.Repeats))
			if !(math.Abs(got-want.Mean[f]) <= 5*se) || !(math.Abs(sd-want.SD[f]) <= 0.1*want.SD[f]) {
				t.Errorf("%s of %s: %v ± %v, scikit-learn has %v ± %v", m.Name, name, got, sd, want.Mean[f], want.SD[f])
			}
			mean := 0.0
			for l := range peer.X {
				other := make([]float64, len(peer.X)) // every row with row l's value
				for i := range other {
					other[i] = peer.X[l][f]
				}
				p, _ := rule{}.Predict(context.Background(), table.Must(tab.With(table.Float(name, "", other))).View())
				v := m.Of(outcomeOf(p, peer.Y))
				if m.HigherIsBetter {
					mean += (s.Base(m) - v) / float64(len(peer.X))
				} else {
					mean += (v - s.Base(m)) / float64(len(peer.X))
				}
			}
			if !(math.Abs(got-mean) <= 5*want.SD[f]/math.Sqrt(repeats)) {
				t.Errorf("%s of %s: %v, exactly %v", m.Name, name, got, mean)
			}
		}
	}
	if want := []string{"u", "v", "w", "idle"}; !slices.Equal(s.Features, want) {
		t.Errorf("order %q, want %q", s.Features, want)
	}
	for _, d := range s.Drops("idle", metric.LogLoss) {
		if d != 0 {
			t.Fatalf("a feature that the rule does not look at costs %v", d)
		}
	}
}

func outcomeOf(p models.Prediction, labels []string) metric.Outcome {
	o := metric.Outcome{Classes: p.Classes, P: p.P, Positive: -1}
	for _, l := range labels {
		o.Truth = append(o.Truth, slices.Index(p.Classes, l))
	}
	return o
}

func TestPermuteInterval(t *testing.T) {
	_, tab := permutation(t)
	s := permuted(t, tab.View(), 5)
	drops := s.Drops("u", metric.Accuracy)
	half := 2.7764451051977987 * num.StdDev(drops) / math.Sqrt(5) // t(0.975) of 4 degrees of freedom
	low, high := s.Interval("u", metric.Accuracy)
	if mean := num.Mean(drops); !(math.Abs(low-mean+half) <= 1e-12) || !(math.Abs(high-mean-half) <= 1e-12) {
		t.Errorf("interval %v to %v, want %v ± %v", low, high, mean, half)
	}
	one := permuted(t, tab.View(), 1)
	if low, high := one.Interval("u", metric.Accuracy); !math.IsNaN(low) || !math.IsNaN(high) {
		t.Errorf("one repeat has the interval %v to %v", low, high)
	}
}

// Cores, the order of columns, other features, and the road to the rows do not matter;
// the seed does.
func TestPermuteLaws(t *testing.T) {
	_, tab := permutation(t)
	want := permuted(t, tab.View(), 4)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, procs := range []int{1, 2, 7} {
		runtime.GOMAXPROCS(procs)
		if got := permuted(t, tab.View(), 4); !reflect.DeepEqual(got.drops, want.drops) {
			t.Errorf("other drops at GOMAXPROCS %d", procs)
		}
	}
	alone := permuted(t, tab.View().Select("v"), 4)
	if !slices.Equal(alone.Drops("v", metric.LogLoss), want.Drops("v", metric.LogLoss)) || len(alone.Features) != 1 {
		t.Error("other drops without the other features")
	}
	var reversed []int
	twice := table.Must(table.Concat("rule", tab, tab))
	for i := range tab.Rows() {
		reversed = append(reversed, i)
	}
	if got := permuted(t, twice.View().Take(reversed), 4); !reflect.DeepEqual(got.drops, want.drops) {
		t.Error("other drops of the same rows of a larger table")
	}
	other := permuting
	other.Seed = rng.New(5)
	if got, err := other.Permute(context.Background(), "rule", rule{}, tab.View(), 4); err != nil || reflect.DeepEqual(got.drops, want.drops) {
		t.Errorf("the same drops of another seed, error %v", err)
	}
}

func TestPermuteRefuses(t *testing.T) {
	_, tab := permutation(t)
	ctx := context.Background()
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	for what, err := range map[string]error{
		"repeats":    second(permuting.Permute(ctx, "rule", rule{}, tab.View(), -1)),
		"no rows":    second(permuting.Permute(ctx, "rule", rule{}, tab.View().Take(nil), 1)),
		"no feature": second(permuting.Permute(ctx, "rule", rule{}, tab.View().Select(), 1)),
		"sealed":     second(permuting.Permute(ctx, "rule", rule{}, table.Seal(tab).Describe("test"), 1)),
		"target":     second(Trial{Target: "none"}.Permute(ctx, "rule", rule{}, tab.View(), 1)),
		"positive":   second(Trial{Positive: "c"}.Permute(ctx, "rule", rule{}, tab.View(), 1)),
		"class":      second(permuting.Permute(ctx, "rule", answer{"class", []string{"a", "b"}}, tab.View(), 1)),
	} {
		if err == nil || !strings.HasPrefix(err.Error(), "eval: ") {
			t.Errorf("%s: error %v", what, err)
		}
	}
	if err := second(permuting.Permute(cancelled, "rule", rule{}, tab.View(), 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: error %v", err)
	}
	if err := second(permuting.Permute(ctx, "rule", rule{}, table.Seal(tab).Open("test"), 1)); err != nil {
		t.Errorf("opened: %v", err)
	}
}

func second(_ *Permuted, err error) error { return err }

func TestPermutedShows(t *testing.T) {
	_, tab := permutation(t)
	s := permuted(t, tab.View(), 3)
	e := s.Exhibit()
	if g := e.Grids[0]; len(g.Rows) != 5 || g.Rows[1][0].Text != "u" || g.Rows[0][1].Value != s.Base(metric.Accuracy) {
		t.Errorf("grid %v", e.Grids[0].Rows)
	}
	if m := e.Measures[1]; len(e.Measures) != 8 || m.ID != "rule/rule/permuted-log-loss/rule/u" || m.Value != s.Mean("u", metric.LogLoss) || m.Rows != 80 {
		t.Errorf("measures %v", e.Measures)
	}
}
