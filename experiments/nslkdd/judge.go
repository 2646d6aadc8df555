package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"flowbook/datasets/nslkdd"
	"flowbook/eval"
	"flowbook/eval/metric"
	"flowbook/eval/resample"
	"flowbook/internal/exhibit"
	"flowbook/internal/num"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models/baseline"
	"flowbook/models/histtree"
	"flowbook/plots"
	"flowbook/reports"
)

func judge(nb *reports.Notebook, kdd *nslkdd.Set, c *contest, r roster) {
	// ## KDDTest+, opened for judging, and the verdict
	//
	// Everything is settled now: features, encoders, settings, thresholds, the recipe, and who is expected to win. Each learner is
	// fitted to all training rows, those that draw random numbers once for each of several seeds (fewer where fits take long or the
	// seed decides next to nothing: see the column), and judged on both test files. KDDTest-21 holds the rows of KDDTest+ that not all of 21 learners of the set's makers got right: it is harder by
	// construction, and *always attack* looks good on it.

	tests := []eval.Split{
		{Name: "KDDTest+", View: nb.Open(kdd.Test, "judge the learners")},
		{Name: "KDDTest-21", View: nb.Open(kdd.Test21, "judge the learners")},
	}
	plus := tests[0].View
	seeds := nb.Budget().Pick(2, 10, 20)
	trial := c.binary
	trial.Chosen = c.best
	held := reports.Must(trial.HoldoutSeeds(nb.Context(), c.train, tests, seeds, append(slices.Clone(c.detectors), c.recipe)...))
	nb.Show(held, held.Answers("KDDTest+"))

	rocs, prs := curves(func(l string) metric.Outcome { return held.Outcome(l, "KDDTest+") }, c.drawn)
	first := "Each learner's first seed; the tables show means over seeds."
	nb.Show(plots.ROC{Name: "roc-test", Title: "ROC on KDDTest+", Curves: rocs, Caption: first})
	nb.Show(plots.PrecisionRecall{Name: "pr-test", Title: "Precision and recall on KDDTest+", Curves: prs, Caption: first,
		Prevalence: float64(countNot(plus, "class", nslkdd.Normal)) / float64(plus.Rows())})

	nb.Show(timeOrder(c.train))

	rule := baseline.OneRule{}.Name()
	in, out := c.cv.Mean(c.best, metric.Accuracy), held.Score(c.best, metric.Accuracy, "KDDTest+")
	falseIn, falseOut := c.cv.Mean(c.best, metric.FPR), held.Score(c.best, metric.FPR, "KDDTest+")
	drawn := len(held.BySeed(c.best, metric.Accuracy, "KDDTest+"))
	nb.Textf("The detector that won inside, %s, has an accuracy of %.4f inside KDDTrain+, %.4f on KDDTest+ (%s) and %.4f on KDDTest-21. It raises a false alarm on %.3f %% of normal connections inside and on %.2f %% outside.",
		c.best, in, out, over(drawn), held.Score(c.best, metric.Accuracy, "KDDTest-21"), 100*falseIn, 100*falseOut)
	nb.Textf("One rule on one feature has %.4f on KDDTest+, always saying *attack* %.4f, and %.4f on KDDTest-21. Ranked by MCC, the detectors that answer both classes stand on KDDTest+ as they stood inside KDDTrain+ with a rank correlation of %.2f.",
		held.Score(rule, metric.Accuracy, "KDDTest+"), held.Score("always attack", metric.Accuracy, "KDDTest+"),
		held.Score("always attack", metric.Accuracy, "KDDTest-21"), agreement(c.cv, held))

	// ### Is it the same network?
	//
	// A forest is asked from which file a row comes, normal rows only. An area under the ROC curve of 0.5 would mean that normal
	// traffic is the same in both; rows of KDDTrain+ that a coin calls "test" show what the method itself makes of that. (Two
	// recordings of one network differ too, if they are bursts: a high area says "other traffic", not why.)

	trees := nb.Budget().Pick(10, 50, 100)
	area := twoFiles(nb.Context(), c.train, plus, trees, nb.Seed("two files"))
	rest, picked := toss(c.train, plus, nb.Seed("coin"))
	control := twoFiles(nb.Context(), rest, picked, trees, nb.Seed("two files"))
	control.ID = "drift/control/roc-auc/cv"
	nb.Show(area, control)
	nb.Textf("Normal rows of the two files are told apart with an area of %.3f (95 %% interval %.3f to %.3f), those of KDDTrain+ and a coin's choice of them with %.3f (%.3f to %.3f).",
		area.Value, area.Low, area.High, control.Value, control.Low, control.High)

	// ### Attacks that training showed, and attacks it did not
	//
	// Here is the answer to the question. A type is *seen* if a single row of it stood in the training rows. Rows of one type are
	// near copies of each other, made by one tool in a few sessions, so the interval of the pooled recall comes from resampling
	// whole types: what another draw of attacks might have given. (The intervals in the long table take rows for independent.)
	// Recall is taken at the threshold of one half; the area under the ROC curve tells whether the attacks were ranked above normal
	// traffic all the same, so that another threshold would have found them.

	recalls := reports.Must(held.RecallBy(c.best, "KDDTest+", "attack"))
	seen := pool(recalls, true, held.Outcome(c.best, "KDDTest+"), plus, nb.Seed("types"))
	unseen := pool(recalls, false, held.Outcome(c.best, "KDDTest+"), plus, nb.Seed("types"))
	nb.Show(parts(c.best, seen, unseen))
	apart := gap(seen, unseen)
	apart.ID = exhibit.ID("novelty", c.best, "recall", "difference")
	nb.Show(apart)
	nb.Textf("Of the rows of seen types %.1f points more are found than of unseen ones; drawing the types of either kind anew gives from %.0f to %.0f points.",
		100*apart.Value, 100*apart.Low, 100*apart.High)
	nb.Show(byClass(recalls))
	nb.Show(byType(recalls, c.best))
	nb.Show(recalls)

	// The others, beside it. Who finds more new attacks, and at what price in false alarms?

	everyone := compareKinds(held, plus, nb.Seed("types"))
	nb.Show(everyone)
	few := fewBest(c)
	nb.Show(byTypeAndLearner(held, few))
	hinted := foretold(c, everyone)
	nb.Show(hinted.measures())
	nb.Textf("Was the order foreseeable? Over %d learners, the recall of types left out of training goes with the recall of the unseen types of KDDTest+ by a rank correlation of %.2f; the MCC of the cross-validation goes with it by %.2f. So few learners, at different rates of false alarms, do not settle it; they give no ground to choose by either.",
		hinted.learners, hinted.leftOut, hinted.crossValidated)

	judgeRecipe(nb, c, held, everyone)
	untaught := judgeUnusual(nb, c, r, tests, seeds, everyone)
	judgeEngineered(nb, c, tests[:1], seeds)
	straight, crooked := honestAndLeaky(nb, c, r, held, nb.Open(kdd.Test, "careless protocols, on purpose: trained on, and a threshold chosen"))
	everyWay(nb, kdd, c, r, nb.Open(kdd.Test, "every analysis of one claim"))

	// ### Which class, on the test file

	five := reports.Must(c.five.HoldoutSeeds(nb.Context(), c.train, tests, seeds, c.classifiers...))
	nb.Show(five)
	nb.Show(recallByClass("Recall of each class on KDDTest+", "five classes", "KDDTest+", five.Learners(),
		func(l string) metric.Confusion { return five.Confusion(l, "KDDTest+") }))
	confusion := five.Confusion(c.bestFive, "KDDTest+")
	nb.Show(plots.Confusion{Name: "confusion-test", Title: "Five classes on KDDTest+: " + c.bestFive, Caption: first,
		Classes: confusion.Classes, Counts: confusion.Counts})
	nb.Show(rightClass(five, c.fewFive))
	nb.Textf("Of the five-class learners, %s, best inside KDDTrain+ with a macro F1 of %.3f, has %.3f on KDDTest+ (accuracy %.4f); the best there, %s, has %.3f.",
		c.bestFive, c.cvFive.Mean(c.bestFive, metric.MacroF1), five.Score(c.bestFive, metric.MacroF1, "KDDTest+"), five.Score(c.bestFive, metric.Accuracy, "KDDTest+"),
		bestOn(five, metric.MacroF1, "KDDTest+"), five.Score(bestOn(five, metric.MacroF1, "KDDTest+"), metric.MacroF1, "KDDTest+"))

	// ### Beside the literature
	//
	// Tavallaee et al. [1] trained seven learners of Weka on the first fifth of KDDTrain+; the same file serves ours here, kind beside
	// kind. Settings differ (Weka's J48 prunes, our tree does not; its multilayer perceptron and support vector machine have other
	// defaults), so a difference says what the kind of learner gives here, not who implements it better. The rule `src_bytes <= 28` is the
	// best single cut of KDDTrain+. Figures of 97 to 99.9 percent in other papers are cross-validation inside KDDTrain+ and belong to the
	// chapter before, not here.

	fifth := reports.Must(eval.Trial{Name: "first fifth", Target: "is_attack", Positive: "attack", Metrics: metric.Binary, Chosen: c.best, Seed: nb.Seed("fifth")}.
		HoldoutSeeds(nb.Context(), kdd.Train20.View(), tests, seeds, c.detectors...))
	beside, differences := kinds(fifth)
	nb.Show(beside)
	nb.Textf("Ours stand between %+.1f and %+.1f points of accuracy from the published figure of their kind on KDDTest+ (support vector machines with any kernel stand beside Weka's).", slices.Min(differences), slices.Max(differences))
	nb.Show(yardsticks(fifth, held, tests))
	nb.Show(exhibit.Exhibit{Measures: fifth.Exhibit().Measures})

	// ### Verdict

	answer, recipe := verdict(unseen), everyone.of(c.recipe.Name())
	nb.Textf("**%s.** On KDDTest+ the %s finds %.1f %% of the attack rows whose type it was trained on (%d types, 95 %% interval over types %.0f to %.0f %%) and %.1f %% of those whose type it never saw (%d types, %.0f to %.0f %%), at a threshold of one half. Against normal traffic the areas under the ROC curve are %.3f and %.3f.",
		answer, c.best, 100*seen.recall, seen.types, 100*seen.low, 100*seen.high, 100*unseen.recall, unseen.types, 100*unseen.low, 100*unseen.high, seen.auc.Value, unseen.auc.Value)
	nb.Answerf("**%s.** The detector that did best inside KDDTrain+ (%s, accuracy %.4f in cross-validation) reaches %.4f on KDDTest+ (%s); one rule on one feature reaches %.4f.",
		answer, c.best, in, out, over(drawn), held.Score(rule, metric.Accuracy, "KDDTest+"))
	nb.Answerf("At a threshold of one half it finds %.1f %% of the rows of attack types it was trained on and %.1f %% of those of types it never saw; with only %d such types, resampling them gives anything from %.0f to %.0f %%, and %s.",
		100*seen.recall, 100*unseen.recall, unseen.types, 100*unseen.low, 100*unseen.high, cost(seen, unseen))
	nb.Answerf("With its threshold moved to where training promised one false alarm in a hundred, the mean of three learners finds %.1f %% of the rows of new types, for false alarms on %.1f %% of normal connections: at one attack in ten thousand, %.2f %% of its alarms would be real.",
		100*recipe.unseen.recall, 100*recipe.alarms, 100*metric.PPVAt(held.Score(c.recipe.Name(), metric.Recall, "KDDTest+"), recipe.alarms, 1e-4))
	rival := everyone.of(c.best)
	nb.Answerf("Shown no attack at all, only normal connections, %s finds %.1f %% of the rows of new types (%.0f to %.0f %% over types), for false alarms on %.2f %% of normal connections: at one attack in ten thousand, %.2f %% of its alarms would be real. Each cut at one false alarm in a hundred, it finds %.1f %% of them and %s %.1f %%.",
		untaught.learner, 100*untaught.unseen.recall, 100*untaught.unseen.low, 100*untaught.unseen.high, 100*untaught.alarms, 100*metric.PPVAt(untaught.recall, untaught.alarms, 1e-4),
		100*untaught.unseen.atOne, c.best, 100*rival.unseen.atOne)
	nb.Answerf("Mixing the two files before they are split would alone have turned the accuracy of a random forest on the rows of KDDTest+ from %.1f into %.1f %%; choosing its threshold on the test file, into %.1f %%.",
		100*straight, 100*crooked[0], 100*crooked[1])
	nb.Answerf("Inside KDDTrain+ a like question, one attack type left out of training at a time: %s finds %.1f %% of the rows of a type that it was not shown (mean over %d types). Types of which no learner finds half: %s.",
		bestSingle(c), 100*c.leftOut.MeanRecall(bestSingle(c)), len(c.leftOut.Labels), list(hard(c)))
	nb.Answerf("At one half, %s raises a false alarm on %.3f %% of normal connections inside KDDTrain+ and on %.2f %% of those of KDDTest+. If one connection in ten thousand were an attack, %.2f %% of its alarms would be real.",
		c.best, 100*falseIn, 100*falseOut, 100*metric.PPVAt(held.Score(c.best, metric.Recall, "KDDTest+"), falseOut, 1e-4))

	// What this does not show. NSL-KDD is simulated traffic of 1998 from one network, and what was new in KDDTest+ was new then:
	// a learner that does better here need not do better on a network of today. The attacker modelled knows nothing of the
	// detector and does not adapt. No clock orders training before test, so a detector's ageing cannot be measured. Rows within
	// an attack are not independent, which the tests of the third chapter assume.
	//
	// [1] Tavallaee, Bagheri, Lu, Ghorbani (2009), A detailed analysis of the KDD CUP 99 data set, CISDA.
	// [2] Nadeau, Bengio (2003), Inference for the generalization error, Machine Learning 52, 239-281.
	// [3] Holte (1993), Very simple classification rules perform well on most commonly used datasets, Machine Learning 11, 63-90.
	// [4] Arthur, Vassilvitskii (2007), k-means++: the advantages of careful seeding, SODA.
	// [5] Firth (1993), Bias reduction of maximum likelihood estimates, Biometrika 80, 27-38; Heinze, Schemper (2002), A solution to the
	// problem of separation in logistic regression, Statistics in Medicine 21, 2409-2419.
	// [6] Arp et al. (2022), Dos and don'ts of machine learning in computer security, USENIX Security.
	// [7] Platt (1999), Probabilistic outputs for support vector machines, in Advances in large margin classifiers, MIT Press.
	// [8] Tibshirani, Walther, Hastie (2001), Estimating the number of clusters in a data set via the gap statistic, J. R. Stat. Soc. B 63, 411-423.
	// [9] Ester, Kriegel, Sander, Xu (1996), A density-based algorithm for discovering clusters, KDD.
	// [10] van der Maaten, Hinton (2008), Visualizing data using t-SNE, JMLR 9, 2579-2605.
	// [11] Liu, Ting, Zhou (2008), Isolation forest, ICDM.
	// [12] Breunig, Kriegel, Ng, Sander (2000), LOF: identifying density-based local outliers, SIGMOD.
	// [13] Simonsohn, Simmons, Nelson (2020), Specification curve analysis, Nature Human Behaviour 4, 1208-1214.
}

