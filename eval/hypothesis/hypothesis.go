// Package hypothesis answers: is the difference real, and is it large?
//
// One test a file. Every test takes plain slices and returns a Result that holds
// the statistic, its degrees of freedom, p and its logarithm (exact where p
// underflows), an effect size with its interval, and warnings about what the test
// assumes. With many rows nearly every p is tiny: read the effect first.
//
//	r, err := hypothesis.MannWhitney(attack, normal)
//	r.ID, r.Subject, r.Groups = "hypothesis/src_bytes", "src_bytes", []string{"attack", "normal"}
//	nb.Show(r)
//	nb.Text(r.Sentence())
package hypothesis

import (
	"fmt"
	"math"
	"strings"

	"flowbook/internal/exhibit"
)

// DefaultLevel is the confidence level of every interval unless a test's options say otherwise.
const DefaultLevel = 0.95

// Result is the outcome of one test. Fields that do not apply are NaN (numbers)
// or empty. N counts the rows used, per group where there are groups.
type Result struct {
	ID      string   // prefix of the measures: "hypothesis/KDDTrain+/service"; "" means the test's name
	Subject string   // what was measured: "src_bytes"; used by Sentence and Exhibit
	Data    string   // the rows it was done on: "KDDTest+"; stands in the title
	Groups  []string // names of the groups, in the order of N: {"attack", "normal"}

	Test          string  // "Mann-Whitney U"
	Null          string  // what p speaks about: "the two groups have the same distribution"
	StatisticName string  // "U", "t", "F", "chi2", "z", "LR"
	Statistic     float64 //
	DF, DF2       float64 // degrees of freedom; DF2 for F only
	P             float64 // in [0, 1]; 0 where it underflows
	Log10P        float64 // decimal logarithm of p, exact also there

	EffectName            string  // "A12", "Hedges g", "omega2", "Cramer's V", "odds ratio"
	Effect                float64 //
	EffectNull            float64 // the effect under the null hypothesis: 0.5 for A12, 1 for an odds ratio
	EffectLow, EffectHigh float64 // its interval at Level
	Level                 float64 // confidence level in (0, 1)
	IntervalMethod        string  // "DeLong (1988) on the logit scale"

	N        []int
	Extra    []Number // further numbers of the test: group means, z, medians
	Warnings []string // broken assumptions and dropped values, in plain sentences

	PCorrected      float64 // NaN until corrected
	Log10PCorrected float64
	Correction      string // "Holm", "Benjamini-Hochberg"; "" until corrected

	says sayer
}

// Number is a named value beside the main ones, with an interval where Level > 0.
type Number struct {
	Name      string
	Value     float64
	Low, High float64
	Level     float64
}

// blank returns a result whose numbers are all NaN.
func blank(test, null string) Result {
	nan := math.NaN()
	return Result{Test: test, Null: null, Statistic: nan, DF: nan, DF2: nan, P: nan, Log10P: nan,
		Effect: nan, EffectNull: nan, EffectLow: nan, EffectHigh: nan, PCorrected: nan, Log10PCorrected: nan}
}

// Get returns the extra number of that name, NaN if the test gives none.
func (r Result) Get(name string) float64 {
	for _, e := range r.Extra {
		if e.Name == name {
			return e.Value
		}
	}
	return math.NaN()
}

// About returns the result with its measure prefix, subject and group names set.
func (r Result) About(id, subject string, groups ...string) Result {
	r.ID, r.Subject, r.Groups = id, subject, groups
	return r
}

// Rows is the number of rows used in all groups together.
func (r Result) Rows() int {
	n := 0
	for _, k := range r.N {
		n += k
	}
	return n
}

// warn appends a warning.
func (r *Result) warn(format string, args ...any) {
	r.Warnings = append(r.Warnings, fmt.Sprintf(format, args...))
}

// Exhibit shows the result: a grid of one line, the warnings below it, and the
// measures under r.ID.
func (r Result) Exhibit() exhibit.Exhibit {
	return exhibit.Exhibit{
		Grids:    []exhibit.Grid{{Title: title(r.Test, r.Subject, r.Data), Caption: r.caption(), Columns: r.header(), Rows: [][]exhibit.Cell{r.cells()}}},
		Measures: r.Measures(r.prefix()...),
	}
}

// title is "Mann-Whitney U: src_bytes (KDDTest+)".
func title(test, subject, data string) string {
	if subject != "" {
		test += ": " + subject
	}
	if data != "" {
		test += " (" + data + ")"
	}
	return test
}

func (r Result) prefix() []string {
	if r.ID == "" {
		return []string{r.Test}
	}
	return strings.Split(r.ID, "/")
}

