package forecast

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/num"
)

// Mean forecasts the mean of training, or that of the same place in the season (of the
// same weekday); where training has no value there, the mean of all. Later values of a
// history do not move it. Gaps are left out.
//
// Intervals are Student's t with the pooled deviation from the means, s·√(1 + 1/m) for a
// mean of m values (Hyndman, Athanasopoulos 2021, sec. 5.5); none where there
// is no degree of freedom.
type Mean struct {
	Season int // 0 or 1: one mean; 7: one a weekday of days
}

// Name is "mean" or "seasonal mean [7]".
func (m Mean) Name() string { return placeName("mean", m.Season) }

func placeName(what string, s int) string {
	if s > 1 {
		return fmt.Sprintf("seasonal %s [%d]", what, s)
	}
	return what
}

// Fit needs two values.
func (m Mean) Fit(_ context.Context, y []float64) (Model, error) {
	places, all, err := byPlace(m.Name(), y, m.Season)
	if err != nil {
		return nil, err
	}
	fitted := placeModel{name: m.Name(), at: make([]float64, len(places))}
	seen := make([]float64, len(places)) // values behind the mean of each place
	sum, df := 0.0, 0
	for k, values := range places {
		from := values
		if len(values) == 0 {
			from = all
		}
		fitted.at[k], seen[k] = num.Mean(from), float64(len(from))
		for _, v := range values {
			sum += (v - fitted.at[k]) * (v - fitted.at[k])
		}
		df += max(0, len(values)-1)
	}
	fitted.half = func(place int, level float64) float64 {
		if df == 0 {
			return math.NaN()
		}
		return num.StudentQuantile((1+level)/2, float64(df)) * math.Sqrt(sum/float64(df)*(1+1/seen[place]))
	}
	return fitted, nil
}

// Median forecasts the median of training as Mean does the mean: runs of large counts do
// not move it.
//
// Intervals are conformal: as wide as the errors of each value against the median of the
// others at its place, whatever their distribution.
type Median struct {
	Season int // 0 or 1: one median; 7: one a weekday of days
}

// Name is "median" or "seasonal median [7]".
func (m Median) Name() string { return placeName("median", m.Season) }

// Fit needs two values.
func (m Median) Fit(_ context.Context, y []float64) (Model, error) {
	places, all, err := byPlace(m.Name(), y, m.Season)
	if err != nil {
		return nil, err
	}
	fitted := placeModel{name: m.Name(), at: make([]float64, len(places))}
	var errors []float64
	for k, values := range places {
		slices.Sort(values)
		fitted.at[k] = num.Median(values)
		if len(values) == 0 {
			fitted.at[k] = num.Median(all)
		}
		if len(values) < 2 {
			continue
		}
		others := make([]float64, 0, len(values)-1)
		for i, v := range values {
			others = append(append(others[:0], values[:i]...), values[i+1:]...)
			errors = append(errors, v-num.Median(others))
		}
	}
	band := newResidualBand(errors)
	fitted.half = func(_ int, level float64) float64 {
		if len(errors) == 0 {
			return math.NaN()
		}
		return band.halfWidth(1, level)
	}
	return fitted, nil
}

// byPlace sorts the values that are no gaps by their place in the season.
func byPlace(name string, y []float64, length int) (places [][]float64, all []float64, err error) {
	s, err := season(name, length)
	if err != nil {
		return nil, nil, err
	}
	if _, err := checkSeries(name, y, 2); err != nil {
		return nil, nil, err
	}
	places = make([][]float64, s)
	for t, v := range y {
		if !math.IsNaN(v) {
			places[t%s] = append(places[t%s], v)
			all = append(all, v)
		}
	}
	return places, all, nil
}

// placeModel forecasts a number a place of the season.
type placeModel struct {
	name string
	at   []float64
	half func(place int, level float64) float64
}

func (m placeModel) Forecast(_ context.Context, history []float64, h int, level float64) (Path, error) {
	if err := checkAsk(m.name, history, h, level, 0); err != nil {
		return Path{}, err
	}
	place := func(step int) int { return (len(history) + step - 1) % len(m.at) }
	mean := make([]float64, h)
	for i := range mean {
		mean[i] = m.at[place(i+1)]
	}
	return around(mean, level, func(h int) float64 { return m.half(place(h), level) }), nil
}
