package main

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"flowbook/internal/exhibit"
	"flowbook/reports"
)

// pins are figures of the real set that independent programs computed (scipy 1.10.1,
// pandas 1.5.3), with the digits they were published with here.
var pins = []struct {
	id        string
	want, tol float64
}{
	{"beliefs/kddtrain+-20percent/protocol-type/chi2", 2035.950, 5e-4}, {"beliefs/kddtest+/protocol-type/chi2", 1165.896, 5e-4},
	{"beliefs/kddtrain+-20percent/protocol-type/df", 2, 0}, {"beliefs/kddtest+/protocol-type/df", 2, 0},
	{"beliefs/kddtrain+-20percent/protocol-type/cramers-v", .2843, 5e-5}, {"beliefs/kddtest+/protocol-type/cramers-v", .2274, 5e-5},
	{"beliefs/kddtrain+-20percent/service/chi2", 18639.262, 5e-4}, {"beliefs/kddtest+/service/chi2", 12765.710, 5e-4},
	{"beliefs/kddtrain+-20percent/service/df", 65, 0}, {"beliefs/kddtest+/service/df", 63, 0},
	{"beliefs/kddtrain+-20percent/service/cramers-v", .8602, 5e-5}, {"beliefs/kddtest+/service/cramers-v", .7525, 5e-5},
	{"beliefs/kddtrain+-20percent/flag/chi2", 15153.701, 5e-4}, {"beliefs/kddtest+/flag/chi2", 8300.685, 5e-4},
	{"beliefs/kddtrain+-20percent/flag/df", 10, 0}, {"beliefs/kddtest+/flag/df", 10, 0},
	{"beliefs/kddtrain+-20percent/flag/cramers-v", .7756, 5e-5}, {"beliefs/kddtest+/flag/cramers-v", .6068, 5e-5},
	{"beliefs/kddtrain+-20percent/src-bytes/welch-t/t", 0.851936, 5e-7}, {"beliefs/kddtest+/src-bytes/welch-t/t", 2.485048, 5e-7},
	{"beliefs/kddtrain+-20percent/src-bytes/mann-whitney-u/a12", .1013727, 5e-8}, {"beliefs/kddtest+/src-bytes/mann-whitney-u/a12", .1961052, 5e-8},
	{"beliefs/kddtrain+/s1-s2-s3/attacks", 16, 0},
	{"data/normal/rows/kddtest+", 9711, 0}, {"data/dos/rows/kddtest+", 7458, 0}, {"data/probe/rows/kddtest+", 2421, 0},
	{"data/r2l/rows/kddtest+", 2754, 0}, {"data/u2r/rows/kddtest+", 200, 0},
	{"data/normal/rows/kddtrain+", 67343, 0}, {"data/normal/rows/kddtest-21", 2152, 0},
	{"data/unseen/types/test", 17, 0}, {"data/unseen/rows/test", 3750, 0},
	{"ledger/loader/binary-conflicts/kddtest+", 54, 0}, {"ledger/loader/conflicting-vectors/kddtrain+", 15, 0},
	{"ledger/loader/rows-in-kddtrain+/kddtest+", 664, 0}, {"ledger/loader/rows-in-kddtrain+-20percent/kddtest+", 118, 0},
	{"ledger/loader/su-attempted-2/kddtrain+", 59, 0},
	{"yardstick/src-bytes-28/accuracy/kddtest+", .7999, 5e-5}, {"yardstick/src-bytes-28/accuracy/kddtest-21", .6320, 5e-5},
	{"binary/always-attack/accuracy/kddtest+", .5692, 5e-5}, {"binary/always-attack/accuracy/kddtest-21", .8184, 5e-5},
}

