package ensemble

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/par"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/histtree"
)

// AdaBoost fits a weak learner again and again, each time on weights that have
// grown where those before it were wrong. It is SAMME [1], which for two classes is
// Freund and Schapire's AdaBoost.M1 (1997), or, where Real, SAMME.R of the preprint
// of [1]. The zero value is ready to use: 50 rounds of SAMME with stumps, those of
// scikit-learn's AdaBoostClassifier (algorithm="SAMME"; in release 1.2 its own
// default is SAMME.R).
//
// In a round the weights w sum to 1 and err is the weight of the rows whose best
// class is not theirs. SAMME gives the round a say of α = η (log((1-err)/err) +
// log(k-1)) and multiplies the weights of its mistakes by exp α. SAMME.R uses the
// scores p of all classes, no less than 2⁻⁵²: it multiplies w by
// exp(-η (k-1)/k Σ_c y_c log p_c), y_c being 1 for the row's class and -1/(k-1)
// for the others. The boost ends early after a round without a mistake, which
// counts with α = 1, and, under SAMME, before one that does no better than chance,
// err ≥ 1 - 1/k; if that is the first one, Fit fails.
//
// The members must heed row weights: a learner that does not learns the same each
// round. Scores are a softmax as in scikit-learn; they rank well and are no
// probabilities (see Calibrated). Rounds follow each other, and the cores work
// within one. A learner with a Prepare, as histtree.Tree has, cuts its bins once and not
// each round. Time Rounds fits and predictions of n rows.
//
// [1] Zhu, Zou, Rosset, Hastie (2009), Multi-class AdaBoost, Statistics and Its
// Interface 2, 349-360.
type AdaBoost struct {
	Learner models.Learner // the weak learner; nil means histtree.Tree{MaxDepth: 1}
	Rounds  int            // at most; 0 means 50
	Rate    float64        // η, shrinks the say of each round, above 0; 0 means 1
	Real    bool           // SAMME.R: members speak in scores, not in classes
	Seed    rng.Seed       // of the members
}

// Name returns "AdaBoost", or "AdaBoost SAMME.R".
func (a AdaBoost) Name() string {
	if a.Real {
		return "AdaBoost SAMME.R"
	}
	return "AdaBoost"
}

// WithSeed returns the boost with another seed.
func (a AdaBoost) WithSeed(seed rng.Seed) models.Learner { a.Seed = seed; return a }

// Fit boosts. It fails where a field is out of range, where a member fails, and
// where the first member does no better than chance.
func (a AdaBoost) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	if a.Rounds == 0 {
		a.Rounds = 50
	}
	if a.Rate == 0 {
		a.Rate = 1
	}
	if a.Learner == nil {
		a.Learner = histtree.Tree{MaxDepth: 1}
	}
	switch {
	case a.Rounds < 0:
		return nil, fmt.Errorf("ensemble: Rounds is %d; want at least 1, or 0 for 50", a.Rounds)
	case !(a.Rate > 0) || math.IsInf(a.Rate, 0):
		return nil, fmt.Errorf("ensemble: Rate is %v; want a number above 0, or 0 for 1", a.Rate)
	}
	t, err := begin(ctx, train)
	if err != nil {
		return nil, err
	}
	b := &Boosted{schema: t.schema, classes: t.classes, real: a.Real}
	w := make([]float64, len(t.labels))
	for i := range w {
		w[i] = t.weight(i)
	}
	normalize(w)
	refit, err := t.refitter(ctx, a.Learner)
	if err != nil {
		return nil, within(err)
	}
	progress := par.Track(ctx, a.Name(), a.Rounds)
	defer progress.Done()
	for i := range a.Rounds {
		for j := range w {
			w[j] = max(w[j], epsilon)
		}
		// A row that the view has twice keeps one weight: its label and scores are the same.
		c, err := refit(ctx, w, a.Seed.Index("round", i))
		if err != nil {
			return nil, trouble("AdaBoost", i, a.Learner, err)
		}
		m, err := newMember(c, t.classes)
		if err != nil {
			return nil, trouble("AdaBoost", i, a.Learner, err)
		}
		p, err := m.predict(ctx, t.rows, len(t.classes))
		if err != nil {
			return nil, trouble("AdaBoost", i, a.Learner, err)
		}
		wrong := mistakes(p, t.labels, len(t.classes))
		r := Round{Error: share(wrong, w), Weight: 1}
		chance := 1 - 1/float64(len(t.classes))
		if !a.Real && r.Error > 0 && r.Error >= chance {
			if i == 0 {
				return nil, fmt.Errorf("ensemble: AdaBoost: %s is wrong on %.4g of the weight in the first round; want less than chance, %.4g: use other features or a stronger Learner", a.Learner.Name(), r.Error, chance)
			}
			break
		}
		switch {
		case r.Error == 0:
		case a.Real:
			a.raise(w, p, t.labels, len(t.classes))
		default:
			r.Weight = a.Rate * (math.Log((1-r.Error)/r.Error) + math.Log(float64(len(t.classes)-1)))
			up := math.Exp(r.Weight)
			for j, bad := range wrong {
				if bad {
					w[j] *= up
				}
			}
		}
		b.members = append(b.members, m)
		b.rounds = append(b.rounds, r)
		progress.Add(1)
		if r.Error == 0 || !normalize(w) {
			break
		}
	}
	return b, nil
}

