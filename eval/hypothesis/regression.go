package hypothesis

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"flowbook/internal/glm"
	"flowbook/internal/num"
	"flowbook/internal/par"
)

// Coefficient is one line of a regression.
type Coefficient struct {
	Name                    string
	Value, SE               float64 // log odds ratio per unit, and its standard error
	Low, High               float64 // interval of Value
	Z                       float64 // Value/SE
	P, Log10P               float64 // of the coefficient being 0: Wald, or the penalised likelihood ratio for Firth
	Odds, OddsLow, OddsHigh float64 // exp of Value, Low, High
	Separated               bool    // maximum likelihood has no finite estimate: all rows of the level are of one class
}

// Regression is a fitted logistic regression.
type Regression struct {
	ID        string // prefix of the measures
	Subject   string // what was regressed on, for titles: "flag"
	Data      string // the rows it was done on: "KDDTest+"
	Outcome   string // what the odds are of: "attack"
	Method    string // "maximum likelihood" or "Firth's penalised likelihood"
	Interval  string // how the intervals were made
	Level     float64
	Intercept Coefficient
	Terms     []Coefficient // in the order of the predictors
	N, Events int
	LogLik    float64 // at the estimate (penalised for Firth)
	Null      float64 // with the intercept alone
	LRT       Result  // likelihood ratio of the whole model against the intercept alone
	Separated []string
	Converged bool
	Warnings  []string
}

// Model is logistic regression with its options; the zero value is maximum likelihood.
type Model struct {
	Firth bool
	Level float64 // of the intervals; 0 means 0.95
	// Wald asks for Wald intervals and tests under Firth too. A profile costs some
	// twenty fits, so where the distinct rows times the cube of the columns exceed
	// 3e7 (12 columns of 126,000 distinct rows are 2e8) all terms but those of
	// Key get Wald's, with a warning.
	Wald bool
	Key  []string // terms that are always profiled under Firth
}

// Logistic regresses the log odds of y on the predictors by maximum likelihood:
// coefficients with Wald tests and intervals, odds ratios, and the likelihood-ratio
// test of the model. Rows with a missing value are left out with a warning.
//
// Where a level is all of one class, or columns together separate the classes, the
// estimate is infinite: Separated names the terms, a warning says so, and their
// numbers mean nothing; the likelihood and LRT keep their limits. Use Firth.
//
// Errors: no predictors, lengths that differ, one class only, dependent columns.
func Logistic(y []bool, predictors ...Predictor) (Regression, error) {
	return Model{}.Fit(y, predictors...)
}

// Firth is Logistic with Firth's penalty (Heinze, Schemper 2002): finite also under
// separation. Tests are penalised likelihood ratios and intervals profile
// penalised likelihood, which may be far from symmetric.
func Firth(y []bool, predictors ...Predictor) (Regression, error) {
	return Model{Firth: true}.Fit(y, predictors...)
}

// Fit fits the model; see Logistic and Firth.
func (m Model) Fit(y []bool, predictors ...Predictor) (Regression, error) {
	if m.Level == 0 {
		m.Level = DefaultLevel
	}
	if !(m.Level > 0 && m.Level < 1) {
		return Regression{}, fmt.Errorf("hypothesis: regression: Level is %g; want a value in (0, 1)", m.Level)
	}
	r := Regression{Level: m.Level, Method: "maximum likelihood", Interval: "Wald", Outcome: "the outcome"}
	if m.Firth {
		r.Method, r.Interval = "Firth's penalised likelihood", "profile penalised likelihood"
	}
	p, err := r.design(y, predictors)
	if err != nil {
		return Regression{}, err
	}
	ml, err := glm.Logistic(p, glm.Options{})
	if err != nil {
		return Regression{}, fmt.Errorf("hypothesis: regression on %s: %w", names(predictors), err)
	}
	separated := r.separation(p, ml, predictors)
	fit := ml
	if m.Firth {
		if fit, err = glm.Firth(p, glm.Options{}); err != nil {
			return Regression{}, fmt.Errorf("hypothesis: regression on %s: %w", names(predictors), err)
		}
	}
	r.Converged, r.LogLik = fit.Converged, fit.LogLik
	profile := m.Firth && !m.Wald
	switch cost := float64(len(p.Y)) * float64(p.P*p.P) * float64(p.P); {
	case m.Firth && m.Wald && len(m.Key) == 0:
		r.Interval = "Wald"
	case m.Firth && (m.Wald || cost > 3e7):
		profile = false
		r.Interval = "Wald"
		if len(m.Key) > 0 {
			r.Interval = "profile penalised likelihood for " + strings.Join(m.Key, ", ") + ", Wald for the others"
		}
		if !m.Wald {
			r.Warnings = append(r.Warnings, "intervals and tests are Wald's, for profiling a design of this size takes long; name the terms that matter in Key")
		}
	}
	all, err := par.Map(context.Background(), p.P, func(_ context.Context, j int) (Coefficient, error) {
		name := "(intercept)"
		if j > 0 {
			name = predictors[j-1].Name
		}
		c, err := m.coefficient(p, fit, j, profile || m.Firth && slices.Contains(m.Key, name))
		if err != nil {
			return c, fmt.Errorf("hypothesis: profile of %s: %w", name, err)
		}
		c.Name, c.Separated = name, separated[j]
		return c, nil
	})
	if err != nil {
		return Regression{}, err
	}
	r.Intercept, r.Terms = all[0], all[1:]
	if err := r.ratio(p, fit); err != nil {
		return Regression{}, err
	}
	if !r.Converged && len(r.Separated) == 0 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("the fit did not converge in %d steps", fit.Iterations))
	}
	if least := min(r.Events, r.N-r.Events); least < 10*(p.P-1) {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%d rows of the rarer class for %d terms; ten a term are the usual least", least, p.P-1))
	}
	r.LRT.Warnings = r.Warnings
	return r, nil
}

