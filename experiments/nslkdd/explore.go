package main

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"flowbook/datasets/frame"
	"flowbook/datasets/nslkdd"
	"flowbook/datasets/query/duckdb"
	"flowbook/eval/audit"
	"flowbook/eval/hypothesis"
	"flowbook/internal/exhibit"
	"flowbook/internal/num"
	"flowbook/internal/table"
	"flowbook/plots"
	"flowbook/reports"
)

func explore(nb *reports.Notebook, kdd *nslkdd.Set) {
	// ## What does traffic look like here?
	//
	// ### Four features, five classes
	//
	// Bytes span many powers of ten and are often zero, so their axes are drawn as log(1+x), and the height is the share of
	// each class, for classes differ in size. Read the pictures for shape: attacks are not simply larger or smaller
	// than normal traffic, they sit at particular values.

	train := kdd.Train.View()
	classes := train.Strings("class")
	for _, p := range []struct {
		column, unit string
		scale        plots.Scale
	}{{"src_bytes", "bytes", plots.Log1p}, {"dst_bytes", "bytes", plots.Log1p}, {"count", "connections in two seconds", plots.Linear}, {"dst_host_srv_count", "connections", plots.Linear}} {
		nb.Show(plots.Histogram{
			Name:   "hist-" + p.column,
			Title:  p.column + " by class",
			XLabel: fmt.Sprintf("%s (%s)", p.column, p.unit),
			Groups: plots.GroupBy(train.Floats(p.column), classes, nslkdd.Classes()...),
			Scale:  p.scale,
			Height: plots.Share,
		})
	}
	nb.Show(quartiles(train, classes))

	// ### Service and flag together
	//
	// Grouping by two columns is a question for SQL. The commonest pairs, with the share of attacks in each: the same flag
	// means an attack on one service and ordinary life on another.

	db := reports.Must(duckdb.Open(duckdb.Options{}))
	defer db.Close()
	reports.MustDo(db.Register(nb.Context(), "connections", kdd.Train, "service", "flag", "attack"))
	pairs := reports.Must(db.Query(nb.Context(), nslkdd.SQL("attack_share")))
	nb.Show(reports.Must(frame.Grid("The fifteen commonest pairs of service and flag", reports.Must(frame.To(pairs.Head("pairs", 15))))))

	// ### Which single feature gives the label away?
	//
	// Each feature alone scores a row by the share of attacks in its part of the feature (one of 32, or a level), so that a bend
	// counts too. An area near 1 for one feature is a warning: a model may lean on an accident of how the data were made. Mutual
	// information, below, asks what a feature tells about the five classes.

	labelled := train.WithTarget("is_attack")
	nb.Show(shortcuts(reports.Must(audit.OneFeature(labelled, labelled, "attack")), train.Rows()))
	nb.Show(information(train))

	// ### Which features repeat each other?
	//
	// Spearman's rank correlation of the numeric features that vary, Pearson's beside it for the closest pairs, and Cramér's V of
	// the categories. Features that come in blocks say nearly the same thing, so a coefficient of one of them alone means little.

	names, rho, columns := correlations(train)
	nb.Show(plots.HeatMap{
		Name:      "correlation",
		Title:     "Spearman correlation of the numeric features",
		Rows:      names,
		Columns:   names,
		Values:    rho,
		Diverging: true,
		Limit:     1,
		Plain:     true,
		Unit:      "rho",
	})
	nb.Show(strongest(names, rho, columns))
	nb.Show(categories(train))

	// ### Outliers, by two rules
	//
	// A value is far out by Tukey's rule if it lies more than three interquartile ranges beyond the quartiles, and by the robust
	// z-score if it is more than 3.5 scaled MADs from the median. Where more than half of a feature's values are equal the MAD is
	// zero, where the quartiles are equal the IQR is, and the rule calls every other value an outlier: it then only counts how
	// often the feature is not its commonest value.

	nb.Show(outliers(train))

	// ### In the order of the file
	//
	// The set has no clock. The order of the rows is the only order there is, and it is shown as just that: the share of
	// attacks in each thousand rows. A trend would mean that the file is sorted and that folds must be shuffled.

	nb.Show(recordOrder(train))

	// ### Is the test file drawn from the same traffic?
	//
	// The population stability index compares the shares of KDDTrain+ and KDDTest+ in ten parts of each feature, cut at the deciles of
	// KDDTrain+, or in its levels. By the usual reading 0.1 is a small shift and 0.25 a large one. This describes KDDTest+ without its
	// labels; no model has seen it.

	test := nb.Describe(kdd.Test, "compare the distribution of each feature with training")
	nb.Show(shifts(reports.Must(audit.PSI(train, test)), test.Rows()))
}

