package plots

import (
	"bytes"
	"encoding/xml"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"flowbook/internal/exhibit"
	"flowbook/internal/rng"
)

var figures = flag.String("figures", "", "also write the figures of the tests to this folder, to look at them")

// input is what every kind must stand.
type input struct {
	name   string
	values []float64
	label  string
	groups int
}

const hostile = "<script>alert(1)</script>&\x00\u202e\"'\n]]>"

func inputs() []input {
	r := rng.New(1).At("plots").Rand()
	normal := make([]float64, 300)
	for i := range normal {
		normal[i] = math.Round(math.Exp(5 + 2*r.NormFloat64()))
	}
	big := make([]float64, 1500)
	for i := range big {
		big[i] = r.NormFloat64() * 1e9
	}
	nan, inf := math.NaN(), math.Inf(1)
	return []input{
		{"normal", normal, "src_bytes", 2},
		{"one-group", normal, "src_bytes", 1},
		{"many-groups", normal, "service", 23},
		{"big", big, "value", 3},
		{"nan", []float64{nan, 1, nan, 2, 3}, "x", 2},
		{"all-nan", []float64{nan, nan}, "x", 2},
		{"empty", nil, "x", 1},
		{"no-groups", nil, "x", 0},
		{"constant", []float64{7, 7, 7, 7}, "x", 2},
		{"zeros", []float64{0, 0, 0}, "x", 2},
		{"one", []float64{3}, "x", 1},
		{"infinite", []float64{inf, -inf, 1, 2, 5}, "x", 2},
		{"huge", []float64{1e308, -1e308, math.MaxFloat64, 1}, "x", 1},
		{"wide", []float64{1e299, -1e299, 1e-299}, "x", 1},
		{"tiny", []float64{1e-300, 2e-300, 5e-324}, "x", 1},
		{"close", []float64{1e9, 1e9 + 1e-6, 1e9 + 2e-6}, "x", 1},
		{"negative", []float64{-5, -4, -100, 3}, "x", 2},
		{"hostile", []float64{1, 2, 3, 4}, hostile, 2},
		{"long", []float64{1, 2, 3, 4}, strings.Repeat("a very long label ", 20) + strings.Repeat("W", 300), 3},
		{"nameless", []float64{1, 2, 3, 4}, "", 2},
	}
}

// drawer is any chart.
type drawer interface {
	exhibit.Shower
	Figure() exhibit.Figure
}

