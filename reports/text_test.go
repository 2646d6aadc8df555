package reports

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"flowbook/internal/exhibit"
)

func TestFormatNumber(t *testing.T) {
	for _, c := range []struct {
		v    float64
		want string
	}{
		{0, "0"}, {3, "3"}, {-3, "-3"}, {1234567, "1.235e6"}, {999999, "999,999"}, {12345, "12,345"},
		{0.98123, "0.9812"}, {9.9996, "10.00"}, {12.345678, "12.35"}, {1234.5678, "1,235"}, {99999.5, "100,000"},
		{0.00012345, "0.0001234"}, {0.000012345, "1.234e-5"}, {-2.5e-7, "-2.500e-7"}, {1e300, "1e300"},
		{math.NaN(), "–"}, {math.Inf(1), "∞"}, {math.Inf(-1), "-∞"}, {math.Copysign(0, -1), "0"},
	} {
		if got := formatNumber(c.v); got != c.want {
			t.Errorf("%v is shown as %q, want %q", c.v, got, c.want)
		}
	}
}

func TestFormatCell(t *testing.T) {
	seconds := exhibit.Num(1.5)
	seconds.Unit = "s"
	for _, c := range []struct {
		cell exhibit.Cell
		want string
	}{
		{exhibit.Text("a"), "a"},
		{exhibit.Between(0.98123, 0.97911, 0.98334, 0.95), "0.9812 [0.9791, 0.9833]"},
		{exhibit.Between(math.NaN(), 0, 1, 0.95), "–"},
		{exhibit.Count(1234567), "1,234,567"},
		{exhibit.Percent(0.98123), "98.12 %"}, {exhibit.Percent(0.0081), "0.81 %"}, {exhibit.Percent(0.000055), "0.0055 %"}, {exhibit.Percent(0), "0 %"},
		{exhibit.P(1.2472090833e-20, -19.904), "1.2e-20"}, {exhibit.P(0, -4032.12), "7.6e-4033"},
		{exhibit.P(0.0321, -1.49), "0.0321"}, {exhibit.P(1, 0), "1"}, {exhibit.P(math.NaN(), math.NaN()), "–"},
		{seconds, "1.500 s"},
	} {
		if got := formatCell(c.cell); got != c.want {
			t.Errorf("%+v is shown as %q, want %q", c.cell, got, c.want)
		}
	}
}

func TestNumberJSON(t *testing.T) {
	for _, v := range []float64{0, 1, -1.5, 0.1, math.Pi, 5e-324, math.MaxFloat64, math.NaN(), math.Inf(1), math.Inf(-1)} {
		text, err := json.Marshal(Number(v))
		if err != nil {
			t.Fatal(err)
		}
		var back Number
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		if math.Float64bits(float64(back)) != math.Float64bits(v) && !(math.IsNaN(v) && math.IsNaN(float64(back))) {
			t.Errorf("%v became %s and then %v", v, text, back)
		}
	}
	var n Number
	if err := json.Unmarshal([]byte(`"x"`), &n); err == nil {
		t.Error(`"x" was read as a number`)
	}
}

// What an argument of Textf holds shows as itself, in both pages.
func TestTextfEscapesArguments(t *testing.T) {
	hostile := "<script>alert(1)</script> & *b* _i_ `c` [l](http://x) | # ~~s~~ https://x.org www.x.org @someone \\ \x1b[0m"
	shown := strings.ReplaceAll(hostile, "\x1b", "␛")
	text := sprintf("An *emphasis*, then %s, then `%s`.", []any{hostile, "a_b*c"})
	r := newMarkdownRenderer(nil)
	page, err := r.inline(text)
	if err != nil {
		t.Fatal(err)
	}
	want := "An <em>emphasis</em>, then " + htmlText(shown) + ", then <code>a_b*c</code>."
	if page != want {
		t.Errorf("page\n%s, want\n%s", page, want)
	}
	// GitHub's reading of README.md, by the same renderer with all its extensions.
	readme, err := newMarkdownRenderer(nil).prose(unguardMarkdown(text))
	if err != nil {
		t.Fatal(err)
	}
	if plain := htmlUnescape(tagless(readme)); strings.TrimSpace(plain) != "An emphasis, then "+shown+", then a_b*c." {
		t.Errorf("README shows %q", plain)
	}
	if strings.Count(readme, "<") != strings.Count("<p><em></em><code></code></p>", "<") {
		t.Errorf("README has marks of its own: %s", readme)
	}
}