// timeOrder asks whether training lies before the test in time, which needs a clock.
func timeOrder(v table.View) exhibit.Check {
	check := exhibit.Check{ID: "nslkdd/time-order", Title: "Does training lie before the test in time?", Status: exhibit.Warn,
		Value: math.NaN(), Limit: "latest training time before the earliest test time", Detail: "The set has no clock: this cannot be checked."}
	for _, c := range v.Table().Columns() {
		if c.Role == table.Stamp {
			check.Detail = "Column " + c.Name + " is a clock that nobody has compared."
		}
	}
	return check
}

// agreement is Spearman's correlation of the detectors' MCC in cross-validation
// and on KDDTest+, without those that always give one answer.
func agreement(cv *eval.Scores, held *eval.Holdout) float64 {
	var in, out []float64
	for _, l := range cv.Learners() {
		if mcc := cv.Mean(l, metric.MCC); mcc > 0 {
			in, out = append(in, mcc), append(out, held.Score(l, metric.MCC, "KDDTest+"))
		}
	}
	return num.Spearman(in, out)
}

// cost says how far apart the two recalls are beside their intervals over types.
func cost(seen, unseen kind) string {
	if unseen.high < seen.low {
		return "the intervals of the two do not meet"
	}
	return fmt.Sprintf("the types seen give %.0f to %.0f %%: so few types cannot show what novelty itself costs", 100*seen.low, 100*seen.high)
}

