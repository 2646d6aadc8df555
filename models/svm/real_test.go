package svm_test

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/encode"
	"flowbook/models/svm"
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

// scikit-learn's SVC with its defaults, fitted on the first 10,000 rows of KDDTrain+
// (116 one-hot, standardised columns), has 409 and 497 support vectors and is right in
// 17,509 rows of KDDTest+. Its tolerance leaves the last few to chance.
func TestKDD(t *testing.T) {
	train, test := kdd(t, "KDDTrain+"), kdd(t, "KDDTest+")
	rows := make([]int, 10000)
	for i := range rows {
		rows[i] = i
	}
	m := fit[*svm.Machine](t, encode.Then(svm.RBF{}, encode.OneHot{}, encode.Standardize{}), train.Take(rows))
	if n := m.Pairs()[0].Vectors; n < 900 || n > 912 {
		t.Errorf("%d support vectors, want about 906", n)
	}
	p := must[models.Prediction](t)(m.Predict(context.Background(), test))
	right := 0
	for i, class := range test.Strings("class") {
		if p.Classes[p.Best(i)] == class {
			right++
		}
	}
	if right < 17500 || right > 17518 {
		t.Errorf("%d rows right, want about 17509", right)
	}
}