// TestPins holds the published report to the pins. That the report is what the
// program gives on the real files, "make verify" proves.
func TestPins(t *testing.T) {
	report, err := reports.ReadMetrics(filepath.Join("..", "..", "reports", "nslkdd", "metrics.json"))
	if err != nil {
		t.Fatal(err)
	}
	if report.Origin.Kind != exhibit.Real || report.Params.Budget != reports.Standard {
		t.Errorf("the published report is of %s data at budget %s", report.Origin.Kind, report.Params.Budget)
	}
	got := map[string]reports.Measure{}
	for _, m := range report.Measures {
		got[m.ID] = m
	}
	for _, p := range pins {
		m, there := got[p.id]
		if d := float64(m.Value) - p.want; !there || !(d >= -p.tol-1e-12 && d <= p.tol+1e-12) {
			t.Errorf("%s is %v (there: %v), want %v ± %v", p.id, m.Value, there, p.want, p.tol)
		}
	}
	if n := got["beliefs/kddtrain+/s1-s2-s3/attacks"].Rows; n != 525+16 {
		t.Errorf("%d rows of KDDTrain+ end in S1, S2 or S3, want 541", n)
	}
	for _, m := range report.Measures {
		if strings.HasSuffix(m.ID, "/accuracy/kddtest+") && strings.HasPrefix(m.ID, "binary/") {
			if _, there := got[strings.Replace(m.ID, "/accuracy/", "/mcc/", 1)]; !there {
				t.Errorf("%s stands alone", m.ID)
			}
		}
	}
}

// TestLeftOutPins holds the chapter on types left out to counts of KDDTrain+ (pandas
// 1.5.3), and its baselines to what they must come to.
func TestLeftOutPins(t *testing.T) {
	report, err := reports.ReadMetrics(filepath.Join("..", "..", "reports", "nslkdd", "metrics.json"))
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]int{"neptune": 41214, "satan": 3633, "ipsweep": 3599, "portsweep": 2931, "smurf": 2646, "nmap": 1493, "back": 956,
		"teardrop": 892, "warezclient": 890, "pod": 201, "guess-passwd": 53, "buffer-overflow": 30, "warezmaster": 20}
	leftOut(t, report, rows)

	// Naive Bayes by numpy, without the type and with another tenth of the normal rows
	// kept back (on the same tenth it finds the same number of rows of every type).
	got := map[string]float64{}
	for _, m := range report.Measures {
		got[m.ID] = float64(m.Value)
	}
	for label, found := range map[string]float64{"neptune": 41214, "ipsweep": 161, "nmap": 271, "portsweep": 1946, "satan": 3264, "smurf": 1, "teardrop": 892, "warezclient": 29, "back": 1, "pod": 198} {
		want, id := found/float64(rows[label]), "left-out/naive-bayes/recall/"+label
		if v, there := got[id]; !there || !(v-want <= 0.02 && want-v <= 0.02) {
			t.Errorf("%s is %v (there: %v), want %.3f ± 0.02", id, v, there, want)
		}
	}
}

// leftOut checks what any run must give for the types left out: the rows of each,
// and always attack, which finds all of them and raises an alarm on every normal row.
func leftOut(t *testing.T, report reports.Metrics, rows map[string]int) {
	t.Helper()
	found := map[string]bool{}
	for _, m := range report.Measures {
		rest, of := strings.CutPrefix(m.ID, "left-out/")
		if !of {
			continue
		}
		learner, what, _ := strings.Cut(rest, "/")
		if label, is := strings.CutPrefix(what, "recall/"); is {
			found[label] = true
			if want, there := rows[label]; rows != nil && (!there || m.Rows != want) {
				t.Errorf("%s speaks of %d rows, want %d", m.ID, m.Rows, want)
			}
			if v := float64(m.Value); m.Low == nil || !(float64(*m.Low) <= v && v <= float64(*m.High) && v >= 0 && v <= 1) {
				t.Errorf("%s is %v", m.ID, m)
			}
		}
		if learner == "always-attack" && (strings.HasPrefix(what, "recall/") || strings.HasPrefix(what, "fpr/")) && float64(m.Value) != 1 {
			t.Errorf("%s is %v, want 1", m.ID, m.Value)
		}
	}
	if rows != nil && len(found) != len(rows) || len(found) == 0 {
		t.Errorf("%d types were left out, want %d", len(found), len(rows))
	}
}

