package main

import (
	"fmt"
	"math"
	"slices"

	"flowbook/datasets/nslkdd"
	"flowbook/eval/hypothesis"
	"flowbook/internal/exhibit"
	"flowbook/internal/table"
	"flowbook/plots"
	"flowbook/reports"
)

// file is a file of the set that the tests of this chapter are made on.
type file struct {
	name     string
	rows     table.View
	attack   []string // "attack" or "normal"
	positive []bool   // is it an attack?
}

func newFile(name string, rows table.View) file {
	f := file{name: name, rows: rows, attack: rows.Strings("is_attack")}
	for _, a := range f.attack {
		f.positive = append(f.positive, a == "attack")
	}
	return f
}

// flagged counts the rows with one of the flags, and the attacks among them.
func (f file) flagged(flags ...string) (attacks, rows int) {
	for i, flag := range f.rows.Strings("flag") {
		if slices.Contains(flags, flag) {
			rows++
			if f.positive[i] {
				attacks++
			}
		}
	}
	return attacks, rows
}

// typical names the commonest attack type among the attacks with one of the flags.
func (f file) typical(flags ...string) string {
	var rows []int
	for i, flag := range f.rows.Strings("flag") {
		if f.positive[i] && slices.Contains(flags, flag) {
			rows = append(rows, i)
		}
	}
	name, n := commonest(f.rows.Strings("attack"), rows)
	return fmt.Sprintf("%s with %d", name, n)
}

// with counts the rows, or the attacks, whose column is above 0.
func (f file) with(column string, attacks bool) int {
	n := 0
	for i, v := range f.rows.Floats(column) {
		if v > 0 && (f.positive[i] || !attacks) {
			n++
		}
	}
	return n
}

func testBeliefs(nb *reports.Notebook, kdd *nslkdd.Set) {
	// ## Four beliefs about attacks, tested
	//
	// Each belief is tested twice: on the first fifth of KDDTrain+, which many papers use, and on KDDTest+, whose labels are
	// described here and seen by no model. With this many rows nearly every p is tiny and says little more than that the file
	// is large. Read the effect size and its interval, and whether both files agree. The tests take rows for independent, which rows
	// of one attack are not: intervals are narrower than they should be.

	files := []file{
		newFile(kdd.Train20.Name(), kdd.Train20.View()),
		newFile(kdd.Test.Name(), nb.Describe(kdd.Test, "test four beliefs about attacks on it")),
	}

	// ### "High or low traffic is anomalous"
	//
	// Means first (Welch's t test, and the analysis of variance over the five classes), then ranks (Mann-Whitney). A12 is the chance
	// that a random attack has a larger value than a random normal connection, ties counting half: 0.5 means no difference.

	nb.Show(volumes(files))
	for _, f := range files {
		a12 := volume(f, "src_bytes", hypothesis.MannWhitney)
		nb.Textf("%s: %s", f.name, a12.Sentence())
	}

	// Means follow the few connections that send enormous amounts, ranks the many that send nothing. Where the two disagree,
	// neither "high" nor "low" is the word. Cut into ten parts at the deciles, the share of attacks shows its shape:

	nb.Show(deciles(files))

	// A logistic regression on log(1+src_bytes), once as a straight line and once as a natural cubic spline, puts a number on the
	// bend: if the likelihood-ratio test between the two is large, a detector that only knows "more" or "less" misses a part.

	nb.Show(bends(files))

	// ### "Attacks use certain protocols and services"
	//
	// Chi-square tests with Cramér's V, which runs from 0 (independent) to 1. The residuals say which levels are behind it.

	for _, column := range []string{"protocol_type", "service", "flag"} {
		nb.Show(associations(files, column))
	}
	for _, f := range files {
		for _, column := range []string{"protocol_type", "service", "flag"} {
			c := reports.Must(hypothesis.Crosstab(f.rows.Strings(column), f.attack))
			r := reports.Must(hypothesis.ResidualsOf(c, "attack"))
			r.ID, r.Subject = "beliefs/"+f.name+"/"+column, column+" in "+f.name
			nb.Show(r)
		}
	}

	// ### "Error flags mean an attack"
	//
	// "Error" has to be defined: here, any connection that did not end in the ordinary way (flag other than SF). One logistic
	// regression with a coefficient for each flag, SF being the level compared with. Some flags occur with attacks only, or never
	// with them: there the odds ratio is infinite and maximum likelihood has no answer. Firth's penalised likelihood [5] has one.

	for _, f := range files {
		r := errorFlags(f)
		nb.Show(r)
		nb.Textf("%s: %s", f.name, r.Sentence())
	}

	// S1, S2 and S3 are connections that were established and not closed in order. If they are counted as errors, the belief
	// should hold for them too, in every file.

	for _, f := range append(files, newFile(kdd.Train.Name(), kdd.Train.View())) {
		attacks, rows := f.flagged("S1", "S2", "S3")
		nb.Show(exhibit.Number(exhibit.ID("beliefs", f.name, "s1-s2-s3", "attacks"), float64(attacks), rows))
		nb.Textf("%s: %d rows end in S1, S2 or S3; %d of them are attacks (%.0f %%), the commonest type among them %s.",
			f.name, rows, attacks, 100*float64(attacks)/float64(rows), f.typical("S1", "S2", "S3"))
	}

	// ### "Urgent packets give attacks away"
	//
	// The same regression on whether a connection carried any urgent packet, in all of KDDTrain+ too, for such packets are rare.

	for _, f := range append(files, newFile(kdd.Train.Name(), kdd.Train.View())) {
		nb.Textf("%s: %d of %d rows have an urgent packet, %d of them attacks.", f.name, f.with("urgent", false), f.rows.Rows(), f.with("urgent", true))
		if f.with("urgent", false) > 0 {
			r := urgency(f)
			nb.Show(r)
			nb.Textf("%s", r.Sentence())
		}
	}

	// A file with a handful of such rows, all of one kind or from a few sessions, cannot carry a rule, whatever its p. Look at the
	// interval of the odds ratio, and at whether the files agree on its direction.
}

