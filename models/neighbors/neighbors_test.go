package neighbors

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/encode"
	"flowbook/models/modeltest"
)

type reference struct {
	Name    string
	Cut, K  int
	X       [][]float64
	S       [][]int
	Y       []int
	W       []float64
	P       [][]float64
	Index   [][]int
	Squared [][]float64
}

func load(t *testing.T) []reference {
	b, err := os.ReadFile("testdata/neighbors.json")
	if err != nil {
		t.Fatal(err)
	}
	var r struct{ Cases []reference }
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	return r.Cases
}

// tables are the rows of training and of the test.
func (r reference) tables() (train, test table.View) {
	var columns []table.Column
	for j := range r.X[0] {
		v := make([]float64, len(r.X))
		for i := range v {
			v[i] = r.X[i][j]
		}
		columns = append(columns, table.Float(fmt.Sprintf("x%d", j), "", v))
	}
	for j := range r.S[0] {
		v := make([]string, len(r.S))
		for i := range v {
			v[i] = fmt.Sprintf("s%d", r.S[i][j])
		}
		columns = append(columns, table.Text(fmt.Sprintf("s%d", j), v))
	}
	class := make([]string, len(r.Y))
	for i, c := range r.Y {
		class[i] = fmt.Sprintf("c%d", c)
	}
	if r.W != nil {
		w := make([]float64, len(r.Y))
		copy(w, r.W)
		columns = append(columns, table.Float("w", "", w).As(table.Weight))
	}
	v := table.Must(table.New("generated", append(columns, table.Text("class", class).As(table.Label))...)).View()
	rows := make([]int, len(r.Y))
	for i := range rows {
		rows[i] = i
	}
	return v.Take(rows[:r.Cut]), v.Take(rows[r.Cut:])
}

func fit(t testing.TB, l models.Learner, train table.View) *Model {
	t.Helper()
	m, err := l.Fit(context.Background(), train)
	if err != nil {
		t.Fatal(err)
	}
	return m.(*Model)
}

