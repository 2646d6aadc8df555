package forecast

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/par"
	"flowbook/internal/rng"
	"flowbook/models/internal/layers"
)

// LSTM forecasts by a net with a memory (layers.LSTM) [1, 2] that reads the last Window
// values and answers with the next one; further steps take its answers for values. What
// comes next may depend on what was long ago, on several values at once, and in any
// bent way, none of which an ARIMA model sees. The zero value is ready; one net learns
// from several series by FitAll, which is where it pays: a hundred days teach little.
//
// A gap is read as the value before it and never learnt. Values are scaled by the mean and
// standard deviation of the series it was fitted to, or, after FitAll of several, of each
// history's own. Training makes the squared error of one step small,
// by Adam on batches in mixed order, with gradients of a norm above 1 scaled down to it.
// Intervals are split conformal [3]: their half-width is a quantile of the absolute
// errors that a net fitted to all but the last HoldOut of each series makes there, by
// steps ahead up to Ahead, and as Ahead's beyond. The net that forecasts is then fitted
// to everything, for as many epochs as served the held-out values best: a net of a
// thousand weights soon knows a hundred days by heart. Intervals hold as often as they
// say where the series goes on as it did, a little less for that choice.
//
// It takes about 16 · Window · Hidden · (Hidden + inputs) · Layers products a window and
// epoch, twice. Float32; the same bytes on any number of cores.
//
// [1] Hochreiter, Schmidhuber (1997), Neural Computation 9(8), 1735-1780. [2] Gers,
// Schmidhuber, Cummins (2000), Neural Computation 12(10), 2451-2471. [3] Lei, G'Sell,
// Rinaldo, Tibshirani, Wasserman (2018), JASA 113(523), 1094-1111; Vovk, Gammerman,
// Shafer (2005), Algorithmic Learning in a Random World, section 4.1.
type LSTM struct {
	Window      int      // values that it looks back, 1 to 10000; 0 means 14
	Hidden      int      // cells of a layer, 1 to 4096; 0 means 32
	Layers      int      // LSTMs on top of each other, 1 to 16; 0 means 1
	Epochs      int      // times through the windows, at most, at least 1; 0 means 100
	Rate        float64  // step size, above 0; 0 means 0.005
	Batch       int      // windows a step, at least 1; 0 means 32
	L2          float64  // penalty on half the square of a weight, for each batch of windows, at least 0; 0 means none
	Season      int      // steps of a season, at least 2, whose place it is told by up to three sines and cosines; 0 means none
	Differences int      // how often the series is differenced first, at most 2; 0 means never
	Log         bool     // learn log(1 + y), for counts; forecasts are then medians rather than means
	HoldOut     float64  // share of each series that measures errors, in (0, 1); 0 means 0.2
	Ahead       int      // steps ahead whose errors are measured apart, at least 1; 0 means 7
	Seed        rng.Seed // first weights, order of windows
}

// Name is "LSTM" with window and cells: "LSTM(window 14, hidden 32)".
func (l LSTM) Name() string {
	l = l.defaults()
	name := fmt.Sprintf("LSTM(window %d, hidden %d", l.Window, l.Hidden)
	if l.Layers > 1 {
		name += fmt.Sprintf(" × %d", l.Layers)
	}
	return name + changes(l.Season, l.Differences, l.Log) + ")"
}

// changes names the settings that Lags and LSTM have in common, where they are set.
func changes(season, differences int, log bool) string {
	s := ""
	if season > 0 {
		s += fmt.Sprintf(", season %d", season)
	}
	if differences > 0 {
		s += fmt.Sprintf(", differences %d", differences)
	}
	if log {
		s += ", log"
	}
	return s
}

// WithSeed returns the forecaster with another seed.
func (l LSTM) WithSeed(s rng.Seed) Forecaster {
	l.Seed = s
	return l
}

// Fit learns from one series: at least Window + Differences + 2 values.
func (l LSTM) Fit(ctx context.Context, y []float64) (Model, error) {
	return l.FitAll(ctx, [][]float64{y})
}

// FitAll learns one net from several series, each of which is long enough for Fit.
func (l LSTM) FitAll(ctx context.Context, series [][]float64) (Model, error) {
	l = l.defaults()
	r := recursion{name: l.Name(), window: l.Window, differences: l.Differences, log: l.Log, holdOut: l.HoldOut, ahead: l.Ahead}
	if err := r.check(l.Season); err != nil {
		return nil, err
	}
	if err := l.check(); err != nil {
		return nil, err
	}
	m, err := r.fitAll(ctx, series, func(ctx context.Context, train, held windows) (oneStep, error) {
		net, err := l.learn(ctx, train, held)
		if err != nil {
			return nil, err
		}
		l.Epochs = net.Epochs
		return net, nil
	})
	if err != nil {
		return nil, err
	}
	return m, nil
}

