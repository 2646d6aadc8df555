package anomaly

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/eval/resample"
	"flowbook/internal/num"
	"flowbook/internal/par"
	"flowbook/internal/rng"
	"flowbook/internal/table"
)

// Alarm fits a detector and chooses the score above which it rings, from training rows
// and nothing else: Fit takes one view, hands the detector its features without target,
// ids or other labels, and refuses rows of a test set, opened or not. The zero value is
// ready to use.
//
// The threshold comes from scores out of fold: the rows are dealt at random into K
// folds, and each is scored by a detector fitted on the others, so that one that
// remembers its rows (a local outlier factor, a large net) is not judged on them. With n
// such scores, the threshold is the k-th smallest, k = n + 1 - ⌊Rate (n + 1)⌋, and a row
// rings if it scores strictly above (a billionth of it higher, lest rounding in the last fit
// part a row from its equals). That is the quantile of split conformal prediction
// (Papadopoulos et al. 2002, ECML, 345-356): for a new row drawn like the training rows
// the chance to ring is at most Rate, if it is scored by the model that scored those. Here
// the model is fitted once more on all rows, as in cross-conformal prediction (Vovk 2015,
// Annals of Mathematics and Artificial Intelligence 74, 9-28); what is proved for that is
// twice the rate (Barber et al. 2021, Annals of Statistics 49, 486-507), what is observed
// is about the rate.
//
// Where fewer than 1/Rate - 1 rows were given no threshold can promise the rate: the
// largest score is taken and Watch.Warning says so. Where many rows are equal, so are
// their scores, and none of them rings: the rate is an upper bound. Rows that repeat lie
// in several folds, as new rows will repeat those of training. Anomalies among the
// training rows count like others: the rate is the share of all of them that may ring.
type Alarm struct {
	Detector Detector // nil means Forest{}
	Rate     float64  // share of rows like those of training that may ring, in (0, 1); 0 means 0.01
	K        int      // folds, at least 2, at most the rows; 0 means 5
	Seed     rng.Seed // of the folds; the detector has its own
}

// check fills in what is 0.
func (a Alarm) check() (Alarm, error) {
	if a.Detector == nil {
		a.Detector = Forest{}
	}
	if a.Rate == 0 {
		a.Rate = 0.01
	}
	if a.K == 0 {
		a.K = 5
	}
	if !(a.Rate > 0 && a.Rate < 1) {
		return a, fmt.Errorf("anomaly: Rate is %v; want a value in (0, 1), or 0 for 0.01", a.Rate)
	}
	if a.K < 2 {
		return a, fmt.Errorf("anomaly: K is %d; want at least 2 folds, or 0 for 5", a.K)
	}
	return a, nil
}

// Fit chooses the threshold and fits the detector on all rows: K + 1 fits.
func (a Alarm) Fit(ctx context.Context, train table.View) (*Watch, error) {
	a, err := a.check()
	if err != nil {
		return nil, err
	}
	if err := trainable(ctx, train); err != nil {
		return nil, err
	}
	if train.FromTest() {
		return nil, fmt.Errorf("anomaly: %s is a test set; a threshold comes from training rows", train.Table().Name())
	}
	n := train.Rows()
	if n < 2 {
		return nil, fmt.Errorf("anomaly: one row; want at least 2, for a threshold comes from rows that were not fitted on")
	}
	features, err := bare(train)
	if err != nil {
		return nil, err
	}
	progress := par.Track(ctx, "threshold of "+a.Detector.Name(), min(a.K, n)+1)
	defer progress.Done()
	scores, err := a.outOfFold(ctx, features, progress)
	if err != nil {
		return nil, err
	}
	model, err := a.Detector.FitDetector(ctx, features)
	if err != nil {
		return nil, err
	}
	slices.Sort(scores)
	at := scores[min(n+1-allowed(a.Rate, n), n)-1]
	return &Watch{model: model, rate: a.Rate, rows: n, threshold: at + 1e-9*math.Abs(at), middle: num.Quantile(scores, 0.5)}, nil
}

// allowed is ⌊rate (n + 1)⌋, of a product that rounding has not taken below a whole number.
func allowed(rate float64, n int) int {
	return int(math.Floor(rate * float64(n+1) * (1 + 1e-12)))
}

// bare is the view's features alone, so that no detector can look at more.
func bare(v table.View) (table.View, error) {
	columns := v.Features()
	for k, c := range columns {
		columns[k] = c.As(table.Feature)
	}
	t, err := table.New(v.Table().Name(), columns...)
	if err != nil {
		return v, err
	}
	if v.Index() == nil {
		return t.View(), nil
	}
	return t.View().Take(v.Index()), nil
}

// outOfFold returns a score a row, each by a detector that has not seen it.
func (a Alarm) outOfFold(ctx context.Context, train table.View, progress par.Task) ([]float64, error) {
	folds, err := resample.KFold{K: min(a.K, train.Rows()), Seed: a.Seed.At("alarm")}.Split(train.Rows())
	if err != nil {
		return nil, fmt.Errorf("anomaly: %w", err)
	}
	out := make([]float64, train.Rows())
	for i := range folds.Test {
		model, err := a.Detector.FitDetector(ctx, train.Take(folds.Train[i]))
		if err != nil {
			return nil, fmt.Errorf("anomaly: %s without fold %d of %d: %w", a.Detector.Name(), i+1, folds.Len(), err)
		}
		scores, err := finite(ctx, model, train.Take(folds.Test[i]))
		if err != nil {
			return nil, err
		}
		for k, row := range folds.Test[i] {
			out[row] = scores[k]
		}
		progress.Add(1)
	}
	return out, nil
}

// finite is the model's scores, which must be numbers.
func finite(ctx context.Context, m Model, rows table.View) ([]float64, error) {
	scores, err := m.Score(ctx, rows)
	if err != nil {
		return nil, err
	}
	for i, s := range scores {
		if s-s != 0 {
			return nil, fmt.Errorf("anomaly: %s: row %d has the score %v; want a finite number", rows.Table().Name(), rows.Row(i)+1, s)
		}
	}
	return scores, nil
}

// Watch is a fitted Alarm.
type Watch struct {
	model             Model
	rate              float64
	rows              int
	threshold, middle float64 // middle: the median score out of fold
}

// Score returns the detector's score of each row.
func (w *Watch) Score(ctx context.Context, rows table.View) ([]float64, error) {
	return finite(ctx, w.model, rows)
}

// Flag returns which rows score above the threshold.
func (w *Watch) Flag(ctx context.Context, rows table.View) ([]bool, error) {
	scores, err := w.Score(ctx, rows)
	flags := make([]bool, len(scores))
	for i, s := range scores {
		flags[i] = s > w.threshold
	}
	return flags, err
}

// Threshold is the score above which a row rings.
func (w *Watch) Threshold() float64 { return w.threshold }

// Rate is the share of rows like those of training that may ring.
func (w *Watch) Rate() float64 { return w.rate }

// Model is the detector, fitted on all training rows.
func (w *Watch) Model() Model { return w.model }

// Warning says that there were too few rows for the rate; "" if not.
func (w *Watch) Warning() string {
	if allowed(w.rate, w.rows) > 0 {
		return ""
	}
	return fmt.Sprintf("%d training rows cannot hold a rate of %v: want at least %.0f; the threshold is their largest score", w.rows, w.rate, math.Ceil(1/w.rate-1))
}
