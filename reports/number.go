package reports

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"flowbook/internal/exhibit"
)

// missing is what stands where there is no number.
const missing = "–"

// Number is a float64 that JSON can carry: NaN is null, and the infinities are
// the strings "Infinity" and "-Infinity". Every other value keeps all its bits.
type Number float64

// MarshalJSON writes the shortest decimal that reads back to the same bits.
func (n Number) MarshalJSON() ([]byte, error) {
	v := float64(n)
	switch {
	case math.IsNaN(v):
		return []byte("null"), nil
	case math.IsInf(v, 1):
		return []byte(`"Infinity"`), nil
	case math.IsInf(v, -1):
		return []byte(`"-Infinity"`), nil
	}
	return json.Marshal(v)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (n *Number) UnmarshalJSON(text []byte) error {
	switch string(text) {
	case "null":
		*n = Number(math.NaN())
		return nil
	case `"Infinity"`:
		*n = Number(math.Inf(1))
		return nil
	case `"-Infinity"`:
		*n = Number(math.Inf(-1))
		return nil
	}
	var v float64
	if err := json.Unmarshal(text, &v); err != nil {
		return fmt.Errorf("reports: %s is not a number", text)
	}
	*n = Number(v)
	return nil
}

// formatNumber writes v to four significant digits: 0.9812, 1234, 12,350,
// 1.235e+09 as 1.235e9, 2.480e-07 as 2.480e-7. Whole numbers below a million are
// written out, and 2e6 has no zeros either. NaN is an en dash, an infinity is ∞.
func formatNumber(v float64) string {
	switch {
	case math.IsNaN(v):
		return missing
	case math.IsInf(v, 1):
		return "∞"
	case math.IsInf(v, -1):
		return "-∞"
	case v == 0:
		return "0"
	}
	a := math.Abs(v)
	if a == math.Trunc(a) && a < 1e6 {
		return thousands(strconv.FormatFloat(v, 'f', 0, 64))
	}
	s := strconv.FormatFloat(v, 'e', 3, 64) // rounds once: 9.9996 is 1.000e+01
	mantissa, exponent, _ := strings.Cut(s, "e")
	e, _ := strconv.Atoi(exponent)
	switch {
	case e >= 6:
		return trimZeros(mantissa) + "e" + strconv.Itoa(e)
	case e < -4:
		return mantissa + "e" + strconv.Itoa(e)
	case e >= 3:
		// Four digits end before the point: round there, and keep the zeros.
		rounded, _ := strconv.ParseFloat(s, 64)
		return thousands(strconv.FormatFloat(rounded, 'f', 0, 64))
	}
	return strconv.FormatFloat(v, 'f', 3-e, 64)
}

// formatCount writes a whole number with thousands marks.
func formatCount(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return formatNumber(v)
	}
	return thousands(strconv.FormatFloat(v, 'f', 0, 64))
}

// formatPercent writes a fraction as a percentage to two decimals, and below a
// tenth of a percent to four significant digits: 98.12 %, 0.81 %, 0.0055 %.
func formatPercent(v float64) string {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return formatNumber(v)
	case math.Abs(v) >= 0.001:
		return strconv.FormatFloat(100*v, 'f', 2, 64) + " %"
	}
	return trimZeros(formatNumber(100*v)) + " %"
}

// formatP writes a p-value: 0.0123, 1.2e-20, and 7.6e-4033 from its logarithm
// where no float64 is that small.
func formatP(p, log10 float64) string {
	switch {
	case math.IsNaN(p):
		return missing
	case p < 1e-300 && log10 < -300 && !math.IsInf(log10, -1):
		e := math.Floor(log10)
		mantissa := strconv.FormatFloat(math.Pow(10, log10-e), 'f', 1, 64)
		if mantissa == "10.0" {
			mantissa, e = "1.0", e+1
		}
		return mantissa + "e" + strconv.FormatFloat(e, 'f', 0, 64)
	case p == 0:
		return "< 1e-300"
	case p >= 0.001:
		return strconv.FormatFloat(p, 'g', 3, 64)
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(p, 'e', 1, 64), "e")
	e, _ := strconv.Atoi(exponent)
	return mantissa + "e" + strconv.Itoa(e)
}

// formatCell writes a cell as plain text.
func formatCell(c exhibit.Cell) string {
	var s string
	switch c.Kind {
	case exhibit.TextCell:
		return c.Text
	case exhibit.CountCell:
		s = formatCount(c.Value)
	case exhibit.PercentCell:
		s = formatPercent(c.Value)
	case exhibit.PCell:
		return formatP(c.Value, c.Log10)
	default:
		s = formatNumber(c.Value)
	}
	if c.Level > 0 && !math.IsNaN(c.Value) {
		format := formatNumber
		switch c.Kind {
		case exhibit.CountCell:
			format = formatCount
		case exhibit.PercentCell:
			format = formatPercent
		}
		s += " [" + format(c.Low) + ", " + format(c.High) + "]"
	}
	if c.Unit != "" && !math.IsNaN(c.Value) {
		s += " " + c.Unit
	}
	return s
}

// formatMeasure writes a measure as a cell would show it.
func formatMeasure(m exhibit.Measure) string {
	c := exhibit.Num(m.Value)
	c.Unit = m.Unit
	if m.HasInterval() {
		c.Low, c.High, c.Level = m.Low, m.High, m.Level
	}
	return formatCell(c)
}

// thousands puts a comma before each group of three digits of a whole number.
func thousands(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

func trimZeros(s string) string {
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}