func predict(t testing.TB, m models.Classifier, rows table.View) models.Prediction {
	t.Helper()
	p, err := m.Predict(context.Background(), rows)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func neighbors(t testing.TB, m *Model, rows table.View) [][]Neighbor {
	t.Helper()
	n, err := m.Neighbors(context.Background(), rows)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestScikitLearn(t *testing.T) {
	for i, r := range load(t) {
		t.Run(r.Name, func(t *testing.T) {
			train, test := r.tables()
			m := fit(t, KNN{K: r.K, Scale: []Scaling{Standard, Range, Raw, Standard, Standard}[i]}, train)
			for i, v := range predict(t, m, test).P {
				if want := slices.Concat(r.P...)[i]; !(math.Abs(v-want) <= 1e-12) {
					t.Fatalf("score %d is %v, want %v", i, v, want)
				}
			}
			near := neighbors(t, m, test)
			for i, line := range r.Index {
				for j, want := range line {
					got := near[i][j]
					if d := r.Squared[i][j]; got.Row != want || !(math.Abs(got.Squared-d) <= 1e-9*(1+d)) {
						t.Fatalf("row %d, neighbour %d is row %d at %v, want row %d at %v", i, j, got.Row, got.Squared, want, d)
					}
				}
			}
		})
	}
}

// The distance without one-hot columns is that with them.
func TestEncodersLeadToTheSame(t *testing.T) {
	r := load(t)[0]
	train, test := r.tables()
	native := neighbors(t, fit(t, KNN{}, train), test)
	encoded := neighbors(t, fit(t, encode.Then(KNN{}, encode.OneHot{}, encode.Standardize{}), train), test)
	made, err := encode.Pipeline(encode.OneHot{}, encode.Standardize{}).Fit(context.Background(), train)
	if err != nil {
		t.Fatal(err)
	}
	wide := func(v table.View) table.View { // 19 columns of numbers
		tab, err := made.Transform(context.Background(), v)
		if err != nil {
			t.Fatal(err)
		}
		if v.Rows() == train.Rows() {
			tab = table.Must(tab.With(table.Text("class", v.Strings("class")).As(table.Label)))
		}
		return tab.View()
	}
	dense := neighbors(t, fit(t, KNN{Scale: Raw}, wide(train)), wide(test))
	for i, line := range native {
		for j, n := range line {
			for _, other := range []Neighbor{encoded[i][j], dense[i][j]} {
				if other.Row != n.Row || !(math.Abs(other.Squared-n.Squared) <= 1e-9*(1+n.Squared)) {
					t.Fatalf("row %d, neighbour %d: %v and %v", i, j, n, other)
				}
			}
		}
	}
}

// line is a table of one number and a class.
func line(x []float64, class string, more ...table.Column) table.View {
	return table.Must(table.New("line", append(more, table.Float("x", "", x), table.Text("class", strings.Split(class, "")).As(table.Label))...)).View()
}

// Around 0 the rows 1 and 2 are at the distance 1, row 0 at 2, row 3 at 3.
func TestTiesGoToTheLowerRow(t *testing.T) {
	train := line([]float64{2, -1, 1, 3}, "abcd")
	test := line([]float64{0}, "a")
	for k, want := range [][]int{{1}, {1, 2}, {1, 2, 0}, {1, 2, 0, 3}, {1, 2, 0, 3}} {
		m := fit(t, KNN{K: k + 1, Scale: Raw}, train)
		var got []int
		for _, n := range neighbors(t, m, test)[0] {
			got = append(got, n.Row)
		}
		if !slices.Equal(got, want) {
			t.Errorf("K %d: rows %v, want %v", k+1, got, want)
		}
	}
}

// K is 2: of the weights 0.5, 0, 1 and 4 by distance the last votes with 0.5.
func TestWeightsFillUpToK(t *testing.T) {
	train := line([]float64{3, 1, 2, 0.5}, "cabb", table.Float("w", "", []float64{4, 0.5, 1, 0}).As(table.Weight))
	p := predict(t, fit(t, KNN{K: 2, Scale: Raw}, train), line([]float64{0}, "a"))
	if want := []float64{0.25, 0.5, 0.25}; !slices.Equal(p.P, want) {
		t.Errorf("scores %v, want %v", p.P, want)
	}
}

// Of copies of a row only K can be neighbours, and no more are kept.
func TestCopies(t *testing.T) {
	x := make([]float64, 5000)
	for i := range x {
		x[i] = float64(i % 4)
	}
	train := line(x, strings.Repeat("abbb", 1250))
	m := fit(t, KNN{K: 3}, train)
	if n, _ := m.Size(); n != 12 {
		t.Errorf("%d rows kept, want 12", n)
	}
	near := neighbors(t, m, line([]float64{0, 2}, "aa"))
	if want := [][]Neighbor{{{0, 0}, {4, 0}, {8, 0}}, {{2, 0}, {6, 0}, {10, 0}}}; fmt.Sprint(near) != fmt.Sprint(want) {
		t.Errorf("neighbours %v, want %v", near, want)
	}
}

func TestErrors(t *testing.T) {
	train := line([]float64{2, -1, 1, 3}, "abcd")
	for _, c := range []struct {
		learner models.Learner
		view    table.View
		want    string
	}{
		{KNN{K: -1}, train, "K is -1"},
		{KNN{Scale: 9}, train, "Scale is 9"},
		{KNN{}, line([]float64{1, math.NaN()}, "ab"), `row 2 of column "x" is missing`},
		{KNN{}, line([]float64{1, math.Inf(1)}, "ab"), `row 2 of column "x" is +Inf`},
		{KNN{}, line([]float64{1e200, -1e200}, "ab"), "take their logarithm"},
		{KNN{Scale: Raw}, line([]float64{1e200, -1e200}, "ab"), "1e+200"},
	} {
		if _, err := c.learner.Fit(context.Background(), c.view); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v; want one with %q", c.learner, err, c.want)
		}
	}
	m := fit(t, KNN{Scale: Raw}, train)
	if _, err := m.Predict(context.Background(), line([]float64{1e200}, "a")); err == nil {
		t.Error("a number that cannot be squared: no error")
	}
}

func TestConformance(t *testing.T) {
	modeltest.Run(t, KNN{}, modeltest.Saved(Kinds()), modeltest.NoMissing, modeltest.Tolerance(1e-12))
}

// Many blocks: the same bytes on 1, 2 and 7 cores.
func TestSameBytes(t *testing.T) {
	v := clusters(3000, 6, 1)
	var want []float64
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, procs := range []int{1, 2, 7} {
		runtime.GOMAXPROCS(procs)
		p := predict(t, fit(t, KNN{}, v), v)
		if want == nil {
			want = p.P
		} else if !slices.Equal(p.P, want) {
			t.Errorf("GOMAXPROCS %d: other bytes", procs)
		}
	}
}

// Numbers that are infinite in float32 are compared in float64: of 200 rows left
// of the question the 50 last are nearest.
func TestBeyondFloat32(t *testing.T) {
	x := make([]float64, 200)
	for i := range x {
		x[i] = -1e40 * (1.2 - float64(i)/1000)
	}
	m := fit(t, KNN{K: 50, Scale: Raw}, line(x, strings.Repeat("ab", 100)))
	for i, near := range neighbors(t, m, line(slices.Repeat([]float64{1e-3}, 20), strings.Repeat("a", 20))) {
		for j, n := range near {
			if n.Row != 199-j {
				t.Fatalf("row %d, neighbour %d is %d, want %d", i, j, n.Row, 199-j)
			}
		}
	}
}