// epsilon is the smallest weight and score that counts, that of scikit-learn.
const epsilon = 0x1p-52

// raise is the change of weights of SAMME.R.
func (a AdaBoost) raise(w, p []float64, labels []int, k int) {
	factor := a.Rate * float64(k-1) / float64(k)
	par.Blocks(len(w), 1<<12, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			sum := 0.0
			for c, v := range p[i*k : (i+1)*k] {
				y := -1 / float64(k-1)
				if c == labels[i] {
					y = 1
				}
				sum += float64(y * math.Log(max(v, epsilon)))
			}
			w[i] *= math.Exp(-factor * sum)
		}
	})
}

// mistakes marks the rows whose best class is not their own.
func mistakes(p []float64, labels []int, k int) []bool {
	wrong := make([]bool, len(labels))
	for i, c := range labels {
		wrong[i] = best(p[i*k:(i+1)*k]) != c
	}
	return wrong
}

// share is the share of the weight that is marked. It is 0 only where none is.
func share(marked []bool, w []float64) float64 {
	sum, total := 0.0, 0.0
	for i, v := range w {
		total += v
		if marked[i] {
			sum += v
		}
	}
	return sum / total
}

// normalize makes w sum to 1; it reports false where no finite sum allows it.
func normalize(w []float64) bool {
	total := 0.0
	for _, v := range w {
		total += v
	}
	if !(total > 0) || math.IsInf(total, 0) {
		return false
	}
	for i := range w {
		w[i] /= total
	}
	return true
}

// Round is what one round of a boost came to.
type Round struct {
	Error  float64 // weight of the rows it had wrong, of 1
	Weight float64 // α, its say; 1 under SAMME.R
}

// Boosted is a fitted AdaBoost. It is immutable and safe for concurrent use.
type Boosted struct {
	schema  table.Schema
	classes []string
	members []member
	rounds  []Round
	real    bool
}

// Classes are the classes of training, sorted.
func (b *Boosted) Classes() []string { return slices.Clone(b.classes) }

// Size is the sum of the members' sizes, or their number where their units differ.
func (b *Boosted) Size() (int, string) { return size(b.members) }

// Members returns the fitted members, one for each round.
func (b *Boosted) Members() []models.Classifier { return classifiers(b.members) }

// Rounds returns what the rounds came to; fewer than asked for where the boost
// ended early.
func (b *Boosted) Rounds() []Round { return slices.Clone(b.rounds) }

// Predict adds up what the members say, in order, divides by Σα, and gives the
// softmax of it over k-1, as scikit-learn's predict_proba.
func (b *Boosted) Predict(ctx context.Context, rows table.View) (models.Prediction, error) {
	if err := ready(ctx, b.schema, rows); err != nil {
		return models.Prediction{}, err
	}
	k := len(b.classes)
	out := models.NewPrediction(b.Classes(), rows.Rows())
	total := 0.0
	for r, m := range b.members {
		p, err := m.predict(ctx, rows, k)
		if err != nil {
			return models.Prediction{}, fmt.Errorf("ensemble: AdaBoost: %w", err)
		}
		alpha := b.rounds[r].Weight
		total += alpha
		for i := 0; i < len(p); i += k {
			if b.real {
				speak(out.P[i:i+k], p[i:i+k])
			} else {
				out.P[i+best(p[i:i+k])] += alpha
			}
		}
	}
	for i := 0; i < len(out.P); i += k {
		decide(out.P[i:i+k], total)
	}
	return out, nil
}

// speak adds what a member of SAMME.R says to the sum: (k-1) (log p_c - mean log p).
func speak(sum, p []float64) {
	mean := 0.0
	for _, v := range p {
		mean += math.Log(max(v, epsilon))
	}
	k := float64(len(p))
	mean /= k
	for c, v := range p {
		sum[c] += float64((k - 1) * (math.Log(max(v, epsilon)) - mean))
	}
}

// decide makes scores of a row's sums, in place.
func decide(sums []float64, total float64) {
	top := sums[best(sums)]
	scale := total * float64(max(1, len(sums)-1))
	if len(sums) == 2 {
		scale = total * 2 // scikit-learn halves the difference of two classes …
		sums[0], sums[1] = sums[0]-sums[1], sums[1]-sums[0]
		top = math.Abs(sums[0])
	}
	sum := 0.0
	for c, v := range sums {
		sums[c] = math.Exp((v - top) / scale)
		sum += sums[c]
	}
	for c := range sums {
		sums[c] /= sum
	}
}
