package audit

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"flowbook/eval/resample"
	"flowbook/internal/exhibit"
	"flowbook/internal/rng"
	"flowbook/internal/table"
)

func hosts(name string, host ...string) table.View {
	return table.Must(table.New(name, table.Text("host", host).As(table.Group))).View()
}

func TestGroupOverlap(t *testing.T) {
	train := hosts("train", "a", "b", "", "b")
	c, err := GroupOverlap(train, opened(hosts("test", "c", "b", "b", "", "a")), "host", "test")
	if err != nil || c.ID != "groups-across-split" || c.Value != 3 || c.Status != exhibit.Fail {
		t.Errorf("%+v %v", c, err)
	}
	if want := []string{"b: test:2 and train:2", "a: test:5 and train:1"}; !slices.Equal(c.Rows, want) {
		t.Errorf("rows %q", c.Rows)
	}
	if c, err := GroupOverlap(train, hosts("test", "c", ""), "host", "test"); err != nil || c.Value != 0 || c.Status != exhibit.Pass {
		t.Errorf("%+v %v", c, err)
	}
	if _, err := GroupOverlap(train, hosts("test", "c"), "day", "test"); err == nil {
		t.Error("a missing column is accepted")
	}
}

func TestGroupLeak(t *testing.T) {
	v := hosts("t", "a", "b", "", "b", "a", "")
	apart := resample.Folds{Name: "two folds", Train: [][]int{{1, 2, 3}, {0, 4, 5}}, Test: [][]int{{0, 4, 5}, {1, 2, 3}}}
	if c, err := GroupLeak(v, "host", apart); err != nil || c.Value != 0 || c.Status != exhibit.Pass {
		t.Errorf("%+v %v", c, err)
	}
	split := resample.Folds{Name: "two folds", Train: [][]int{{0, 1, 2}, {3, 4, 5}}, Test: [][]int{{3, 4, 5}, {0, 1, 2}}}
	c, err := GroupLeak(v, "host", split)
	if err != nil || c.ID != "groups-across-folds" || c.Value != 4 || c.Status != exhibit.Fail || c.Rows[0] != "fold 0: t:4 = t:2" {
		t.Errorf("%+v %v", c, err)
	}
	if _, err := GroupLeak(v, "day", split); err == nil {
		t.Error("a missing column is accepted")
	}
	if _, err := GroupLeak(v, "host", resample.Folds{Train: [][]int{{0}}, Test: [][]int{{9}}}); err == nil {
		t.Error("a row out of range is accepted")
	}
}

func at64(name string, stamps ...int64) table.View {
	return table.Must(table.New(name, table.Time("time", stamps), table.Int("second", "s", stamps), table.Float("x", "", make([]float64, len(stamps))))).View()
}

func TestTimeOrder(t *testing.T) {
	for _, c := range []struct {
		train, test []int64
		want        float64
		status      exhibit.Status
		rows        string
	}{
		{[]int64{3, 1, 2}, []int64{5, 4}, 0, exhibit.Pass, ""},
		{[]int64{3, 1, 4}, []int64{5, 4}, 1, exhibit.Fail, "[test:2 (4)]"},  // a tie is no order
		{[]int64{3, 1, 9}, []int64{5, 4}, 1, exhibit.Fail, "[train:3 (9)]"}, // one row of training is late
		{[]int64{3, 1, 2}, []int64{5, 0}, 1, exhibit.Fail, "[test:2 (0)]"},  // one row of test is early
		{[]int64{8, 9}, []int64{1, 2, 3}, 2, exhibit.Fail, "[train:2 (9) train:1 (8)]"},
		{[]int64{1, 9, 8}, []int64{0, 4, 5, 6}, 3, exhibit.Fail, "[train:2 (9) train:3 (8) test:1 (0)]"},
	} {
		got, err := TimeOrder(at64("train", c.train...), at64("test", c.test...), "second", "test")
		if err != nil || got.ID != "time-order" || got.Value != c.want || got.Status != c.status || c.rows != "" && fmt.Sprint(got.Rows) != c.rows {
			t.Errorf("%v before %v: %+v %v", c.train, c.test, got, err)
		}
	}
	got, err := TimeOrder(at64("train", 0, 86_400_000_000), at64("test", 1), "time", "test")
	if err != nil || !strings.Contains(got.Detail, "train:2 (1970-01-02T00:00:00Z)") {
		t.Errorf("%+v %v", got, err)
	}
	for _, column := range []string{"x", "day"} {
		if _, err := TimeOrder(at64("train", 1), at64("test", 2), column, "test"); err == nil {
			t.Errorf("column %q is accepted", column)
		}
	}
	if _, err := TimeOrder(at64("train", 1), at64("test"), "time", "test"); err == nil {
		t.Error("no rows to judge are accepted")
	}
}

// The cut is the best of all cuts, and what it leaves is in order.
func TestOutOfOrderIsLeast(t *testing.T) {
	g := rng.New(6).Rand()
	for range 3000 {
		train, test := make([]int64, 1+g.IntN(7)), make([]int64, 1+g.IntN(7))
		for i := range train {
			train[i] = g.Int64N(9)
		}
		for i := range test {
			test[i] = g.Int64N(9) + g.Int64N(2)*4
		}
		want := math.MaxInt
		for cut := int64(-1); cut <= 15; cut++ {
			n := 0
			for _, s := range train {
				if s >= cut {
					n++
				}
			}
			for _, s := range test {
				if s < cut {
					n++
				}
			}
			want = min(want, n)
		}
		late, early := outOfOrder(train, test)
		last, first := int64(-1), int64(math.MaxInt64)
		for i, s := range train {
			if !slices.Contains(late, i) {
				last = max(last, s)
			}
		}
		for i, s := range test {
			if !slices.Contains(early, i) {
				first = min(first, s)
			}
		}
		if len(late)+len(early) != want || !(last < first) {
			t.Fatalf("%v before %v: without %v and %v, want %d rows", train, test, late, early, want)
		}
	}
}
