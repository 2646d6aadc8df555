package main

import (
	"fmt"
	"math"
	"strings"

	"flowbook/internal/exhibit"
	"flowbook/internal/par"
	"flowbook/reports"
)

type flow struct {
	host    int
	seconds float64
	bytes   int
}

// simulate draws the flows in blocks, so that both cores may work on them.
func simulate(nb *reports.Notebook) []flow {
	flows := make([]flow, nb.Budget().Pick(2000, 20000, 100000))
	seed := nb.Seed("flows")
	par.Blocks(len(flows), 512, func(b, lo, hi int) {
		g := seed.Index("block", b).Rand()
		for i := lo; i < hi; i++ {
			h := int(float64(30) * g.Float64() * g.Float64())
			flows[i] = flow{h, math.Exp(1.5*g.NormFloat64() + 1/float64(h+1)*3), 40 + int(1e4*g.ExpFloat64())}
		}
	})
	return flows
}

func summary(flows []flow) exhibit.Grid {
	var sum float64
	longest := 0.0
	for _, f := range flows {
		sum += f.seconds
		longest = max(longest, f.seconds)
	}
	return exhibit.Grid{Title: "Flows in short", Caption: "All simulated flows.", Columns: []string{"quantity", "value"},
		Rows: [][]exhibit.Cell{
			{exhibit.Text("flows"), exhibit.Count(len(flows))},
			{exhibit.Text("mean duration"), {Kind: exhibit.NumberCell, Value: sum / float64(len(flows)), Unit: "s"}},
			{exhibit.Text("longest"), {Kind: exhibit.NumberCell, Value: longest, Unit: "s"}},
		}}
}

func byHost(flows []flow) exhibit.Grid {
	g := exhibit.Grid{Title: "Flows by host", Caption: "One row a host.", Columns: []string{"host", "flows", "mean duration (s)", "share"}}
	for h := range 30 {
		n, sum := 0, 0.0
		for _, f := range flows {
			if f.host == h {
				n++
				sum += f.seconds
			}
		}
		g.Rows = append(g.Rows, []exhibit.Cell{exhibit.Text(fmt.Sprintf("10.0.0.%d", h)), exhibit.Count(n), exhibit.Num(sum / float64(n)), exhibit.Percent(float64(n) / float64(len(flows)))})
	}
	return g
}

func hostile() exhibit.Grid {
	return exhibit.Grid{Title: "Fields <b>as they came</b>", Caption: `A caption with "quotes" & <i>tags</i>.`, Folded: true, Columns: []string{"field | one", "<img src=x onerror=alert(1)>"},
		Rows: [][]exhibit.Cell{
			{exhibit.Text("</td><script>alert(1)</script>"), exhibit.Text("a | b `c` _d_ [e](f)")},
			{exhibit.Text("bell \a, escape \x1b[31m, zero \x00, line\nfeed, \u202egnp.exe"), exhibit.Text("\xff\xfe broken")},
			{exhibit.Text(strings.Repeat("long ", 2000)), exhibit.Text(strings.Repeat("x", 10000))},
		}}
}

// histogram draws durations on a log scale, by hand: package plots is above this one.
func histogram(flows []flow) exhibit.Figure {
	const bars, w, h = 24, 480.0, 270.0
	count := make([]int, bars)
	most := 1
	for _, f := range flows {
		b := int((math.Log10(f.seconds) + 3) * bars / 8)
		count[min(bars-1, max(0, b))]++
	}
	for _, c := range count {
		most = max(most, c)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="%gpt" height="%gpt" viewBox="0 0 %g %g" font-family="Liberation Sans, Arial, Helvetica" font-size="11"><rect width="100%%" height="100%%" fill="#fff"/>`, w, h, w, h)
	for i, c := range count {
		bh := 200 * float64(c) / float64(most)
		fmt.Fprintf(&b, `<rect x="%.1f" y="%.1f" width="15" height="%.1f" fill="#3b6fb0"/>`, 60+float64(i)*17, 225-bh, bh)
	}
	for d := -3; d <= 5; d++ {
		fmt.Fprintf(&b, `<text x="%.1f" y="242" text-anchor="middle">1e%d</text>`, 60+float64(d+3)*17*bars/8, d)
	}
	fmt.Fprintf(&b, `<text x="270" y="262" text-anchor="middle">duration (s)</text><text x="52" y="30" text-anchor="end">%d</text><text x="52" y="228" text-anchor="end">0</text></svg>`, most)
	return exhibit.Figure{Name: "durations", Title: "Durations of the flows", Caption: fmt.Sprintf("Histogram of %d simulated flows, log scale", len(flows)), Alt: "A single hump around some seconds with a long tail.", SVG: []byte(b.String())}
}
