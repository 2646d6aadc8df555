package main

import (
	"cmp"
	"fmt"
	"slices"

	"flowbook/datasets/nslkdd"
	"flowbook/eval"
	"flowbook/eval/metric"
	"flowbook/internal/exhibit"
	"flowbook/internal/num"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/plots"
	"flowbook/reports"
)

// kind is the attacks of the test file whose types training saw, or those it did not.
type kind struct {
	name        string
	types, rows int
	recall      float64         // share of the rows found, mean over seeds
	draws       []float64       // what other draws of whole types would give
	low, high   float64         // 95 % interval over them
	auc         exhibit.Measure // against the normal rows, first seed
	atOne       float64         // recall where one in a hundred normal rows of the test raises an alarm, first seed
}

// pool puts the types of one kind together.
func pool(r *eval.Recalls, seen bool, o metric.Outcome, test table.View, seed rng.Seed) kind {
	k := kind{name: "not in training"}
	if seen {
		k.name = "in training"
	}
	var types []eval.LevelRecall
	var names []string
	found := 0.0
	for _, l := range r.Levels {
		if l.Seen == seen {
			types, names = append(types, l), append(names, l.Level)
			k.rows += l.Rows
			found += l.Found
		}
	}
	k.types = len(types)
	k.recall = found / float64(k.rows)
	k.draws = overTypes(types, seed.At(k.name))
	k.low, k.high = middle(k.draws)

	attack := test.Strings("attack")
	against := metric.Outcome{Classes: o.Classes, Positive: o.Positive}
	for i, a := range attack {
		if a == nslkdd.Normal || slices.Contains(names, a) {
			against.Truth = append(against.Truth, o.Truth[i])
			against.P = append(against.P, o.P[i*len(o.Classes):(i+1)*len(o.Classes)]...)
		}
	}
	k.atOne = atOnePercent(against)
	low, high := metric.ROCAUC.Interval(against, 0.95)
	k.auc = exhibit.Measure{Value: metric.ROCAUC.Of(against), Low: low, High: high, Level: 0.95, Rows: against.Rows()}
	return k
}

// atOnePercent is the recall above the score that one in a hundred negative rows exceeds.
func atOnePercent(o metric.Outcome) float64 {
	k := len(o.Classes)
	var hits, rest []float64
	for i, t := range o.Truth {
		if s := o.P[i*k+o.Positive]; t == o.Positive {
			hits = append(hits, s)
		} else {
			rest = append(rest, s)
		}
	}
	slices.Sort(rest)
	cut := rest[len(rest)-1-len(rest)/100] // so many lie above it, or fewer
	found := 0
	for _, s := range hits {
		if s > cut {
			found++
		}
	}
	return float64(found) / float64(len(hits))
}

// overTypes is the bootstrap of the pooled recall, drawing whole types: rows of one
// type are no independent evidence about another.
func overTypes(types []eval.LevelRecall, seed rng.Seed) []float64 {
	g := seed.Rand()
	recalls := make([]float64, 4000)
	for d := range recalls {
		rows, found := 0, 0.0
		for range types {
			t := types[g.IntN(len(types))]
			rows += t.Rows
			found += t.Found
		}
		recalls[d] = found / float64(rows)
	}
	return recalls
}

// middle is the part that holds 95 % of draws.
func middle(draws []float64) (low, high float64) {
	s := num.Sorted(draws)
	return num.Quantile(s, 0.025), num.Quantile(s, 0.975)
}

// gap is how much more of the seen types' rows is found, with its interval over draws
// of types of either kind.
func gap(seen, unseen kind) exhibit.Measure {
	draws := make([]float64, len(seen.draws))
	for i := range draws {
		draws[i] = seen.draws[i] - unseen.draws[i]
	}
	low, high := middle(draws)
	return exhibit.Measure{Value: seen.recall - unseen.recall, Low: low, High: high, Level: 0.95, Rows: seen.rows + unseen.rows}
}

// verdict turns the recall of unseen types into words.
func verdict(unseen kind) string {
	switch {
	case unseen.high < 0.5:
		return "No, it misses most of them"
	case unseen.recall < 0.5:
		return "Not reliably: it misses most rows of the attacks it has never seen"
	case unseen.low > 0.5:
		return "Yes, most of them"
	}
	return "In part: most rows of these new attacks, but few types carry that"
}

// parts sets the two kinds side by side.
func parts(learner string, kinds ...kind) exhibit.Exhibit {
	g := exhibit.Grid{
		Title: "Attacks seen and not seen in training, on KDDTest+",
		Caption: learner + ". Recall at a threshold of one half, the mean over seeds, with a 95 % bootstrap interval over types; " +
			"ROC-AUC against the normal rows, first seed, with DeLong's interval over rows.",
		Columns: []string{"attack types", "types", "rows", "recall", "ROC-AUC"},
	}
	var e exhibit.Exhibit
	for _, k := range kinds {
		g.Rows = append(g.Rows, []exhibit.Cell{exhibit.Text(k.name), exhibit.Count(k.types), exhibit.Count(k.rows),
			exhibit.Between(k.recall, k.low, k.high, 0.95), exhibit.Between(k.auc.Value, k.auc.Low, k.auc.High, 0.95)})
		k.auc.ID = exhibit.ID("novelty", learner, "roc-auc", k.name)
		e.Measures = append(e.Measures, k.auc, exhibit.Measure{ID: exhibit.ID("novelty", learner, "recall", k.name),
			Value: k.recall, Low: k.low, High: k.high, Level: 0.95, Rows: k.rows})
	}
	e.Grids = []exhibit.Grid{g}
	return e
}