// shortcuts lists the ten features that alone separate attack from normal best.
func shortcuts(rules []audit.Rule, rows int) exhibit.Exhibit {
	g := exhibit.Grid{
		Title:   "Attack or normal by one feature alone",
		Caption: "Area under the ROC curve of scoring each row by the share of attacks in its part (of 32, at quantiles, or level) of the feature; KDDTrain+, the ten best.",
		Columns: []string{"feature", "ROC-AUC alone"},
	}
	var e exhibit.Exhibit
	for i, r := range rules {
		if i < 10 {
			g.Rows = append(g.Rows, []exhibit.Cell{exhibit.Text(r.Feature), exhibit.Num(r.AUC)})
		}
		e.Measures = append(e.Measures, exhibit.Number(exhibit.ID("explore", r.Feature, "auc-alone", "train"), r.AUC, rows))
	}
	e.Grids = []exhibit.Grid{g}
	return e
}

// shifts lists the ten features that moved most between the files.
func shifts(all []audit.Shift, rows int) exhibit.Exhibit {
	g := exhibit.Grid{
		Title:   "Features that moved most from KDDTrain+ to KDDTest+",
		Caption: "Population stability index over ten quantile bins, or levels, of training; the ten largest.",
		Columns: []string{"feature", "PSI", "reading"},
	}
	var e exhibit.Exhibit
	for i, s := range all {
		reading := "stable"
		if s.PSI > 0.25 {
			reading = "large"
		} else if s.PSI > 0.1 {
			reading = "small"
		}
		if i < 10 {
			g.Rows = append(g.Rows, []exhibit.Cell{exhibit.Text(s.Feature), exhibit.Num(s.PSI), exhibit.Text(reading)})
		}
		e.Measures = append(e.Measures, exhibit.Number(exhibit.ID("explore", s.Feature, "psi", "KDDTest+"), s.PSI, rows))
	}
	e.Grids = []exhibit.Grid{g}
	return e
}

// quartiles lists the middle half of each numeric feature by class.
func quartiles(v table.View, classes []string) exhibit.Grid {
	g := exhibit.Grid{
		Title:   "Numeric features by class",
		Caption: "Median and, in brackets, the quartiles of each feature in each class of KDDTrain+.",
		Columns: append([]string{"feature"}, nslkdd.Classes()...),
		Folded:  true,
	}
	for _, c := range v.Numeric().Features() {
		row := []exhibit.Cell{exhibit.Text(c.Name)}
		for _, group := range plots.GroupBy(v.Floats(c.Name), classes, nslkdd.Classes()...) {
			slices.Sort(group.Values)
			row = append(row, exhibit.Text(fmt.Sprintf("%.4g [%.4g, %.4g]", num.Quantile(group.Values, 0.5), num.Quantile(group.Values, 0.25), num.Quantile(group.Values, 0.75))))
		}
		g.Rows = append(g.Rows, row)
	}
	return g
}

// information ranks the features by what they tell about the class, in bits; a
// number is first cut into twenty parts at its quantiles.
func information(v table.View) exhibit.Shower {
	class, _ := v.Column("class")
	type told struct {
		name string
		bits float64
	}
	var all []told
	for _, c := range v.Features() {
		codes := []int32(nil)
		if c.Kind == table.CodeKind {
			codes = c.Codes()
		} else {
			codes, _ = num.Parts(v.Floats(c.Name), 20)
		}
		all = append(all, told{c.Name, num.MutualInformation(codes, class.Codes()) / math.Ln2})
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].bits > all[j].bits })
	bars := plots.Bars{
		Name: "mutual-information", Title: "What each feature tells about the class",
		XLabel:  "mutual information (bits)",
		Caption: "The fifteen features that tell most; numbers cut into twenty parts at their quantiles.",
	}
	var e exhibit.Exhibit
	values := plots.BarSeries{Name: "KDDTrain+"}
	for i, a := range all {
		if i < 15 {
			bars.Labels = append(bars.Labels, a.name)
			values.Values = append(values.Values, a.bits)
		}
		e.Measures = append(e.Measures, exhibit.Measure{ID: exhibit.ID("explore", a.name, "mutual-information", "train"), Value: a.bits, Unit: "bits", Rows: v.Rows()})
	}
	bars.Series = []plots.BarSeries{values}
	return exhibit.Join(bars, e)
}

// correlations returns Spearman's rho of the numeric features that vary.
func correlations(v table.View) (names []string, rho, columns [][]float64) {
	for _, c := range v.Numeric().Features() {
		values := v.Floats(c.Name)
		if slices.Min(values) < slices.Max(values) {
			names = append(names, c.Name)
			columns = append(columns, values)
		}
	}
	return names, num.SpearmanMatrix(columns), columns
}

// strongest lists the pairs that repeat each other most.
func strongest(names []string, rho, columns [][]float64) exhibit.Exhibit {
	type pair struct{ i, j int }
	var pairs []pair
	for i := range names {
		for j := range i {
			pairs = append(pairs, pair{j, i})
		}
	}
	sort.SliceStable(pairs, func(a, b int) bool {
		return math.Abs(rho[pairs[a].i][pairs[a].j]) > math.Abs(rho[pairs[b].i][pairs[b].j])
	})
	g := exhibit.Grid{Title: "The pairs that repeat each other most", Caption: "Spearman's rho of the twenty closest pairs in KDDTrain+, and Pearson's r, which extreme values can move far from it.",
		Columns: []string{"feature", "and", "Spearman's rho", "Pearson's r"}, Folded: true}
	var e exhibit.Exhibit
	for _, p := range pairs[:min(20, len(pairs))] {
		r, pair, rows := num.Pearson(columns[p.i], columns[p.j]), names[p.i]+"~"+names[p.j], len(columns[p.i])
		g.Rows = append(g.Rows, []exhibit.Cell{exhibit.Text(names[p.i]), exhibit.Text(names[p.j]), exhibit.Num(rho[p.i][p.j]), exhibit.Num(r)})
		e.Measures = append(e.Measures, exhibit.Number(exhibit.ID("explore", pair, "spearman", "train"), rho[p.i][p.j], rows),
			exhibit.Number(exhibit.ID("explore", pair, "pearson", "train"), r, rows))
	}
	e.Grids = []exhibit.Grid{g}
	return e
}

