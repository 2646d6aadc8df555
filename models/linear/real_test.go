package linear_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"flowbook/datasets/nslkdd/nslkddtest"
	"flowbook/internal/table"
	"flowbook/models/encode"
	"flowbook/models/linear"
)

// kdd returns KDDTrain+ in the names of real.json, f0 … f40, and with its order of the
// classes, attacks last.
func kdd(t *testing.T) table.View {
	t.Helper()
	v := nslkddtest.View(t, "KDDTrain+")
	columns := v.Features()
	for j, c := range columns {
		columns[j] = c.Named(fmt.Sprint("f", j))
	}
	class := v.Strings("is_attack")
	for i, c := range class {
		if c == "normal" {
			class[i] = "a normal one"
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
