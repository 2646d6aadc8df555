package onnx_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/baseline"
	"flowbook/models/decision"
	"flowbook/models/encode"
	"flowbook/models/ensemble"
	"flowbook/models/histtree"
	"flowbook/models/linear"
	"flowbook/models/onnx"
)

// flows are n rows of k classes, those from the second half on with levels that the
// first half does not have. With gaps, numbers and categories are missing at times.
func flows(n, k int, gaps bool) table.View {
	g := rng.New(11).Rand()
	rate, size := make([]float64, n), make([]float64, n)
	count, flag := make([]int64, n), make([]int64, n)
	service, proto, class := make([]string, n), make([]string, n), make([]string, n)
	for i := range n {
		c := min(g.IntN(k+1), k-1)
		class[i] = []string{"normal", "attack", "probe", "zero"}[c]
		rate[i] = g.NormFloat64() + float64(c)
		size[i] = math.Floor(math.Exp(4*g.NormFloat64() + float64(c)))
		if g.IntN(5) == 0 {
			rate[i] = math.Copysign(0, rate[i])
		}
		count[i], flag[i] = int64(g.IntN(30)+9*c), int64(g.IntN(2))
		service[i] = []string{"dns", "ftp", "http", "mail", "ntp", "ssh", "x11", "é", "<b>"}[(g.IntN(5)+c)%9]
		proto[i] = []string{"tcp", "udp", "icmp"}[(g.IntN(2)+c)%3]
		if i >= n/2 && g.IntN(6) == 0 {
			service[i] = "unseen" + proto[i]
		}
		if gaps && g.IntN(6) == 0 {
			rate[i], service[i] = math.NaN(), ""
		}
		if gaps && g.IntN(9) == 0 {
			size[i], proto[i] = math.NaN(), ""
		}
	}
	return table.Must(table.New("flows", table.Float("rate", "1/s", rate), table.Float("size", "bytes", size), table.Int("count", "", count),
		table.Int("flag", "", flag), table.Text("service", service), table.Text("proto", proto), table.Text("class", class).As(table.Label))).View()
}

// half is the first half of the rows, as a table that has never heard of the levels of
// the second one.
func half(v table.View) table.View {
	made := v.Where(func(i int) bool { return i < v.Rows()/2 }).Materialize()
	for _, c := range made.Columns() {
		if c.Kind == table.CodeKind {
			made = table.Must(made.With(table.Text(c.Name, made.View().Strings(c.Name)).As(c.Role)))
		}
	}
	return made.View()
}

// python is one that has onnx and onnxruntime; the test is skipped without.
func python(t *testing.T) string {
	t.Helper()
	name := cmp.Or(os.Getenv("FLOWBOOK_PYTHON"), "python3")
	if out, err := exec.Command(name, "-c", "import onnx, onnxruntime").CombinedOutput(); err != nil {
		t.Skipf("%s has no onnx and onnxruntime (pip install onnx onnxruntime; FLOWBOOK_PYTHON names another): %v %s", name, err, out)
	}
	return name
}

// write exports the model beside rows and what it answers for them.
func write(t *testing.T, dir, name string, model models.Classifier, rows table.View) {
	t.Helper()
	p, err := model.Predict(context.Background(), rows)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	writeAnswer(t, dir, name, model, rows, p)
}

