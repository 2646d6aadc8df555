package forecast

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/num"
)

// Backtest is what Rolling found: every forecast, to plot or to score.
type Backtest struct {
	Rolling     Rolling // with defaults filled in
	Forecasters []string
	Series      []Series
	Runs        [][]Run // by forecaster, by series
}

// Score is how well one forecaster did at one horizon over all series and origins. Values
// that are gaps are not judged; a mean over nothing is NaN.
type Score struct {
	Forecaster string
	Horizon    int // steps ahead; 0 for all of them
	N          int // forecasts judged
	MAE, RMSE  float64
	// MASE is the mean of absolute errors, each over the mean absolute error of naive
	// forecasts on the values before the first origin of its series (Hyndman, Koehler
	// 2006). Series without such an error (constant till then) are left out of it.
	MASE float64
	// SMAPE is the mean of 2·|y - f| / (|y| + |f|), in [0, 2], 0 where both are 0.
	SMAPE float64
	// Coverage is the share of the Bounded forecasts, those that have an interval, whose
	// interval holds the value, with its Wilson interval (Low, High) at 95 %. That takes
	// forecasts as independent: those of several steps, or of series alike, overlap, and
	// their interval is wider in truth.
	Held, Bounded       int
	Coverage, Low, High float64
	Width               float64 // mean width of intervals
	// Interval is the mean interval score (Winkler 1972; Gneiting, Raftery 2007, eq. 43):
	// width, and 2/(1-level) times as much as a value lies outside. Smaller is better.
	Interval float64
}

// Score judges forecaster f at a horizon from 1, or at all (0).
func (b Backtest) Score(f, horizon int) Score {
	if horizon < 0 || horizon > b.Rolling.Horizon {
		panic(fmt.Sprintf("forecast: score at horizon %d of %d", horizon, b.Rolling.Horizon))
	}
	score := Score{Forecaster: b.Forecasters[f], Horizon: horizon}
	var absolute, squared, scaled, relative, width, winkler []float64
	for s, run := range b.Runs[f] {
		y := b.Series[s].Y
		scale := naiveError(upTo(y, b.Rolling.First), b.Rolling.Season)
		for i, o := range run.Origins {
			for h := 1; h <= b.Rolling.Horizon && o+h <= len(y); h++ {
				v, p := y[o+h-1], run.Paths[i]
				if math.IsNaN(v) || horizon > 0 && h != horizon {
					continue
				}
				mean, low, high := p.Mean[h-1], p.Low[h-1], p.High[h-1]
				e := math.Abs(v - mean)
				absolute = append(absolute, e)
				squared = append(squared, float64(e*e))
				if scale > 0 {
					scaled = append(scaled, e/scale)
				}
				if size := math.Abs(v) + math.Abs(mean); size > 0 {
					relative = append(relative, 2*e/size)
				} else {
					relative = append(relative, e) // 0, or NaN where the forecast is
				}
				if math.IsNaN(low) || math.IsNaN(high) {
					continue
				}
				score.Bounded++
				if low <= v && v <= high {
					score.Held++
				}
				width = append(width, high-low)
				winkler = append(winkler, high-low+2/(1-b.Rolling.Level)*max(0, low-v, v-high))
			}
		}
	}
	score.N = len(absolute)
	score.MAE, score.RMSE = num.Mean(absolute), math.Sqrt(num.Mean(squared))
	score.MASE, score.SMAPE = num.Mean(scaled), num.Mean(relative)
	score.Width, score.Interval = num.Mean(width), num.Mean(winkler)
	score.Coverage = float64(score.Held) / float64(score.Bounded)
	score.Low, score.High = num.Wilson(score.Held, score.Bounded, 0.95)
	return score
}

// naiveError is the mean absolute difference of y to one season before, over pairs
// without gaps; NaN for none.
func naiveError(y []float64, season int) float64 {
	d, _ := num.DropNaN(differences(y, season))
	for i, v := range d {
		d[i] = math.Abs(v)
	}
	return num.Mean(d)
}

// Track is a forecaster seen as a detector: for each origin the value that came next, what
// was forecast for it one step ahead, and how surprising the value is.
type Track struct {
	At        []int // index of the value in the series
	Y, Mean   []float64
	Low, High []float64
	// Surprise is (y - mean) in half-widths of the interval on the side of y: beyond ±1
	// the value lies outside. 0 where value and forecast agree and the interval has no
	// width, ±Inf where they do not; NaN for gaps and where there is no interval.
	Surprise []float64
}

// Track follows forecaster f over series s, one step ahead.
func (b Backtest) Track(f, s int) Track {
	var t Track
	run := b.Runs[f][s]
	for i, o := range run.Origins {
		t.add(o, b.Series[s].Y[o], run.Paths[i])
	}
	return t
}

func (t *Track) add(at int, y float64, p Path) {
	t.At = append(t.At, at)
	t.Y = append(t.Y, y)
	t.Mean = append(t.Mean, p.Mean[0])
	t.Low = append(t.Low, p.Low[0])
	t.High = append(t.High, p.High[0])
	t.Surprise = append(t.Surprise, surprise(y, p.Mean[0], p.Low[0], p.High[0]))
}

func surprise(y, mean, low, high float64) float64 {
	half := high - mean
	if y < mean {
		half = mean - low
	}
	if y == mean && half >= 0 {
		return 0
	}
	return (y - mean) / half
}

// Best is the forecaster with the least MASE over all horizons (MAE where no series gives
// a scale), the first of equals.
func (b Backtest) Best() int { return b.ranked()[0] }

// ranked lists the forecasters from the best.
func (b Backtest) ranked() []int {
	order := make([]int, len(b.Forecasters))
	mase, mae := make([]float64, len(order)), make([]float64, len(order))
	unscaled := true
	for f := range order {
		s := b.Score(f, 0)
		order[f], mase[f], mae[f] = f, orInf(s.MASE), orInf(s.MAE)
		unscaled = unscaled && math.IsNaN(s.MASE)
	}
	key := mase
	if unscaled {
		key = mae
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(key[i], key[j]) })
	return order
}

func orInf(v float64) float64 {
	if math.IsNaN(v) {
		return math.Inf(1)
	}
	return v
}
