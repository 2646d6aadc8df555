package plots

import (
	"math"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/rng"
)

// randomTree merges two clusters drawn at random, again and again.
func randomTree(n int, seed uint64) []Merge {
	r := rng.New(seed).Rand()
	var alive []int
	for i := range n {
		alive = append(alive, i)
	}
	var merges []Merge
	height := 0.0
	for len(alive) > 1 {
		i := r.IntN(len(alive) - 1)
		height += r.Float64()
		merges = append(merges, Merge{A: alive[i], B: alive[i+1], Height: height})
		alive = append(slices.Delete(alive, i, i+2), n+len(merges)-1)
	}
	return merges
}

func TestDendrogramLeaves(t *testing.T) {
	for n := 2; n < 60; n += 7 {
		d, trouble := newDendrogram(randomTree(n, uint64(n)))
		if trouble != "" {
			t.Fatal(trouble)
		}
		for k := 2; k <= n; k++ {
			// The leaves of the last k-1 merges are the clusters before them.
			leaves, roots := d.leaves(k), d.roots(n-k)
			rows := 0
			for i, c := range roots {
				rows += d.size[c]
				if i > 0 && d.size[c] > d.size[roots[i-1]] {
					t.Errorf("clusters of %d rows after %d", d.size[c], d.size[roots[i-1]])
				}
			}
			if slices.Sort(leaves); rows != n || !slices.Equal(leaves, slices.Sorted(slices.Values(roots))) {
				t.Fatalf("%d leaves of %d rows: %v, want %v", k, n, leaves, roots)
			}
		}
		// Branches never cross: the leaves below a merge stand side by side.
		leaves := d.leaves(n)
		b := newBranches(d, leaves)
		low, high := map[int]float64{}, map[int]float64{}
		for c := range d.size {
			low[c], high[c] = b.place[c], b.place[c]
			if c >= n {
				m := d.merges[c-n]
				low[c], high[c] = math.Min(low[m.A], low[m.B]), math.Max(high[m.A], high[m.B])
				if int(high[c]-low[c]) != d.size[c]-1 {
					t.Fatalf("cluster %d of %d rows reaches from %v to %v", c, d.size[c], low[c], high[c])
				}
			}
		}
	}
}

func TestDendrogramStrip(t *testing.T) {
	d, _ := newDendrogram([]Merge{{0, 1, 1, 2}, {2, 3, 2, 2}, {4, 5, 3, 4}})
	s := newStrip([]string{"a", "b", "b", ""}, nil, d, []int{4, 5})
	if name, part := s.commonest(0); name != "a" || part != 0.5 {
		t.Errorf("leaf 0: %q, %v", name, part)
	}
	if !slices.Equal(s.names, []string{"b", "", "a"}) || s.others {
		t.Errorf("classes %q", s.names)
	}
	s = newStrip([]string{"a", "b", "b", "c"}, []string{"c", "x", "c", "a"}, d, []int{4, 5})
	if !slices.Equal(s.names, []string{"c", "a"}) || !s.others || s.counts[1]["b"] != 1 {
		t.Errorf("classes in order: %q, %v", s.names, s.counts)
	}
}

func TestDendrogramCuts(t *testing.T) {
	merges := []Merge{{0, 1, 0, 2}, {2, 3, 1, 2}, {4, 5, 10, 3}, {6, 7, 100, 5}} // of five rows
	merges[2], merges[3] = Merge{4, 6, 10, 3}, Merge{5, 7, 100, 5}
	for _, c := range []struct {
		d    Dendrogram
		want string
	}{
		{Dendrogram{Merges: merges, Clusters: 2}, "Cut at 55 into 2 clusters of 3, 2 rows"},
		{Dendrogram{Merges: merges, Clusters: 3}, "Cut at 5.50 into 3 clusters of 2, 2, 1 rows"},
		{Dendrogram{Merges: merges, Clusters: 3, Scale: Log}, "Cut at 5.00 into 3 clusters"}, // at most a factor of two
		{Dendrogram{Merges: merges, Cut: 10}, "Cut at 10 into 2 clusters"},
		{Dendrogram{Merges: merges, Cut: 9.9}, "Cut at 9.90 into 3 clusters"},
		{Dendrogram{Merges: merges, Cut: 0.5}, "Cut at 0.500 into 4 clusters"},
		{Dendrogram{Merges: merges, Clusters: 5}, "The cut into 5 clusters lies below the leaves shown"}, // rows 0 and 1 are equal
		{Dendrogram{Merges: merges, Cut: 5, Leaves: 2}, "The cut into 3 clusters lies below the leaves shown"},
		{Dendrogram{Merges: []Merge{{0, 1, 1, 2}, {0, 2, 2, 2}}}, "No tree: merge 2 joins clusters that are not there"},
		{Dendrogram{Merges: []Merge{{0, 3, 1, 2}}}, "No tree: merge 1 joins"},
		{Dendrogram{Merges: []Merge{{0, 0, 1, 2}}}, "No tree: merge 1 joins"},
		{Dendrogram{Merges: []Merge{{-1, 0, 1, 2}}}, "No tree: merge 1 joins"},
		{Dendrogram{Merges: []Merge{{0, 1, 2, 2}, {2, 3, 1, 3}}}, "No tree: merge 2 has a height of 1 after 2"},
		{Dendrogram{Merges: []Merge{{0, 1, math.NaN(), 2}}}, "No tree: merge 1 has a height of –"},
		{Dendrogram{Merges: []Merge{{0, 1, math.Inf(1), 2}}}, "No tree: merge 1 has a height of ∞"},
	} {
		f := c.d.Figure()
		checkSVG(t, c.want, f)
		if !strings.Contains(f.Caption, c.want) {
			t.Errorf("caption %q, want %q in it", f.Caption, c.want)
		}
		if bad := strings.HasPrefix(c.want, "No tree"); bad != strings.Contains(string(f.SVG), ">no data<") {
			t.Errorf("%s: drawn %v", c.want, !bad)
		}
	}
}

// Neighbours differ in colour, however many clusters there are.
func TestDendrogramColors(t *testing.T) {
	for _, k := range []int{5, 12, 25} {
		d, _ := newDendrogram(randomTree(200, 9))
		b := newBranches(d, d.leaves(40))
		Dendrogram{Clusters: k}.cut(newSheet("", "", "", "", "", "", Auto, 640, 400), b)
		clusters := d.roots(200 - k)
		slices.SortFunc(clusters, func(x, y int) int { return int(math.Copysign(1, b.place[x]-b.place[y])) })
		for i := 1; i < k; i++ {
			if b.color[clusters[i]] == b.color[clusters[i-1]] {
				t.Errorf("%d clusters: two neighbours of one colour", k)
			}
		}
	}
}