// byClass crosses seen and unseen with the class, for a kind of attack that is
// always missed pulls down whichever side it stands on.
func byClass(r *eval.Recalls) exhibit.Exhibit {
	g := exhibit.Grid{
		Title:   "The same by class of attack",
		Caption: "Share of the rows found, the mean over seeds. Along a line the class is the same and the types differ, by novelty and otherwise.",
		Columns: []string{"class", "rows in training's types", "recall", "rows of new types", "recall of new types"},
	}
	var e exhibit.Exhibit
	for _, class := range nslkdd.Classes()[1:] {
		row := []exhibit.Cell{exhibit.Text(class)}
		for _, seen := range []bool{true, false} {
			rows, found := 0, 0.0
			for _, l := range r.Levels {
				if c, err := nslkdd.ClassOf(l.Level); err == nil && c == class && l.Seen == seen {
					rows += l.Rows
					found += l.Found
				}
			}
			recall := found / float64(rows) // NaN for a class without such types
			row = append(row, exhibit.Count(rows), exhibit.Percent(recall))
			part := map[bool]string{true: "in training", false: "not in training"}[seen]
			e.Measures = append(e.Measures, exhibit.Number(exhibit.ID("novelty", r.Learner, "recall", class, part), recall, rows))
		}
		g.Rows = append(g.Rows, row)
	}
	e.Grids = []exhibit.Grid{g}
	return e
}

// byType draws recall by attack type, seen and unseen apart.
func byType(r *eval.Recalls, learner string) plots.Dots {
	d := plots.Dots{Name: "recall-by-type", Title: "Recall on KDDTest+ by attack type: " + learner, XLabel: "recall at a threshold of one half",
		Percent: true, Caption: "Types with at least 20 rows (their number in brackets), with 95 % Wilson intervals over rows."}
	for _, seen := range []bool{true, false} {
		group := "not in training"
		if seen {
			group = "in training"
		}
		for _, l := range r.Levels {
			if l.Seen == seen && l.Rows >= 20 {
				d.Rows = append(d.Rows, plots.Estimate{Label: fmt.Sprintf("%s (%d)", l.Level, l.Rows), Group: group, Value: l.Recall, Low: l.Low, High: l.High})
			}
		}
	}
	return d
}

// faced is what a learner makes of both kinds of attack, and of normal traffic.
type faced struct {
	learner      string
	seen, unseen kind
	alarms       float64 // false positive rate on KDDTest+
	recall       float64 // of all attacks
}

type field []faced

// compareKinds meets every learner with both kinds of attack, most of the unseen
// ones found first.
func compareKinds(held *eval.Holdout, test table.View, seed rng.Seed) field {
	var out field
	for _, l := range held.Learners() {
		r := reports.Must(held.RecallBy(l, "KDDTest+", "attack"))
		o := held.Outcome(l, "KDDTest+")
		out = append(out, faced{l, pool(r, true, o, test, seed), pool(r, false, o, test, seed), held.Score(l, metric.FPR, "KDDTest+"), held.Score(l, metric.Recall, "KDDTest+")})
	}
	slices.SortStableFunc(out, func(a, b faced) int { return cmp.Compare(b.unseen.recall, a.unseen.recall) })
	return out
}

// of finds a learner.
func (f field) of(learner string) faced {
	return f[slices.IndexFunc(f, func(a faced) bool { return a.learner == learner })]
}

// Exhibit shows the field.
func (f field) Exhibit() exhibit.Exhibit {
	return f.named("kinds", "Seen and unseen attacks on KDDTest+, by learner")
}