// kinds returns every kind of chart, with each scale it knows, on an input.
func kinds(in input) map[string]drawer {
	l, v := in.label, in.values
	var groups []Group
	var clouds []Points
	var bars []BarSeries
	var series []Series
	var roc []ROCCurve
	var pr []PRCurve
	x := make([]float64, len(v))
	low, high := make([]float64, len(v)), make([]float64, len(v))
	share := make([]float64, len(v))
	var labels, classes []string
	var rows []Estimate
	var counts [][]int
	var matrix [][]float64
	for i := range v {
		x[i], low[i], high[i] = float64(i), v[i]-1, v[i]+2
		share[i] = float64(i+1) / float64(len(v))
		if math.IsNaN(v[i]) {
			share[i] = v[i]
		}
		labels = append(labels, fmt.Sprint(l, i))
		classes = append(classes, fmt.Sprint(l, i%max(1, in.groups)))
		rows = append(rows, Estimate{Label: l, Group: fmt.Sprint(l, i%2), Value: v[i], Low: low[i], High: high[i]})
		if i < 6 {
			counts = append(counts, []int{int(share[i] * 100), 0, i}[:min(len(v), 3)])
		}
		matrix = append(matrix, v[:min(len(v), 8)])
	}
	// A tree that joins one row after the other, at heights that rise.
	var merges []Merge
	last := 0.0
	for i := 1; i < len(v); i++ {
		m := Merge{A: len(v) + i - 2, B: i, Height: v[i], Size: i + 1}
		if i == 1 {
			m.A = 0
		}
		if v[i] < last {
			m.Height = last
		}
		last = m.Height
		merges = append(merges, m)
	}
	for g := range in.groups {
		name := l
		if g > 0 && l != "" {
			name = fmt.Sprint(l, " ", g)
		}
		groups = append(groups, Group{name, v})
		clouds = append(clouds, Points{name, v, x})
		bars = append(bars, BarSeries{name, v, low, high})
		series = append(series, Series{name, x, v, low, high})
		roc = append(roc, ROCCurve{Name: name, FPR: share, TPR: share})
		pr = append(pr, PRCurve{Name: name, Recall: share, Precision: share})
	}
	var panels []Panel
	var colourings []Colouring
	group := make([]int, len(v))
	for i := range group {
		group[i] = i%max(1, in.groups) - 1
	}
	for g := range in.groups {
		panels = append(panels, Panel{Name: fmt.Sprint(l, g), Better: Direction(g), Values: v, Low: low, High: high, Choice: 2})
		colourings = append(colourings, Colouring{Title: l, Labels: group, Names: labels})
	}
	marks := []Mark{{1, l}, {2, l + "2"}, {math.NaN(), l}}
	all := map[string]drawer{
		"confusion": Confusion{"c", l, l, "", "", Auto, labels, counts},
		"roc":       ROC{Name: "r", Title: l, Caption: l, Curves: roc, Operating: []Operating{{l, 0.1, 0.7, 0}, {l, 0.99, 0.01, 1}, {l, math.NaN(), 2, 9}}},
		"pr":        PrecisionRecall{Name: "p", Title: l, Caption: l, Curves: pr, Prevalence: 0.3, Operating: []Operating{{l, 0.5, 0.5, 0}}},
		"diverging": HeatMap{Name: "h", Title: l, Rows: labels, Columns: labels, Values: matrix, Diverging: true, Unit: l},
		"steps":     Line{Name: "s", Title: l, Series: series, Marks: marks, Time: true, Step: true, Size: Wide},
		"labelled":  Line{Name: "s", Title: l, Series: series, Labels: labels, Dots: true, Percent: true, FromZero: true},
		"stepped":   Histogram{Name: "h", Title: l, Groups: groups, Stepped: true, Height: Density, YScale: Log1p},
		"vertical":  Bars{Name: "b", Title: l, YLabel: l, Labels: labels, Series: bars, Vertical: true, Percent: true},
		"jitter":    Scatter{Name: "s", Title: l, Groups: clouds, Jitter: 3, Size: Square},
		"tree":      Dendrogram{Name: "t", Title: l, Merges: merges, Cut: 5, Leaves: 60, Names: labels, Classes: labels},
		"widths":    Silhouette{Name: "s", Title: l, Caption: l, XLabel: l, YLabel: l, Clusters: groups},
		"elbow":     Elbow{Name: "e", Title: l, Caption: l, XLabel: l, K: x, Panels: panels, Chosen: 1},
		"settings":  Elbow{Name: "e", Title: l, K: v, Panels: panels, Size: Tall},
		"map":       ClusterMap{Name: "m", Title: l, Caption: l, XLabel: l, YLabel: l, X: v, Y: x, Colourings: colourings},
		"map-alone": ClusterMap{Name: "m", Title: l, XLabel: l, YLabel: l, X: v, Y: v, Colourings: colourings[:min(1, len(colourings))], Size: Square},
		"zero":      map[bool]drawer{true: Histogram{}, false: Line{}}[in.groups == 1],
	}
	for _, scale := range []Scale{Linear, Log, Log1p} {
		s := fmt.Sprint("-scale", scale)
		all["histogram"+s] = Histogram{Name: "h", Title: l, Caption: l, XLabel: l, YLabel: l, Groups: groups, Scale: scale}
		all["kde"+s] = KDE{Name: "k", Title: l, Caption: l, XLabel: l, YLabel: l, Groups: groups, Scale: scale}
		all["bars"+s] = Bars{Name: "b", Title: l, Caption: l, XLabel: l, YLabel: l, Labels: labels, Series: bars}
		all["box"+s] = Box{Name: "b", Title: l, Caption: l, XLabel: l, YLabel: l, Groups: groups, Scale: scale}
		all["scatter"+s] = Scatter{Name: "s", Title: l, Caption: l, XLabel: l, YLabel: l, Groups: clouds, XScale: scale, YScale: scale}
		all["heatmap"+s] = HeatMap{Name: "h", Title: l, Caption: l, XLabel: l, YLabel: l, Rows: labels, Columns: labels, Values: matrix, Scale: scale}
		all["line"+s] = Line{Name: "l", Title: l, Caption: l, XLabel: l, YLabel: l, Series: series, Marks: marks, Levels: marks, XScale: scale, YScale: scale}
		all["fan"+s] = Fan{Name: "f", Title: l, Caption: l, XLabel: l, YLabel: l, X: x, Observed: v, Ahead: x, Forecast: v, Bands: []Band{{0.5, low, high}, {0.9, low, v}}, Marks: marks, YScale: scale}
		all["control"+s] = Control{Name: "c", Title: l, Caption: l, XLabel: l, YLabel: l, X: x, Statistic: v, Center: low, Low: low, High: high, Alarm: make([]bool, len(v)), Marks: marks, YScale: scale}
		all["dendrogram"+s] = Dendrogram{Name: "d", Title: l, Caption: l, XLabel: l, YLabel: l, Merges: merges, Clusters: 2 + in.groups, Scale: scale, Names: labels, Classes: classes, Order: []string{l, "absent"}}
		all["dots"+s] = Dots{Name: "d", Title: l, Caption: l, XLabel: l, Rows: rows, Scale: scale, Reference: []float64{1, math.NaN()}}
	}
	return all
}