// design joins the predictors into a compact problem.
func (r *Regression) design(y []bool, predictors []Predictor) (glm.Problem, error) {
	k := len(predictors) + 1
	if k == 1 {
		return glm.Problem{}, fmt.Errorf("hypothesis: a regression needs at least one predictor")
	}
	for _, p := range predictors {
		if len(p.Values) != len(y) {
			return glm.Problem{}, fmt.Errorf("hypothesis: predictor %q has %d values for %d rows", p.Name, len(p.Values), len(y))
		}
	}
	p := glm.Problem{P: k, X: make([]float64, 0, len(y)*k)}
rows:
	for i, hit := range y {
		for _, q := range predictors {
			if math.IsNaN(q.Values[i]) {
				continue rows
			}
		}
		p.X = append(p.X, 1)
		for _, q := range predictors {
			p.X = append(p.X, q.Values[i])
		}
		v := 0.0
		if hit {
			v = 1
			r.Events++
		}
		p.Y = append(p.Y, v)
	}
	r.N = len(p.Y)
	if d := len(y) - r.N; d > 0 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%d rows with a missing predictor were left out", d))
	}
	if r.Events == 0 || r.Events == r.N {
		return glm.Problem{}, fmt.Errorf("hypothesis: regression on %s: %d of %d rows are positive; want both classes", names(predictors), r.Events, r.N)
	}
	return glm.Compact(p), nil
}

// separation finds the terms that separate the classes: levels of a category whose
// rows are all of one class, exactly; anything else by the way the fit ran off.
func (r *Regression) separation(p glm.Problem, ml glm.Fit, predictors []Predictor) []bool {
	out := make([]bool, p.P)
	for j, q := range predictors {
		if q.Of == "" {
			continue
		}
		var n, hits float64
		for i := range p.Y {
			if p.X[i*p.P+j+1] == 1 {
				n += p.Weight[i]
				hits += p.Weight[i] * p.Y[i]
			}
		}
		if n > 0 && (hits == 0 || hits == n) {
			out[j+1] = true
			class := "positive"
			if hits == 0 {
				class = "negative"
			}
			r.Separated = append(r.Separated, fmt.Sprintf("%s (%.0f rows, all %s)", q.Name, n, class))
		}
	}
	for _, j := range ml.Separated {
		if j > 0 && !out[j] {
			out[j] = true
			r.Separated = append(r.Separated, predictors[j-1].Name)
		}
	}
	if len(r.Separated) > 0 {
		s := "separation: maximum likelihood has no finite estimate for " + strings.Join(r.Separated, ", ")
		if r.Method == "maximum likelihood" {
			s += "; their numbers here mean nothing, use Firth's penalty"
		}
		r.Warnings = append(r.Warnings, s)
	}
	return out
}

func (m Model) coefficient(p glm.Problem, fit glm.Fit, j int, profile bool) (c Coefficient, err error) {
	z := zOf(m.Level)
	c.Value, c.SE = fit.Coef[j], fit.SE[j]
	c.Z = c.Value / c.SE
	c.Low, c.High = c.Value-z*c.SE, c.Value+z*c.SE
	t := num.NormalTail(math.Abs(c.Z)).Times(2)
	if profile {
		if c.Low, c.High, err = glm.Profile(p, fit, j, m.Level); err != nil {
			return c, err
		}
		if _, t, err = glm.Ratio(p, fit, j); err != nil {
			return c, err
		}
	}
	c.P, c.Log10P = t.P, t.Log10
	c.Odds, c.OddsLow, c.OddsHigh = math.Exp(c.Value), math.Exp(c.Low), math.Exp(c.High)
	return c, nil
}

// ratio fills in the likelihood-ratio test against the intercept alone.
func (r *Regression) ratio(p glm.Problem, fit glm.Fit) error {
	zero := make([]int, p.P-1)
	for j := range zero {
		zero[j] = j + 1
	}
	lr, tail, err := glm.Ratio(p, fit, zero...)
	if err != nil {
		return fmt.Errorf("hypothesis: likelihood ratio: %w", err)
	}
	r.Null = r.LogLik - lr/2
	t := blank("likelihood ratio", "no predictor changes the odds")
	t.StatisticName, t.Statistic, t.DF, t.N = "LR", lr, float64(len(zero)), []int{r.N}
	t.setTail(tail)
	// McFadden's measure on plain likelihoods only: a penalised one may be positive.
	if !fit.Penalised {
		t.EffectName, t.Effect, t.EffectNull = "McFadden R2", 1-r.LogLik/r.Null, 0
	}
	r.LRT = t
	return nil
}

// Term returns the coefficient of that name.
func (r Regression) Term(name string) (Coefficient, bool) {
	for _, c := range r.Terms {
		if c.Name == name {
			return c, true
		}
	}
	return Coefficient{}, false
}
