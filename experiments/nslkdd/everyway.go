package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"flowbook/datasets/nslkdd"
	"flowbook/eval"
	"flowbook/eval/audit"
	"flowbook/internal/exhibit"
	"flowbook/internal/num"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/encode"
	"flowbook/models/linear"
	"flowbook/plots"
	"flowbook/reports"
)

// everyWay asks the report's question in all the ways that it could have been asked.
func everyWay(nb *reports.Notebook, kdd *nslkdd.Set, c *contest, r roster, test table.View) {
	// ### One claim, every defensible analysis
	//
	// The answer above rests on choices that could have gone otherwise: which learner, trained on which of the two published training files (which decides what is seen), cut
	// at one half or where training promises one false alarm in a hundred, counting rows or giving each attack type the same say. Here all combinations are made
	// [13], for single learners; one seed each. The claim: *detectors find a smaller share of attacks whose type training did not have*. An analysis supports it if the 95 % interval of
	// the difference, over draws of whole types, lies above 0. Intervals that count rows hang on few types (one of them holds half of the seen rows) and are rough.

	learners := []models.Learner{r.forest, r.boosting, r.bagging, r.tree, r.logBytes(), r.svm(), r.bayes}
	files := map[string]table.View{"KDDTrain+": c.train, "KDDTrain+_20Percent": kdd.Train20.View()}
	choices := []eval.Choice{
		{Name: "learner", Options: names(learners...)[:nb.Budget().Pick(2, 7, 7)]},
		{Name: "training file", Options: []string{"KDDTrain+", "KDDTrain+_20Percent"}},
		{Name: "threshold", Options: []string{"one half", "one false alarm in a hundred"}},
		{Name: "unit", Options: []string{"rows", "attack types"}},
	}
	fits := memo[[]bool]{}
	curve := reports.Must(eval.Specifications{
		Name: "novelty claim", Claim: "detectors find a smaller share of attacks whose type training did not have", Estimate: "seen less unseen", Choices: choices, Seed: nb.Seed("specifications"),
		Analyse: func(ctx context.Context, s eval.Specification) (eval.Finding, error) {
			train := files[s.Option("training file")].WithTarget("is_attack")
			key := fmt.Sprint(s.Option("learner"), "/", s.Option("training file"), "/", s.Option("threshold"))
			said, err := fits.of(key, func() ([]bool, error) {
				l := learners[slices.IndexFunc(learners, func(l models.Learner) bool { return l.Name() == s.Option("learner") })]
				if s.Option("threshold") != "one half" {
					l = eval.Thresholded{Learner: l, Positive: "attack", Metric: recallAtOnePercent}
				}
				return alarms(ctx, models.WithSeed(l, nb.Seed("specification").At(key)), train, test)
			})
			if err != nil {
				return eval.Finding{}, err
			}
			return difference(said, train, test, s.Option("unit") == "rows", nb.Seed("specification draws")), nil
		},
	}.Run(nb.Context()))
	nb.Show(curve, curveDrawn(curve))
	least, most := curve.Range()
	above, by := 0, map[string]string{}
	for _, a := range curve.List {
		if a.Estimate > 0 {
			above++
		}
	}
	for _, o := range curve.Options() {
		if o.Choice == "unit" {
			by[o.Option] = fmt.Sprintf("%d of %d", o.Supporting, len(o.At))
		}
	}
	nb.Textf("All in all %d of %d differences are above 0, and %d support the claim: %s of those that count rows, %s of those that give each type the same say. The median difference is %.1f points, from %.1f to %.1f. What is above 0 and does not support it has a wide interval; that is no evidence of the opposite.",
		above, len(curve.List), curve.Supporting(), by["rows"], by["attack types"], 100*curve.Median(), 100*least, 100*most)

	// ### Could the learners have looked?
	//
	// Two checks by deed rather than by word, on some thousands of rows and one learner with encoders: rows of the test are altered, and relabelled, and the pipeline is run
	// again. If it had learnt from what it is judged on, the scores of rows that were left alone would move. (A learner that is handed training rows only can fail this by its
	// predictions alone; what the check finds in a pipeline that scales both files together stands below.) And no feature may be the class in disguise.

	first, second := c.train.WithTarget("is_attack").Take(between(0, min(3000, c.train.Rows()))), test.WithTarget("is_attack").Take(between(0, min(1000, test.Rows())))
	pipeline := audit.PipelineOf(models.WithSeed(r.logBytes(), nb.Seed("snooping")))
	nb.Show(reports.Must(audit.Snooping(nb.Context(), first, second, "KDDTest+", pipeline)),
		reports.Must(audit.TestTuned(nb.Context(), first, second, "KDDTest+", pipeline)),
		reports.Must(audit.TargetLeak(c.train.WithTarget("is_attack"), test.WithTarget("is_attack"), "KDDTest+")))
	caught := reports.Must(audit.Snooping(nb.Context(), first, second, "KDDTest+", scaledTogether))
	nb.Show(exhibit.Number("snooping/scaled-together/rows/kddtest+", caught.Value, second.Rows()))
	nb.Textf("Logistic regression behind a scaler that was fitted to both: the scores of %.0f of %d rows moved.", caught.Value, second.Rows())
}

