package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"flowbook/datasets"
	"flowbook/datasets/nslkdd"
)

// trained trains on a small simulated set, in a folder of the test's own.
func trained(t *testing.T, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model.flowbook")
	all := append([]string{"train", "nslkdd", "--small", "--quiet", "--data", filepath.Join(t.TempDir(), "none"), "--to", path}, args...)
	if code, _, stderr := call(t, all...); code != 0 {
		t.Fatalf("train %v: exit %d: %s", args, code, stderr)
	}
	return path
}

// TestModelFromTrainToScores goes the newcomer's way: train, look, get rows, predict,
// export.
func TestModelFromTrainToScores(t *testing.T) {
	model := trained(t, "--learner", "dt", "--target", "class")
	dir := filepath.Dir(model)
	rows, scores := filepath.Join(dir, "rows.csv"), filepath.Join(dir, "scores.csv")
	code, stdout, stderr := call(t, "model", "show", model)
	if code != 0 {
		t.Fatal(stderr)
	}
	for _, want := range []string{"decision tree", "dos, normal, probe", "nslkdd, simulated", "every score to the bit", "src_bytes", "seed", "flowbook train nslkdd"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("model show does not say %q:\n%s", want, stdout)
		}
	}
	code, stdout, _ = call(t, "model", "show", model, "--json")
	var header struct{ Kind, Task string }
	if err := json.Unmarshal([]byte(stdout), &header); code != 0 || err != nil || header.Kind != "histtree.Model" || header.Task != "classification" {
		t.Errorf("model show --json: %v: %s", err, stdout)
	}
	for _, args := range [][]string{
		{"model", "rows", model, "--to", rows}, {"predict", model, rows, "--to", scores, "--quiet"}, {"model", "onnx", model, "--to", filepath.Join(dir, "m.onnx")},
	} {
		if code, _, stderr := call(t, args...); code != 0 {
			t.Fatalf("%v: exit %d: %s", args, code, stderr)
		}
	}
	text, err := os.ReadFile(scores)
	if err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(records) < 33 || records[0][0] != "label" || !strings.HasPrefix(records[0][1], "score ") {
		t.Fatalf("%v: %s", err, text)
	}
	// The scores are those that the self-test holds: the file was checked against them.
	_, again, _ := call(t, "predict", model, rows, "--quiet")
	if again != string(text) {
		t.Error("the standard output has other scores than the file")
	}
	given, err := os.ReadFile(rows)
	if err != nil {
		t.Fatal(err)
	}
	root := newRoot()
	var out bytes.Buffer
	root.SetIn(bytes.NewReader(append([]byte("\ufeff"), given...)))
	root.SetOut(&out)
	if code := execute(context.Background(), root, []string{"predict", model, "-", "--quiet"}); code != 0 || out.String() != string(text) {
		t.Errorf("from the standard input: exit %d, other scores", code)
	}
	// A mark before a quoted name, as spreadsheets write it.
	name, rest, _ := strings.Cut(string(given), ",")
	out.Reset()
	root.SetIn(strings.NewReader("\ufeff\"" + name + "\"," + rest))
	if code := execute(context.Background(), root, []string{"predict", model, "-", "--quiet"}); code != 0 || out.String() != string(text) {
		t.Errorf("with a mark before a quote: exit %d, other scores", code)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 4 {
		t.Errorf("left in the folder: %v (%v)", left, err)
	}
}

// TestTrainSaysWhatItMade: threshold and parameters stand in the file.
func TestTrainSaysWhatItMade(t *testing.T) {
	_, stdout, _ := call(t, "model", "show", trained(t, "--learner", "nb", "--threshold"))
	for _, want := range []string{"for attack; scores are moved", "naive Bayes, own threshold", "best MCC of scores out of fold"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in\n%s", want, stdout)
		}
	}
	_, stdout, _ = call(t, "model", "show", trained(t, "--learner", "knn"))
	if !strings.Contains(stdout, "holds rows of its training data") {
		t.Errorf("neighbours do not say that they keep rows:\n%s", stdout)
	}
	if p := parameters(learners()[1].learner); p["Trees"] != "100" || len(p) != 1 {
		t.Errorf("parameters of a forest: %v", p)
	}
	for _, e := range learners() {
		parameters(e.learner) // must not panic
	}
}