// categories measures how much each pair of categories, and each with the class,
// go together.
func categories(v table.View) exhibit.Exhibit {
	g := exhibit.Grid{Title: "Categories together", Caption: "Cramér's V of KDDTrain+, from 0 (independent) to 1.", Columns: []string{"category", "and", "Cramér's V"}}
	var e exhibit.Exhibit
	names := []string{"protocol_type", "service", "flag", "class"}
	for j, b := range names {
		for _, a := range names[:j] {
			r := reports.Must(hypothesis.ChiSquare(v.Strings(a), v.Strings(b)))
			g.Rows = append(g.Rows, []exhibit.Cell{exhibit.Text(a), exhibit.Text(b), r.EffectCell()})
			e.Measures = append(e.Measures, exhibit.Measure{ID: exhibit.ID("explore", a+"~"+b, "cramers-v", "train"),
				Value: r.Effect, Low: r.EffectLow, High: r.EffectHigh, Level: r.Level, Rows: v.Rows()})
		}
	}
	e.Grids = []exhibit.Grid{g}
	return e
}

// outliers counts the values that two rules call far out.
func outliers(v table.View) exhibit.Grid {
	g := exhibit.Grid{
		Title:   "Far-out values by two rules",
		Caption: fmt.Sprintf("Rows of KDDTrain+, of %d; a rule whose scale (IQR or MAD) is zero means nothing.", v.Rows()),
		Columns: []string{"feature", "share equal to the median", "IQR", "beyond 3 IQR", "MAD", "|robust z| > 3.5"},
		Folded:  true,
	}
	for _, c := range v.Numeric().Features() {
		values := v.Floats(c.Name)
		sorted := slices.Sorted(slices.Values(values))
		q1, median, q3 := num.Quantile(sorted, 0.25), num.Quantile(sorted, 0.5), num.Quantile(sorted, 0.75)
		mad := num.MAD(values)
		tukey, robust, same := 0, 0, 0
		for _, x := range values {
			if x < q1-3*(q3-q1) || x > q3+3*(q3-q1) {
				tukey++
			}
			if math.Abs(x-median) > 3.5*1.4826*mad {
				robust++
			}
			if x == median {
				same++
			}
		}
		g.Rows = append(g.Rows, []exhibit.Cell{exhibit.Text(c.Name), exhibit.Percent(float64(same) / float64(len(values))),
			exhibit.Num(q3 - q1), exhibit.Count(tukey), exhibit.Num(mad), exhibit.Count(robust)})
	}
	return g
}

// recordOrder draws the share of attacks in each thousand rows, and tests whether
// it wanders more than shares of shuffled rows would.
func recordOrder(v table.View) exhibit.Shower {
	const block = 1000
	line := plots.Series{Name: "attacks"}
	var blocks []string
	attack := v.Strings("is_attack")
	for lo := 0; lo < len(attack); lo += block {
		hi := min(len(attack), lo+block)
		k := 0
		for _, a := range attack[lo:hi] {
			blocks = append(blocks, fmt.Sprint(lo/block))
			if a == "attack" {
				k++
			}
		}
		low, high := num.Wilson(k, hi-lo, 0.95)
		line.X = append(line.X, float64(lo)+float64(hi-lo)/2)
		line.Y = append(line.Y, float64(k)/float64(hi-lo))
		line.Low = append(line.Low, low)
		line.High = append(line.High, high)
	}
	figure := plots.Line{
		Name: "record-order", Title: "Share of attacks along the file", Size: plots.Wide,
		XLabel: "record order (row of KDDTrain+; not time)", YLabel: "share of attacks per 1,000 rows",
		Series:  []plots.Series{line},
		Levels:  []plots.Mark{{At: float64(countNot(v, "class", nslkdd.Normal)) / float64(v.Rows()), Label: "whole file"}},
		Caption: "Each point is a thousand consecutive rows, with a 95 % Wilson interval.",
	}
	test, err := hypothesis.ChiSquare(blocks, attack)
	if err != nil {
		return figure
	}
	p := exhibit.Number("explore/record-order/is_attack/p", test.P, v.Rows())
	return exhibit.Join(figure, p, exhibit.Exhibit{Notes: []string{fmt.Sprintf(
		"A chi-square test of the share by block gives %.1f on %.0f degrees of freedom: a shuffled file would wander at least as much with probability %.3g.",
		test.Statistic, test.DF, test.P)}})
}
