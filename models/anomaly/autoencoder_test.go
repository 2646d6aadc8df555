package anomaly

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"flowbook/internal/num"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models/encode"
	"flowbook/models/internal/dense"
	"flowbook/models/internal/wire"
)

// rowsOf is a table of numbers, one row a line of x.
func rowsOf(x [][]float64) table.View {
	var all []table.Column
	for j := range x[0] {
		c := make([]float64, len(x))
		for i, row := range x {
			c[i] = row[j]
		}
		all = append(all, table.Float(fmt.Sprintf("x%d", j), "", c))
	}
	return table.Must(table.New("rows", all...)).View()
}

// TestAutoencoderFindsAsMuchAsScikitLearns: the means over 30 seeds of AUC and loss
// differ from MLPRegressor's by no more than chance makes such means differ: one
// standard error below its AUC, three otherwise.
func TestAutoencoderFindsAsMuchAsScikitLearns(t *testing.T) {
	var peer struct {
		X         [][]float64
		Odd       int
		AUC, Loss []float64
	}
	text, err := os.ReadFile("testdata/autoencoder.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &peer); err != nil {
		t.Fatal(err)
	}
	v := rowsOf(peer.X)
	odd := make([]bool, v.Rows())
	for i := range peer.Odd {
		odd[i] = true
	}
	var area, loss []float64
	for seed := range peer.AUC {
		m := fit(t, Autoencoder{Hidden: []int{5, 2, 5}, Rate: 0.005, Batch: 50, Epochs: 150, Seed: rng.New(uint64(seed))}, v)
		s := score(t, m, v)
		area = append(area, auc(s, odd))
		loss = append(loss, num.Mean(s))
	}
	apart := func(a, b []float64) (difference, standard float64) {
		va, vb := num.Variance(a), num.Variance(b)
		return num.Mean(a) - num.Mean(b), math.Sqrt(va/float64(len(a)) + vb/float64(len(b)))
	}
	if d, s := apart(area, peer.AUC); !(d >= -s && d <= 3*s) {
		t.Errorf("AUC %.5f, scikit-learn's %.5f: %.1f standard errors apart", num.Mean(area), num.Mean(peer.AUC), d/s)
	}
	if d, s := apart(loss, peer.Loss); !(math.Abs(d) <= 3*s) {
		t.Errorf("loss %.5f, scikit-learn's %.5f: %.1f standard errors apart", num.Mean(loss), num.Mean(peer.Loss), d/s)
	}
}

// TestLinearAutoencoderIsPCA: without bends, and with two units, no net is better than
// the first two principal components, and training comes close to them.
func TestLinearAutoencoderIsPCA(t *testing.T) {
	const n, p, k = 300, 5, 2
	g := rng.New(4).Rand()
	x := make([][]float64, n)
	for i := range x {
		a, b := 2*g.NormFloat64(), g.NormFloat64()
		for j := range p {
			x[i] = append(x[i], 0.3+a*math.Sin(float64(j))+b*math.Cos(2*float64(j))+0.3*g.NormFloat64())
		}
	}
	centred, means := mat.NewDense(n, p, nil), make([]float64, p)
	for j := range p {
		for i := range n {
			means[j] += x[i][j] / n
		}
		for i := range n {
			centred.Set(i, j, x[i][j]-means[j])
		}
	}
	var svd mat.SVD
	if !svd.Factorize(centred, mat.SVDThinV) {
		t.Fatal("no singular values")
	}
	best := 0.0
	for _, s := range svd.Values(nil)[k:] {
		best += s * s / (n * p)
	}
	v := rowsOf(x)
	m := fit(t, Autoencoder{Hidden: []int{k}, Activation: Identity, Rate: 0.01, Batch: 50, Epochs: 400}, v)
	if got := num.Mean(score(t, m, v)); !(got >= best*(1-1e-6) && got <= 1.02*best) {
		t.Errorf("mean score %v, that of two principal components is %v", got, best)
	}
	var axes mat.Dense
	svd.VTo(&axes)
	decoder := m.(*Encoded).weights[(p+1)*k:]
	for u := range k { // the part of a unit's line that lies in the plane of the components
		whole, inside := 0.0, 0.0
		for j := range p {
			whole += float64(decoder[u*p+j]) * float64(decoder[u*p+j])
		}
		for c := range k {
			along := 0.0
			for j := range p {
				along += float64(decoder[u*p+j]) * axes.At(j, c)
			}
			inside += along * along
		}
		if !(inside >= 0.995*whole) {
			t.Errorf("unit %d: %.4f of its square lies in the plane of the components", u, inside/whole)
		}
	}
}