func (r Result) caption() string {
	s := "Null hypothesis: " + r.Null + "."
	if r.IntervalMethod != "" {
		s += fmt.Sprintf(" Interval: %g %%, %s.", 100*r.Level, r.IntervalMethod)
	}
	for _, w := range r.Warnings {
		s += " Note: " + w + "."
	}
	return s
}

func (r Result) header() []string {
	h := []string{r.StatisticName}
	if !math.IsNaN(r.DF) {
		h = append(h, "df")
	}
	h = append(h, "p")
	if r.Correction != "" {
		h = append(h, "p ("+r.Correction+")")
	}
	if r.EffectName != "" {
		h = append(h, r.EffectName)
	}
	for i := range r.N {
		if len(r.N) == 1 {
			h = append(h, "n")
		} else {
			h = append(h, "n "+r.group(i))
		}
	}
	for _, e := range r.Extra {
		h = append(h, e.Name)
	}
	return h
}

func (r Result) cells() []exhibit.Cell {
	c := []exhibit.Cell{exhibit.Num(r.Statistic)}
	if !math.IsNaN(r.DF) {
		c = append(c, r.dfCell())
	}
	c = append(c, exhibit.P(r.P, r.Log10P))
	if r.Correction != "" {
		c = append(c, exhibit.P(r.PCorrected, r.Log10PCorrected))
	}
	if r.EffectName != "" {
		c = append(c, r.EffectCell())
	}
	for _, n := range r.N {
		c = append(c, exhibit.Count(n))
	}
	for _, e := range r.Extra {
		if e.Level > 0 {
			c = append(c, exhibit.Between(e.Value, e.Low, e.High, e.Level))
		} else {
			c = append(c, exhibit.Num(e.Value))
		}
	}
	return c
}

func (r Result) dfCell() exhibit.Cell {
	if math.IsNaN(r.DF2) {
		return exhibit.Num(r.DF)
	}
	return exhibit.Text(fmt.Sprintf("%.6g, %.6g", r.DF, r.DF2))
}

// EffectCell is the effect with its interval, where it has one.
func (r Result) EffectCell() exhibit.Cell {
	if math.IsNaN(r.EffectLow) || math.IsNaN(r.EffectHigh) {
		return exhibit.Num(r.Effect)
	}
	return exhibit.Between(r.Effect, r.EffectLow, r.EffectHigh, r.Level)
}

// group names the i-th group, by its place where it has no name.
func (r Result) group(i int) string {
	if i < len(r.Groups) && r.Groups[i] != "" {
		return r.Groups[i]
	}
	return fmt.Sprintf("group %d", i+1)
}

// measureID joins a prefix, which may hold slashes, and names, whose apostrophes go
// ("Cramer's V" is "cramers-v").
func measureID(prefix string, names ...string) string {
	parts := names
	if prefix != "" {
		parts = append(strings.Split(prefix, "/"), names...)
	}
	for i := range parts {
		parts[i] = strings.ReplaceAll(parts[i], "'", "")
	}
	return exhibit.ID(parts...)
}

// Measures returns the result's numbers under the prefix: the statistic, df, p,
// log10-p, the effect with its interval, the corrected p where there is one, and
// the extra numbers. The last part of each ID is the number's own name: "chi2",
// "cramers-v".
func (r Result) Measures(prefix ...string) []exhibit.Measure {
	rows := r.Rows()
	id := func(name string) string { return measureID(strings.Join(prefix, "/"), name) }
	ms := []exhibit.Measure{exhibit.Number(id(r.StatisticName), r.Statistic, rows)}
	if !math.IsNaN(r.DF) {
		ms = append(ms, exhibit.Number(id("df"), r.DF, rows))
	}
	if !math.IsNaN(r.DF2) {
		ms = append(ms, exhibit.Number(id("df2"), r.DF2, rows))
	}
	ms = append(ms, exhibit.Number(id("p"), r.P, rows), exhibit.Number(id("log10-p"), r.Log10P, rows))
	if r.Correction != "" {
		ms = append(ms, exhibit.Number(id("p-"+r.Correction), r.PCorrected, rows),
			exhibit.Number(id("log10-p-"+r.Correction), r.Log10PCorrected, rows))
	}
	if r.EffectName != "" {
		m := exhibit.Number(id(r.EffectName), r.Effect, rows)
		if !math.IsNaN(r.EffectLow) && !math.IsNaN(r.EffectHigh) {
			m.Low, m.High, m.Level = r.EffectLow, r.EffectHigh, r.Level
		}
		ms = append(ms, m)
	}
	for _, e := range r.Extra {
		ms = append(ms, exhibit.Measure{ID: id(e.Name), Value: e.Value, Low: e.Low, High: e.High, Level: e.Level, Rows: rows})
	}
	return ms
}
