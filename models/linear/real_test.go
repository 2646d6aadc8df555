package linear_test

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"flowbook/internal/table"
	"flowbook/models/encode"
	"flowbook/models/linear"
)

// kdd reads KDDTrain+ as columns f0 … f40 and "class", or skips the test.
func kdd(t *testing.T) table.View {
	t.Helper()
	dir := os.Getenv("FLOWBOOK_DATA")
	if dir == "" {
		t.Skip("FLOWBOOK_DATA is not set; this test reads the real NSL-KDD")
	}
	f, err := os.Open(filepath.Join(dir, "nsl-kdd", "KDDTrain+.txt.gz"))
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
	var columns []table.Column
	for j := range 41 {
		name, text, x := fmt.Sprint("f", j), make([]string, len(records)), make([]float64, len(records))
		for i, r := range records {
			if text[i] = r[j]; j < 1 || j > 3 {
				if x[i], err = strconv.ParseFloat(r[j], 64); err != nil {
					t.Fatal(err)
				}
			}
		}
		if j >= 1 && j <= 3 {
			columns = append(columns, table.Text(name, text))
		} else {
			columns = append(columns, table.Float(name, "", x))
		}
	}
	class := make([]string, len(records))
	for i, r := range records {
		if class[i] = "attack"; r[41] == "normal" {
			class[i] = "a normal one" // the first of the two
		}
	}
	return table.Must(table.New("KDDTrain+", append(columns, table.Text("class", class).As(table.Label))...)).View()
}

// TestSVMOnKDD meets LinearSVC's optimum on all of KDDTrain+ (see gen_real.py).
func TestSVMOnKDD(t *testing.T) {
	v := kdd(t)
	b, err := os.ReadFile("testdata/real.json")
	if err != nil {
		t.Fatal(err)
	}
	var ref struct {
		Columns   []string
		Coef      []float64
		Intercept float64
	}
	if err := json.Unmarshal(b, &ref); err != nil {
		t.Fatal(err)
	}
	m, err := encode.Then(linear.SVM{InterceptScale: 1}, encode.OneHot{}, encode.Standardize{}).Fit(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	c := m.(*linear.SVMModel).Coefficients()
	got := map[string]float64{}
	for j, name := range c.Columns {
		got[name] = c.Values[0][j]
	}
	if len(ref.Columns) != 122 || len(got) != 122 {
		t.Fatalf("%d and %d columns, want 122", len(got), len(ref.Columns))
	}
	for j, name := range ref.Columns {
		if want := ref.Coef[j]; !(math.Abs(got[name]-want) <= 1e-6*max(math.Abs(want), 1e-2)) {
			t.Errorf("coefficient of %s is %v, want %v", name, got[name], want)
		}
	}
	if !(math.Abs(c.Intercept[0]-ref.Intercept) <= 1e-6) {
		t.Errorf("intercept is %v, want %v", c.Intercept[0], ref.Intercept)
	}
}