func TestKinds(t *testing.T) {
	for _, in := range inputs() {
		for kind, chart := range kinds(in) {
			f := chart.Figure()
			where := kind + "/" + in.name
			if *figures != "" {
				file := filepath.Join(*figures, strings.ReplaceAll(where, "/", "-")+".svg")
				if err := os.WriteFile(file, f.SVG, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			checkSVG(t, where, f)
			limit := 40 << 10
			switch in.name {
			case "many-groups":
				limit *= 8 // 23 series: 920 bars, 23 lines of noise
			case "big":
				limit *= 5 // three lines of 1500 points of noise
			}
			if len(f.SVG) > limit {
				t.Errorf("%s: %d bytes; want at most %d", where, len(f.SVG), limit)
			}
			if f.Name == "" || exhibit.Slug(f.Name) != f.Name {
				t.Errorf("%s: name %q", where, f.Name)
			}
			if strings.ContainsAny(f.Caption+f.Alt+f.Title, "\x00\n\u202e") {
				t.Errorf("%s: control characters in the words of the figure", where)
			}
			nothing := in.name == "empty" || in.name == "no-groups" || in.name == "all-nan"
			if said := bytes.Contains(f.SVG, []byte(">no data<")); nothing && !said {
				t.Errorf("%s: does not say that there is no data", where)
			} else if said && in.name == "normal" && kind != "zero" {
				t.Errorf("%s: says no data", where)
			}
			if e := chart.Exhibit(); in.name == "hostile" && (len(e.Figures) != 1 || !bytes.Equal(e.Figures[0].SVG, f.SVG)) {
				t.Errorf("%s: Exhibit and Figure differ", where)
			}
		}
	}
}

// texts holds each text of a document as a box that it fills.
type textBox struct {
	s              string
	x0, y0, x1, y1 float64
}

var rotation = regexp.MustCompile(`^rotate\((-?[\d.]+) `)

// checkSVG holds a figure to what every figure promises: well-formed, harmless,
// legible, no text cut at an edge, no two texts on one another.
func checkSVG(t *testing.T, where string, f exhibit.Figure) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(f.SVG))
	var w, h float64
	var boxes []textBox
	var open []string
	var box textBox
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%s: %v", where, err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			a := map[string]string{}
			for _, at := range e.Attr {
				a[at.Name.Local] = at.Value
			}
			open = append(open, e.Name.Local)
			switch e.Name.Local {
			case "svg":
				if _, err := fmt.Sscanf(a["viewBox"], "0 0 %g %g", &w, &h); err != nil || a["role"] != "img" || a["id"] != "fig-"+f.Name {
					t.Errorf("%s: root %v", where, a)
				}
			case "title", "desc", "path", "image":
			case "text":
				size, _ := strconv.ParseFloat(a["font-size"], 64)
				if size < 11 {
					t.Errorf("%s: text of %g pixels", where, size)
				}
				x, _ := strconv.ParseFloat(a["x"], 64)
				y, _ := strconv.ParseFloat(a["y"], 64)
				box = textBox{x0: x, y0: y, x1: size}
				if m := rotation.FindStringSubmatch(a["transform"]); m != nil {
					if m[1] != "-90" {
						t.Errorf("%s: turned by %s", where, m[1])
					}
					box.y1 = 1
				}
			default:
				t.Errorf("%s: element %q", where, e.Name.Local)
			}
			for name, v := range a {
				if name != "href" && (strings.Contains(v, "NaN") || strings.Contains(v, "Inf")) {
					t.Errorf("%s: %s=%q", where, name, v)
				}
				if strings.HasPrefix(name, "on") {
					t.Errorf("%s: attribute %s", where, name)
				}
			}
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 && open[len(open)-1] == "text" {
				size, x, y := box.x1, box.x0, box.y0
				width := typeset(size, ink).Width(string(e)).Points()
				b := textBox{string(e), x, y - 0.72*size, x + width, y}
				if box.y1 == 1 {
					b = textBox{string(e), x - 0.72*size, y - width, x, y}
				}
				boxes = append(boxes, b)
			}
		}
	}
	for i, b := range boxes {
		if b.x0 < -0.5 || b.y0 < -0.5 || b.x1 > w+0.5 || b.y1 > h+0.5 {
			t.Errorf("%s: text %q reaches from %.0f,%.0f to %.0f,%.0f of %g x %g", where, b.s, b.x0, b.y0, b.x1, b.y1, w, h)
		}
		for _, c := range boxes[:i] {
			if b.x0 < c.x1-1 && c.x0 < b.x1-1 && b.y0 < c.y1-1 && c.y0 < b.y1-1 {
				t.Errorf("%s: %q lies on %q", where, b.s, c.s)
			}
		}
	}
}

