package plots

import (
	"math"
	"strconv"
	"strings"
)

// power writes m·10^k: 0.01, 20, 1 k, 10 M, 10⁻⁷.
func power(m, k int) string {
	switch {
	case k < -3 || k >= 15:
		s := "10" + superscript(k)
		if m > 1 {
			s = strconv.Itoa(m) + "·" + s
		}
		return s
	case k < 0:
		return strconv.FormatFloat(float64(m)*math.Pow(10, float64(k)), 'f', -k, 64)
	}
	zeros := strings.Repeat("0", k%3)
	unit := [...]string{"", " k", " M", " G", " T"}[k/3]
	return strconv.Itoa(m) + zeros + unit
}

func superscript(k int) string {
	return strings.NewReplacer("-", "⁻", "0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴",
		"5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹").Replace(strconv.Itoa(k))
}

// tickLabel writes v with the decimals of step, in the unit that suits the
// largest value of the axis: 0.25, 20,000, 1.5 M, 2·10⁻⁵.
func tickLabel(v, step, big float64) string {
	if math.Abs(v) < step/1e6 {
		return "0"
	}
	switch {
	case big >= 1e15 || big < 1e-3:
		k := int(math.Floor(math.Log10(math.Abs(v)) + 1e-9))
		return number(v/math.Pow(10, float64(k)), decimals(step/math.Pow(10, float64(k)))) + "·10" + superscript(k)
	case big >= 1e12:
		return number(v/1e12, decimals(step/1e12)) + " T"
	case big >= 1e9:
		return number(v/1e9, decimals(step/1e9)) + " G"
	case big >= 1e6:
		return number(v/1e6, decimals(step/1e6)) + " M"
	}
	return number(v, decimals(step))
}

// decimals returns how many digits after the point a step needs, at most 6.
func decimals(step float64) int {
	for d := range 6 {
		s := step * math.Pow(10, float64(d))
		if math.Abs(s-math.Round(s)) < 1e-6*s {
			return d
		}
	}
	return 6
}

// number writes v with d decimals, thousands marks and a true minus sign.
func number(v float64, d int) string {
	s := strconv.FormatFloat(math.Abs(v), 'f', d, 64)
	whole, rest, _ := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if rest != "" {
		whole += "." + rest
	}
	if v < 0 && strings.Trim(s, "0.") != "" {
		return "−" + whole
	}
	return whole
}

// count writes a whole number with thousands marks.
func count(n int) string { return number(float64(n), 0) }

// compact writes v to three significant digits or so: 0.021, 1.27, 31.4, 12,400, 1.95 M.
func compact(v float64) string {
	a := math.Abs(v)
	switch {
	case math.IsNaN(v):
		return "–"
	case math.IsInf(v, 0):
		return "∞"
	case v == math.Trunc(v) && a < 1e5:
		return number(v, 0)
	case a >= 1e15 || a > 0 && a < 1e-3:
		k := int(math.Floor(math.Log10(a)))
		return number(v/math.Pow(10, float64(k)), 1) + "·10" + superscript(k)
	case a >= 1e9:
		return trimmed(number(v/1e9, 2-b2i(a >= 1e10))) + " G"
	case a >= 1e6:
		return trimmed(number(v/1e6, 2-b2i(a >= 1e7))) + " M"
	case a >= 100:
		return number(v, 0)
	case a >= 10:
		return number(v, 1)
	case a >= 1:
		return number(v, 2)
	case a >= 0.01:
		return number(v, 3)
	}
	return number(v, 4)
}

// brief is compact without trailing zeros, for numbers that stand alone.
func brief(v float64) string {
	if s := compact(v); !strings.ContainsAny(s, " ·") {
		return trimmed(s)
	}
	return compact(v)
}

// trimmed cuts zeros after the point.
func trimmed(s string) string {
	if !strings.Contains(s, ".") {
		return s
	}
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

// percentage writes a share in [0, 1] with one decimal.
func percentage(v float64) string {
	if v == math.Trunc(v) {
		return number(100*v, 0) + " %"
	}
	return share(v) + " %"
}

// share writes a share in [0, 1] as percent with one decimal, and never rounds to
// nothing or to all what is neither: 0.0, <0.1, 96.1, >99.9, 100.0.
func share(v float64) string {
	switch s := number(100*v, 1); {
	case v > 0 && s == "0.0":
		return "<0.1"
	case v < 1 && s == "100.0":
		return ">99.9"
	default:
		return s
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