func writeAnswer(t *testing.T, dir, name string, model any, rows table.View, p models.Prediction) {
	t.Helper()
	b, err := onnx.Export(model, name)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var header []string
	columns := [][]string{}
	for _, c := range rows.Features() {
		header, columns = append(header, c.Name), append(columns, rows.Strings(c.Name))
	}
	given := [][]string{header}
	for i := range rows.Rows() {
		var record []string
		for _, c := range columns {
			record = append(record, c[i])
		}
		given = append(given, record)
	}
	answered := [][]string{{"label"}}
	number := len(p.Classes) == 1
	for _, c := range p.Classes {
		answered[0] = append(answered[0], "score "+c)
	}
	if number {
		answered[0] = []string{"estimate"}
	}
	for i := range p.Rows() {
		var record []string
		if !number {
			record = append(record, p.Classes[p.Best(i)])
		}
		for _, v := range p.Row(i) {
			record = append(record, strconv.FormatFloat(v, 'g', -1, 64))
		}
		answered = append(answered, record)
	}
	for suffix, b := range map[string][]byte{".onnx": b, ".rows.csv": text(t, given), ".scores.csv": text(t, answered)} {
		if err := os.WriteFile(filepath.Join(dir, name+suffix), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func text(t *testing.T, records [][]string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := csv.NewWriter(&b).WriteAll(records); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// check runs onnxruntime on all that was written.
func check(t *testing.T, python, dir string, models int) {
	t.Helper()
	cmd := exec.Command(python, "testdata/check_onnx.py", dir)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	n := 0
	for lines.Scan() {
		var got struct {
			Model      string
			Rows       int
			Difference float64
			Wrong      int
		}
		if err := json.Unmarshal(lines.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		n++
		t.Log(lines.Text())
		if !(got.Difference <= 1e-9) || got.Wrong > 0 || got.Rows == 0 {
			t.Errorf("%s: scores differ by %v, %d labels are others", got.Model, got.Difference, got.Wrong)
		}
	}
	if n != models {
		t.Errorf("%d models were checked, want %d", n, models)
	}
}

// decided has its threshold moved and says that it was chosen.
type decided struct {
	models.Learner
	threshold float64
}

func (d decided) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	m, err := d.Learner.Fit(ctx, train)
	return decision.Chosen(decision.Cut(m, "normal", d.threshold), "one"), err
}

// TestAgainstONNXRuntime: every kind of model that can be exported, on rows with gaps
// and levels that training did not know.
func TestAgainstONNXRuntime(t *testing.T) {
	python, dir := python(t), t.TempDir()
	numbers := []encode.Step{encode.Impute{}, encode.Log1p{Columns: []string{"size"}}, encode.OneHot{Missing: true}, encode.Standardize{}}
	cases := []struct {
		name    string
		learner models.Learner
		classes int
	}{
		{"tree", histtree.Tree{}, 3},
		{"stump", histtree.Tree{MaxDepth: 1}, 2},
		{"leaf", histtree.Tree{MinLeaf: 1e9}, 2},
		{"forest", histtree.Forest{Trees: 20}, 2},
		{"forest4", histtree.Forest{Trees: 20}, 4},
		{"boost", histtree.Boost{Trees: 30}, 2},
		{"boost4", histtree.Boost{Trees: 10}, 4},
		{"forest behind steps", encode.Then(histtree.Forest{Trees: 5}, encode.Impute{}, encode.Standardize{}), 3},
		{"boost on ordinals", encode.Then(histtree.Boost{Trees: 5}, encode.Log1p{}, encode.Ordinal{}), 2},
		{"logistic", encode.Then(linear.Logistic{}, numbers...), 2},
		{"logistic4", encode.Then(linear.Logistic{}, numbers...), 4},
		{"logistic on ordinals", encode.Then(linear.Logistic{}, encode.Ordinal{}, encode.Impute{}, encode.MinMax{}), 3},
		{"svm", encode.Then(linear.SVM{}, numbers...), 2},
		{"svm far out", encode.Then(linear.SVM{C: 1e4}, encode.Impute{}, encode.OneHot{}), 3},
		{"bagging", ensemble.Bagging{N: 4}, 3},
		{"soft voting", ensemble.Voting{Soft: true, Learners: []models.Learner{histtree.Tree{MaxDepth: 4}, encode.Then(linear.Logistic{}, numbers...)}}, 3},
		{"voting", ensemble.Voting{Learners: []models.Learner{histtree.Tree{}, histtree.Tree{MaxDepth: 3}, encode.Then(linear.Logistic{}, numbers...)}}, 4},
		{"threshold", decided{histtree.Forest{Trees: 5}, 0.2}, 2},
		{"threshold1", decided{histtree.Forest{Trees: 5}, 1}, 2},
		{"threshold0", decided{histtree.Forest{Trees: 5}, 0}, 2},
	}
	for _, c := range cases {
		rows := flows(4000, c.classes, true)
		model, err := c.learner.Fit(context.Background(), half(rows))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		write(t, dir, c.name, model, rows)
	}
	// A class whose rows weigh nothing has no score of its own.
	rows := flows(4000, 4, true)
	weight := make([]float64, rows.Rows())
	for i, class := range rows.Strings("class") {
		weight[i] = map[bool]float64{true: 0, false: 1}[class == "probe"]
	}
	model, err := histtree.Boost{Trees: 5}.Fit(context.Background(), half(table.Must(rows.Table().With(table.Float("w", "", weight).As(table.Weight))).View()))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "weightless class", model, rows)
	// A member that has not met all classes: most rows of "probe" are not drawn.
	few := half(rows)
	probes, class := 0, few.Strings("class")
	few = few.Where(func(i int) bool {
		if class[i] != "probe" {
			return i%20 == 0
		}
		probes++
		return probes == 1
	})
	if model, err = (ensemble.Bagging{N: 9}).Fit(context.Background(), few); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "members that know less", model, rows)
	// A number: estimates stand in the place of scores.
	number, err := histtree.Boost{Trees: 20}.FitRegression(context.Background(), half(rows).WithTarget("count"))
	if err != nil {
		t.Fatal(err)
	}
	y, err := number.Estimate(context.Background(), rows.WithTarget("count"))
	if err != nil {
		t.Fatal(err)
	}
	answer := models.Prediction{Classes: []string{"count"}, P: y}
	writeAnswer(t, dir, "number", number, rows.WithTarget("count"), answer)
	check(t, python, dir, len(cases)+3)
}

// TestRefused: what cannot be exported says what and why.
func TestRefused(t *testing.T) {
	v := flows(200, 2, false)
	renamed := func(name string, c table.Column) table.View {
		return table.Must(table.New("t", c.Named(name), v.Table().Column("class"))).View()
	}
	tree := histtree.Tree{}
	// Of two rows a bootstrap of seed 0 draws one twice.
	lone := table.Must(table.New("t", table.Float("x", "", []float64{1, 2}), table.Text("class", []string{"a", "b"}).As(table.Label))).View()
	for name, c := range map[string]struct {
		learner models.Learner
		rows    table.View
		says    string
	}{
		"no model":          {nobody{}, v, "does not say which columns"},
		"other kind":        {baseline.Majority{}, v, "a model of kind baseline.constant cannot be exported"},
		"ensemble":          {ensemble.AdaBoost{}, v, "kind ensemble.Boosted"},
		"member of another": {ensemble.Voting{Learners: []models.Learner{tree, baseline.Majority{}}}, v, "kind baseline.constant"},
		"linear, one class": {ensemble.Bagging{Learner: linear.Logistic{}, N: 1}, lone, "a linear model of one class"},
		"step elsewhere":    {encode.Then(tree, elsewhere{}), v, "step 2 is a onnx_test.same, which only flowbook can run"},
		"one class":         {tree, flows(200, 1, false), "a single answer"},
		"name of output":    {tree, renamed("scores", v.Table().Column("rate")), "as an output is"},
		"name no UTF-8":     {tree, renamed("\xff", v.Table().Column("rate")), "want a name in UTF-8"},
		"level no UTF-8":    {tree, renamed("s", table.Text("s", append(make([]string, 199), "\xff"))), "want text in UTF-8"},
		"name of our own":   {tree, renamed("flowbook:1", v.Table().Column("rate")), "does not begin with"},
		"name that is not":  {tree, renamed("", v.Table().Column("rate")), "want a name"},
	} {
		m, err := c.learner.Fit(context.Background(), c.rows)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := onnx.Export(m, "x"); err == nil || !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), "onnx: ") {
			t.Errorf("%s: %v; want %q", name, err, c.says)
		}
	}
}

// nobody fits what cannot be described.
type nobody struct{ histtree.Tree }

func (nobody) Fit(context.Context, table.View) (models.Classifier, error) { return nil, nil }

// elsewhere is a step that is none of package encode's.
type elsewhere struct{}

type same struct{}

func (elsewhere) Name() string                                                { return "elsewhere" }
func (elsewhere) Fit(context.Context, table.View) (models.Transformer, error) { return same{}, nil }
func (same) Transform(_ context.Context, rows table.View) (*table.Table, error) {
	return rows.Materialize(), nil
}

// TestSameBytes: an export of the same model is the same file.
func TestSameBytes(t *testing.T) {
	m, err := encode.Then(linear.Logistic{}, encode.OneHot{}, encode.Standardize{}).Fit(context.Background(), flows(300, 3, false))
	if err != nil {
		t.Fatal(err)
	}
	a, errA := onnx.Export(m, "x")
	b, errB := onnx.Export(m, "x")
	if errA != nil || errB != nil || !bytes.Equal(a, b) {
		t.Errorf("two exports of %d and %d bytes (%v, %v)", len(a), len(b), errA, errB)
	}
}