// volume runs a two-sample test of one column, attack against normal.
func volume(f file, column string, test func(x, y []float64) (hypothesis.Result, error)) hypothesis.Result {
	groups := plots.GroupBy(f.rows.Floats(column), f.attack, "attack", nslkdd.Normal)
	r := reports.Must(test(groups[0].Values, groups[1].Values))
	return r.About(fmt.Sprintf("beliefs/%s/%s", f.name, column), column, "attack", nslkdd.Normal)
}

// volumes tests the bytes of both directions in both files and corrects over all
// of these tests.
func volumes(files []file) exhibit.Exhibit {
	var results []hypothesis.Result
	var where []string
	for _, column := range []string{"src_bytes", "dst_bytes"} {
		for _, f := range files {
			classes := plots.GroupBy(f.rows.Floats(column), f.rows.Strings("class"), nslkdd.Classes()...)
			var samples [][]float64
			var there []string // a small simulated file may lack a class
			for _, g := range classes {
				if len(g.Values) > 0 {
					samples, there = append(samples, g.Values), append(there, g.Name)
				}
			}
			anova := reports.Must(hypothesis.ANOVA(samples...)).About(fmt.Sprintf("beliefs/%s/%s/anova", f.name, column), column, there...)
			results = append(results, volume(f, column, hypothesis.WelchT), anova, volume(f, column, hypothesis.MannWhitney))
			for range 3 {
				where = append(where, f.name)
			}
		}
	}
	results = hypothesis.Holm(results)
	g := exhibit.Grid{Title: "Bytes of attacks against bytes of normal connections",
		Caption: "Attack minus normal; p corrected by Holm over all tests of this table. ANOVA compares the five classes.",
		Columns: []string{"column", "file", "test", "statistic", "df", "p (Holm)", "effect", "size"}}
	broken := exhibit.Grid{Title: "Assumptions of these tests that the data break", Columns: []string{"column", "file", "test", "what is wrong"}, Folded: true,
		Caption: "Ranks need the fewest assumptions: where the tests disagree, believe Mann-Whitney."}
	var e exhibit.Exhibit
	for i, r := range results {
		df := exhibit.Num(r.DF)
		g.Rows = append(g.Rows, []exhibit.Cell{exhibit.Text(r.Subject), exhibit.Text(where[i]), exhibit.Text(r.Test), exhibit.Num(r.Statistic), df,
			exhibit.P(r.PCorrected, r.Log10PCorrected), exhibit.Text(r.EffectName), r.EffectCell()})
		e.Measures = append(e.Measures, prefixed(r)...)
		for _, w := range r.Warnings {
			broken.Rows = append(broken.Rows, []exhibit.Cell{exhibit.Text(r.Subject), exhibit.Text(where[i]), exhibit.Text(r.Test), exhibit.Text(w)})
		}
	}
	e.Grids = []exhibit.Grid{g, broken}
	return e
}

// prefixed are the measures of a result under its ID and the name of the test, so
// that two tests of one column do not share a name.
func prefixed(r hypothesis.Result) []exhibit.Measure {
	return r.Measures(r.ID, r.Test)
}

