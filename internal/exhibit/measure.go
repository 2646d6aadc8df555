package exhibit

import "math"

// Measure is one number of a report with everything needed to compare it with
// the same number of another run.
type Measure struct {
	ID    string  // stable: chapter/learner/metric/split, lower case, words joined by "-"
	Value float64 // NaN where it could not be computed; JSON null
	Unit  string  // "" for a pure number; "s", "bytes", "rows", …
	Low   float64 // lower end of the interval; equal to High where there is none
	High  float64 // upper end
	Level float64 // confidence level of the interval in (0, 1); 0 means no interval
	Rows  int     // rows behind the number; 0 where that has no meaning
}

// Exhibit shows a measure: it goes to metrics.json and not on the page.
func (m Measure) Exhibit() Exhibit { return Exhibit{Measures: []Measure{m}} }

// Number returns a measure without an interval.
func Number(id string, value float64, rows int) Measure {
	return Measure{ID: id, Value: value, Rows: rows}
}

// HasInterval reports whether m carries a confidence interval.
func (m Measure) HasInterval() bool { return m.Level > 0 && !math.IsNaN(m.Low) && !math.IsNaN(m.High) }

// ID joins the parts of a measure's name with "/". Each part is lowered, and
// every run of characters other than letters, digits, "." and "+" becomes one
// "-": ID("tests", "src_bytes", "Welch t") is "tests/src-bytes/welch-t".
func ID(parts ...string) string {
	var out []byte
	for i, p := range parts {
		if i > 0 {
			out = append(out, '/')
		}
		out = append(out, Slug(p)...)
	}
	return string(out)
}

// Slug makes one part of an ID, or the name of a figure's file.
func Slug(s string) string {
	out := make([]byte, 0, len(s))
	gap := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '+' {
			if gap && len(out) > 0 {
				out = append(out, '-')
			}
			gap = false
			out = append(out, c)
			continue
		}
		gap = true
	}
	return string(out)
}
