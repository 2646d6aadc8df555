package audit

import (
	"math"
	"slices"
	"testing"

	"flowbook/internal/table"
)

func TestAlterations(t *testing.T) {
	make := func(name string, x []float64, n []int64, s, class []string) *table.Table {
		return table.Must(table.New(name, table.Float("x", "s", x), table.Int("n", "", n), table.Text("s", s), table.Text("class", class).As(table.Label)))
	}
	train := make("train", []float64{-50, 3, math.Inf(1)}, []int64{7, 2, 3}, []string{"ssh", "", "dns"}, []string{"a", "b", "z"})
	test := make("test", []float64{1, 2, math.NaN(), 4}, []int64{1, -9, 3, 4}, []string{"dns", "http", "smtp", ""}, []string{"a", "b", "b", "c"})
	a := alteration{half: 1, alter: beyond}
	_, v, err := a.of(train.View(), test.View().Take([]int{3, 0, 1}))
	if err != nil || v.Table().Name() != "test" || !slices.Equal(v.Index(), []int{3, 0, 1}) || v.Floats("x")[1] != 101 || v.Floats("n")[1] != 19 {
		t.Errorf("%v %v %v", v.Floats("x"), v.Floats("n"), err)
	}
	if s := v.Table().View().Strings("s"); !slices.Equal(s, []string{"(altered)", "http", "smtp", ""}) {
		t.Errorf("%q", s)
	}
	if again, moved, own := withLevel([]string{"(altered)"}, []int32{1}, fresh([]string{"(altered)"}, "(altered)")); len(again) != 2 || own != 2 || moved[0] != 1 {
		t.Errorf("%q %v %d", again, moved, own)
	}
	// Copies of the first training row, of which test did not know the level.
	a = alteration{half: 0, alter: copied}
	_, v, err = a.of(train.View(), test.View())
	if err != nil || !slices.Equal(v.Strings("x"), []string{"-50", "2", "-50", "4"}) || !slices.Equal(v.Strings("n"), []string{"7", "-9", "7", "4"}) ||
		!slices.Equal(v.Strings("s"), []string{"ssh", "http", "ssh", ""}) {
		t.Errorf("%q %q %q %v", v.Strings("x"), v.Strings("n"), v.Strings("s"), err)
	}
	if _, v, err = a.of(train.View().Take([]int{1}), test.View()); err != nil || !slices.Equal(v.Strings("s"), []string{"", "http", "", ""}) {
		t.Errorf("%q %v", v.Strings("s"), err)
	}
	// Rows of one table: training sees the altered one, and no level that it did not know.
	for _, alter := range []func(train, test table.View, rows []int) []table.Column{beyond, copied} {
		a = alteration{half: -1, alter: alter}
		one, two, err := a.of(test.View().Take([]int{1, 2}).Select("s", "n"), test.View().Take([]int{0}).Select("s", "n"))
		if err != nil || one.Table() != two.Table() || len(one.Features()) != 2 || !slices.Equal(one.Strings("s"), []string{"http", "smtp"}) ||
			two.Strings("s")[0] == "dns" || !slices.Equal(one.Table().Column("s").Levels(), []string{"dns", "http", "smtp"}) {
			t.Errorf("%q %q %v", one.Strings("s"), two.Strings("s"), err)
		}
	}
	// Labels go round the classes of both sides.
	a = alteration{half: -1, alter: relabelled(1)}
	if _, v, err = a.of(train.View(), test.View()); err != nil || !slices.Equal(v.Strings("class"), []string{"b", "c", "c", "z"}) {
		t.Errorf("%q %v", v.Strings("class"), err)
	}
	a.alter = relabelled(2)
	if _, v, err = a.of(train.View(), test.View()); err != nil || !slices.Equal(v.Strings("class"), []string{"b", "b", "c", "c"}) {
		t.Errorf("%q %v", v.Strings("class"), err)
	}
	a.alter = shuffled
	if _, v, err = a.of(train.View(), test.View()); err != nil || !slices.Equal(slices.Sorted(slices.Values(v.Strings("class"))), []string{"a", "b", "b", "c"}) {
		t.Errorf("%q %v", v.Strings("class"), err)
	}
	if !slices.Equal(test.View().Strings("class"), []string{"a", "b", "b", "c"}) || test.Column("x").At(0) != 1 {
		t.Error("the rows given were changed")
	}
}