// TestPredictErrors: each names file, line, column and value, and --to is untouched.
func TestPredictErrors(t *testing.T) {
	model := trained(t, "--learner", "nb")
	_, rows, _ := call(t, "model", "rows", model)
	lines := strings.SplitAfter(rows, "\n")
	header := strings.Split(strings.TrimSpace(lines[0]), ",")
	with := func(line int, column, value string) string {
		out := slices.Clone(lines)
		fields := strings.Split(strings.TrimSpace(out[line-1]), ",")
		fields[slices.Index(header, column)] = value
		out[line-1] = strings.Join(fields, ",") + "\n"
		return strings.Join(out, "")
	}
	dir := t.TempDir()
	in, to := filepath.Join(dir, "in.csv"), filepath.Join(dir, "out.csv")
	if err := os.WriteFile(to, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ text, says string }{
		"empty":           {"", "in.csv: the file is empty"},
		"header only":     {lines[0], ""},
		"column missing":  {strings.Replace(rows, "src_bytes", "bytes", 1), `in.csv: there is no column "src_bytes"`},
		"column twice":    {strings.Replace(rows, "\n", ",src_bytes\n", 1), `in.csv: two columns are called "src_bytes"`},
		"no number":       {with(3, "src_bytes", "abc"), `in.csv:3: column "src_bytes": "abc" is not a number`},
		"no whole number": {with(4, "src_bytes", "1.5"), `in.csv:4: column "src_bytes": "1.5" is not a whole number`},
		"infinite":        {with(5, "src_bytes", "+Inf"), `in.csv`},
		"long field":      {with(3, "duration", strings.Repeat("9x", 5000)), "…"},
		"field too many":  {strings.Join(lines[:2], "") + "1,2\n", "in.csv:3: wrong number of fields"},
		"quote":           {with(3, "service", `"a"b`), "in.csv:3:"},
		"level unknown":   {with(3, "service", "<b>\x00"), ""},
		"value missing":   {with(3, "src_bytes", ""), ""},
	} {
		if err := os.WriteFile(in, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		code, _, stderr := call(t, "predict", model, in, "--to", to, "--quiet")
		text, _ := os.ReadFile(to)
		if c.says == "" {
			if code != 0 || !strings.HasPrefix(string(text), "label,") {
				t.Errorf("%s: exit %d: %s", name, code, stderr)
			}
			_ = os.WriteFile(to, []byte("before"), 0o600)
		} else if code != 1 || !strings.Contains(stderr, c.says) || len(stderr) > 2000 || string(text) != "before" {
			t.Errorf("%s: exit %d, %q is left; said %.300q, want %q", name, code, text, stderr, c.says)
		}
	}
	// Rows beyond the first block are counted from the top.
	long := lines[0] + strings.Repeat(lines[1], blockRows) + strings.Join(strings.Split(with(2, "src_bytes", "x"), "\n")[1:2], "") + "\n"
	if err := os.WriteFile(in, []byte(long), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, stderr := call(t, "predict", model, in, "--quiet", "--to", to); !strings.Contains(stderr, "in.csv:8194: column") {
		t.Errorf("line of a late row: %s", stderr)
	}
}

func TestModelExitCodes(t *testing.T) {
	dir := t.TempDir()
	model := trained(t, "--learner", "dt")
	whole, err := os.ReadFile(model)
	if err != nil {
		t.Fatal(err)
	}
	spoilt := filepath.Join(dir, "spoilt.flowbook")
	whole[len(whole)/2] ^= 1
	if err := os.WriteFile(spoilt, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	nb := trained(t, "--learner", "nb")
	absent := filepath.Join(dir, "no", "such", "x")
	device := filepath.Join(dir, "device") // a link, lest a failing test replace the device itself
	if err := os.Symlink(os.DevNull, device); err != nil {
		t.Skip(err)
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"train", "lanl", "--to", "x"}, 2, "nothing to train on"},
		{[]string{"train", "nslkdd"}, 2, "--to FILE"},
		{[]string{"train", "nslkdd", "--to", "x", "--learner", "zz"}, 2, `no learner "zz"; have dt, rf`},
		{[]string{"train", "nslkdd", "--to", "x", "--target", "difficulty"}, 2, "is_attack, class, attack"},
		{[]string{"train", "nslkdd", "--to", "x", "--target", "class", "--threshold"}, 2, "two classes"},
		{[]string{"train", "nslkdd", "--to", absent, "--data", dir}, 1, "there is no folder"},
		{[]string{"model"}, 0, ""},
		{[]string{"model", "show"}, 2, "accepts 1 arg"},
		{[]string{"model", "show", absent}, 1, "no such file"},
		{[]string{"model", "show", spoilt}, 1, "spoilt.flowbook: checksum"},
		{[]string{"model", "onnx", model}, 2, "--to FILE"},
		{[]string{"model", "onnx", model, "--to", absent}, 1, "there is no folder"},
		{[]string{"model", "onnx", nb, "--to", filepath.Join(dir, "x.onnx")}, 1, "kind bayes.Model cannot be exported"},
		{[]string{"model", "rows", model, "--to", absent}, 1, "there is no folder"},
		{[]string{"predict", model}, 2, "accepts 2 arg"},
		{[]string{"predict", model, absent}, 1, "no such file"},
		{[]string{"predict", spoilt, absent}, 1, "checksum"},
		{[]string{"predict", model, absent, "--to", absent}, 1, "there is no folder"},
		{[]string{"predict", model, absent, "--to", dir}, 1, "that is no file"},
		{[]string{"train", "nslkdd", "--small", "--quiet", "--data", dir, "--to", device}, 1, "that is no file"},
	} {
		code, _, stderr := call(t, c.args...)
		if code != c.code || !strings.Contains(stderr, c.says) {
			t.Errorf("flowbook %s: exit %d, want %d; said %q, want %q", strings.Join(c.args, " "), code, c.code, stderr, c.says)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "x.onnx")); err == nil {
		t.Error("a refused export left a file")
	}
}

// TestModelInterrupted: Ctrl-C ends with 130 and leaves nothing.
func TestModelInterrupted(t *testing.T) {
	model := trained(t, "--learner", "dt")
	_, rows, _ := call(t, "model", "rows", model)
	dir := t.TempDir()
	in := filepath.Join(dir, "rows.csv")
	if err := os.WriteFile(in, []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, args := range [][]string{
		{"train", "nslkdd", "--small", "--quiet", "--data", dir, "--to", filepath.Join(dir, "m")},
		{"predict", model, in, "--quiet", "--to", filepath.Join(dir, "out.csv")},
		{"model", "show", model},
	} {
		if code, _, stderr := callIn(t, ctx, args...); code != 130 {
			t.Errorf("%v: exit %d: %s", args, code, stderr)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("left in the folder: %v (%v)", left, err)
	}
}

// TestONNXOnKDDTest exports models fitted to the real KDDTrain+ and holds onnxruntime's
// scores of every row of KDDTest+ to those of flowbook predict.
func TestONNXOnKDDTest(t *testing.T) {
	if testing.Short() {
		t.Skip("fits models of full size")
	}
	data := os.Getenv("FLOWBOOK_DATA")
	kdd, err := nslkdd.Open(context.Background(), datasets.Folder(data))
	if data == "" || err != nil {
		t.Skipf("the real files are not there: %v", err)
	}
	python := cmp.Or(os.Getenv("FLOWBOOK_PYTHON"), "python3")
	if err := exec.Command(python, "-c", "import onnx, onnxruntime").Run(); err != nil {
		t.Skip(python, "has no onnx and onnxruntime; FLOWBOOK_PYTHON names another")
	}
	rows, err := writeRows(kdd.Test.Open("the export is held to it"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, c := range [][2]string{{"dt", "attack"}, {"rf", "class"}, {"gbdt", "is_attack"}, {"gbdt", "class"}, {"lr", "is_attack"}, {"linsvm", "is_attack"}} {
		name := filepath.Join(dir, c[0]+" "+c[1])
		if err := os.WriteFile(name+".rows.csv", rows, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{
			{"train", "nslkdd", "--learner", c[0], "--target", c[1], "--to", name + ".flowbook", "--quiet"},
			{"model", "onnx", name + ".flowbook", "--to", name + ".onnx"},
			{"predict", name + ".flowbook", name + ".rows.csv", "--to", name + ".scores.csv", "--quiet"},
		} {
			if code, _, stderr := call(t, args...); code != 0 {
				t.Fatalf("%v: %s", args, stderr)
			}
		}
	}
	out, err := exec.Command(python, filepath.Join("..", "..", "models", "onnx", "testdata", "check_onnx.py"), dir).Output()
	if err != nil {
		t.Fatalf("%v: %s", err, err.(*exec.ExitError).Stderr)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != 6 {
		t.Fatalf("%d models were checked:\n%s", len(lines), out)
	}
	for _, line := range lines {
		var got struct {
			Rows, Wrong int
			Difference  float64
		}
		if err := json.Unmarshal([]byte(line), &got); err != nil || got.Rows != 22544 || got.Wrong != 0 || !(got.Difference <= 1e-9) {
			t.Errorf("%s (%v)", line, err)
		}
		t.Log(line)
	}
}

// TestPredictInterruptedWhileWaiting: Ctrl-C also ends a read from a terminal where
// nobody types.
func TestPredictInterruptedWhileWaiting(t *testing.T) {
	model := trained(t, "--learner", "dt")
	in, end := io.Pipe()
	defer end.Close()
	ctx, cancel := context.WithCancel(context.Background())
	root := newRoot()
	root.SetIn(in)
	root.SetErr(io.Discard)
	done := make(chan int)
	go func() { done <- execute(ctx, root, []string{"predict", model, "-", "--quiet"}) }()
	if _, err := end.Write([]byte("src_bytes")); err != nil { // now it waits for more
		t.Fatal(err)
	}
	cancel()
	select {
	case code := <-done:
		if code != exitInterrupted {
			t.Errorf("exit %d", code)
		}
	case <-time.After(20 * time.Second):
		t.Error("it waits on")
	}
}

// TestNumber: NaN is a missing value, of whole numbers too.
func TestNumber(t *testing.T) {
	for _, text := range []string{"", " ", "NaN", "nan"} {
		for _, whole := range []bool{false, true} {
			if v, err := number(text, whole); err != nil || !math.IsNaN(v) {
				t.Errorf("%q (whole: %v) is %v (%v)", text, whole, v, err)
			}
		}
	}
}

// TestEscaped: what a terminal would act on does not get there, and the JSON says the same.
func TestEscaped(t *testing.T) {
	want := "\x7f\u009b31m\u202e\U000e0001 é <b>\x1b\n"
	b, err := json.Marshal(map[string]string{"a": want})
	if err != nil {
		t.Fatal(err)
	}
	text := escaped(string(b))
	var got map[string]string
	if err := json.Unmarshal([]byte(text), &got); err != nil || got["a"] != want {
		t.Errorf("%s is %q (%v)", text, got["a"], err)
	}
	for _, c := range text {
		if !strconv.IsPrint(c) {
			t.Errorf("%q in %s", c, text)
		}
	}
}
