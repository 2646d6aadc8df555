package compare

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"flowbook/internal/exhibit"
	"flowbook/reports"
)

func number(v float64) *reports.Number { n := reports.Number(v); return &n }

// run makes a run with one learner cross-validated over folds, and judged on a test.
func run(name string, folds []float64, test float64, print string) Run {
	r := Run{Name: name, Metrics: reports.Metrics{Experiment: "demo", Seed: 1, Origin: exhibit.Origin{Kind: exhibit.Real, Set: "demo", Files: []exhibit.File{{Name: "train.csv", Rows: 100, SHA256: "aa"}}},
		Fingerprints: []exhibit.Fingerprint{{Name: "binary task: 4 folds", SHA256: print}}}}
	sum := 0.0
	for f, v := range folds {
		sum += v
		r.Measures = append(r.Measures, reports.Measure{ID: "binary-task/forest/mcc/fold-" + string(rune('0'+f)), Value: reports.Number(v), Rows: 25})
	}
	r.Measures = append(r.Measures, reports.Measure{ID: "binary-task/forest/mcc/cv", Value: reports.Number(sum / float64(len(folds))), Low: number(.1), High: number(.9), Level: .95, Rows: 100},
		reports.Measure{ID: "binary-task/forest/mcc/test", Value: reports.Number(test), Low: number(test - .05), High: number(test + .05), Level: .95, Rows: 50},
		reports.Measure{ID: "binary-task/forest/fpr/test", Value: reports.Number(1 - test), Rows: 50},
		reports.Measure{ID: "data/rows", Value: 100})
	return r
}

func line(t *testing.T, c Comparison, id string) Line {
	t.Helper()
	for _, l := range c.Lines {
		if l.ID == id {
			return l
		}
	}
	t.Fatalf("no line %s", id)
	return Line{}
}