// TestAutoencoderOnDegenerateRows: constant columns, rows that are all equal, one feature,
// one row.
func TestAutoencoderOnDegenerateRows(t *testing.T) {
	g := rng.New(5).Rand()
	some := func(f func(i int) []float64, n int) (x [][]float64) {
		for i := range n {
			x = append(x, f(i))
		}
		return x
	}
	for name, x := range map[string][][]float64{
		"constant column": some(func(int) []float64 { return []float64{g.Float64(), 7, g.Float64()} }, 60),
		"equal rows":      some(func(int) []float64 { return []float64{0.5, 1, 0} }, 60),
		"zeros":           some(func(int) []float64 { return []float64{0, 0} }, 60),
		"one feature":     some(func(int) []float64 { return []float64{g.NormFloat64()} }, 60),
		"a single one":    {{1, 2, 3}},
	} {
		for _, act := range []Activation{Tanh, ReLU, Identity} {
			v := rowsOf(x)
			m := fit(t, Autoencoder{Activation: act, Epochs: 300, Rate: 0.01, Batch: 20}, v)
			got := num.Mean(score(t, m, v))
			if name == "equal rows" && !(got < 1e-3) {
				t.Errorf("%s: mean score %v, want hardly any", name, got)
			}
		}
	}
}

func TestAutoencoderRefuses(t *testing.T) {
	x := [][]float64{{1, 2}, {3, 4}, {5, 6}, {7, 8}}
	v := rowsOf(x)
	for want, a := range map[string]Autoencoder{
		"Hidden is [3 0]":      {Hidden: []int{3, 0}},
		"Hidden has 0 layers":  {Hidden: []int{}},
		"Hidden has 65 layers": {Hidden: slices.Repeat([]int{2}, 65)},
		"Activation is 3":      {Activation: 3},
		"Rate is -1":           {Rate: -1},
		"Rate is NaN":          {Rate: math.NaN()},
		"Batch is -1":          {Batch: -1},
		"Epochs is -1":         {Epochs: -1},
		"L2 is -1":             {L2: -1},
		"lower Rate":           {Activation: Identity, Rate: 1e30},
	} {
		if _, err := a.FitDetector(background, v); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "anomaly: ") {
			t.Errorf("%+v: error %v; want one with %q", a, err, want)
		}
	}
	gap := rowsOf([][]float64{{1, 2}, {3, math.NaN()}})
	m := fit(t, Autoencoder{Epochs: 1}, v)
	if _, err := (Autoencoder{}).FitDetector(background, gap); err == nil || !strings.Contains(err.Error(), `row 2 of column "x1" is missing`) {
		t.Errorf("fitted on a gap: error %v", err)
	}
	if _, err := m.Score(background, gap); err == nil || !strings.Contains(err.Error(), `row 2 of column "x1" is missing`) {
		t.Errorf("scored a gap: error %v", err)
	}
	if _, err := m.Score(background, v.Select("x1")); err != nil {
		t.Errorf("columns are found by name, whatever is selected: %v", err)
	}
	if _, err := m.Score(background, rowsOf([][]float64{{1}})); err == nil || !strings.Contains(err.Error(), "x1") {
		t.Errorf("scored rows without a column: error %v", err)
	}
	sealed := table.Seal(v.Table()).Describe("a test")
	if _, err := (Autoencoder{}).FitDetector(background, sealed); err == nil || !strings.Contains(err.Error(), "sealed") {
		t.Errorf("fitted on sealed rows: error %v", err)
	}
	if _, err := m.Score(background, sealed); err == nil || !strings.Contains(err.Error(), "sealed") {
		t.Errorf("scored sealed rows: error %v", err)
	}
}

