package baseline

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"flowbook/internal/table"
)

// srcBytes reads src_bytes and the class of a file of NSL-KDD, or skips the test.
func srcBytes(t *testing.T, file string) table.View {
	t.Helper()
	dir := os.Getenv("FLOWBOOK_DATA")
	if dir == "" {
		t.Skip("FLOWBOOK_DATA is not set")
	}
	f, err := os.Open(filepath.Join(dir, "nsl-kdd", file+".txt.gz"))
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	bytes, class := make([]float64, len(records)), make([]string, len(records))
	for i, rec := range records {
		if bytes[i], err = strconv.ParseFloat(rec[4], 64); err != nil {
			t.Fatal(err)
		}
		class[i] = "attack"
		if rec[41] == "normal" {
			class[i] = "normal"
		}
	}
	return table.Must(table.New(file, table.Float("src_bytes", "bytes", bytes), table.Text("class", class).As(table.Label))).View()
}

// The trivial rules of the literature: src_bytes ≤ 28 is right for 79.99 % of
// KDDTest+ and 63.20 % of KDDTest-21, always-attack for 56.92 % and 81.84 %.
func TestTrivialRulesOnKDD(t *testing.T) {
	train := srcBytes(t, "KDDTrain+")
	rule := fit(t, OneRule{}, train).(*Rule)
	always := fit(t, Always{Class: "attack"}, train)
	for _, c := range []struct {
		file         string
		rule, always float64
	}{{"KDDTest+", 0.7999, 0.5692}, {"KDDTest-21", 0.6320, 0.8184}} {
		test := srcBytes(t, c.file)
		target, _ := test.Target()
		p, err := always.Predict(context.Background(), test)
		if err != nil {
			t.Fatal(err)
		}
		q, err := rule.Predict(context.Background(), test)
		if err != nil {
			t.Fatal(err)
		}
		hits, learnt, told := 0, 0, 0
		bytes := test.Floats("src_bytes")
		for i := range test.Rows() {
			truth := target.String(i)
			if p.Classes[p.Best(i)] == truth {
				hits++
			}
			if q.Classes[q.Best(i)] == truth {
				learnt++
			}
			if (bytes[i] <= 28) == (truth == "attack") {
				told++
			}
		}
		n := float64(test.Rows())
		if got := float64(hits) / n; !(math.Abs(got-c.always) <= 5e-5) {
			t.Errorf("%s: always-attack %.4f, want %.4f", c.file, got, c.always)
		}
		if got := float64(told) / n; !(math.Abs(got-c.rule) <= 5e-5) {
			t.Errorf("%s: src_bytes ≤ 28 %.4f, want %.4f", c.file, got, c.rule)
		}
		if got := float64(learnt) / n; !(math.Abs(got-c.rule) <= 5e-5) || rule.Cuts()[0] != 28.5 {
			t.Errorf("%s: the rule learnt from KDDTrain+, %v: %.4f, want that of 28 bytes, %.4f", c.file, rule, got, c.rule)
		}
	}
}
