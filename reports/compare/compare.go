// Package compare answers: what is different between two runs, and is it more than
// chance?
//
//	a, err := compare.Read("reports/nslkdd")
//	b, err := compare.Read("out/reports/nslkdd")
//	sheet := compare.Runs(a, b).Sheet()
//	os.Stdout.Write(sheet.Markdown())
package compare

import (
	"cmp"
	"fmt"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"flowbook/eval/metric"
	"flowbook/internal/exhibit"
	"flowbook/internal/num"
	"flowbook/reports"
)

// Run is a report and the name that it goes by.
type Run struct {
	Name string
	reports.Metrics
}

// Read reads the metrics.json of a report's folder.
func Read(folder string) (Run, error) {
	m, err := reports.ReadMetrics(filepath.Join(folder, "metrics.json"))
	return Run{filepath.Clean(folder), m}, err
}

// Comparison is two runs side by side.
type Comparison struct {
	A, B         Run
	Changes      []Change
	Lines        []Line   // measures that both have, by the rules of Runs
	OnlyA, OnlyB []string // learners or chapters that one lacks: the first two parts of its measures' ids
	Same         int      // measures of one value
}

// Change is what was different about how the runs were made.
type Change struct{ What, A, B string }

// Line is one measure of both runs.
type Line struct {
	ID         string
	A, B       reports.Measure
	Difference float64  // B less A
	Low, High  float64  // interval of the difference; NaN where the runs share no folds
	P, Holm    num.Tail // of the corrected resampled t test, then corrected for all such lines; NaN likewise
	Paired     bool     // both were judged on the same folds
	Better     int      // +1 B is better, -1 worse, 0 the same or nobody knows which way is up
}

// level of all intervals.
const level = 0.95

// Runs compares two reports. Measures are matched by id; those of single folds and of the
// spread over seeds are left out, as they stand behind the others. Where the folds of a
// cross-validation have one fingerprint in both runs, the difference by fold gets the
// interval and p of the t test that Nadeau and Bengio corrected for shared training
// rows [1], and Holm's correction over all such lines; lines with a fold that has no value
// are left unpaired. Rows that a fold does not judge count as learnt from: right for
// folds that part the rows, too sure for resample.Forward. Elsewhere the two intervals stand
// beside each other and no p is given: test rows are the same, so that they are
// not independent.
//
// Lines that differ come first, the surest first.
//
// [1] Nadeau, Bengio (2003), Machine Learning 52, 239-281.
func Runs(a, b Run) Comparison {
	c := Comparison{A: a, B: b, Changes: changes(a, b)}
	of := func(r Run) map[string]reports.Measure {
		out := map[string]reports.Measure{}
		for _, m := range r.Measures {
			out[m.ID] = m
		}
		return out
	}
	inA, inB := of(a), of(b)
	shared := sharedFolds(a, b)
	for _, m := range a.Measures {
		other, both := inB[m.ID]
		if !both || detail.MatchString(m.ID) {
			continue
		}
		l := Line{ID: m.ID, A: m, B: other, Difference: float64(other.Value) - float64(m.Value), Low: math.NaN(), High: math.NaN()}
		l.P, l.Holm = num.Tail{P: math.NaN(), Log10: math.NaN()}, num.Tail{P: math.NaN(), Log10: math.NaN()}
		if same(m.Value, other.Value) {
			c.Same++
			l.Difference = 0
		}
		l.byFold(inA, inB, shared)
		l.Better = direction(m.ID) * sign(l.Difference)
		c.Lines = append(c.Lines, l)
	}
	c.correct()
	slices.SortStableFunc(c.Lines, func(x, y Line) int {
		return cmp.Or(cmp.Compare(rank(x), rank(y)), cmp.Compare(x.P.Log10, y.P.Log10), cmp.Compare(-math.Abs(x.Difference), -math.Abs(y.Difference)), cmp.Compare(x.ID, y.ID))
	})
	c.OnlyA, c.OnlyB = only(a, inB), only(b, inA)
	return c
}

// detail are measures that stand behind others.
var detail = regexp.MustCompile(`/fold-\d+$|/seed-(sd|min|max)$`)

func same(a, b reports.Number) bool {
	return a == b || math.IsNaN(float64(a)) && math.IsNaN(float64(b))
}

func sign(v float64) int {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return 0
}

// rank puts lines that differ and are paired first, then those that differ.
func rank(l Line) int {
	switch {
	case l.Difference == 0:
		return 2
	case l.Paired:
		return 0
	}
	return 1
}

