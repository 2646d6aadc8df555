package plots

import (
	"math"
	"strings"
)

// beyond is where a value counts as infinite: ranges of such values overflow.
const beyond = 1e300

// leftOut counts what a chart could not draw, for its caption.
type leftOut struct {
	missing  int // NaN
	infinite int // ±Inf, or beyond 1e300
	negative int // at or below zero on a log axis
	single   int // entries without their partner, where slices differ in length
	rest     int // rows beyond what a chart shows
	restNote string
}

// keep reports whether v can be drawn on an axis of scale s, and counts it if not.
func (o *leftOut) keep(v float64, s Scale) bool {
	switch {
	case math.IsNaN(v):
		o.missing++
	case math.Abs(v) > beyond:
		o.infinite++
	case s == Log && v <= 0:
		o.negative++
	default:
		return true
	}
	return false
}

// only returns the values that can be drawn.
func (o *leftOut) only(values []float64, s Scale) []float64 {
	kept := make([]float64, 0, len(values))
	for _, v := range values {
		if o.keep(v, s) {
			kept = append(kept, v)
		}
	}
	return kept
}

// pairs returns the points of which both values can be drawn.
func (o *leftOut) pairs(x, y []float64, sx, sy Scale) (px, py []float64) {
	n := min(len(x), len(y))
	o.single += max(len(x), len(y)) - n
	for i := range n {
		if o.keep(x[i], sx) && o.keep(y[i], sy) {
			px, py = append(px, x[i]), append(py, y[i])
		}
	}
	return px, py
}

// notes says what was left out, one sentence a reason.
func (o *leftOut) notes() []string {
	var out []string
	say := func(n int, one, many string) {
		if n == 1 {
			out = append(out, "1 "+one+" left out.")
		} else if n > 1 {
			out = append(out, count(n)+" "+many+" left out.")
		}
	}
	say(o.missing, "row without a value", "rows without a value")
	say(o.infinite, "infinite value", "infinite values")
	say(o.negative, "value at or below 0 (log axis)", "values at or below 0 (log axis)")
	say(o.single, "entry without a partner", "entries without a partner")
	if o.rest > 0 {
		out = append(out, count(o.rest)+" "+o.restNote+" not shown.")
	}
	return out
}

// sentences joins parts into a caption: each ends with a full stop.
func sentences(parts ...string) string {
	var out []string
	for _, p := range parts {
		p = strings.TrimSpace(p)
		if p == "" {
			continue
		}
		if !strings.ContainsAny(p[len(p)-1:], ".!?") {
			p += "."
		}
		out = append(out, p)
	}
	return strings.Join(out, " ")
}

// rowsOf says how many rows each group has: "Rows: normal 9,711, attack 12,833."
func rowsOf(names []string, rows []int) string {
	if len(rows) == 1 {
		if rows[0] == 1 {
			return "1 row."
		}
		return count(rows[0]) + " rows."
	}
	parts := make([]string, 0, len(rows))
	for i, n := range rows {
		parts = append(parts, strings.TrimSpace(clean(names[i])+" "+count(n)))
		if i == 7 && len(rows) > 8 {
			parts = append(parts, "…")
			break
		}
	}
	return "Rows: " + strings.Join(parts, ", ") + "."
}

// span is the range of the values seen so far.
type span struct {
	lo, hi float64
	any    bool
}

func (s *span) add(values ...float64) {
	for _, v := range values {
		if math.IsNaN(v) || math.Abs(v) > beyond {
			continue
		}
		if !s.any {
			s.lo, s.hi, s.any = v, v, true
		}
		s.lo, s.hi = math.Min(s.lo, v), math.Max(s.hi, v)
	}
}

func spanOf(values []float64) (s span) {
	s.add(values...)
	return s
}

// padded returns the range, widened by a share of itself on either side in the
// space of the scale; a constant gets room around it.
func (s span) padded(scale Scale, below, above float64) (lo, hi float64) {
	lo, hi = s.widened(scale, below, above)
	lo, hi = math.Max(lo, -1e4*beyond), math.Min(hi, 1e4*beyond)
	if scale == Log {
		lo, hi = math.Max(lo, 1/beyond), math.Max(hi, 2/beyond) // below, powers of ten lose their digits
	}
	return lo, hi
}

func (s span) widened(scale Scale, below, above float64) (lo, hi float64) {
	a, b := scale.forward(s.lo), scale.forward(s.hi)
	if !(b-a > 1e-9*math.Max(math.Abs(a), math.Abs(b))) {
		room := 0.5
		if scale == Linear {
			room = math.Max(0.5, math.Abs(a)/10)
		}
		return scale.inverse(a - room), scale.inverse(b + room)
	}
	return scale.inverse(a - below*(b-a)), scale.inverse(b + above*(b-a))
}
