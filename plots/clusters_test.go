package plots

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/rng"
)

func TestSilhouetteWords(t *testing.T) {
	f := Silhouette{Name: "s", Title: "Widths", Caption: "k-means, 3 clusters", Clusters: []Group{
		{"1", []float64{0.5, math.NaN(), 0.7}}, {"", []float64{-0.1, 0.3}}, {"empty", nil},
	}}.Figure()
	// (0.5+0.7-0.1+0.3)/4 = 0.35
	want := "k-means, 3 clusters. 4 rows in 3 clusters, mean width 0.350; numbers at the right are means by cluster. 1 row without a value left out."
	if f.Caption != want {
		t.Errorf("caption\n got %s\nwant %s", f.Caption, want)
	}
	for _, text := range []string{">1 (2)<", ">cluster 2 (2)<", ">empty (0)<", ">0.600<", ">0.100<", ">–<", ">mean of all rows, 0.350<"} {
		if !bytes.Contains(f.SVG, []byte(text)) {
			t.Errorf("no text %q", text)
		}
	}
	many := Silhouette{Clusters: make([]Group, 50), Size: Wide}
	for i := range many.Clusters {
		many.Clusters[i].Values = []float64{0.5}
	}
	if f := many.Figure(); !strings.Contains(f.Caption, "more clusters not shown") || strings.Contains(string(f.SVG), ">cluster 50 (1)<") {
		t.Errorf("50 clusters on a wide figure: %s", f.Caption)
	}
}

// TestSilhouetteArea: the area drawn is the mean width, by cluster, whether rows are
// fewer or more than pixels.
func TestSilhouetteArea(t *testing.T) {
	g := rng.New(3).Rand()
	for _, n := range []int{3, 40, 7000} {
		widths := make([]float64, n)
		for i := range widths {
			widths[i] = 1 - 1.5*g.Float64()*g.Float64()
		}
		svg := string(Silhouette{Clusters: []Group{{"a", widths}}}.Figure().SVG)
		area, right := pathArea(t, svg, `fill="#0072b2"`)
		zero, one := tickAt(t, svg, "0"), tickAt(t, svg, "1.0")
		mean := 0.0
		for _, w := range widths {
			mean += math.Abs(w) / float64(n)
		}
		if got := area / (one - zero) / right; !(math.Abs(got-mean) <= 0.01) {
			t.Errorf("%d rows: area of %.4f a row, want %.4f", n, got, mean)
		}
	}
}

// TestSilhouetteOrder: the widest row is on top.
func TestSilhouetteOrder(t *testing.T) {
	svg := string(Silhouette{Clusters: []Group{{"a", []float64{0.2, 0.9, 0.4}}}}.Figure().SVG)
	var x, y, first float64
	path := svg[strings.Index(svg, `fill="#0072b2"`):]
	if _, err := fmt.Sscanf(path[strings.Index(path, "M"):], "M%g,%gh%g", &x, &y, &first); err != nil {
		t.Fatal(err)
	}
	if got := first / (tickAt(t, svg, "1.0") - tickAt(t, svg, "0")); !(math.Abs(got-0.9) <= 0.01) {
		t.Errorf("the first row is %.3f wide, want 0.9", got)
	}
}

// tickAt is where the number stands on the x axis.
func tickAt(t *testing.T, svg, label string) float64 {
	t.Helper()
	end := strings.Index(svg, ">"+label+"<")
	if end < 0 {
		t.Fatalf("no tick %q", label)
	}
	var x, y float64
	if _, err := fmt.Sscanf(svg[strings.LastIndex(svg[:end], "<text"):end], `<text x="%g" y="%g"`, &x, &y); err != nil {
		t.Fatal(err)
	}
	return x + typeset(tickSize, ink).Width(label).Points()/2
}