// byFold tests the difference over the folds that both runs have.
func (l *Line) byFold(inA, inB map[string]reports.Measure, shared map[string]bool) {
	trial, rest, _ := strings.Cut(l.ID, "/")
	rest, cv := strings.CutSuffix(rest, "/cv")
	if !cv || !shared[trial] {
		return
	}
	var d []float64
	testRows, rows := 0.0, float64(l.A.Rows)
	for f := 0; ; f++ {
		id := fmt.Sprintf("%s/%s/fold-%d", trial, rest, f)
		a, inOne := inA[id]
		b, inOther := inB[id]
		if !inOne || !inOther {
			break
		}
		d, testRows = append(d, float64(b.Value)-float64(a.Value)), testRows+float64(a.Rows)
	}
	k := float64(len(d))
	mean, v := num.MeanVariance(d)
	share := testRows / k / rows // of the rows in a test fold
	if k < 2 || !(share > 0 && share < 1) || math.IsNaN(v) {
		return
	}
	l.Paired = true
	se := math.Sqrt(v * (1/k + share/(1-share)))
	half := -num.StudentQuantile((1-level)/2, k-1) * se
	l.Low, l.High = mean-half, mean+half
	switch {
	case mean == 0:
		l.P = num.Tail{P: 1}
	case se == 0:
		l.P = num.Tail{Log10: math.Inf(-1)}
	default:
		l.P = num.StudentTail(math.Abs(mean/se), k-1).Times(2)
	}
}

// correct fills in Holm's p over all lines that have one.
func (c *Comparison) correct() {
	var tails []num.Tail
	for _, l := range c.Lines {
		tails = append(tails, l.P)
	}
	for i, t := range num.Holm(tails) {
		c.Lines[i].Holm = t
	}
}

// sharedFolds says of each trial whether both runs cut its rows alike. A fingerprint's
// name begins with the trial's: "binary: 10 stratified folds". Real rows and simulated ones
// are not the same rows, however they are cut.
func sharedFolds(a, b Run) map[string]bool {
	if a.Origin.Kind != b.Origin.Kind {
		return nil
	}
	prints := map[string]string{}
	for _, f := range a.Fingerprints {
		if trial, _, found := strings.Cut(f.Name, ": "); found {
			prints[exhibit.Slug(trial)] = f.SHA256
		}
	}
	shared := map[string]bool{}
	for _, f := range b.Fingerprints {
		if trial, _, found := strings.Cut(f.Name, ": "); found && f.SHA256 != "" && prints[exhibit.Slug(trial)] == f.SHA256 {
			shared[exhibit.Slug(trial)] = true
		}
	}
	return shared
}

// changes lists how the runs were made differently.
func changes(a, b Run) (out []Change) {
	add := func(what, x, y string) {
		if x != y {
			out = append(out, Change{what, x, y})
		}
	}
	add("experiment", a.Experiment, b.Experiment)
	add("flowbook", a.Flowbook, b.Flowbook)
	add("seed", fmt.Sprint(a.Seed), fmt.Sprint(b.Seed))
	add("budget", a.Params.Budget.String(), b.Params.Budget.String())
	add("data", string(a.Origin.Kind), string(b.Origin.Kind))
	add("data note", a.Origin.Note, b.Origin.Note)
	files := func(r Run) (names []string, sums map[string]string) {
		sums = map[string]string{}
		for _, f := range r.Origin.Files {
			names, sums[f.Name] = append(names, f.Name), fmt.Sprintf("%d rows, sha256 %.12s…", f.Rows, f.SHA256)
		}
		return names, sums
	}
	namesA, sumsA := files(a)
	namesB, sumsB := files(b)
	for _, name := range merged(namesA, namesB) {
		add(name, or(sumsA[name], "not read"), or(sumsB[name], "not read"))
	}
	prints := func(r Run) (names []string, sums map[string]string) {
		sums = map[string]string{}
		for _, f := range r.Fingerprints {
			names, sums[f.Name] = append(names, f.Name), fmt.Sprintf("%.12s…", f.SHA256)
		}
		return names, sums
	}
	namesA, sumsA = prints(a)
	namesB, sumsB = prints(b)
	for _, name := range merged(namesA, namesB) {
		add("folds of "+name, or(sumsA[name], "none"), or(sumsB[name], "none"))
	}
	return out
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// merged are the names of both, the first's order first.
func merged(a, b []string) []string {
	out := slices.Clone(a)
	for _, name := range b {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// only lists what measures of r the other run lacks, by the first two parts of their ids.
func only(r Run, other map[string]reports.Measure) (out []string) {
	for _, m := range r.Measures {
		if _, both := other[m.ID]; both || detail.MatchString(m.ID) {
			continue
		}
		parts := strings.SplitN(m.ID, "/", 3)
		out = append(out, strings.Join(parts[:min(2, len(parts))], "/"))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// direction is +1 for a measure of which more is better, -1 for less, 0 for others: the
// metric stands before the split in its id, "binary/random-forest/mcc/cv".
func direction(id string) int {
	parts := strings.Split(id, "/")
	if len(parts) < 3 || parts[len(parts)-1] == "p-holm" || parts[len(parts)-1] == "difference" {
		return 0
	}
	for _, m := range slices.Concat(metric.Binary, metric.Multiclass) {
		if parts[len(parts)-2] == m.Name {
			if m.HigherIsBetter {
				return 1
			}
			return -1
		}
	}
	return 0
}

// clear reports whether a difference goes beyond its uncertainty: the interval of a
// paired one leaves out 0; else B lies outside A's interval, if there is one.
func (l Line) clear() bool {
	switch {
	case l.Paired:
		return l.Low > 0 || l.High < 0
	case l.A.Low != nil && l.A.High != nil:
		return float64(l.B.Value) < float64(*l.A.Low) || float64(l.B.Value) > float64(*l.A.High)
	}
	return l.Difference != 0
}