func TestDeterminism(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	in := inputs()[0]
	want := map[string][]byte{}
	for _, procs := range []int{1, 2, 7} {
		runtime.GOMAXPROCS(procs)
		for kind, chart := range kinds(in) {
			f := chart.Figure()
			if old, ok := want[kind]; ok && !bytes.Equal(old, f.SVG) {
				t.Errorf("%s: bytes differ with %d cores", kind, procs)
			}
			want[kind] = f.SVG
		}
	}
}

// Charts share gonum's font cache; a report may draw several at once.
func TestConcurrent(t *testing.T) {
	chart := kinds(inputs()[0])["bars-scale0"]
	want := chart.Figure().SVG
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if !bytes.Equal(chart.Figure().SVG, want) {
				t.Error("drawn beside others, the bytes differ")
			}
		})
	}
	wg.Wait()
}

func TestInputUntouched(t *testing.T) {
	in := input{"order", []float64{3, 1, 2, math.NaN(), 5, 4}, "x", 2}
	before := fmt.Sprint(in.values)
	for kind, chart := range kinds(in) {
		chart.Figure()
		if fmt.Sprint(in.values) != before {
			t.Fatalf("%s changed its input to %v", kind, in.values)
		}
	}
}

func TestCaption(t *testing.T) {
	f := Histogram{Name: "x", Caption: "Bytes of each connection", Scale: Log, Groups: []Group{
		{"normal", []float64{1, 2, math.NaN(), math.NaN(), 0}},
		{"attack", []float64{5, math.Inf(1), -1}},
	}}.Figure()
	want := "Bytes of each connection. Rows: normal 2, attack 1. 2 rows without a value left out. 1 infinite value left out. 2 values at or below 0 (log axis) left out."
	if f.Caption != want {
		t.Errorf("caption\n got %s\nwant %s", f.Caption, want)
	}
	if f.Alt != "Histogram: x. Rows: normal 2, attack 1. Medians: normal 1.50, attack 5." {
		t.Errorf("alternative text %s", f.Alt)
	}
}