// pathArea is the area between the vertical through the first point of the filled
// path and the path, counted up on both sides, and the height of the path.
func pathArea(t *testing.T, svg, fill string) (area, height float64) {
	t.Helper()
	at := strings.Index(svg, fill)
	if at < 0 {
		t.Fatalf("no path with %s", fill)
	}
	d := svg[at:]
	d = d[strings.Index(d, ` d="`)+4:]
	d = d[:strings.Index(d, `"`)]
	var x, y, x0, y0, low float64
	for len(d) > 0 && d[0] != 'z' {
		op := d[0]
		end := 1
		for end < len(d) && !strings.ContainsRune("Mlhvz", rune(d[end])) {
			end++
		}
		var a, b float64
		word := strings.ReplaceAll(strings.ReplaceAll(d[1:end], "-", " -"), ",", " ")
		switch n, _ := fmt.Sscan(word, &a, &b); {
		case op == 'M' && n == 2:
			x0, y0, x, y, low = a, b, a, b, b
		case op == 'h':
			x += a
		case op == 'v' || op == 'l':
			dx, dy := a, b
			if op == 'v' {
				dx, dy = 0, a
			}
			area += math.Abs((x-x0)+dx/2) * dy
			x, y = x+dx, y+dy
		}
		low = math.Max(low, y)
		d = d[end:]
	}
	return area, low - y0
}

func TestElbowMarks(t *testing.T) {
	e := Elbow{Name: "e", Title: "How many?", K: []float64{2, 3, 4}, Chosen: 3, Panels: []Panel{
		{Name: "inertia", Values: []float64{90000, 50000, 40000}},
		{Name: "silhouette", Better: Higher, Values: []float64{0.2, 0.7, 0.7}},
		{Name: "Davies-Bouldin", Better: Lower, Values: []float64{math.NaN(), 1.5, 0.5}},
		{Name: "gap", Better: Higher, Values: []float64{1, 2, 3}, Choice: 2},
		{Name: "nothing", Better: Higher, Values: []float64{math.NaN()}},
	}}
	f := e.Figure()
	want := "Indices by number of clusters: How many? Chosen: 3. inertia. silhouette, higher is better: best 0.700 at 3. " +
		"Davies-Bouldin, lower is better: best 0.500 at 4. gap, higher is better: best 1 at 2."
	if f.Alt != want {
		t.Errorf("alternative text\n got %s\nwant %s", f.Alt, want)
	}
	if got := strings.Count(string(f.SVG), `stroke-dasharray="7,3"`); got < 4 {
		t.Errorf("%d lines of the chosen number; want one a panel", got)
	}
	if strings.Contains(string(f.SVG), ">nothing") {
		t.Error("a panel without values is drawn")
	}
	axes := map[string]int{}
	for _, m := range regexp.MustCompile(`M([\d.]+),[\d.]+v[\d.]+h`).FindAllStringSubmatch(string(f.SVG), -1) {
		axes[m[1]]++
	}
	if len(axes) != 1 || axes[slices.Collect(maps.Keys(axes))[0]] != 4 {
		t.Errorf("y axes at %v; want all four in line", axes)
	}
	e.Chosen = 7
	if f := e.Figure(); strings.Contains(f.Caption+string(f.SVG), "hosen") {
		t.Error("a number that was not tried is chosen")
	}
}

func TestClusterMapGroups(t *testing.T) {
	m := ClusterMap{Name: "m", Title: "Rows", Colourings: []Colouring{{Title: "clusters"}, {Title: "classes", Names: []string{"normal", "", "DoS"}}}}
	for i := range 400 {
		m.X, m.Y = append(m.X, float64(i%20)), append(m.Y, float64(i/20))
		label := i % 20
		switch {
		case label == 0:
			label = -5
		case label < 5 && i%40 >= 20: // four groups of 10 rows
			label = 10
		}
		m.Colourings[0].Labels = append(m.Colourings[0].Labels, label)
		m.Colourings[1].Labels = append(m.Colourings[1].Labels, i/200*2)
	}
	f := m.Figure()
	want := "Rows: 6 20, 7 20, 8 20, 9 20, 10 20, 11 60, 12 20, 13 20, …. Rows: normal 200, DoS 200."
	if f.Caption != want {
		t.Errorf("caption\n got %s\nwant %s", f.Caption, want)
	}
	svg := string(f.SVG)
	for _, text := range []string{">clusters<", ">classes<", ">4 smaller groups<", ">noise<", ">normal<", ">DoS<"} {
		if !strings.Contains(svg, text) {
			t.Errorf("no text %q", text)
		}
	}
	if !bytes.Equal(f.SVG, m.Figure().SVG) {
		t.Error("drawn again, the map differs")
	}
	other := m
	other.Seed = rng.New(9)
	if bytes.Equal(f.SVG, other.Figure().SVG) {
		t.Error("another seed draws in the same order")
	}
	m.X[0] = math.NaN()
	m.Y = m.Y[:399]
	if f := m.Figure(); !strings.Contains(f.Caption, "1 row without a value left out. 1 entry without a partner left out.") {
		t.Errorf("caption %s", f.Caption)
	}
}

