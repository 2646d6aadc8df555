package plots

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		" a\n\tb ":           "a b",
		"a\x00b":             "a�b",
		"x\u202ey\ufeff":     "x�y�",
		"\xff\xfe":           "��",
		"<b>&amp;":           "<b>&amp;",
		"\x1b[31mred\x1b[0m": "�[31mred�[0m",
		"Ünïcödé 数据":         "Ünïcödé 数据",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
	if got := utf8.RuneCountInString(clean(strings.Repeat("x", 1e6))); got != maxRunes+1 {
		t.Errorf("a million runes become %d", got)
	}
}

func TestFit(t *testing.T) {
	sty := typeset(tickSize, ink)
	long := strings.Repeat("dst_host_srv_diff_host_rate ", 4)
	for _, width := range []float64{0, 5, 40, 100, 300} {
		got := fit(sty, long, width)
		if w := sty.Width(got).Points(); w > width && got != "…" {
			t.Errorf("%q is %.1f wide, want at most %g", got, w, width)
		}
		for _, l := range wrap(sty, long, width, 3) {
			if w := sty.Width(l).Points(); w > width && l != "…" {
				t.Errorf("line %q is %.1f wide, want at most %g", l, w, width)
			}
		}
	}
	if got := fit(sty, "src_bytes", 300); got != "src_bytes" {
		t.Errorf("a text that fits became %q", got)
	}
	if got := strings.Join(wrap(sty, "logistic regression", 60, 2), "|"); got != "logistic|regression" {
		t.Errorf("wrapped to %q", got)
	}
}

func FuzzClean(f *testing.F) {
	f.Add("<script>alert(1)</script>&\x00")
	f.Fuzz(func(t *testing.T, s string) {
		fig := Bars{Name: s, Title: s, XLabel: s, Labels: []string{s}, Series: []BarSeries{{Name: s, Values: []float64{1}}}}.Figure()
		checkSVG(t, "fuzz", fig)
	})
}