// scaledTogether is a pipeline that snoops: its encoders see the rows it is judged on.
func scaledTogether(ctx context.Context, train, test table.View) (models.Prediction, error) {
	none := models.Prediction{}
	both, err := table.Concat("both", train.Materialize(), test.Materialize())
	if err != nil {
		return none, err
	}
	coder, err := encode.Pipeline(encode.OneHot{}, encode.Standardize{}).Fit(ctx, both.View().WithTarget("is_attack"))
	if err != nil {
		return none, err
	}
	scaled, err := coder.Transform(ctx, both.View().WithTarget("is_attack"))
	if err != nil {
		return none, err
	}
	all := scaled.View().WithTarget("is_attack")
	model, err := linear.Logistic{}.Fit(ctx, all.Take(between(0, train.Rows())))
	if err != nil {
		return none, err
	}
	return model.Predict(ctx, all.Take(between(train.Rows(), all.Rows())))
}

// memo keeps what was worked out under a key, by whoever asked first.
type memo[T any] struct {
	mu   sync.Mutex
	once map[string]func() (T, error)
}

func (m *memo[T]) of(key string, work func() (T, error)) (T, error) {
	m.mu.Lock()
	if m.once == nil {
		m.once = map[string]func() (T, error){}
	}
	f, there := m.once[key]
	if !there {
		f = sync.OnceValues(work)
		m.once[key] = f
	}
	m.mu.Unlock()
	return f()
}

// alarms says of each test row whether a fitted learner calls it an attack.
func alarms(ctx context.Context, l models.Learner, train, test table.View) ([]bool, error) {
	model, err := l.Fit(ctx, train)
	if err != nil {
		return nil, err
	}
	p, err := model.Predict(ctx, test)
	if err != nil {
		return nil, err
	}
	out, at := make([]bool, p.Rows()), slices.Index(p.Classes, "attack")
	for i := range out {
		out[i] = p.Best(i) == at
	}
	return out, nil
}

// difference is how much more of the attacks of seen types is found than of the others,
// pooled over rows or as the mean over types, with its interval over draws of types.
func difference(said []bool, train, test table.View, byRows bool, seed rng.Seed) eval.Finding {
	taught := map[string]bool{}
	for _, a := range train.Strings("attack") {
		taught[a] = true
	}
	type count struct{ rows, found float64 }
	at := map[string]int{}
	var kinds [2][]count // unseen, seen, in order of appearance
	rows := 0
	for i, a := range test.Strings("attack") {
		if a == nslkdd.Normal {
			continue
		}
		rows++
		side := 0
		if taught[a] {
			side = 1
		}
		k, there := at[a]
		if !there {
			k, at[a] = len(kinds[side]), len(kinds[side])
			kinds[side] = append(kinds[side], count{})
		}
		kinds[side][k].rows++
		if said[i] {
			kinds[side][k].found++
		}
	}
	recall := func(types []count, pick func(i int) int) float64 {
		var found, all float64
		for i := range types {
			t := types[pick(i)]
			if byRows {
				found, all = found+t.found, all+t.rows
			} else {
				found, all = found+t.found/t.rows, all+1
			}
		}
		return found / all
	}
	same := func(i int) int { return i }
	f := eval.Finding{Estimate: recall(kinds[1], same) - recall(kinds[0], same), P: math.NaN(), Rows: rows}
	g := seed.Rand()
	draws := make([]float64, 1000)
	for d := range draws {
		draws[d] = recall(kinds[1], func(int) int { return g.IntN(len(kinds[1])) }) - recall(kinds[0], func(int) int { return g.IntN(len(kinds[0])) })
	}
	s := num.Sorted(draws)
	f.Low, f.High = min(num.Quantile(s, 0.025), f.Estimate), max(num.Quantile(s, 0.975), f.Estimate)
	f.Supports = f.Low > 0
	return f
}

// curveDrawn draws the analyses of each unit in the order of their estimates.
func curveDrawn(c *eval.Curve) plots.Line {
	estimate, low, high, _ := c.Points()
	l := plots.Line{Name: "specifications", Title: "Every analysis of one claim", XLabel: "analyses of each unit, by their estimate", YLabel: "seen less unseen (points)", Dots: true,
		Levels: []plots.Mark{{At: 0, Label: "no difference"}}, Caption: "Recall of seen less that of unseen attack types, each analysis with its 95 % interval over draws of types; those that count rows, and those that give each type the same say."}
	for k, unit := range []string{"rows", "attack types"} {
		s := plots.Series{Name: unit}
		for _, o := range c.Options() {
			if o.Choice != "unit" || o.Option != unit {
				continue
			}
			for i, at := range o.At {
				s.X = append(s.X, float64(i+1)+0.35*float64(k))
				s.Y, s.Low, s.High = append(s.Y, 100*estimate[at]), append(s.Low, 100*low[at]), append(s.High, 100*high[at])
			}
		}
		l.Series = append(l.Series, s)
	}
	return l
}
