package eval

import (
	"context"
	"fmt"
	"testing"

	"flowbook/internal/exhibit"
	"flowbook/internal/table"
)

// A table with times and groups is checked by them; one without is not.
func TestChecksByRole(t *testing.T) {
	with := func(t *table.Table, from int64) *table.Table {
		stamp, host := make([]int64, t.Rows()), make([]string, t.Rows())
		for i := range stamp {
			stamp[i], host[i] = from+int64(i), fmt.Sprintf("C%d", from+int64(i)/3)
		}
		return table.Must(t.With(table.Time("start", stamp), table.Text("host", host).As(table.Group)))
	}
	ctx := context.Background()
	train, test := flows("train", 300), flows("test", 200)
	statuses := func(checks []exhibit.Check) map[string]exhibit.Status {
		out := map[string]exhibit.Status{}
		for _, c := range checks {
			out[c.ID] = c.Status
		}
		return out
	}
	held := func(train, test *table.Table) map[string]exhibit.Status {
		h, err := binary().Holdout(ctx, train.View(), test.View(), "later", centroid{})
		if err != nil {
			t.Fatal(err)
		}
		return statuses(h.Checks())
	}
	plain, apart, mixed := held(train, test), held(with(train, 0), with(test, 1000)), held(with(train, 0), with(test, 50))
	for _, id := range []string{"binary/time-order-of-start/later", "binary/groups-across-split-of-host/later"} {
		if _, ok := plain[id]; ok {
			t.Errorf("%s of a table without", id)
		}
		if s, ok := apart[id]; !ok || s != exhibit.Pass {
			t.Errorf("%s: %v %v, want a pass", id, s, ok)
		}
		if mixed[id] != exhibit.Fail {
			t.Errorf("%s: %v, want a failure", id, mixed[id])
		}
	}
	data := with(train, 0).View()
	cv, err := binary().CrossValidate(ctx, data, foldsOf(t, data, "class", 3), centroid{})
	if err != nil {
		t.Fatal(err)
	}
	if s := statuses(cv.Checks()); s["binary/groups-across-folds-of-host/cv"] != exhibit.Fail {
		t.Errorf("%v", s)
	}
}
