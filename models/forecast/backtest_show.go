package forecast

import (
	"fmt"

	"flowbook/internal/exhibit"
)

// Exhibit shows a row a forecaster over all horizons, the best first (see Best), and behind
// it one a horizon. Measures are NAME/forecaster/mae/h1 and so on, "all" for all horizons,
// where there are more than one; coverage carries its interval.
func (b Backtest) Exhibit() exhibit.Exhibit {
	r := b.Rolling
	origins := 0
	for _, run := range b.Runs[:min(1, len(b.Runs))] {
		for _, s := range run {
			origins += len(s.Origins)
		}
	}
	refit := fmt.Sprintf("refitted at every %d. origin", r.Refit)
	switch r.Refit {
	case -1:
		refit = "fitted once, at the first origin"
	case 1:
		refit = "refitted at every origin"
	}
	columns := []string{"forecaster", "steps ahead", "forecasts", "MAE", "RMSE", "MASE", "sMAPE", fmt.Sprintf("coverage at %g %%", 100*r.Level), "mean width", "interval score"}
	steps := fmt.Sprintf("1 to %d", r.Horizon)
	if r.Horizon == 1 {
		steps = "1"
	}
	board := exhibit.Grid{
		Title: fmt.Sprintf("%s: %d forecasters, rolling origin", r.Name, len(b.Forecasters)),
		Caption: fmt.Sprintf("%d series, %d origins, %s; a forecast sees only what came before it. MASE below 1 beats the naive forecast "+
			"on the first %d values. Coverage with its Wilson interval at 95 %%; smaller is better for the interval score.", len(b.Series), origins, refit, r.First),
		Columns: columns,
	}
	detail := exhibit.Grid{Title: fmt.Sprintf("%s: by steps ahead", r.Name), Caption: "As above, one row a horizon.", Columns: columns, Folded: true}
	var e exhibit.Exhibit
	for _, f := range b.ranked() {
		all := b.Score(f, 0)
		board.Rows = append(board.Rows, all.cells(steps))
		for h := 1; h <= r.Horizon; h++ {
			s := b.Score(f, h)
			detail.Rows = append(detail.Rows, s.cells(fmt.Sprint(h)))
			e.Measures = append(e.Measures, s.measures(r.Name, fmt.Sprintf("h%d", h))...)
		}
		if r.Horizon > 1 {
			e.Measures = append(e.Measures, all.measures(r.Name, "all")...)
		}
	}
	e.Grids = []exhibit.Grid{board}
	if r.Horizon > 1 {
		e.Grids = append(e.Grids, detail)
	}
	return e
}

func (s Score) cells(steps string) []exhibit.Cell {
	coverage := exhibit.Between(s.Coverage, s.Low, s.High, 0.95)
	coverage.Kind = exhibit.PercentCell
	return []exhibit.Cell{exhibit.Text(s.Forecaster), exhibit.Text(steps), exhibit.Count(s.N), exhibit.Num(s.MAE), exhibit.Num(s.RMSE),
		exhibit.Num(s.MASE), exhibit.Num(s.SMAPE), coverage, exhibit.Num(s.Width), exhibit.Num(s.Interval)}
}

func (s Score) measures(name, split string) []exhibit.Measure {
	id := func(metric string) string { return exhibit.ID(name, s.Forecaster, metric, split) }
	coverage := exhibit.Measure{ID: id("coverage"), Value: s.Coverage, Low: s.Low, High: s.High, Level: 0.95, Rows: s.Bounded}
	if s.Bounded == 0 {
		coverage = exhibit.Number(id("coverage"), s.Coverage, 0)
	}
	return []exhibit.Measure{exhibit.Number(id("mae"), s.MAE, s.N), exhibit.Number(id("rmse"), s.RMSE, s.N), exhibit.Number(id("mase"), s.MASE, s.N),
		exhibit.Number(id("smape"), s.SMAPE, s.N), coverage, exhibit.Number(id("width"), s.Width, s.Bounded), exhibit.Number(id("interval-score"), s.Interval, s.Bounded)}
}
