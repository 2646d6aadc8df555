package reports

import (
	"regexp"
	"strings"
)

var (
	spacedPercent = regexp.MustCompile(`(\d) %`)
	hyphenedName  = regexp.MustCompile(`\b[A-Z]{2}[A-Za-z0-9+]{0,12}-[A-Z0-9]{1,8}\b`)
)

// typeset keeps together on a line of the page what a reader takes for one word:
// a number and its percent sign, and the parts of a name such as NSL-KDD or
// KDDTest-21. Tags and code stay as they are, and a search finds the text as it
// was, for no hyphen is exchanged.
func typeset(html string) string {
	if !strings.Contains(html, " %") && !strings.Contains(html, "-") {
		return html
	}
	var b strings.Builder
	code := 0
	for html != "" {
		at := strings.IndexByte(html, '<')
		if at < 0 {
			at = len(html)
		}
		text := html[:at]
		if code == 0 {
			text = spacedPercent.ReplaceAllString(text, "$1\u00a0%")
			text = hyphenedName.ReplaceAllString(text, `<span class="word">$0</span>`)
		}
		b.WriteString(text)
		html = html[at:]
		end := strings.IndexByte(html, '>') + 1
		if end == 0 {
			end = len(html)
		}
		tag := html[:end]
		switch {
		case strings.HasPrefix(tag, "<code"), strings.HasPrefix(tag, "<pre"):
			code++
		case strings.HasPrefix(tag, "</code"), strings.HasPrefix(tag, "</pre"):
			code--
		}
		b.WriteString(tag)
		html = html[end:]
	}
	return b.String()
}
