package audit_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"flowbook/eval"
	"flowbook/eval/audit"
	"flowbook/eval/metric"
	"flowbook/eval/resample"
	"flowbook/internal/exhibit"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/baseline"
	"flowbook/models/decision"
	"flowbook/models/encode"
	"flowbook/models/linear"
)

// experiment is simulated flows, split by time, with what is done to them.
type experiment struct {
	train, test *table.Table
	metrics     []metric.Metric
	pipeline    audit.Pipeline
}

var honest = encode.Then(linear.Logistic{}, encode.OneHot{}, encode.Standardize{})

// clean is an experiment without a fault: a computer of its own for each flow, time that
// goes on from training to test, classes that the features tell apart a little.
func clean(seed uint64) *experiment {
	s := rng.New(seed)
	return &experiment{train: flows(s, "train", 600, 0), test: flows(s, "test", 300, 600), metrics: metric.Binary, pipeline: audit.PipelineOf(honest)}
}

func flows(seed rng.Seed, name string, n, from int) *table.Table {
	g := seed.At(name).Rand()
	bytes, packets, stamp := make([]float64, n), make([]int64, n), make([]int64, n)
	service, class, host := make([]string, n), make([]string, n), make([]string, n)
	for i := range n {
		class[i] = "normal"
		attack := 0.0
		if g.Float64() < 0.15 {
			class[i], attack = "attack", 1
		}
		bytes[i] = 100 + 20*attack + 15*g.NormFloat64()
		packets[i] = int64(g.IntN(1_000_000) + 100_000*int(attack))
		service[i] = []string{"http", "dns", "ssh"}[g.IntN(3)]
		stamp[i], host[i] = int64(from+i)*1_000_000, fmt.Sprintf("C%d", from+i)
	}
	return table.Must(table.New(name, table.Float("bytes", "bytes", bytes), table.Int("packets", "packets", packets), table.Text("service", service),
		table.Time("time", stamp), table.Text("host", host).As(table.Group), table.Text("class", class).As(table.Label)))
}