func (l LSTM) defaults() LSTM {
	for _, f := range []struct {
		to    *int
		value int
	}{{&l.Window, 14}, {&l.Hidden, 32}, {&l.Layers, 1}, {&l.Epochs, 100}, {&l.Batch, 32}, {&l.Ahead, 7}} {
		if *f.to == 0 {
			*f.to = f.value
		}
	}
	if l.Rate == 0 {
		l.Rate = 0.005
	}
	if l.HoldOut == 0 {
		l.HoldOut = 0.2
	}
	return l
}

func (l LSTM) check() error {
	bad := func(field string, value any, want string) error {
		return fmt.Errorf("forecast: %s is %v; want %s", field, value, want)
	}
	switch {
	case l.Hidden < 1 || l.Hidden > 4096:
		return bad("Hidden", l.Hidden, "1 to 4096 cells")
	case l.Layers < 1 || l.Layers > 16:
		return bad("Layers", l.Layers, "1 to 16")
	case l.Epochs < 1:
		return bad("Epochs", l.Epochs, "at least 1")
	case !(l.Rate > 0) || math.IsInf(l.Rate, 0):
		return bad("Rate", l.Rate, "a number above 0")
	case l.Batch < 1:
		return bad("Batch", l.Batch, "at least 1 window")
	case !(l.L2 >= 0) || math.IsInf(l.L2, 0):
		return bad("L2", l.L2, "a number of at least 0")
	}
	return nil
}

// net is what stands behind the layers that fetch windows.
func (l LSTM) net(before ...layers.Layer) *layers.Net {
	in := l.inputs()
	for k := range l.Layers {
		before = append(before, layers.LSTM{Steps: l.Window, In: in, Hidden: l.Hidden, All: k+1 < l.Layers})
		in = l.Hidden
	}
	return layers.NewNet(append(before, layers.Affine{In: l.Hidden, Out: 1})...)
}

// harmonics is how many sines and cosines tell the place in a season: with three, all
// places of a week are told apart in full.
func (l LSTM) harmonics() int { return min(3, l.Season/2) }

// inputs is how many numbers the net reads a step.
func (l LSTM) inputs() int { return 1 + 2*l.harmonics() }

// rows are the windows as the net reads them: a value, and the place in the season of
// the value that follows it.
func (l LSTM) rows(w windows, lo, hi int) []float32 {
	x := make([]float32, 0, (hi-lo)*w.width*l.inputs())
	for i := lo; i < hi; i++ {
		for j, v := range w.values[i*w.width : (i+1)*w.width] {
			x = append(x, float32(v))
			place := w.place[i] - w.width + 1 + j
			for k := range l.harmonics() {
				// The remainder first: a sine of a large angle has fewer digits.
				sin, cos := math.Sincos(2 * math.Pi * float64((k+1)*place%l.Season) / float64(l.Season))
				x = append(x, float32(sin), float32(cos))
			}
		}
	}
	return x
}

// learn fits the net to windows, for Epochs epochs; if there are held-out windows, for as
// many of them as make the loss of those least.
func (l LSTM) learn(ctx context.Context, train, held windows) (*lstmNet, error) {
	n := train.len()
	loss := layers.Squared{K: 1}
	rows := make([]int32, n+held.len())
	for i, v := range slices.Concat(train.next, held.next) {
		loss.Target, rows[i] = append(loss.Target, float32(v)), int32(i)
	}
	data := append(l.rows(train, 0, n), l.rows(held, 0, held.len())...)
	t := layers.Trainer{
		Net: l.net(layers.Take{Data: data, Width: l.Window * l.inputs()}), Loss: loss, Solver: &layers.Adam{Rate: l.Rate},
		Batch: min(l.Batch, n), L2: l.L2, Clip: 1, Block: 16, Seed: l.Seed,
	}
	t.Weights = t.Net.Init(l.Seed.At("weights"))
	fitted := &lstmNet{LSTM: l, answers: l.net(), weights: t.Weights}
	least := math.Inf(1)
	err := t.Run(ctx, "forecast", l.Name(), l.Epochs, rows[:n], l.Seed.At("order"), func(epoch int, _ float64) (judged float64, enough bool) {
		if held.len() == 0 {
			return 0, false
		}
		if judged = t.Judge(rows[n:]); judged < least {
			least, fitted.Epochs, fitted.weights = judged, epoch, slices.Clone(t.Weights)
		}
		return judged, false
	})
	return fitted, err
}

// lstmNet is a fitted net; its Epochs are those that were taken.
type lstmNet struct {
	LSTM
	answers *layers.Net
	weights []float32
}

func (n *lstmNet) next(ctx context.Context, w windows) ([]float64, error) {
	const block = 128
	out := make([]float64, w.len())
	_, err := par.Map(ctx, par.Count(w.len(), block), func(_ context.Context, b int) (struct{}, error) {
		lo, hi := b*block, min(w.len(), (b+1)*block)
		for i, v := range n.answers.NewBuffers(hi-lo).Forward(n.weights, n.rows(w, lo, hi), nil, hi-lo) {
			out[lo+i] = float64(v)
		}
		return struct{}{}, nil
	})
	return out, err
}