// complete asks that whoever was cross-validated was judged on the test files too, with
// false alarms beside accuracy.
func complete(t *testing.T, report reports.Metrics) {
	t.Helper()
	got := map[string]bool{}
	for _, m := range report.Measures {
		got[m.ID] = true
	}
	learners := 0
	for _, m := range report.Measures {
		learner, of := strings.CutSuffix(m.ID, "/mcc/cv")
		if !of || !strings.HasPrefix(learner, "binary/") {
			continue
		}
		learners++
		for _, want := range []string{"/accuracy/cv", "/fpr/cv", "/mcc/kddtest+", "/fpr/kddtest+", "/pr-auc/kddtest-21"} {
			if !got[learner+want] {
				t.Errorf("there is no %s%s", learner, want)
			}
		}
	}
	for _, want := range []string{"clusters/k-5/gap/train", "clusters/dbscan/noise/sample", "clusters/hierarchical-ward/ari/sample", "clusters/hierarchical-single/cophenetic/sample",
		"maps/t-sne/trustworthiness/sample", "unusual/isolation-forest/roc-auc/train", "normal-rows-only/novelty-by-autoencoder/roc-auc/kddtest+",
		"twins/random-forest/optimism/files-mixed", "novelty-claim/specifications/share"} {
		if !got[want] {
			t.Errorf("there is no %s", want)
		}
	}
	if learners < 9 {
		t.Errorf("%d learners", learners)
	}
	if !got["binary/declared-recipe/mcc/kddtest+"] || got["binary/declared-recipe/mcc/cv"] {
		t.Error("the recipe is judged on the test files, and only there")
	}
}

// TestSimulatedRun runs the whole notebook where there are no data: it says first
// that nothing here is evidence, and gives the same bytes on one core and on seven.
func TestSimulatedRun(t *testing.T) {
	var trees [2]map[string][]byte
	var out [2]string
	for i, jobs := range []string{"1", "7"} {
		out[i] = t.TempDir()
		var stdout, stderr bytes.Buffer
		args := []string{"--data", t.TempDir(), "--out", out[i], "--quick", "--jobs", jobs}
		if code := reports.Run(context.Background(), args, &stdout, &stderr, sources, run, options); code != 0 {
			t.Fatalf("exit %d\n%s", code, stderr.String())
		}
		if first, _, _ := strings.Cut(stdout.String(), "\n"); !strings.Contains(first, "simulated") {
			t.Errorf("the first line is %q", first)
		}
		trees[i] = tree(t, out[i])
	}
	report, err := reports.ReadMetrics(filepath.Join(out[0], "reports", "nslkdd", "metrics.json"))
	if err != nil {
		t.Fatal(err)
	}
	leftOut(t, report, nil)
	complete(t, report)
	if len(trees[0]) < 15 || len(trees[0]) != len(trees[1]) {
		t.Errorf("%d and %d files", len(trees[0]), len(trees[1]))
	}
	for name, text := range trees[0] {
		if !bytes.Equal(text, trees[1][name]) {
			t.Errorf("%s differs between one core and seven", name)
		}
	}
	readme := string(trees[0]["reports/nslkdd/README.md"])
	if !strings.HasPrefix(readme, "**nslkdd, simulated data: not evidence.**") {
		t.Errorf("the report begins with %.80q", readme)
	}
}

// tree reads the files below a folder, without the clock times.
func tree(t *testing.T, root string) map[string][]byte {
	files := map[string][]byte{}
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "timings.json" || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		files[name], err = os.ReadFile(filepath.Join(root, name))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