func judgeRecipe(nb *reports.Notebook, c *contest, held *eval.Holdout, everyone field) {
	// ### The declared recipe
	//
	// It aimed at new attacks with one false alarm in a hundred normal rows. The later ensembles of the literature, also trained on all of
	// KDDTrain+, report accuracies of 85.2 and 85.8 percent. No row of the test file takes part in the recipe. But whoever wrote it had seen
	// figures of single learners on KDDTest+ before, in runs that only timed them, and had read what others met there; its own figure was
	// not known when it was written down, and it was not changed after. Take the figure for less than the same one on a file that nobody knows.

	name := c.recipe.Name()
	r := everyone.of(name)
	accuracy := held.Score(name, metric.Accuracy, "KDDTest+")
	nb.Textf("The declared recipe has an accuracy of %.4f on KDDTest+ and %.4f on KDDTest-21, MCC %.4f and %.4f (%s). It finds %.1f %% of the rows of seen attack types and %.1f %% of those of unseen ones, and its false alarms are not the 1 %% that it was cut for but %.2f %% (%.1f %% on KDDTest-21): normal traffic differs between the files, or the folds inside KDDTrain+ were too easy; this report cannot tell which. The published 85.2 and 85.8 percent are of single runs, no like-for-like comparison; *always attack* has %.4f on KDDTest-21. The area under the ROC curve is %.4f, that of %s %.4f: this, not the accuracy, tells a better order of the rows from a moved threshold.",
		accuracy, held.Score(name, metric.Accuracy, "KDDTest-21"), held.Score(name, metric.MCC, "KDDTest+"), held.Score(name, metric.MCC, "KDDTest-21"),
		over(len(held.BySeed(name, metric.Accuracy, "KDDTest+"))), 100*r.seen.recall, 100*r.unseen.recall, 100*r.alarms,
		100*held.Score(name, metric.FPR, "KDDTest-21"), held.Score("always attack", metric.Accuracy, "KDDTest-21"),
		held.Score(name, metric.ROCAUC, "KDDTest+"), c.best, held.Score(c.best, metric.ROCAUC, "KDDTest+"))
}