func TestRuns(t *testing.T) {
	// The corrected resampled t of these differences by scipy: see testdata/gen_compare.py.
	text, err := os.ReadFile("testdata/compare.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct{ Difference, Low, High, P float64 }
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	a, b := run("a", []float64{.80, .82, .79, .83}, .7, "f1"), run("b", []float64{.84, .83, .85, .86}, .6, "f1")
	b.Seed, b.Origin.Files[0].SHA256 = 2, "bb"
	b.Measures = append(b.Measures, reports.Measure{ID: "binary-task/boosting/mcc/cv", Value: .9})
	c := Runs(a, b)
	l := line(t, c, "binary-task/forest/mcc/cv")
	for i, v := range [][2]float64{{l.Difference, want.Difference}, {l.Low, want.Low}, {l.High, want.High}, {l.P.P, want.P}, {l.Holm.P, want.P}} {
		if !(math.Abs(v[0]-v[1]) <= 1e-9) {
			t.Errorf("%d: %v; want %v", i, v[0], v[1])
		}
	}
	if !l.Paired || l.Better != 1 || c.Lines[0].ID != l.ID {
		t.Errorf("line %+v; first is %s", l, c.Lines[0].ID)
	}
	if l := line(t, c, "binary-task/forest/mcc/test"); l.Paired || l.Better != -1 || !math.IsNaN(l.P.P) {
		t.Errorf("test line %+v", l)
	}
	if l := line(t, c, "binary-task/forest/fpr/test"); l.Better != -1 { // more false alarms
		t.Errorf("false positive rate %+v", l)
	}
	if l := line(t, c, "data/rows"); l.Difference != 0 || l.Better != 0 || c.Same != 1 {
		t.Errorf("rows %+v, %d the same", l, c.Same)
	}
	if len(c.Changes) != 2 || c.Changes[0].What != "seed" || c.Changes[1].What != "train.csv" {
		t.Errorf("changes %+v", c.Changes)
	}
	if len(c.OnlyA) != 0 || len(c.OnlyB) != 1 || c.OnlyB[0] != "binary-task/boosting" {
		t.Errorf("only %q and %q", c.OnlyA, c.OnlyB)
	}
	b.Fingerprints[0].SHA256 = "f2"
	if l := line(t, Runs(a, b), "binary-task/forest/mcc/cv"); l.Paired || !math.IsNaN(l.Low) {
		t.Errorf("other folds are paired: %+v", l)
	}
	md := string(c.Sheet().Markdown())
	for _, want := range []string{"seed | 1 | 2", "train.csv", "binary-task/boosting", "| worse |", "| 0.115 | 0.115 |  |", "1 were taken over the same folds"} {
		if !strings.Contains(md, want) {
			t.Errorf("the page lacks %q:\n%s", want, md)
		}
	}
	same := Runs(a, a)
	if md := string(same.Sheet().Markdown()); !strings.Contains(md, "Alike: same data") || !strings.Contains(md, "None: 4 measures") {
		t.Errorf("a run and itself:\n%s", md)
	}
}

// A fold without a value leaves a line unpaired, and sorted behind those that are sure; a
// row count of another program's cannot make an interval of nothing.
func TestUnpaired(t *testing.T) {
	a, b := run("a", []float64{.80, .82, .79, .83}, .7, "f1"), run("b", []float64{.84, math.NaN(), .85, .86}, .6, "f1")
	if l := line(t, Runs(a, b), "binary-task/forest/mcc/cv"); l.Paired || !math.IsNaN(l.P.P) {
		t.Errorf("a fold without a value: %+v", l)
	}
	for _, rows := range []int{0, -100, 25, 3} {
		b := run("b", []float64{.84, .83, .85, .86}, .6, "f1")
		a.Measures[4].Rows = rows
		if l := line(t, Runs(a, b), "binary-task/forest/mcc/cv"); l.Paired {
			t.Errorf("%d rows: %+v", rows, l)
		}
	}
	b = run("b", []float64{.80, .82, .79, .83}, .7, "")
	b.Fingerprints[0].Name = "other: 4 folds"
	if l := line(t, Runs(b, b), "binary-task/forest/mcc/cv"); l.Paired {
		t.Errorf("no fingerprint: %+v", l)
	}
}

// A real run and a simulated one share no rows, and the page's head says that it leans
// on simulated data whichever comes first.
func TestRealAndSimulated(t *testing.T) {
	a, b := run("a", []float64{.80, .82, .79, .83}, .7, "f1"), run("b", []float64{.84, .83, .85, .86}, .6, "f1")
	b.Origin.Kind = exhibit.Simulated
	for _, c := range []Comparison{Runs(a, b), Runs(b, a)} {
		if l := line(t, c, "binary-task/forest/mcc/cv"); l.Paired {
			t.Errorf("%s and %s: %+v", c.A.Name, c.B.Name, l)
		}
		if md := string(c.Sheet().Markdown()); !strings.Contains(md, "simulated data: not evidence") {
			t.Errorf("%s and %s: %.200s", c.A.Name, c.B.Name, md)
		}
	}
}

// The word in the table agrees with the sentence above it: what Holm's correction over
// many lines makes chance is called neither better nor worse.
func TestWordsAreCorrected(t *testing.T) {
	a, b := run("a", []float64{.80, .82, .79, .83}, .7, "f1"), run("b", []float64{.84, .85, .84, .88}, .7, "f1")
	if md := string(Runs(a, b).Sheet().Markdown()); !strings.Contains(md, "| better |") {
		t.Errorf("one line: %s", md)
	}
	for i := range 200 {
		for f, v := range []float64{.5, .6, .5, .6} {
			id := "binary-task/l" + strconv.Itoa(i) + "/mcc/"
			a.Measures = append(a.Measures, reports.Measure{ID: id + "fold-" + strconv.Itoa(f), Value: .55, Rows: 25})
			b.Measures = append(b.Measures, reports.Measure{ID: id + "fold-" + strconv.Itoa(f), Value: reports.Number(v), Rows: 25})
			if f == 3 {
				a.Measures = append(a.Measures, reports.Measure{ID: id + "cv", Value: .55, Rows: 100})
				b.Measures = append(b.Measures, reports.Measure{ID: id + "cv", Value: .55, Rows: 100})
			}
		}
	}
	if md := string(Runs(a, b).Sheet().Markdown()); !strings.Contains(md, "of these 0 differ by more than chance") || strings.Contains(md, "| better |") {
		t.Errorf("201 lines: %.2000s", md)
	}
}

func TestWorse(t *testing.T) {
	a := run("a", []float64{.80, .82, .79, .83}, .7, "f1")
	for _, c := range []struct {
		b    Run
		id   string
		want bool
	}{
		{run("b", []float64{.80, .82, .79, .83}, .7, "f1"), "binary-task/forest/mcc/cv", false},
		{run("b", []float64{.70, .71, .69, .72}, .7, "f1"), "binary-task/forest/mcc/cv", true},
		{run("b", []float64{.79, .83, .78, .83}, .7, "f1"), "binary-task/forest/mcc/cv", false}, // within chance
		{run("b", []float64{.90, .92, .89, .93}, .7, "f1"), "binary-task/forest/mcc/cv", false},
		{run("b", []float64{.05, .05, .05, .05}, .7, "f2"), "binary-task/forest/mcc/cv", true}, // below A's interval
		{run("b", nil, .66, "f1"), "binary-task/forest/mcc/test", false},
		{run("b", nil, .64, "f1"), "binary-task/forest/mcc/test", true},
		{run("b", nil, .69, "f1"), "binary-task/forest/fpr/test", true}, // no interval: any loss
		{run("b", nil, .71, "f1"), "binary-task/forest/fpr/test", false},
	} {
		got, why, err := Runs(a, c.b).Worse(c.id)
		if err != nil || got != c.want {
			t.Errorf("%s: worse %v (%s), %v; want %v", c.id, got, why, err, c.want)
		}
	}
	for _, id := range []string{"data/rows", "no/such/measure"} {
		if _, _, err := Runs(a, a).Worse(id); err == nil {
			t.Errorf("%s was judged", id)
		}
	}
}

func TestIndex(t *testing.T) {
	r := run("reports/demo", nil, .7, "f1")
	r.Question, r.Answers = "Is | it <b>?", []string{"**Yes**, a | b."}
	r.Checks = []reports.Check{{Status: "pass"}, {Status: "fail"}}
	got := string(Index([]Run{r}))
	want := `| [demo](demo/README.md) | Is \| it \<b\>? | **Yes**, a \| b. | demo, real | 100 | 4 | 1 passed, 0 warned, 1 failed | 0 |`
	if !strings.Contains(got, want) {
		t.Errorf("the index is\n%s\nwant the line\n%s", got, want)
	}
}

func TestIndexOfHostileReports(t *testing.T) {
	r := run("reports/a (b)", nil, .7, "f1")
	r.Question, r.Answers = "Is \u001b[31m it\u202e?", []string{"<img src=x onerror=alert(1)>\u0007"}
	got := string(Index([]Run{r}))
	if strings.ContainsAny(got, "\u001b\u202e\u0007") || strings.Contains(got, "<img") || !strings.Contains(got, "(a%20%28b%29/README.md)") {
		t.Errorf("the index is\n%s", got)
	}
}
