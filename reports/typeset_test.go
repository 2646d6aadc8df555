package reports

import (
	"testing"

	"flowbook/internal/exhibit"
)

func TestTypeset(t *testing.T) {
	for _, c := range []struct{ html, want string }{
		{"plain text, well-known", "plain text, well-known"},
		{"16.6 % of rows", "16.6\u00a0% of rows"},
		{"on NSL-KDD and KDDTest-21.", `on <span class="word">NSL-KDD</span> and <span class="word">KDDTest-21</span>.`},
		{`<a href="NSL-KDD 5 %">5 %</a>`, `<a href="NSL-KDD 5 %">5` + "\u00a0%</a>"},
		{"<code>NSL-KDD 5 %</code> 5 %", "<code>NSL-KDD 5 %</code> 5\u00a0%"},
		{"<pre><code>5 %</code></pre><p>5 % < 6 %", "<pre><code>5 %</code></pre><p>5\u00a0% < 6 %"},
	} {
		if got := typeset(c.html); got != c.want {
			t.Errorf("%q becomes %q, want %q", c.html, got, c.want)
		}
	}
}

func TestLoudFirst(t *testing.T) {
	in := []exhibit.Check{{ID: "a"}, {ID: "b", Status: exhibit.Fail}, {ID: "c", Status: exhibit.Warn}, {ID: "d"}, {ID: "e", Status: exhibit.Fail}}
	var got string
	for _, c := range loudFirst(in) {
		got += c.ID
	}
	if got != "becad" || in[0].ID != "a" {
		t.Errorf("checks in the order %q, want becad; the first given is now %q", got, in[0].ID)
	}
}
