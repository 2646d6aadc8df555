package eval

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"flowbook/eval/metric"
	"flowbook/eval/resample"
	"flowbook/internal/exhibit"
	"flowbook/internal/num"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models/baseline"
)

func leftOut(t *testing.T) *LeftOut {
	t.Helper()
	o, err := binary().LeaveOut(ctx, flows("train", 600, "worm").View(), "type", "normal", resample.LeaveLabelOut{K: 5, Seed: rng.New(3)},
		centroid{}, noisy{centroid{name: "noisy", noise: 2}}, baseline.Always{Class: "attack"})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// Each label's figures are those of a model fitted by hand on the rows that the
// splitter leaves, with the seed that the documentation states.
func TestLeaveOutByHand(t *testing.T) {
	o := leftOut(t)
	data := flows("train", 600, "worm").View()
	types, names, _ := data.WithTarget("type").Labels()
	normal := slices.Index(names, "normal")
	folds, left, err := resample.LeaveLabelOut{K: 5, Seed: rng.New(3)}.Split(types, resample.GroupsOf(data), normal)
	if err != nil {
		t.Fatal(err)
	}
	data = data.WithTarget("class")
	alarms, recalls := 0.0, 0.0
	for i, l := range left {
		for _, r := range folds.Train[i] {
			if types[r] == l {
				t.Fatalf("row %d of %s is learnt from", r, names[l])
			}
		}
		model, err := noisy{centroid{name: "noisy", noise: 2}}.WithSeed(binary().Seed.At("noisy").Index("fold", i)).Fit(ctx, data.Take(folds.Train[i]))
		if err != nil {
			t.Fatal(err)
		}
		p, _ := model.Predict(ctx, data.Take(folds.Test[i]))
		rows, found, others, wrong := 0, 0, 0, 0
		var positive, negative []float64
		for k, r := range folds.Test[i] {
			if types[r] == l {
				rows++
				positive = append(positive, p.Row(k)[0])
				if p.Best(k) == 0 {
					found++
				}
			} else {
				others++
				negative = append(negative, p.Row(k)[0])
				if p.Best(k) == 0 {
					wrong++
				}
			}
		}
		got := o.Recall("noisy", names[l])
		low, high := num.Wilson(found, rows, 0.95)
		if got.Rows != rows || got.Found != float64(found) || !(math.Abs(got.Low-low)+math.Abs(got.High-high) <= 1e-12) {
			t.Errorf("%s: %+v, want %d of %d in [%g, %g]", names[l], got, found, rows, low, high)
		}
		above := 0.0
		for _, a := range positive {
			for _, b := range negative {
				switch {
				case a > b:
					above++
				case a == b:
					above += 0.5
				}
			}
		}
		if want := above / float64(len(positive)*len(negative)); !(math.Abs(o.AUC("noisy", names[l])-want) <= 1e-12) {
			t.Errorf("%s: AUC %g, want %g", names[l], o.AUC("noisy", names[l]), want)
		}
		alarms += float64(wrong) / float64(others) / float64(len(left))
		recalls += float64(found) / float64(rows) / float64(len(left))
	}
	if f := o.FalseAlarms("noisy"); !(math.Abs(f.Recall-alarms) <= 1e-12) || f.Rows != len(folds.Test[0])-o.Recall("noisy", names[left[0]]).Rows {
		t.Errorf("false alarms %+v, want a share of %g", f, alarms)
	}
	if !(math.Abs(o.MeanRecall("noisy")-recalls) <= 1e-12) {
		t.Errorf("mean recall %g, want %g", o.MeanRecall("noisy"), recalls)
	}
}

func TestLeaveOutShows(t *testing.T) {
	o := leftOut(t)
	if !slices.IsSortedFunc(o.Labels, func(a, b string) int { return o.Recall("centroid", b).Rows - o.Recall("centroid", a).Rows }) || len(o.Labels) != 3 {
		t.Errorf("labels %q are not in the order of their rows", o.Labels)
	}
	if o.Ranked()[0] != "always attack" || o.MeanRecall("always attack") != 1 || o.FalseAlarms("always attack").Recall != 1 {
		t.Errorf("order %q", o.Ranked())
	}
	e := o.Exhibit()
	if len(e.Grids) != 3 || len(e.Grids[0].Rows) != 3 || len(e.Grids[1].Rows) != 3 || len(e.Grids[1].Columns) != 5 {
		t.Errorf("grids %v", e.Grids)
	}
	ids := map[string]exhibit.Measure{}
	for _, m := range e.Measures {
		ids[m.ID] = m
	}
	if m := ids["binary/noisy/recall/worm"]; len(ids) != 3*(2*3+3) || m.Value != o.Recall("noisy", "worm").Recall || !(m.Low < m.Value && m.Value < m.High) {
		t.Errorf("%d measures, %+v", len(ids), m)
	}
	for _, c := range e.Checks {
		if c.Status != exhibit.Pass || !strings.HasSuffix(c.ID, "/left-out") {
			t.Errorf("check %+v", c)
		}
	}
}

// The number of cores and further learners change nothing.
func TestLeaveOutIsDeterministic(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	show := func() string {
		e := leftOut(t).Exhibit()
		e.Timings = nil
		return fmt.Sprintf("%+v", e) // a NaN is not equal to itself
	}
	want := show()
	for _, procs := range []int{1, 7} {
		runtime.GOMAXPROCS(procs)
		if show() != want {
			t.Errorf("another result on %d cores", procs)
		}
	}
	alone, err := binary().LeaveOut(ctx, flows("train", 600, "worm").View(), "type", "normal", resample.LeaveLabelOut{K: 5, Seed: rng.New(3)}, noisy{centroid{name: "noisy", noise: 2}})
	if err != nil || alone.MeanAUC("noisy") != leftOut(t).MeanAUC("noisy") {
		t.Errorf("alone it has another result, %v", err)
	}
}

func TestLeaveOutRefuses(t *testing.T) {
	data := flows("train", 300).View()
	wide := binary()
	wide.Positive = ""
	mixed := table.Must(data.Table().With(table.Text("type", slices.Repeat([]string{"normal", "dos", "dos"}, 100)).As(table.Label))).View()
	for want, fit := range map[string]func() error{
		"Positive is empty": func() error {
			_, err := wide.LeaveOut(ctx, data, "type", "normal", resample.LeaveLabelOut{}, centroid{})
			return err
		},
		`no row has type "benign"`: func() error {
			_, err := binary().LeaveOut(ctx, data, "type", "benign", resample.LeaveLabelOut{}, centroid{})
			return err
		},
		`"colour"`: func() error {
			_, err := binary().LeaveOut(ctx, data, "colour", "normal", resample.LeaveLabelOut{}, centroid{})
			return err
		},
		"lower MinRows": func() error {
			_, err := binary().LeaveOut(ctx, data, "type", "normal", resample.LeaveLabelOut{MinRows: 1000}, centroid{})
			return err
		},
		"among the features": func() error {
			_, err := binary().LeaveOut(ctx, data.Select("type", data.Features()[0].Name), "type", "normal", resample.LeaveLabelOut{}, centroid{})
			return err
		},
		"is of class": func() error {
			_, err := binary().LeaveOut(ctx, mixed, "type", "normal", resample.LeaveLabelOut{}, centroid{})
			return err
		},
		"sealed": func() error {
			_, err := binary().LeaveOut(ctx, table.Seal(flows("test", 300)).Describe("try"), "type", "normal", resample.LeaveLabelOut{}, centroid{})
			return err
		},
		"told to fail": func() error {
			_, err := binary().LeaveOut(ctx, data, "type", "normal", resample.LeaveLabelOut{}, centroid{fail: true})
			return err
		},
	} {
		if err := fit(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
	trial := binary()
	trial.Metrics = []metric.Metric{metric.MCC} // not looked at
	if o, err := trial.LeaveOut(ctx, data, "type", "normal", resample.LeaveLabelOut{}, centroid{}); err != nil || math.IsNaN(o.MeanRecall("centroid")) {
		t.Errorf("with metrics of its own: %v", err)
	}
}