func TestTextfStaysAParagraph(t *testing.T) {
	for _, format := range []string{"1. one", "- dash", "# head", "> quote", "+ plus", "==="} {
		page, err := newMarkdownRenderer(nil).prose(unguardMarkdown(sprintf(format, nil)))
		if err != nil || strings.TrimSpace(page) != "<p>"+htmlText(format)+"</p>" {
			t.Errorf("%q became %s (%v)", format, page, err)
		}
	}
	if got := unguardMarkdown(sprintf("%5.1f|%*d|%v|%v", []any{math.NaN(), 4, 7, 0.123456, exhibit.Count(1234)})); got != "–|   7|0.1235|1,234" {
		if got != "–| 7|0.1235|1,234" { // blanks join
			t.Errorf("got %q", got)
		}
	}
}

func TestClean(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"plain", "plain"}, {"a\x00b\x7f", "a␀b␡"}, {"a\nb\tc", "a b c"}, {"\xff", "�"}, {"\u202egnp", "�gnp"},
		{"\U000F003Cscript", "�script"}, {strings.Repeat("ä", 300), strings.Repeat("ä", 240) + "…"},
	} {
		if got := clean(c.in, longestCell); got != c.want {
			t.Errorf("%q became %q, want %q", c.in, got, c.want)
		}
	}
	if got := clean(strings.Repeat("x", 10000), longestCell); len([]rune(got)) != longestCell+1 {
		t.Errorf("a field of 10 kB shows %d characters", len([]rune(got)))
	}
}

func TestInlineSVG(t *testing.T) {
	doc := `<?xml version="1.0"?><!DOCTYPE svg><svg xmlns="http://www.w3.org/2000/svg" width="10pt" height="20pt" onload="alert(1)">
<script>alert(1)</script><style>*{display:none}</style><foreignObject><p>x</p></foreignObject>
<defs><clipPath id="c"><rect/></clipPath></defs><g clip-path="url(#c)" style="fill:url(https://x/y)"><use href="#c"/><image href="https://x/y.png"/><image href="data:image/png;base64,AA"/>
<text>a &lt;b&gt; &amp; c</text></g></svg>`
	got, err := inlineSVG([]byte(doc), "f1-", `say "x"`)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"script", "style", "foreignObject", "https", "onload", "xml", "DOCTYPE"} {
		if strings.Contains(got, bad) {
			t.Errorf("%q is left in %s", bad, got)
		}
	}
	for _, good := range []string{`id="f1-c"`, `url(#f1-c)`, `href="#f1-c"`, `data:image/png`, "a &lt;b&gt; &amp; c", `viewBox="0 0 10 20"`, `aria-label="say &#34;x&#34;"`} {
		if !strings.Contains(got, good) {
			t.Errorf("%q is missing in %s", good, got)
		}
	}
	for _, bad := range []string{"", "text", "<svg>", "<p></p>", "<svg></g></svg>", "<svg><g></svg>"} {
		if _, err := inlineSVG([]byte(bad), "", ""); err == nil {
			t.Errorf("%q was taken for SVG", bad)
		}
	}
}

func TestCitations(t *testing.T) {
	prose := "See [1], not [3], nor [2](x), nor\n[1] at a line's head.\n\n[1] First.\n[2] Second,\ncontinued [1]."
	page, err := newMarkdownRenderer([]string{prose}).prose(prose)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(page, `<a class="cite" href="#ref-1">[1]</a>`); n != 3 {
		t.Errorf("%d links to [1], want 3: %s", n, page)
	}
	for _, w := range []string{`id="ref-1"`, `id="ref-2"`, "not [3]", `<a href="x">2</a>`} {
		if strings.Count(page, w) != 1 {
			t.Errorf("want %q once in %s", w, page)
		}
	}
	if got := breakReferences(prose); !strings.Contains(got, "First.\\\n[2]") || strings.Contains(got, "nor\\") {
		t.Errorf("README has %q", got)
	}
}

// Whatever the data hold, the rendering of a note or a cell is text.
func FuzzEscape(f *testing.F) {
	f.Add("<b>*x*</b>")
	f.Add("1. a\n\n# b")
	f.Add("\x00\xff`|`")
	f.Add("&#60;script&#62; https://x.y www.a.b a@b.c")
	f.Fuzz(func(t *testing.T, s string) {
		shown := strings.Join(strings.Fields(clean(s, longestNote)), " ")
		page, err := newMarkdownRenderer(nil).prose(escapeStart(escapeMarkdown(shown)))
		if err != nil {
			t.Fatal(err)
		}
		if shown == "" {
			return
		}
		if want := "<p>" + htmlText(shown) + "</p>"; htmlUnescape(strings.TrimSpace(page)) != htmlUnescape(want) {
			t.Errorf("%q became %s", s, page)
		}
	})
}
