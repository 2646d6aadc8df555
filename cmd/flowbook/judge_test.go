package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"flowbook/datasets"
	"flowbook/datasets/nslkdd"
	"flowbook/eval/metric"
	"flowbook/internal/exhibit"
	"flowbook/internal/rng"
	"flowbook/reports"
)

func TestJudgeAsScikitLearn(t *testing.T) {
	ctx := context.Background()
	kdd, err := nslkdd.OpenOrSimulate(ctx, datasets.Folder(""), rng.New(1), nslkdd.Whole)
	if err != nil {
		t.Fatal(err)
	}
	if kdd.Origin.Kind != exhibit.Real {
		t.Skip("FLOWBOOK_DATA has no NSL-KDD")
	}
	test := kdd.Test.Open("test").WithTarget("is_attack")
	var b strings.Builder
	b.WriteString("row,score\n")
	truth := attacks(test)
	for i := len(truth) - 1; i >= 0; i-- { // in any order
		s := 0.5*float64((i+1)*7919%10007)/10006 + 0.1
		if truth[i] {
			s += 0.3
		}
		fmt.Fprintf(&b, "%d,%.17g\n", i+1, s)
	}
	file := filepath.Join(t.TempDir(), "p.csv")
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	g, err := readGiven(file, test.Rows())
	if err != nil {
		t.Fatal(err)
	}
	held, err := holdGiven(ctx, kdd.Train.View().WithTarget("is_attack"), test, g)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("testdata/judged.json")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	for _, m := range metric.Binary {
		if got := held.Score(g.Name(), m, "KDDTest+"); !(math.Abs(got-want[m.Name]) <= 1e-9) {
			t.Errorf("%s is %.12f; scikit-learn has %.12f", m.Name, got, want[m.Name])
		}
	}
	code, stdout, stderr := call(t, "judge", "nslkdd", file, "--quiet", "--report", filepath.Join("..", "..", "reports", "nslkdd"), "--claim", "accuracy=0.80")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	for _, part := range []string{"nslkdd, real data", "Recall of attack types in training and not", "Paired with each learner of the report", "| stacking |", "Do rows of KDDTest+ occur in training?", "confusion matrices of 12833 attacks"} {
		if !strings.Contains(stdout, part) {
			t.Errorf("the page does not say %q", part)
		}
	}
}