func judgeEngineered(nb *reports.Notebook, c *contest, tests []eval.Split, seeds int) {
	// ### The engineered features on the test file
	//
	// The same variants, fitted to all training rows. No interval of a difference is given here: rows of one attack type are near
	// copies, and the groups were not chosen by this.

	g := exhibit.Grid{Title: "Engineered features on KDDTest+",
		Caption: fmt.Sprintf("MCC and the recall of unseen attack types, means over up to %d seeds (sd of the MCC over them).", seeds),
		Columns: []string{"features"}}
	for _, v := range c.ablations[0].variants {
		g.Rows = append(g.Rows, []exhibit.Cell{exhibit.Text(v.Name())})
	}
	var e exhibit.Exhibit
	sentence := ""
	for _, a := range c.ablations {
		trial := a.cv.Trial
		held := reports.Must(trial.HoldoutSeeds(nb.Context(), c.train, tests, seeds, a.variants...))
		g.Columns = append(g.Columns, a.learner, "sd", "unseen types")
		for i, v := range a.variants {
			unseen := reports.Must(held.RecallBy(v.Name(), "KDDTest+", "attack")).Unseen()
			g.Rows[i] = append(g.Rows[i], exhibit.Num(held.Score(v.Name(), metric.MCC, "KDDTest+")),
				exhibit.Num(num.StdDev(held.BySeed(v.Name(), metric.MCC, "KDDTest+"))), exhibit.Percent(unseen.Recall))
		}
		shown := held.Exhibit()
		e.Measures, e.Timings = append(e.Measures, shown.Measures...), append(e.Timings, shown.Timings...)
		var parts []string
		for _, v := range a.variants {
			parts = append(parts, fmt.Sprintf("%s %.3f", v.Name(), held.Score(v.Name(), metric.MCC, "KDDTest+")))
		}
		sentence += fmt.Sprintf("; %s: %s", a.learner, strings.Join(parts, ", "))
	}
	e.Grids = []exhibit.Grid{g}
	nb.Show(e)
	nb.Textf("MCC on KDDTest+ by variant%s.", strings.Replace(sentence, ";", ":", 1))
}