// checks makes every check that applies.
func (e *experiment) checks(t *testing.T) []exhibit.Check {
	t.Helper()
	ctx, train, test := context.Background(), e.train.View(), e.test.View()
	var all []exhibit.Check
	add := func(c exhibit.Check, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	add(audit.Duplicates(train, test, "test"))
	add(audit.Conflicts(test, "test"))
	add(audit.Drift(train, test, "test"))
	add(audit.TargetLeak(train, test, "test"))
	add(audit.Snooping(ctx, train, test, "test", e.pipeline))
	add(audit.TestTuned(ctx, train, test, "test", e.pipeline))
	add(audit.TimeOrder(train, test, "time", "test"))
	add(audit.GroupOverlap(train, test, "host", "test"))
	add(audit.Shortcut(train, test, "attack", "logistic regression", 0.99))
	_, counts := classes(test)
	add(audit.Metrics(e.metrics, counts), nil)
	add(audit.Baselines([]models.Learner{baseline.Majority{}, honest}), nil)
	// The comparison that a report would make: bytes of attacks and of other flows.
	units, err := audit.Units(test.Strings("host"), test.Strings("class"), test.Floats("bytes"), "test")
	if err != nil {
		t.Fatal(err)
	}
	folds, err := resample.StratifiedGroupKFold{K: 3, Seed: rng.New(1)}.Split(resample.GroupsOf(train.Select("service")), resample.GroupsOf(train))
	if err != nil {
		t.Fatal(err)
	}
	add(audit.FoldLeak(train, folds))
	add(audit.GroupLeak(train, "host", folds))
	return append(all, units...)
}

func classes(v table.View) (names []string, counts []int) {
	labels, names, err := v.Labels()
	if err != nil {
		panic(err)
	}
	counts = make([]int, len(names))
	for _, l := range labels {
		counts[l]++
	}
	return names, counts
}

// with puts another column into a table.
func with(t *table.Table, c table.Column) *table.Table { return table.Must(t.With(c)) }

// changed is a column of text with its values changed.
func changed(t *table.Table, column string, change func(i int, s string) string) table.Column {
	c := t.Column(column)
	s := t.View().Strings(column)
	for i := range s {
		s[i] = change(i, s[i])
	}
	return table.Text(column, s).As(c.Role)
}

// picked is a table with the features of other rows.
func picked(t *table.Table, rows func(i int) int) *table.Table {
	index := make([]int, t.Rows())
	for i := range index {
		index[i] = rows(i)
	}
	for _, name := range []string{"bytes", "packets", "service"} {
		t = with(t, t.Column(name).Pick(index))
	}
	return t
}

// label is a column that says what the class is, wrong in one row of a hundred.
func label(t *table.Table, every int, make func(class []string) table.Column) *table.Table {
	class := t.View().Strings("class")
	for i, s := range class {
		if every > 0 && i%every == 7 {
			class[i] = map[string]string{"normal": "attack", "attack": "normal"}[s]
		}
	}
	return with(t, make(class))
}

// The nine faults of the house, each planted alone: the check that is made for it fails
// and names it, and no other check fails. (A threshold that is best on test rows looks at
// their scores too, so that it moves with their features: it fails twice.)
func TestPlantedFaults(t *testing.T) {
	number := func(class []string) table.Column {
		x := make([]float64, len(class))
		for i, c := range class {
			x[i] = float64(i%10) / 100
			if c == "attack" {
				x[i] -= 3
			}
		}
		return table.Float("copy", "", x)
	}
	words := func(class []string) table.Column {
		s := slices.Clone(class)
		for i := range s {
			s[i] = map[string]string{"normal": "zwei", "attack": "eins"}[s[i]]
		}
		return table.Text("copy", s)
	}
	for _, fault := range []struct {
		name  string
		plant func(e *experiment)
		id    string
		names string // what the check must say
		also  string // a check that must fail with it
	}{
		{"duplicate rows across the split", func(e *experiment) {
			bytes, packets := slices.Clone(e.test.Column("bytes").Floats()), slices.Clone(e.test.Column("packets").Ints())
			copy(bytes, e.train.Column("bytes").Floats()[:30])
			copy(packets, e.train.Column("packets").Ints()[:30])
			e.test = with(with(e.test, table.Float("bytes", "bytes", bytes)), table.Int("packets", "packets", packets))
			e.test = with(e.test, changed(e.test, "service", func(i int, s string) string {
				if i < 30 {
					return e.train.Column("service").String(i)
				}
				return s
			}))
		}, "duplicates-across-split", "test:1 = train:1", ""},
		{"a column that is the label, as a number", func(e *experiment) {
			e.train, e.test = label(e.train, 0, number), label(e.test, 0, number)
		}, "target-leak", "copy alone tells attack", ""},
		{"a column that is the label in other words, one in a hundred wrong", func(e *experiment) {
			e.train, e.test = label(e.train, 100, words), label(e.test, 100, words)
		}, "target-leak", "copy alone tells attack", ""},
		{"a scaler fitted on all rows", func(e *experiment) { e.pipeline = scaledOnAll }, "snooping", "test:2: ", ""},
		{"time order broken", func(e *experiment) {
			stamps := slices.Clone(e.train.Column("time").Ints())
			stamps[99] = 700_000_000
			for i := range 10 {
				stamps[200+i] = 800_000_000
			}
			e.train = with(e.train, table.Time("time", stamps))
		}, "time-order", "train:201 (1970-01-01T00:13:20Z)", ""},
		{"a threshold tuned on test", func(e *experiment) { e.pipeline = tunedOnTest }, "test-tuned", "the pipeline learns from them", "snooping"},
		{"accuracy under imbalance", func(e *experiment) { e.metrics = []metric.Metric{metric.Accuracy} }, "suitable-metrics", "anything beside accuracy", ""},
		{"accuracy decides under imbalance", func(e *experiment) { e.metrics = append([]metric.Metric{metric.Accuracy}, metric.Binary...) }, "suitable-metrics", "accuracy to rank by", ""},
		{"overlapping groups", func(e *experiment) { // one computer sends attacks and other flows
			last := map[string]string{}
			e.test = with(e.test, changed(e.test, "host", func(i int, s string) string {
				class := e.test.Column("class").String(i)
				if i < 50 && last[class] == "" {
					last[class] = s
					return "C9999"
				}
				return s
			}))
		}, "overlapping-groups", "C9999: 1 row of", ""},
		{"two units per subject", func(e *experiment) {
			pair := 0
			before := map[string]string{}
			e.test = with(e.test, changed(e.test, "host", func(i int, _ string) string {
				class := e.test.Column("class").String(i)
				subject := before[class]
				if before[class] = ""; subject == "" {
					pair++
					subject = fmt.Sprintf("S%d", pair)
					before[class] = subject
				}
				return subject
			}))
			// and rows of a subject are alike
			bytes, own := slices.Clone(e.test.Column("bytes").Floats()), map[string]float64{}
			for i, s := range e.test.View().Strings("host") {
				if v, ok := own[s]; ok {
					bytes[i] = v + 0.01*float64(i%7)
				}
				own[s] = bytes[i]
			}
			e.test = with(e.test, table.Float("bytes", "bytes", bytes))
		}, "unit-of-analysis", "S1: 2 rows of", ""},
		{"conflicting labels", func(e *experiment) {
			e.test = picked(e.test, func(i int) int { // rows 0 … 39 are pairs, each of both classes
				if i < 40 {
					return i / 2 * 2
				}
				return i
			})
			e.test = with(e.test, changed(e.test, "class", func(i int, s string) string {
				if i < 40 {
					return []string{"normal", "attack"}[i%2]
				}
				return s
			}))
		}, "label-conflicts", `test:1 "normal" ×1`, ""},
		{"a computer of training in test", func(e *experiment) {
			e.test = with(e.test, changed(e.test, "host", func(i int, s string) string {
				if i < 30 {
					return fmt.Sprintf("C%d", i)
				}
				return s
			}))
		}, "groups-across-split", "C0: test:1 and train:1", ""},
	} {
		t.Run(strings.ReplaceAll(fault.name, " ", "-"), func(t *testing.T) {
			e := clean(9)
			fault.plant(e)
			found, also := false, fault.also == ""
			for _, c := range e.checks(t) {
				text := c.Detail + "\n" + strings.Join(c.Rows, "\n")
				switch {
				case c.ID == fault.id:
					found = true
					if c.Status != exhibit.Fail || !strings.Contains(text, fault.names) {
						t.Errorf("%s: %v, %v: %s", c.ID, c.Status, c.Value, text)
					}
				case c.ID == fault.also:
					also = c.Status == exhibit.Fail
				case c.Status == exhibit.Fail:
					t.Errorf("%s fails too: %s", c.ID, text)
				}
			}
			if !found || !also {
				t.Errorf("check %q was made: %v; %q fails with it: %v", fault.id, found, fault.also, also)
			}
		})
	}
}

func TestCleanDataFailNothing(t *testing.T) {
	for seed := range uint64(10) {
		for _, c := range clean(seed).checks(t) {
			if c.Status == exhibit.Fail || c.ID != "sampling-drift" && c.Status != exhibit.Pass { // of 300 rows, PSI is noisy
				t.Errorf("seed %d: %s: %v, %v: %s %q", seed, c.ID, c.Status, c.Value, c.Detail, c.Rows)
			}
		}
	}
}

// scaledOnAll standardises by the rows of both sides.
func scaledOnAll(ctx context.Context, train, test table.View) (models.Prediction, error) {
	all, err := table.Concat("all", train.Materialize(), test.Materialize())
	if err != nil {
		return models.Prediction{}, err
	}
	scaler, err := encode.Pipeline(encode.OneHot{}, encode.Standardize{}).Fit(ctx, all.View())
	if err != nil {
		return models.Prediction{}, err
	}
	a, err := scaler.Transform(ctx, train)
	if err != nil {
		return models.Prediction{}, err
	}
	b, err := scaler.Transform(ctx, test)
	if err != nil {
		return models.Prediction{}, err
	}
	return audit.PipelineOf(linear.Logistic{})(ctx, a.View(), b.View())
}

// tunedOnTest cuts scores where the accuracy on the test rows is best.
func tunedOnTest(ctx context.Context, train, test table.View) (models.Prediction, error) {
	model, err := honest.Fit(ctx, train)
	if err != nil {
		return models.Prediction{}, err
	}
	p, err := model.Predict(ctx, test)
	if err != nil {
		return p, err
	}
	labels, names, err := test.Labels()
	if err != nil {
		return p, err
	}
	best, most := 0.5, -1
	for _, cut := range []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8} {
		hits := 0
		for i, s := range p.Scores("attack") {
			if (s >= cut) == (names[labels[i]] == "attack") {
				hits++
			}
		}
		if hits > most {
			best, most = cut, hits
		}
	}
	return decision.Cut(model, "attack", best).Predict(ctx, test)
}

// Choosing a threshold on training rows is no fault.
func TestThresholdOfTrainingIsHonest(t *testing.T) {
	e := clean(9)
	e.pipeline = audit.PipelineOf(eval.Thresholded{Learner: honest, Positive: "attack", Seed: rng.New(2)})
	for _, c := range e.checks(t) {
		if c.Status != exhibit.Pass {
			t.Errorf("%s: %v, %s", c.ID, c.Status, c.Detail)
		}
	}
}
