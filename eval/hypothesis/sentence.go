package hypothesis

import (
	"fmt"
	"math"
	"unicode"
	"unicode/utf8"
)

// sayer puts a result into words; each test has its own.
type sayer interface{ sentence(Result) string }

// Sentence reads the result in one plain English sentence whose numbers are all
// computed. Subject and Groups give it its nouns.
func (r Result) Sentence() string {
	if r.says == nil {
		return fmt.Sprintf("%s: %s %s, %s.", r.Test, r.StatisticName, sig(r.Statistic), r.pText())
	}
	s := r.says.sentence(r)
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

func (r Result) subject() string {
	if r.Subject == "" {
		return "value"
	}
	return r.Subject
}

// pText is "p = 0.0123" or, where p underflows, "p = 10^-421.3"; the corrected p
// where there is one.
func (r Result) pText() string {
	if r.Correction != "" {
		return fmt.Sprintf("p = %s after %s", pNumber(r.PCorrected, r.Log10PCorrected), r.Correction)
	}
	return "p = " + pNumber(r.P, r.Log10P)
}

func pNumber(p, log10 float64) string {
	switch {
	case math.IsNaN(p):
		return "unknown"
	case p < 1e-300:
		e := math.Floor(log10)
		m := math.Round(10*math.Pow(10, log10-e)) / 10
		if m == 10 {
			m, e = 1, e+1
		}
		return fmt.Sprintf("%.1fe%.0f", m, e)
	}
	return fmt.Sprintf("%.3g", p)
}

// effectText is "0.1014, 95 % CI 0.09889 to 0.1039".
func (r Result) effectText() string {
	if math.IsNaN(r.EffectLow) || math.IsNaN(r.EffectHigh) {
		return sig(r.Effect)
	}
	return fmt.Sprintf("%s, %g %% CI %s to %s", sig(r.Effect), 100*r.Level, sig(r.EffectLow), sig(r.EffectHigh))
}

// verdict says what p allows at 0.05, after correction where there is one.
func (r Result) verdict() string {
	p := r.P
	if r.Correction != "" {
		p = r.PCorrected
	}
	switch {
	case math.IsNaN(p):
		return "not tested"
	case p < 0.05:
		return "more than chance explains at the 5 % level"
	}
	return "within what chance explains at the 5 % level"
}

func sig(v float64) string {
	if math.IsNaN(v) {
		return "unknown"
	}
	if a := math.Abs(v); a >= 1e4 && a < 1e7 { // no 1.812e+04 in a sentence
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.4g", v)
}
