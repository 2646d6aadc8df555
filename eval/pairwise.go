package eval

import (
	"fmt"
	"math"

	"flowbook/eval/metric"
	"flowbook/internal/exhibit"
	"flowbook/internal/num"
)

// Pairs is the comparison of every two learners in one metric.
type Pairs struct {
	Trial  Trial
	Metric metric.Metric
	Folds  string // name of the folds
	K      int    // number of folds
	With   string // the learner that all others are compared with; "" where every pair is
	List   []Pair
}

// Pair compares learner A with B over the same folds.
type Pair struct {
	A, B       string
	Difference float64  // mean of A's metric less B's
	Low, High  float64  // t interval of it at the trial's level
	T, DF      float64  // corrected resampled t and its degrees of freedom, K - 1
	P          num.Tail // two-sided
	Holm       num.Tail // P corrected for all pairs
}

// Pairwise tests every pair of learners with the corrected resampled t test
//
//	t = mean(d) / sqrt(s² (1/K + n_test/n_train)),  K-1 degrees of freedom,
//
// d being the differences by fold [1], and corrects for the number of pairs after
// Holm [2]. (The plain paired t test takes folds for independent: it finds a
// difference where there is none several times too often.) Pairs go in the order
// of the means, so differences favour A. Equal differences in all folds have no
// variance: p is 1 where they are 0, and 0 otherwise. Where the metric is NaN in a
// fold, so is the pair.
//
// [1] Nadeau, Bengio (2003), Machine Learning 52, 239-281.
// [2] Holm (1979), Scandinavian Journal of Statistics 6, 65-70.
func (s *Scores) Pairwise(m metric.Metric) *Pairs {
	place := s.Trial.metricIndex(m)
	order := s.order(place)
	p := &Pairs{Trial: s.Trial, Metric: m, Folds: s.Folds.Name, K: s.Folds.Len()}
	for i, a := range order {
		for _, b := range order[i+1:] {
			p.List = append(p.List, comparePair(s.names[a], s.names[b],
				s.byFold(a, place), s.byFold(b, place), s.testToTrain(), s.Trial.Level))
		}
	}
	p.correct()
	return p
}

// Against is Pairwise for every other learner with one of them, in the order of
// their means: what a change brings, one comparison a change. Differences are the
// other's less the one's, and Holm's correction is for so many pairs only. It panics
// if that one took no part.
func (s *Scores) Against(one string, m metric.Metric) *Pairs {
	place, b := s.Trial.metricIndex(m), index("learner", one, s.names)
	p := &Pairs{Trial: s.Trial, Metric: m, Folds: s.Folds.Name, K: s.Folds.Len(), With: one}
	for _, a := range s.order(place) {
		if a != b {
			p.List = append(p.List, comparePair(s.names[a], one,
				s.byFold(a, place), s.byFold(b, place), s.testToTrain(), s.Trial.Level))
		}
	}
	p.correct()
	return p
}

// correct fills in Holm's p.
func (p *Pairs) correct() {
	tails := make([]num.Tail, len(p.List))
	for i, pair := range p.List {
		tails[i] = pair.P
	}
	for i, t := range num.Holm(tails) {
		p.List[i].Holm = t
	}
}

func comparePair(nameA, nameB string, a, b []float64, testToTrain, level float64) Pair {
	d := make([]float64, len(a))
	for f := range d {
		d[f] = a[f] - b[f]
	}
	p := Pair{A: nameA, B: nameB, DF: float64(len(d) - 1)}
	mean, se := correctedError(d, testToTrain)
	_, half := correctedInterval(d, testToTrain, level)
	p.Difference, p.Low, p.High = mean, mean-half, mean+half
	switch {
	case math.IsNaN(mean):
		p.T, p.P = math.NaN(), num.Tail{P: math.NaN(), Log10: math.NaN()}
	case mean == 0:
		p.P = num.Tail{P: 1}
	case se == 0:
		p.T, p.P = math.Copysign(math.Inf(1), mean), num.Tail{Log10: math.Inf(-1)}
	default:
		p.T = mean / se
		p.P = num.StudentTail(math.Abs(p.T), p.DF).Times(2)
	}
	return p
}

// Different counts the pairs whose corrected p is below alpha.
func (p *Pairs) Different(alpha float64) int {
	n := 0
	for _, pair := range p.List {
		if pair.Holm.P < alpha {
			n++
		}
	}
	return n
}

// Of returns the pair of two learners, with A and B in the order asked for. It
// panics if one of them took no part.
func (p *Pairs) Of(a, b string) Pair {
	for _, pair := range p.List {
		switch {
		case pair.A == a && pair.B == b:
			return pair
		case pair.A == b && pair.B == a:
			pair.A, pair.B, pair.T = a, b, -pair.T
			pair.Difference, pair.Low, pair.High = -pair.Difference, -pair.High, -pair.Low
			return pair
		}
	}
	panic(fmt.Sprintf("eval: no pair of %q and %q", a, b))
}

// Exhibit shows the pairs, closed where they are more than ten, and how many differ.
func (p *Pairs) Exhibit() exhibit.Exhibit {
	level := p.Trial.Level
	g := exhibit.Grid{
		Title: fmt.Sprintf("%s: pairs of learners by %s", p.Trial.Name, p.Metric.Title),
		Caption: fmt.Sprintf("Difference A - B of the mean over %s, with its %g %% interval; corrected resampled t test "+
			"(Nadeau and Bengio 2003), p also corrected for %d pairs (Holm).", p.Folds, 100*level, len(p.List)),
		Columns: []string{"A", "B", "A - B", "t", "df", "p", "p (Holm)"},
		Folded:  len(p.List) > 10,
	}
	if p.With != "" {
		g.Title = fmt.Sprintf("%s: the others less %s, by %s", p.Trial.Name, p.With, p.Metric.Title)
	}
	var e exhibit.Exhibit
	for _, q := range p.List {
		g.Rows = append(g.Rows, []exhibit.Cell{exhibit.Text(q.A), exhibit.Text(q.B),
			exhibit.Between(q.Difference, q.Low, q.High, level), exhibit.Num(q.T), exhibit.Num(q.DF),
			exhibit.P(q.P.P, q.P.Log10), exhibit.P(q.Holm.P, q.Holm.Log10)})
		id := func(what string) string {
			return exhibit.ID(p.Trial.Name, q.A+" minus "+q.B, p.Metric.Name, what)
		}
		e.Measures = append(e.Measures,
			exhibit.Measure{ID: id("difference"), Value: q.Difference, Low: q.Low, High: q.High, Level: level},
			exhibit.Number(id("p-holm"), q.Holm.P, 0))
	}
	alpha := 1 - level
	e.Notes = append(e.Notes, fmt.Sprintf("By %s, %d of %d pairs of learners differ at %.2g after both corrections.",
		p.Metric.Title, p.Different(alpha), len(p.List), alpha))
	e.Grids = append(e.Grids, g)
	return e
}