func TestGivenRefusals(t *testing.T) {
	file := filepath.Join(t.TempDir(), "p.csv")
	for text, want := range map[string]string{
		"":                                "first line is",
		"id,score\n1,0.5\n":               `:1: the first line is "id,score"`,
		"row,score\n1,0.5\n2,x\n":         `:3: score "x"`,
		"row,score\n1,0.5\n2,NaN\n":       `:3: score "NaN"`,
		"row,score\n1,0.5\n2,1.5\n":       `:3: score "1.5"`,
		"row,score\n0,0.5\n":              `:2: row "0"; want a row of KDDTest+, 1 to 3`,
		"row,score\n4,0.5\n":              `:2: row "4"`,
		"row,score\n1,0.5\n1,0.5\n":       ":3: row 1 was on line 2",
		"row,score\n1,0.5\n3,0.5\n":       "1 of 3 rows of KDDTest+ are missing, row 2 first",
		"row,score\n1,0.5,7\n":            ":2: 3 fields; want 2",
		"row,label\n1,neptune\n":          `:2: label "neptune"; want attack or normal`,
		"row,score\n1,\"0.5\n":            "p.csv: ",
		"row,label\n1,attack\n2,normal\n": "1 of 3 rows",

		"row,score\n1," + strings.Repeat("9", 1e6) + "\n": strings.Repeat("9", 60) + "…",
		strings.Repeat("x", 1e6):                          "xx…",
	} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := readGiven(file, 3); err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 400 {
			t.Errorf("%.80q: error %.400v; want %q", text, err, want)
		}
	}
	if err := os.WriteFile(file, []byte("\ufeffrow,label\r\n3,1\r\n1,attack\r\n2,normal\r\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	g, err := readGiven(file, 3)
	if err != nil || !g.labels || fmt.Sprint(g.scores) != "[1 0 1]" {
		t.Errorf("a file of labels: %+v, %v", g, err)
	}
	for want, args := range map[string][]string{
		"wants a file":         {"judge", "nslkdd"},
		"nothing to judge":     {"judge", "lanl", file},
		"NAME=VALUE":           {"judge", "nslkdd", "--claim", "auc=0.9"},
		"claimed twice":        {"judge", "nslkdd", "--claim", "f1=0.9,f1=0.8"},
		"a number from 0 to 1": {"judge", "nslkdd", "--claim", "f1=99"},
		"or a percentage":      {"judge", "nslkdd", "--claim", "f1=high"},
	} {
		if code, _, stderr := call(t, args...); code != exitUsage || !strings.Contains(stderr, want) {
			t.Errorf("%v: exit %d, %s; want %q", args, code, stderr, want)
		}
	}
}

// Answers to real rows are not held against simulated ones.
func TestJudgeWantsRealRows(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "p.csv")
	var b strings.Builder
	b.WriteString("row,label\n")
	for i := range 22544 {
		fmt.Fprintf(&b, "%d,normal\n", i+1)
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := call(t, "judge", "nslkdd", file, "--data", folder, "--quiet"); code != 1 || !strings.Contains(stderr, "data fetch nslkdd") {
		t.Errorf("exit %d, %s", code, stderr)
	}
}

// Counted by hand: who is right everywhere alone is right on all normal rows beside who
// always says attack, who in turn is never alone.
func TestJudgePaired(t *testing.T) {
	folder := t.TempDir()
	kdd, err := nslkdd.OpenOrSimulate(context.Background(), folder, rng.New(1), nslkdd.Whole)
	if err != nil {
		t.Fatal(err)
	}
	test := kdd.Test.Open("test")
	truth := attacks(test)
	g, normal := given{scores: make([]float64, len(truth))}, 0
	for i, attack := range truth {
		if attack {
			g.scores[i] = 1
		} else {
			normal++
		}
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	page := func() (string, error) {
		sheet := &reports.Sheet{}
		err := judge{report: folder}.paired(sheet, g, test, kdd.Origin)
		return string(sheet.Markdown()), err
	}
	write("metrics.json", `{"schema":1,"origin":{"kind":"real"}}`)
	if md, err := page(); err != nil || !strings.Contains(md, "nothing is compared") {
		t.Errorf("a report of other data: %v\n%s", err, md)
	}
	write("metrics.json", fmt.Sprintf(`{"schema":1,"origin":{"kind":%q}}`, kdd.Origin.Kind))
	if md, err := page(); err != nil || !strings.Contains(md, "does not keep") {
		t.Errorf("no answers: %v\n%s", err, md)
	}
	all := make([]byte, (len(truth)+7)/8)
	for i := range all {
		all[i] = 0xff
	}
	answers := `{"schema":1,"answers":[{"learner":"always | <b>","split":"KDDTest+","positive":"attack","rows":%d,"said":"%x"}]}`
	write("predictions.json", fmt.Sprintf(answers, len(truth), all))
	md, err := page()
	row := fmt.Sprintf(`| always \| &lt;b&gt; | %.4f | %d,%03d | 0 | %.4f`, 1-float64(normal)/float64(len(truth)), normal/1000, normal%1000, float64(normal)/float64(len(truth)))
	if err != nil || !strings.Contains(md, row) {
		t.Errorf("%v; want a row %q in\n%s", err, row, md)
	}
	write("predictions.json", fmt.Sprintf(answers, 8, []byte{1}))
	if _, err := page(); err == nil || !strings.Contains(err.Error(), "8 rows") {
		t.Errorf("answers for 8 rows: %v", err)
	}
}

// Of 10 positives and 10 negatives: what figures can be true together?
func TestClaims(t *testing.T) {
	for text, want := range map[string]int{
		"accuracy=1.00":                1,
		"recall=0.9,fpr=0.1":           1,
		"recall=90%,specificity=90%":   1,
		"accuracy=0.90":                3, // 18 right: 8+10, 9+9, 10+8
		"accuracy=0.90,recall=1.00":    1,
		"accuracy=0.95,recall=0.80":    0,
		"precision=0.500,recall=0.500": 1,
		"f1=0.99":                      0,
	} {
		claims, err := parseClaims(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, _, _ := matrices(claims, 10, 10); got != want {
			t.Errorf("%s: %d matrices; want %d", text, got, want)
		}
	}
	// Recall 0.2 to one digit: 150 to 250 of 1000 attacks, whatever the 20001 numbers of
	// false alarms; the middle has 200 and 10000.
	loose, _ := parseClaims("recall=0.2")
	if count, tp, fp := matrices(loose, 1000, 20000); count != 101*20001 || tp != 200 || fp != 10000 {
		t.Errorf("%d matrices, the middle finds %d and raises %d", count, tp, fp)
	}
	claims, _ := parseClaims("recall=0.9,fpr=0.1")
	if _, tp, fp := matrices(claims, 10, 10); tp != 9 || fp != 1 {
		t.Errorf("found %d, false alarms %d", tp, fp)
	}
}