// A report may be long; its pages are read over slow lines.
func TestSizesOfBigFigures(t *testing.T) {
	r := rng.New(2).Rand()
	n := 20000
	var clouds []Points
	for g := range 2 {
		p := Points{Name: fmt.Sprint("group ", g)}
		for range n {
			u := r.NormFloat64()
			p.X = append(p.X, math.Expm1(math.Abs(4+2*u+float64(g))))
			p.Y = append(p.Y, math.Expm1(math.Abs(4+u+r.NormFloat64())))
		}
		clouds = append(clouds, p)
	}
	var groups []Group
	for g := range 23 {
		groups = append(groups, Group{fmt.Sprint("label ", g), clouds[g%2].X})
	}
	var roc []ROCCurve
	var pr []PRCurve
	for c := range 6 {
		var x, y, p []float64
		for i := range 5000 {
			v := float64(i+1) / 5000
			x, y = append(x, v), append(y, math.Pow(v, 0.1*float64(c+1)))
			p = append(p, 0.5+0.5*r.Float64()*(1-v))
		}
		roc, pr = append(roc, ROCCurve{Name: "a learner", FPR: x, TPR: y}), append(pr, PRCurve{Name: "a learner", Recall: x, Precision: p})
	}
	matrix := make([][]float64, 70)
	for i := range matrix {
		for range 70 {
			matrix[i] = append(matrix[i], 2*r.Float64()-1)
		}
	}
	cuts := make([]Group, 15)
	for c := range cuts {
		cuts[c].Name = fmt.Sprint(c + 1)
		for range 100000 >> c {
			cuts[c].Values = append(cuts[c].Values, 1-r.ExpFloat64()*0.3)
		}
	}
	embedding := ClusterMap{Colourings: []Colouring{{Title: "clusters"}, {Title: "classes"}}}
	for range 30000 {
		c := r.IntN(15)
		embedding.X, embedding.Y = append(embedding.X, float64(c%4)*5+r.NormFloat64()), append(embedding.Y, float64(c/4)*5+r.NormFloat64())
		embedding.Colourings[0].Labels, embedding.Colourings[1].Labels = append(embedding.Colourings[0].Labels, c), append(embedding.Colourings[1].Labels, c/5)
	}
	few := embedding
	few.X, few.Y, few.Colourings = few.X[:900], few.Y[:900], []Colouring{{Labels: embedding.Colourings[0].Labels[:900]}}
	search := Elbow{Chosen: 5}
	for range 7 {
		p := Panel{Name: "an index", Better: Higher}
		for range 30 {
			v := r.NormFloat64()
			p.Values, p.Low, p.High = append(p.Values, v), append(p.Low, v-1), append(p.High, v+1)
		}
		search.Panels = append(search.Panels, p)
	}
	for k := range 30 {
		search.K = append(search.K, float64(k+2))
	}
	for name, f := range map[string]struct {
		chart drawer
		limit int
	}{
		"scatter": {Scatter{Groups: clouds, XScale: Log1p, YScale: Log1p}, 80 << 10},
		"box":     {Box{Groups: groups, Scale: Log1p}, 40 << 10},
		"kde":     {KDE{Groups: groups[:6], Scale: Log1p}, 40 << 10},
		"roc":     {ROC{Curves: roc}, 40 << 10},
		"pr":      {PrecisionRecall{Curves: pr[:2]}, 80 << 10},
		"widths":  {Silhouette{Clusters: cuts}, 20 << 10},
		"map":     {embedding, 44 << 10},
		"few":     {few, 40 << 10},
		"search":  {search, 40 << 10},
		"heat":    {HeatMap{Values: matrix, Diverging: true}, 60 << 10},
	} {
		start := time.Now()
		fig := f.chart.Figure()
		t.Logf("%-8s %6d bytes, %v", name, len(fig.SVG), time.Since(start).Round(time.Millisecond))
		checkSVG(t, name, fig)
		if len(fig.SVG) > f.limit {
			t.Errorf("%s: %d bytes; want at most %d", name, len(fig.SVG), f.limit)
		}
		if *figures != "" {
			os.WriteFile(filepath.Join(*figures, "big-"+name+".svg"), fig.SVG, 0o644)
		}
	}
}
