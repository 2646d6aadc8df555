package resample

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"flowbook/internal/rng"
	"flowbook/internal/table"
)

// data makes labels of three classes (shares about .6 .3 .1) and groups of mostly
// one row, some of several.
func data(n int) (labels, groups []int) {
	g := rng.New(5).Index("n", n).Rand()
	for i := range n {
		u := g.Float64()
		switch {
		case u < .6:
			labels = append(labels, 0)
		case u < .9:
			labels = append(labels, 1)
		default:
			labels = append(labels, 2)
		}
		if i > 0 && g.IntN(10) == 0 {
			groups = append(groups, groups[g.IntN(i)])
		} else {
			groups = append(groups, i)
		}
	}
	return labels, groups
}

// split runs every splitter.
func split(t *testing.T, k int, seed rng.Seed, labels, groups []int) map[string]Folds {
	t.Helper()
	out := map[string]Folds{}
	var err error
	for name, f := range map[string]func() (Folds, error){
		"kfold":            func() (Folds, error) { return KFold{k, seed}.Split(len(labels)) },
		"stratified":       func() (Folds, error) { return StratifiedKFold{k, seed}.Split(labels) },
		"group":            func() (Folds, error) { return GroupKFold{k, seed}.Split(groups) },
		"stratified group": func() (Folds, error) { return StratifiedGroupKFold{k, seed}.Split(labels, groups) },
	} {
		if out[name], err = f(); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func TestFoldsPartitionTheRows(t *testing.T) {
	for _, n := range []int{20, 501, 2000} {
		labels, groups := data(n)
		for name, f := range split(t, 7, rng.New(1), labels, groups) {
			if err := f.Check(n); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			tested := make([]int, n)
			for i, test := range f.Test {
				for _, r := range test {
					tested[r]++
				}
				if len(test)+len(f.Train[i]) != n || !slices.IsSorted(test) || !slices.IsSorted(f.Train[i]) {
					t.Errorf("%s: fold %d has %d and %d rows of %d, or not in order", name, i, len(f.Train[i]), len(test), n)
				}
			}
			for r, c := range tested {
				if c != 1 {
					t.Fatalf("%s: row %d is in %d test folds", name, r, c)
				}
			}
		}
	}
}

func counts(f Folds, labels []int, classes int) [][]int {
	out := make([][]int, f.Len())
	for i, test := range f.Test {
		out[i] = make([]int, classes+1)
		for _, r := range test {
			out[i][labels[r]]++
			out[i][classes]++ // all
		}
	}
	return out
}

// widest is the largest difference between two folds' counts of class c.
func widest(counts [][]int, c int) int {
	low, high := math.MaxInt, 0
	for _, row := range counts {
		low, high = min(low, row[c]), max(high, row[c])
	}
	return high - low
}

func TestSharesAreEven(t *testing.T) {
	labels, groups := data(3000)
	for _, k := range []int{4, 7, 10} {
		folds := split(t, k, rng.New(1), labels, groups)
		if d := widest(counts(folds["kfold"], labels, 3), 3); d > 1 {
			t.Errorf("%d kfold: sizes differ by %d", k, d)
		}
		for c := range 4 {
			if d := widest(counts(folds["stratified"], labels, 3), c); d > 1 {
				t.Errorf("%d stratified: class %d differs by %d", k, c, d)
			}
			// Single rows come last and fill the gaps that larger groups leave.
			if d := widest(counts(folds["stratified group"], labels, 3), c); d > 2 {
				t.Errorf("%d stratified group: class %d differs by %d", k, c, d)
			}
		}
		if d := widest(counts(folds["group"], labels, 3), 3); d > 1 {
			t.Errorf("%d group: sizes differ by %d", k, d)
		}
	}
}

// Few large groups: no fold may be left without its share of what is possible.
func TestLargeGroups(t *testing.T) {
	var labels, groups []int
	for g, size := range []int{50, 40, 30, 30, 20, 20, 10} {
		for i := range size {
			labels, groups = append(labels, (g+i)%2), append(groups, g*100)
		}
	}
	f, err := StratifiedGroupKFold{K: 4, Seed: rng.New(2)}.Split(labels, groups)
	if err != nil {
		t.Fatal(err)
	}
	var sizes []int
	for _, test := range f.Test {
		sizes = append(sizes, len(test))
	}
	slices.Sort(sizes)
	if !slices.Equal(sizes, []int{50, 50, 50, 50}) { // 50, 40+10, 30+20, 30+20
		t.Errorf("sizes %v", sizes)
	}
}

func TestNoGroupInTwoFolds(t *testing.T) {
	labels, groups := data(2000)
	folds := split(t, 5, rng.New(1), labels, groups)
	for _, name := range []string{"group", "stratified group"} {
		at := map[int]int{}
		for i, test := range folds[name].Test {
			for _, r := range test {
				if j, ok := at[groups[r]]; ok && j != i {
					t.Fatalf("%s: group %d is in folds %d and %d", name, groups[r], j, i)
				}
				at[groups[r]] = i
			}
		}
	}
}

// The fingerprint changes with the seed and with nothing else: not with the names
// of classes and groups, the number of cores, or the run.
func TestFingerprint(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	labels, groups := data(1000)
	first := split(t, 5, rng.New(1), labels, groups)
	renamed, regrouped := make([]int, 1000), make([]int, 1000)
	for i := range 1000 {
		renamed[i], regrouped[i] = 9-3*labels[i], 1_000_000-7*groups[i]
	}
	for _, procs := range []int{1, 2, 7} {
		runtime.GOMAXPROCS(procs)
		for name, f := range split(t, 5, rng.New(1), renamed, regrouped) {
			if f.Fingerprint() != first[name].Fingerprint() {
				t.Errorf("%s: same seed, other folds", name)
			}
		}
	}
	for name, f := range split(t, 5, rng.New(2), labels, groups) {
		if f.Fingerprint() == first[name].Fingerprint() {
			t.Errorf("%s: other seed, same folds", name)
		}
		if f.Fingerprint().Name == "" || len(f.Fingerprint().SHA256) != 64 {
			t.Errorf("%s: fingerprint %v", name, f.Fingerprint())
		}
	}
	// Part of the contract: reports of two versions are compared by it.
	small, err := KFold{K: 2, Seed: rng.New(1)}.Split(4)
	if err != nil {
		t.Fatal(err)
	}
	moved := Folds{small.Name, [][]int{small.Train[0], {0}}, [][]int{small.Test[0], {1}}}
	if moved.Fingerprint() == small.Fingerprint() {
		t.Error("a row moved and the fingerprint did not")
	}
}

func TestBadFolds(t *testing.T) {
	for _, k := range []int{-1, 1, 11} {
		if _, err := (KFold{K: k}).Split(10); err == nil {
			t.Errorf("K = %d of 10 rows is accepted", k)
		}
	}
	if f, err := (KFold{}).Split(10); err != nil || f.Len() != 10 {
		t.Errorf("zero value: %d folds, %v", f.Len(), err)
	}
	if _, err := (GroupKFold{K: 3}).Split([]int{1, 1, 2, 2}); err == nil {
		t.Error("three folds of two groups are accepted")
	}
	for want, f := range map[string]Folds{
		"as many":  {Train: [][]int{{0}}},
		"no test":  {Train: [][]int{{0}}, Test: [][]int{{}}},
		"of 3":     {Train: [][]int{{0}}, Test: [][]int{{3}}},
		"twice":    {Train: [][]int{{0, 1}}, Test: [][]int{{1}}},
		"row 2 co": {Train: [][]int{{0}, {0}}, Test: [][]int{{1}, {2, 2}}},
	} {
		if err := f.Check(3); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
	repeated := Folds{Train: [][]int{{0}, {2}}, Test: [][]int{{1}, {1}}}
	if err := repeated.Check(3); err != nil {
		t.Errorf("a row tested in two folds: %v", err)
	}
}

func TestGroupsOf(t *testing.T) {
	nan := math.NaN()
	tab := table.Must(table.New("flows",
		table.Float("x", "", []float64{1, 1, nan, nan, 0, math.Copysign(0, -1), 1}),
		table.Int("n", "", []int64{5, 5, 5, 5, 1 << 60, 1 << 60, 5}),
		table.Text("service", []string{"http", "http", "", "", "ftp", "ftp", "ftp"}),
		table.Text("class", []string{"a", "b", "a", "a", "a", "a", "a"}).As(table.Label)))
	if got, want := GroupsOf(tab.View()), []int{0, 0, 1, 1, 2, 2, 3}; !slices.Equal(got, want) {
		t.Errorf("groups %v, want %v", got, want)
	}
	if got, want := GroupsOf(tab.View().Take([]int{6, 4, 1, 0, 5})), []int{0, 1, 2, 2, 1}; !slices.Equal(got, want) {
		t.Errorf("groups of some rows %v, want %v", got, want)
	}
	if got := GroupsOf(tab.View().Select()); slices.Max(got) != 0 {
		t.Errorf("groups without features %v", got)
	}
}

func TestMatchesByNameAndLevel(t *testing.T) {
	nan := math.NaN()
	train := table.Must(table.New("train",
		table.Text("service", []string{"ftp", "http", "http", ""}), table.Float("x", "", []float64{1, 2, 2, nan})))
	test := table.Must(table.New("test", // other order, other codes, an unseen level, an int column
		table.Int("x", "", []int64{2, 1, 1, 2}), table.Text("service", []string{"http", "ftp", "zzz", "aaa"})))
	got, err := Matches(train.View(), test.View())
	if want := []int{1, 0, -1, -1}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v %v, want %v", got, err, want)
	}
	if got, err := Matches(train.View(), train.View().Take([]int{3, 2})); err != nil || !slices.Equal(got, []int{3, 1}) {
		t.Errorf("itself: %v %v", got, err)
	}
	if _, err := Matches(train.View(), test.View().Table().View().Select("x")); err != nil {
		t.Errorf("columns of the table serve, whatever the view's features: %v", err)
	}
	other := table.Must(table.New("other", table.Float("x", "", []float64{1})))
	if _, err := Matches(train.View(), other.View()); err == nil {
		t.Error("a missing column is accepted")
	}
}

// The fast grouping agrees with strings put side by side.
func TestGroupsAgreeWithTheirNaiveTwin(t *testing.T) {
	g := rng.New(9).Rand()
	n := 3000
	x, s := make([]float64, n), make([]string, n)
	for i := range n {
		x[i], s[i] = float64(g.IntN(40)), fmt.Sprint(g.IntN(30))
	}
	v := table.Must(table.New("t", table.Float("x", "", x), table.Text("s", s))).View()
	ids := map[string]int{}
	for i, got := range GroupsOf(v) {
		key := fmt.Sprint(x[i], "|", s[i])
		if _, ok := ids[key]; !ok {
			ids[key] = len(ids)
		}
		if ids[key] != got {
			t.Fatalf("row %d is in group %d, want %d", i, got, ids[key])
		}
	}
}

// Rows with one hash and different features are told apart.
func TestGroupsWithPoorHashes(t *testing.T) {
	g := rng.New(9).Rand()
	values, hashes := make([]int, 2000), make([]uint64, 2000)
	for i := range values {
		values[i] = g.IntN(50)
		hashes[i] = uint64(values[i] % 3)
	}
	want, _ := canonical(values)
	if got := group(hashes, func(a, b int) bool { return values[a] == values[b] }); !slices.Equal(got, want) {
		t.Error("groups differ")
	}
}

func TestStratifiedGroupIsFast(t *testing.T) {
	labels, groups := data(126000)
	start := time.Now()
	if _, err := (StratifiedGroupKFold{K: 10}).Split(labels, groups); err != nil {
		t.Fatal(err)
	}
	t.Logf("126,000 rows in %v", time.Since(start))
	if d := time.Since(start); d > 2*time.Second { // 60 ms on a quiet machine; the bound is for a crowded one
		t.Errorf("126,000 rows took %v", d)
	}
}

func BenchmarkStratifiedGroupKFold(b *testing.B) {
	labels, groups := data(126000)
	b.Run("rows=126000/folds=10", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := (StratifiedGroupKFold{K: 10}).Split(labels, groups); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkGroupsOf(b *testing.B) {
	var cols []table.Column
	g := rng.New(2).Rand()
	for c := range 41 {
		x := make([]float64, 126000)
		for i := range x {
			x[i] = float64(g.IntN(3))
		}
		cols = append(cols, table.Float(fmt.Sprint("x", c), "", x))
	}
	v := table.Must(table.New("t", cols...)).View()
	b.Run("rows=126000/cols=41", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			GroupsOf(v)
		}
	})
}