// named shows the field under a title, its measures under a chapter.
func (f field) named(chapter, title string) exhibit.Exhibit {
	g := exhibit.Grid{
		Title: title,
		Caption: "Recall and false positive rate at each learner's own threshold, means over seeds, recall with a 95 % bootstrap interval over types; " +
			"ROC-AUC against the normal rows, first seed. Sorted by the recall of unseen types. The last column is cut where one in a hundred normal rows of KDDTest+ raises an alarm: for comparison only, first seed.",
		Columns: []string{"learner", "recall, seen types", "recall, unseen types", "false positive rate", "ROC-AUC, seen", "ROC-AUC, unseen", "unseen types at 1 % false alarms"},
	}
	var e exhibit.Exhibit
	for _, a := range f {
		g.Rows = append(g.Rows, []exhibit.Cell{exhibit.Text(a.learner), exhibit.Between(a.seen.recall, a.seen.low, a.seen.high, 0.95),
			exhibit.Between(a.unseen.recall, a.unseen.low, a.unseen.high, 0.95), exhibit.Num(a.alarms), exhibit.Num(a.seen.auc.Value), exhibit.Num(a.unseen.auc.Value), exhibit.Percent(a.unseen.atOne)})
		for _, k := range []kind{a.seen, a.unseen} {
			e.Measures = append(e.Measures, exhibit.Measure{ID: exhibit.ID(chapter, a.learner, "recall", k.name), Value: k.recall, Low: k.low, High: k.high, Level: 0.95, Rows: k.rows},
				exhibit.Number(exhibit.ID(chapter, a.learner, "roc-auc", k.name), k.auc.Value, k.auc.Rows),
				exhibit.Number(exhibit.ID(chapter, a.learner, "recall at 1 percent", k.name), k.atOne, k.rows))
		}
	}
	e.Grids = []exhibit.Grid{g}
	return e
}

// fewBest are the three best of the cross-validation that are no baselines, the
// one that found most of the types left out, and the recipe.
func fewBest(c *contest) []string {
	out := ranked(c.cv, metric.MCC)[:3:3]
	for _, l := range []string{c.leftOut.Ranked()[1], c.recipe.Name()} {
		if !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return out
}

// byTypeAndLearner draws recall by attack type, unseen types first.
func byTypeAndLearner(held *eval.Holdout, learners []string) plots.HeatMap {
	h := plots.HeatMap{Name: "recall-by-learner", Title: "Recall on KDDTest+ by attack type and learner", Unit: "recall", Decimals: 2,
		Caption: "Types of KDDTest+ with at least 20 rows (their number in brackets); those marked * do not occur in training. Means over seeds."}
	var recalls []*eval.Recalls
	for _, l := range learners {
		h.Columns = append(h.Columns, short(l))
		recalls = append(recalls, reports.Must(held.RecallBy(l, "KDDTest+", "attack")))
	}
	for _, seen := range []bool{false, true} {
		for i, level := range recalls[0].Levels {
			if level.Seen != seen || level.Rows < 20 {
				continue
			}
			name := level.Level
			if !seen {
				name += "*"
			}
			row := make([]float64, len(recalls))
			for l, r := range recalls {
				row[l] = r.Levels[i].Recall
			}
			h.Rows, h.Values = append(h.Rows, fmt.Sprintf("%s (%d)", name, level.Rows)), append(h.Values, row)
		}
	}
	return h
}

// foresight is how well the chapters before foretold who finds unseen attacks.
type foresight struct {
	learners                int
	leftOut, crossValidated float64 // rank correlations
}

// foretold correlates, over the learners that were fitted without each type, what
// they found then, and their MCC, with what they find of the unseen types.
func foretold(c *contest, f field) foresight {
	var left, inside, unseen []float64
	for _, l := range c.leftOut.Learners() {
		if c.cv.Mean(l, metric.MCC) > 0 { // without always attack
			left, inside = append(left, c.leftOut.MeanRecall(l)), append(inside, c.cv.Mean(l, metric.MCC))
			unseen = append(unseen, f.of(l).unseen.recall)
		}
	}
	return foresight{len(unseen), num.Spearman(left, unseen), num.Spearman(inside, unseen)}
}

func (f foresight) measures() exhibit.Exhibit {
	return exhibit.Exhibit{Measures: []exhibit.Measure{
		exhibit.Number("foretold/left-out/spearman/unseen", f.leftOut, f.learners),
		exhibit.Number("foretold/cross-validation/spearman/unseen", f.crossValidated, f.learners),
	}}
}

// rightClass shows how many rows of seen and of unseen types were given the right
// one of five classes.
func rightClass(five *eval.Holdout, best []string) exhibit.Exhibit {
	g := exhibit.Grid{Title: "The right class, for seen and unseen attack types",
		Caption: "Rows of KDDTest+ by whether training had their type; share given the right one of five classes, means over seeds.",
		Columns: []string{"learner", "attack types", "types", "rows", "given the right class"}}
	var e exhibit.Exhibit
	for _, l := range best {
		r := reports.Must(five.RecallBy(l, "KDDTest+", "attack"))
		for _, seen := range []bool{true, false} {
			types, rows, right := 0, 0, 0.0
			for _, level := range r.Levels {
				if level.Level != nslkdd.Normal && level.Seen == seen {
					types++
					rows += level.Rows
					right += level.Found
				}
			}
			part := map[bool]string{true: "in training", false: "not in training"}[seen]
			g.Rows = append(g.Rows, []exhibit.Cell{exhibit.Text(l), exhibit.Text(part), exhibit.Count(types), exhibit.Count(rows), exhibit.Percent(right / float64(rows))})
			e.Measures = append(e.Measures, exhibit.Number(exhibit.ID("five classes", l, "right-class", part), right/float64(rows), rows))
		}
	}
	e.Grids = []exhibit.Grid{g}
	return e
}
