package reports

import (
	"html"
	"strings"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
)

// codeHTML renders a listing, folded, with its tokens marked by one-letter
// classes that page.css colours for light and dark.
func codeHTML(l listing) string {
	return `<details class="code"><summary>` + htmlText(l.title()) + `</summary><pre tabindex="0"><code>` + highlight(l.text) + "</code></pre></details>"
}

// highlight marks up Go source; text that the lexer cannot read is escaped as it is.
func highlight(source string) string {
	lexer := lexers.Get("go")
	if lexer == nil {
		return escapeText(source)
	}
	tokens, err := chroma.Coalesce(lexer).Tokenise(nil, source)
	if err != nil {
		return escapeText(source)
	}
	var b strings.Builder
	for _, t := range tokens.Tokens() {
		class := tokenClass(t.Type)
		if class == "" {
			b.WriteString(escapeText(t.Value))
			continue
		}
		b.WriteString(`<span class="` + class + `">` + escapeText(t.Value) + "</span>")
	}
	return strings.TrimRight(b.String(), "\n")
}

func tokenClass(t chroma.TokenType) string {
	switch {
	case t.InCategory(chroma.Comment):
		return "c"
	case t.InCategory(chroma.Keyword):
		return "k"
	case t.InSubCategory(chroma.LiteralString):
		return "s"
	case t.InSubCategory(chroma.LiteralNumber):
		return "n"
	case t == chroma.NameFunction || t == chroma.NameBuiltin:
		return "f"
	}
	return ""
}

func htmlUnescape(s string) string { return html.UnescapeString(s) }
