package reports

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// compareTrees names the first measure that differs, and each file with its first
// line that does.
func compareTrees(procs int, want, got Metrics, a, b map[string][]byte) []Difference {
	out := compareMetrics(procs, want, got, 0)
	if len(out) > 1 {
		out = out[:1]
	}
	var names []string
	for name := range a {
		names = append(names, name)
	}
	for name := range b {
		if _, known := a[name]; !known {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		x, inA := a[name]
		y, inB := b[name]
		switch {
		case !inA:
			out = append(out, Difference{Procs: procs, File: name, Want: absent, Got: "present"})
		case !inB:
			out = append(out, Difference{Procs: procs, File: name, Want: "present", Got: absent})
		default:
			if line, la, lb := firstDifference(x, y); line > 0 {
				la, lb = around(la, lb)
				out = append(out, Difference{Procs: procs, File: name, Line: line, Want: la, Got: lb})
			}
		}
	}
	return out
}

// around cuts two long lines to where they begin to differ.
func around(a, b string) (string, string) {
	x, y := []rune(a), []rune(b)
	at := 0
	for at < len(x) && at < len(y) && x[at] == y[at] {
		at++
	}
	cut := func(r []rune) string {
		lo, hi := max(0, at-30), min(len(r), at+60)
		return strconv.Quote(string(r[min(lo, hi):hi]))
	}
	return cut(x), cut(y)
}

// compareMetrics compares measures by ID within a tolerance (0: to the bit), and
// the status of checks.
func compareMetrics(procs int, want, got Metrics, tolerance float64) []Difference {
	var out []Difference
	add := func(id, a, b string) {
		out = append(out, Difference{Procs: procs, Measure: id, Want: a, Got: b})
	}
	other := map[string]Measure{}
	for _, m := range got.Measures {
		other[m.ID] = m
	}
	for _, m := range want.Measures {
		g, ok := other[m.ID]
		delete(other, m.ID)
		switch {
		case !ok:
			add(m.ID, full(m.Value), absent)
		case !near(m.Value, g.Value, tolerance):
			add(m.ID, full(m.Value), full(g.Value))
		case m.Rows != g.Rows || m.Unit != g.Unit:
			add(m.ID, fmt.Sprintf("%d rows, unit %q", m.Rows, m.Unit), fmt.Sprintf("%d rows, unit %q", g.Rows, g.Unit))
		case !nearEnd(m.Low, g.Low, tolerance) || !nearEnd(m.High, g.High, tolerance):
			add(m.ID, interval(m), interval(g))
		}
	}
	for _, m := range got.Measures {
		if _, extra := other[m.ID]; extra {
			add(m.ID, absent, full(m.Value))
		}
	}
	for i := range max(len(want.Checks), len(got.Checks)) {
		switch {
		case i >= len(got.Checks):
			add("check "+want.Checks[i].ID, want.Checks[i].Status, absent)
		case i >= len(want.Checks):
			add("check "+got.Checks[i].ID, absent, got.Checks[i].Status)
		case want.Checks[i].ID != got.Checks[i].ID || want.Checks[i].Status != got.Checks[i].Status:
			add("check "+want.Checks[i].ID, want.Checks[i].Status, got.Checks[i].ID+" "+got.Checks[i].Status)
		}
	}
	return out
}

// near compares two numbers; two NaNs are near, and so are equal infinities.
func near(a, b Number, tolerance float64) bool {
	x, y := float64(a), float64(b)
	if math.IsNaN(x) || math.IsNaN(y) {
		return math.IsNaN(x) && math.IsNaN(y)
	}
	return x == y || math.Abs(x-y) <= tolerance*max(1, math.Abs(x), math.Abs(y)) && !math.IsInf(x, 0) && !math.IsInf(y, 0)
}

func nearEnd(a, b *Number, tolerance float64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return near(*a, *b, tolerance)
}

func full(v Number) string { return strconv.FormatFloat(float64(v), 'g', -1, 64) }

func interval(m Measure) string {
	if m.Low == nil || m.High == nil {
		return "no interval"
	}
	return "[" + full(*m.Low) + ", " + full(*m.High) + "]"
}

// firstDifference returns the first line, from 1, at which a and b differ, and
// both lines; 0 if they are equal.
func firstDifference(a, b []byte) (line int, la, lb string) {
	if bytes.Equal(a, b) {
		return 0, "", ""
	}
	as, bs := bytes.Split(a, []byte("\n")), bytes.Split(b, []byte("\n"))
	for i := range max(len(as), len(bs)) {
		var x, y []byte
		if i < len(as) {
			x = as[i]
		}
		if i < len(bs) {
			y = bs[i]
		}
		if !bytes.Equal(x, y) || (i < len(as)) != (i < len(bs)) {
			return i + 1, string(x), string(y)
		}
	}
	return 0, "", ""
}