// encodedFlows is n rows of numbers and a category, encoded: mostly one value a column, so that
// they are kept sparse.
func encodedFlows(t *testing.T, n int) table.View {
	g := rng.New(6).Rand()
	x, service := make([]float64, n), make([]string, n)
	for i := range n {
		k := g.IntN(9)
		x[i], service[i] = float64(k)/9+0.1*g.Float64(), fmt.Sprintf("s%d", k)
	}
	tab := table.Must(table.New("flows", table.Float("x", "", x), table.Text("service", service)))
	enc, err := encode.Pipeline(encode.OneHot{}, encode.MinMax{}).Fit(background, tab.View())
	if err != nil {
		t.Fatal(err)
	}
	out, err := enc.Transform(background, tab.View())
	if err != nil {
		t.Fatal(err)
	}
	return out.View()
}

// TestAutoencoderSameBytes: on 1, 2 and 7 cores, and a row alone as in its batch.
func TestAutoencoderSameBytes(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	v := encodedFlows(t, 1200)
	var want []float64
	for _, procs := range []int{1, 2, 7} {
		runtime.GOMAXPROCS(procs)
		m := fit(t, Autoencoder{Batch: 500, Epochs: 3, Seed: rng.New(1)}, v)
		got := score(t, m, v)
		if want == nil {
			want = got
		}
		if !slices.Equal(got, want) {
			t.Errorf("other scores on %d cores", procs)
		}
		for _, i := range []int{0, 511, 1199} {
			if alone := score(t, m, v.Take([]int{i})); alone[0] != want[i] {
				t.Errorf("row %d alone has the score %v, %v in a batch", i+1, alone[0], want[i])
			}
		}
		other := Autoencoder{Batch: 500, Epochs: 3}.WithSeed(rng.New(2))
		if slices.Equal(score(t, fit(t, other.(Autoencoder), v), v), want) {
			t.Error("another seed, the same scores")
		}
	}
}

// TestAutoencoderStops hears a context that ends while it is trained.
func TestAutoencoderStops(t *testing.T) {
	ctx, cancel := context.WithCancel(background)
	v := encodedFlows(t, 1000)
	go cancel()
	if _, err := (Autoencoder{Epochs: 1 << 20}).FitDetector(ctx, v); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	m := fit(t, Autoencoder{Epochs: 1}, v)
	if _, err := m.Score(ctx, v); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestSavedAutoencoder(t *testing.T) {
	v := encodedFlows(t, 300)
	a := Autoencoder{Hidden: []int{4, 2}, Epochs: 3}
	roundTrip(t, fit(t, a, v), v)
	for _, c := range []struct {
		spoil func(m *Encoded)
		says  string
	}{
		{func(m *Encoded) { m.hidden = nil }, "0 hidden layers"},
		{func(m *Encoded) { m.hidden = slices.Repeat([]int{1}, 65) }, "65 hidden layers"},
		{func(m *Encoded) { m.hidden[0] = 1 << 20 }, "1048576 where"},
		{func(m *Encoded) { m.hidden[1]++ }, "weights, want"},
		{func(m *Encoded) { m.activation = 3 }, "activation 3"},
		{func(m *Encoded) { m.weights[3] = float32(math.Inf(1)) }, "not finite"},
		{func(m *Encoded) { m.losses[0] = math.NaN() }, "finite"},
		{func(m *Encoded) { m.plan = &dense.Plan{} }, "no columns"},
		{func(m *Encoded) { m.plan = dense.Identity(gappy(9)) }, "a category"},
	} {
		m := fit(t, a, v).(*Encoded)
		c.spoil(m)
		r := wire.NewReader(bytesOf(t, m), Kinds())
		if r.Nested(); r.Err() == nil || !strings.Contains(r.Err().Error(), c.says) {
			t.Errorf("got %v, want an error with %q", r.Err(), c.says)
		}
	}
}

func BenchmarkAutoencoder(b *testing.B) {
	g := rng.New(1).Rand()
	const rows, cols = 10_000, 40
	x := make([][]float64, rows)
	for i := range x {
		x[i] = make([]float64, cols)
		for range cols / 4 {
			x[i][g.IntN(cols)] = g.Float64()
		}
	}
	v := rowsOf(x)
	a := Autoencoder{Epochs: 5}
	b.Run(fmt.Sprintf("rows=%d/cols=%d", rows, cols), func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := a.FitDetector(background, v); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(rows*a.Epochs*b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}