// deciles draws the share of attacks in each tenth of the rows by src_bytes, and
// tests whether the shares differ.
func deciles(files []file) exhibit.Shower {
	line := plots.Line{Name: "deciles", Title: "Share of attacks by tenth of src_bytes", XLabel: "upper end of the tenth, src_bytes (bytes)",
		YLabel: "share of attacks", XScale: plots.Log1p, Percent: true, Dots: true, FromZero: true,
		Caption: "Each file is cut at its own deciles; tenths joined by equal values are one point. Whiskers: 95 % Wilson intervals."}
	var parts []exhibit.Shower
	for _, f := range files {
		d := reports.Must(hypothesis.Deciles(f.rows.Floats("src_bytes"), f.positive))
		d.Result = d.About("beliefs/"+f.name+"/src_bytes/deciles", "share of attacks by tenth of src_bytes, "+f.name)
		d.Outcome = "attack"
		s := plots.Series{Name: f.name}
		for _, b := range d.Bins {
			s.X, s.Y = append(s.X, b.High), append(s.Y, b.Share)
			s.Low, s.High = append(s.Low, b.ShareLow), append(s.High, b.ShareHigh)
		}
		line.Series = append(line.Series, s)
		parts = append(parts, d)
	}
	return exhibit.Join(append([]exhibit.Shower{line}, parts...)...)
}

// bends draws the chance of an attack as a curve of log(1+src_bytes).
func bends(files []file) exhibit.Shower {
	line := plots.Line{Name: "spline", Title: "Chance of an attack along src_bytes", XLabel: "log(1 + src_bytes)", YLabel: "fitted chance of an attack",
		Percent: true, FromZero: true, Caption: "Natural cubic spline, logistic, with pointwise 95 % intervals."}
	var parts []exhibit.Shower
	for _, f := range files {
		x := f.rows.Floats("src_bytes")
		for i, v := range x {
			x[i] = math.Log1p(v)
		}
		c := reports.Must(hypothesis.SplineLogistic(x, f.positive, 5))
		c.ID, c.Subject, c.Outcome = "beliefs/"+f.name+"/src_bytes", "log(1+src_bytes), "+f.name, "an attack"
		line.Series = append(line.Series, plots.Series{Name: f.name, X: c.X, Y: c.Prob, Low: c.Low, High: c.High})
		parts = append(parts, c)
	}
	return exhibit.Join(append([]exhibit.Shower{line}, parts...)...)
}

// associations tests one category against attack or normal in both files.
func associations(files []file, column string) exhibit.Exhibit {
	g := exhibit.Grid{Title: "Attack or normal by " + column, Columns: []string{"file", "chi2", "df", "p", "Cramér's V", "rows"},
		Caption: "Chi-square test of independence, " + column + " against attack or normal."}
	var e exhibit.Exhibit
	for _, f := range files {
		r := reports.Must(hypothesis.ChiSquare(f.rows.Strings(column), f.attack)).About(fmt.Sprintf("beliefs/%s/%s", f.name, column), column)
		g.Rows = append(g.Rows, []exhibit.Cell{exhibit.Text(f.name), exhibit.Num(r.Statistic), exhibit.Num(r.DF), exhibit.P(r.P, r.Log10P), r.EffectCell(), exhibit.Count(r.Rows())})
		e.Measures = append(e.Measures, r.Measures(r.ID)...)
		for _, w := range r.Warnings {
			e.Notes = append(e.Notes, f.name+", "+column+": "+w+".")
		}
	}
	e.Grids = []exhibit.Grid{g}
	return e
}

// errorFlags regresses attack on the flags, SF being the level compared with.
func errorFlags(f file) hypothesis.Regression {
	r := reports.Must(hypothesis.Firth(f.positive, reports.Must(hypothesis.Dummies("flag", f.rows.Strings("flag"), "SF"))...))
	r.ID, r.Subject, r.Outcome = "beliefs/"+f.name+"/error-flags", "flag in "+f.name, "an attack"
	return r
}

// urgency regresses attack on whether any packet was urgent.
func urgency(f file) hypothesis.Regression {
	urgent := f.rows.Floats("urgent")
	for i, v := range urgent {
		urgent[i] = min(v, 1)
	}
	r := reports.Must(hypothesis.Firth(f.positive, hypothesis.Predictor{Name: "urgent", Values: urgent}))
	r.ID, r.Subject, r.Outcome = "beliefs/"+f.name+"/urgent", "urgent packets in "+f.name, "an attack"
	return r
}
