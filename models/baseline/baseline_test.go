package baseline

import (
	"context"
	"fmt"
	"math"
	"testing"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/modeltest"
)

func TestConformance(t *testing.T) {
	saved := modeltest.Saved(Kinds())
	t.Run("majority", func(t *testing.T) { modeltest.Run(t, Majority{}, saved, modeltest.Baseline) })
	named := "it answers a class by its name, so renaming the classes does not rename the answer"
	added := "it adds its own class to those of training"
	t.Run("always known", func(t *testing.T) {
		modeltest.Run(t, Always{Class: "probe"}, saved, modeltest.Baseline, modeltest.Skip("classes renamed", named))
	})
	t.Run("always new", func(t *testing.T) {
		modeltest.Run(t, Always{Class: "other"}, saved, modeltest.Baseline, modeltest.Skip("classes renamed", named), modeltest.Skip("scores", added),
			modeltest.Skip("one class", added), modeltest.Skip("one row", added))
	})
	for _, l := range []OneRule{{}, {Bucket: 6}} {
		t.Run(fmt.Sprintf("bucket=%d", l.Bucket), func(t *testing.T) { modeltest.Run(t, l, saved, modeltest.Baseline) })
	}
}

func fit(t *testing.T, l models.Learner, v table.View) models.Classifier {
	t.Helper()
	c, err := l.Fit(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The golf table of 1R's textbook example (Witten, Frank, Hall 2011, section 4.1):
// outlook gets 10 of 14 right (sunny no 3/5, overcast yes 4/4, rainy yes 3/5), and
// so does humidity (high no 4/7, normal yes 6/7); temperature 9, windy 9.
func golf() *table.Table {
	return table.Must(table.New("golf",
		table.Text("outlook", []string{"sunny", "sunny", "overcast", "rainy", "rainy", "rainy", "overcast", "sunny", "sunny", "rainy", "sunny", "overcast", "overcast", "rainy"}),
		table.Text("windy", []string{"false", "true", "false", "false", "false", "true", "true", "false", "false", "false", "true", "true", "false", "true"}),
		table.Float("temperature", "°F", []float64{85, 80, 83, 70, 68, 65, 64, 72, 69, 75, 75, 72, 81, 71}),
		table.Text("play", []string{"no", "no", "yes", "yes", "yes", "no", "yes", "no", "yes", "yes", "yes", "yes", "yes", "no"}).As(table.Label)))
}

func TestOneRuleOnGolf(t *testing.T) {
	v := golf().View()
	r := fit(t, OneRule{}, v.Drop("temperature")).(*Rule)
	if r.Feature() != "outlook" || !(math.Abs(r.Accuracy()-10.0/14) <= 1e-15) {
		t.Errorf("%v gets %v right", r, r.Accuracy())
	}
	if got, want := r.String(), "outlook overcast: yes; rainy: yes; sunny: no; else yes"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	p, err := r.Predict(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Row(0); !(math.Abs(got[0]-0.6) <= 1e-15) { // sunny: 3 of 5 no
		t.Errorf("sunny scores %v", got)
	}
}

// temperature, sorted: 64y 65n 68y 69y 70y 71n 72n 72y 75y 75y 80n 81y 83y 85n.
// One threshold: above 84 "no" gets 1 right and the 13 below get 9: 10 of 14.
// Buckets of 3 (the book's example): the interval up to 70 has yes 4, no 1; up to
// 75 yes 3, no 2; the rest yes 2, no 2, too short for an interval of its own.
// All answer yes, so they are joined: 9 of 14.
func TestOneRuleOnNumbers(t *testing.T) {
	v := golf().View().Select("temperature")
	r := fit(t, OneRule{}, v).(*Rule)
	if got, want := r.String(), "temperature ≤ 84: yes; else no"; got != want || !(math.Abs(r.Accuracy()-10.0/14) <= 1e-15) {
		t.Errorf("%q with %v, want %q", got, r.Accuracy(), want)
	}
	r = fit(t, OneRule{Bucket: 3}, v).(*Rule)
	if got, want := r.String(), "else yes"; got != want || !(math.Abs(r.Accuracy()-9.0/14) <= 1e-15) {
		t.Errorf("%q with %v, want %q", got, r.Accuracy(), want)
	}
}

// A ladder of classes: one threshold cannot do it, Holte's intervals can.
func TestOneRuleIntervals(t *testing.T) {
	var x []float64
	var class []string
	for i := range 40 {
		x = append(x, float64(i))
		class = append(class, []string{"a", "b"}[i/10%2])
	}
	tab := table.Must(table.New("ladder", table.Float("x", "", x), table.Text("class", class).As(table.Label)))
	r := fit(t, OneRule{Bucket: 6}, tab.View()).(*Rule)
	if got, want := fmt.Sprint(r.Cuts(), r.Accuracy()), "[9.5 19.5 29.5] 1"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if one := fit(t, OneRule{}, tab.View()).(*Rule); !(one.Accuracy() == 0.75) {
		t.Errorf("one threshold gets %v right, want 0.75", one.Accuracy())
	}
}

func TestMajorityAndAlways(t *testing.T) {
	v := golf().View()
	p, _ := fit(t, Majority{}, v).Predict(context.Background(), v)
	if !(math.Abs(p.Row(3)[1]-9.0/14) <= 1e-15) {
		t.Errorf("yes scores %v, want 9/14", p.Row(3)[1])
	}
	p, _ = fit(t, Always{Class: "maybe"}, v).Predict(context.Background(), v)
	if fmt.Sprint(p.Classes, p.Row(0)) != "[maybe no yes] [1 0 0]" {
		t.Errorf("%v %v", p.Classes, p.Row(0))
	}
	if _, err := (Always{}).Fit(context.Background(), v); err == nil {
		t.Error("no class, no error")
	}
}
