package neighbors

import (
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"flowbook/internal/table"
	"flowbook/models"
)

// kdd reads the 41 features and the two classes of a file of NSL-KDD, or skips the test.
func kdd(t testing.TB, file string) table.View {
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
	class := make([]string, len(records))
	for i, rec := range records {
		class[i] = "attack"
		if rec[41] == "normal" {
			class[i] = "normal"
		}
	}
	columns := []table.Column{table.Text("class", class).As(table.Label)}
	for j := range 41 {
		text, numbers := make([]string, len(records)), make([]float64, len(records))
		for i, rec := range records {
			text[i] = rec[j]
			if j < 1 || j > 3 {
				if numbers[i], err = strconv.ParseFloat(rec[j], 64); err != nil {
					t.Fatal(err)
				}
			}
		}
		if name := fmt.Sprintf("f%02d", j); j < 1 || j > 3 {
			columns = append(columns, table.Float(name, "", numbers))
		} else {
			columns = append(columns, table.Text(name, text))
		}
	}
	return table.Must(table.New(file, columns...)).View()
}

// scikit-learn's five neighbours on 122 one-hot, standardised columns are right in
// 17,369 of the 22,544 rows of KDDTest+; their mean share of attack is 0.40320.
func TestKDD(t *testing.T) {
	train, test := kdd(t, "KDDTrain+"), kdd(t, "KDDTest+")
	p := predict(t, fit(t, KNN{}, train), test)
	if hits := right(p, test); hits != 17369 {
		t.Errorf("%d rows right, want 17369", hits)
	}
	mean := 0.0
	for _, v := range p.Scores("attack") {
		mean += v / float64(p.Rows())
	}
	if !(math.Abs(mean-0.40320262597586937) <= 1e-9) {
		t.Errorf("mean share %v, want 0.40320", mean)
	}
}

func right(p models.Prediction, v table.View) int {
	c, _ := v.Target()
	hits := 0
	for i := range p.Rows() {
		if p.Classes[p.Best(i)] == c.String(i) {
			hits++
		}
	}
	return hits
}