// TestMiddleRow: a group in two places has its name in the larger of them.
func TestMiddleRow(t *testing.T) {
	g := rng.New(6).Rand()
	var x, y []float64
	var rows []int
	var xs, ys span
	for i := range 100 {
		at := 0.0
		if i%5 > 2 {
			at = 10
		}
		x, y, rows = append(x, at+0.1*g.Float64()), append(y, -at+0.1*g.Float64()), append(rows, i)
	}
	xs.add(x...)
	ys.add(y...)
	if r := middleRow(rows, x, y, xs, ys); !(math.Abs(x[r]-0.05) <= 0.04 && math.Abs(y[r]-0.05) <= 0.04) {
		t.Errorf("the middle is %v, %v", x[r], y[r])
	}
	if r := middleRow([]int{7}, x, y, spanOf([]float64{x[7]}), spanOf([]float64{y[7]})); r != 7 {
		t.Errorf("of one row the middle is %d", r)
	}
}

// TestMapInks: fifteen groups are told apart by colour or marker, as people without red
// or green cones see them too (Viénot, Brettel, Mollon 1999).
func TestMapInks(t *testing.T) {
	if len(mapInks) != mapGroups+1 {
		t.Fatalf("%d colours for %d groups", len(mapInks), mapGroups)
	}
	seen := map[[4]int]int{}
	for i, c := range mapInks[:mapGroups] {
		k := [4]int{int(c.R), int(c.G), int(c.B), i % shapes}
		if j, ok := seen[k]; ok {
			t.Errorf("groups %d and %d look alike", i, j)
		}
		seen[k] = i
		for j, d := range mapInks[:i] {
			for _, kind := range []string{"", "protan", "deutan"} {
				a, b := seenBy(kind, c.R, c.G, c.B), seenBy(kind, d.R, d.G, d.B)
				if far := math.Sqrt((a[0]-b[0])*(a[0]-b[0]) + (a[1]-b[1])*(a[1]-b[1]) + (a[2]-b[2])*(a[2]-b[2])); far < 9 && i%shapes == j%shapes {
					t.Errorf("%s: groups %d and %d are %.1f apart with one marker", kind, i, j, far)
				}
			}
		}
	}
}

// seenBy is a colour in CIE L*a*b* (D65), as an eye without one kind of cones sees it.
func seenBy(kind string, r, g, b uint8) [3]float64 {
	lin := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	R, G, B := lin(r), lin(g), lin(b)
	switch kind {
	case "protan":
		R, G, B = 0.11238*R+0.88762*G, 0.11238*R+0.88762*G, 0.00401*R-0.00401*G+B
	case "deutan":
		R, G, B = 0.29275*R+0.70725*G, 0.29275*R+0.70725*G, -0.02234*R+0.02234*G+B
	}
	f := func(v float64) float64 {
		if v > 0.008856 {
			return math.Cbrt(v)
		}
		return 7.787*v + 16.0/116
	}
	x, y, z := f((0.4124*R+0.3576*G+0.1805*B)/0.9505), f(0.2126*R+0.7152*G+0.0722*B), f((0.0193*R+0.1192*G+0.9505*B)/1.089)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}