// bestOn is the learner with the highest metric on a test file.
func bestOn(h *eval.Holdout, m metric.Metric, split string) string {
	return slices.MaxFunc(h.Learners(), func(a, b string) int { return cmp.Compare(h.Score(a, m, split), h.Score(b, m, split)) })
}

// over says how many fits a mean is over.
func over(seeds int) string {
	if seeds == 1 {
		return "one fit"
	}
	return fmt.Sprintf("the mean of %d seeds", seeds)
}

// hard are the types of which no learner finds half when it was not shown them.
func hard(c *contest) []string {
	types, _ := hardest(c.leftOut)
	return types
}

// twoFiles asks a forest from which file normal rows come, out of fold.
func twoFiles(ctx context.Context, train, test table.View, trees int, seed rng.Seed) exhibit.Measure {
	both := reports.Must(table.Concat("normal rows of both files", normal(train, "train"), normal(test, "test"))).View().WithTarget("file")
	labels, _, err := both.Labels()
	reports.MustDo(err)
	folds := reports.Must(resample.StratifiedGroupKFold{K: 5, Seed: seed.At("folds")}.Split(labels, resample.GroupsOf(both)))
	trial := eval.Trial{Name: "drift", Target: "file", Positive: "test", Metrics: []metric.Metric{metric.ROCAUC}, Seed: seed}
	forest := histtree.Forest{Trees: trees}
	cv := reports.Must(trial.CrossValidate(ctx, both, folds, forest))
	low, high := cv.Interval(forest.Name(), metric.ROCAUC)
	return exhibit.Measure{ID: "drift/two-files/roc-auc/cv", Value: cv.Mean(forest.Name(), metric.ROCAUC),
		Low: low, High: high, Level: 0.95, Rows: both.Rows()}
}

// normal copies the normal rows of a view and says in a column where they come from.
func normal(v table.View, from string) *table.Table {
	class := v.Table().Column("class")
	var rows []int
	for i := range v.Rows() {
		if class.String(v.Row(i)) == nslkdd.Normal {
			rows = append(rows, i)
		}
	}
	t := v.Take(rows).Materialize()
	files := make([]string, t.Rows())
	for i := range files {
		files[i] = from
	}
	return table.Must(t.With(table.Text("file", files).As(table.Label)))
}

// toss splits rows by a coin that shows "test" as often as the test file is large
// beside them.
func toss(train, test table.View, seed rng.Seed) (rest, picked table.View) {
	g := seed.Rand()
	share := float64(test.Rows()) / float64(train.Rows()+test.Rows())
	var sides [2][]int
	for i := range train.Rows() {
		side := 0
		if g.Float64() < share {
			side = 1
		}
		sides[side] = append(sides[side], i)
	}
	return train.Take(sides[0]), train.Take(sides[1])
}
