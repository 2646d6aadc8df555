package reports

import (
	"fmt"
	"html"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"

	"flowbook/internal/exhibit"
)

// Longest texts that the page shows, in characters; what is longer ends in "…".
const (
	longestCell = 240
	longestNote = 4000
)

// clean makes any text fit to be shown: white space becomes blanks, control
// characters become their pictures (␀), invalid bytes and marks that reverse the
// direction of writing become "�", and what is longer than limit is cut.
func clean(s string, limit int) string {
	plain := len(s) <= limit
	for i := 0; plain && i < len(s); i++ {
		plain = s[i] >= 0x20 && s[i] < 0x7f
	}
	if plain {
		return s
	}
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n == limit {
			b.WriteString("…")
			break
		}
		n++
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			r = ' '
		case r < 0x20:
			r += 0x2400
		case r == 0x7f:
			r = 0x2421
		case unicode.IsControl(r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x2028, r == 0x2029, r == 0xfeff, r >= guardBase && r < guardBase+0x80:
			r = utf8.RuneError
		}
		b.WriteRune(r)
	}
	return b.String()
}

// markdownMarks is what escapeMarkdown puts a backslash before. "<", ">" and "&"
// become entities, which no renderer takes for HTML.
const markdownMarks = "\\`*_[]~|$"

// escapeMarkdown makes text mean itself inside a Markdown paragraph or cell. It
// also breaks up what some renderers turn into links or mentions by themselves.
func escapeMarkdown(s string) string {
	if !strings.ContainsAny(s, markdownMarks+"<>&@:!#") && !strings.Contains(s, "www.") {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case strings.ContainsRune(markdownMarks, r):
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '<' || r == '>' || r == '&':
			b.WriteString(html.EscapeString(string(r)))
		case r == '@' || r == '#' || r == '!':
			b.WriteString(fmt.Sprintf("&#%d;", r))
		case r == ':' && (len(s) == 1 || strings.HasPrefix(s[i:], "://")):
			b.WriteString("&#58;")
		case r == '.' && i >= 3 && strings.EqualFold(s[i-3:i], "www"):
			b.WriteString("&#46;")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// escapeStart keeps a paragraph from beginning with what Markdown takes for a
// list, a heading, a quotation or a rule.
func escapeStart(s string) string {
	s = strings.TrimLeft(s, " \t\n")
	digits := 0
	for digits < len(s) && s[digits] >= '0' && s[digits] <= '9' {
		digits++
	}
	switch {
	case digits > 0 && digits < len(s) && (s[digits] == '.' || s[digits] == ')'):
		return s[:digits] + "\\" + s[digits:]
	case s != "" && strings.ContainsRune("-+=>", rune(s[0])):
		return "\\" + s
	case strings.HasPrefix(s, "#"):
		return "\\" + s
	case strings.HasPrefix(s, "* ") || strings.HasPrefix(s, "```") || strings.HasPrefix(s, "~~~"):
		return "\\" + s
	}
	return s
}

// sprintf formats a computed paragraph: the format is Markdown, the arguments are
// text. Line breaks in the format join, so that it stays one paragraph.
func sprintf(format string, args []any) string {
	safe := make([]any, len(args))
	for i, a := range args {
		safe[i] = escapeArgument(a)
	}
	text := fmt.Sprintf(format, safe...)
	return escapeStart(strings.Join(strings.Fields(text), " "))
}

// escapeArgument wraps what could carry marks into the text. Plain whole numbers
// pass, for they may be a width ("%*d").
func escapeArgument(a any) any {
	switch v := a.(type) {
	case nil:
		return quoted{a}
	case exhibit.Cell:
		return quoted{formatCell(v)}
	case exhibit.Measure:
		return quoted{formatMeasure(v)}
	case Number:
		return quoted{float64(v)}
	case fmt.Formatter, fmt.Stringer, error:
		return quoted{a}
	}
	switch reflect.TypeOf(a).Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return a
	}
	return quoted{a}
}

// quoted formats its value as fmt would and escapes the result.
type quoted struct{ value any }

// Format implements fmt.Formatter.
func (q quoted) Format(f fmt.State, verb rune) {
	var s string
	v, isFloat := q.value.(float64)
	if w, ok := q.value.(float32); ok {
		v, isFloat = float64(w), true
	}
	switch {
	case isFloat && v != v:
		s = missing
	case isFloat && verb == 'v':
		s = formatNumber(v)
	default:
		s = fmt.Sprintf(fmt.FormatString(f, verb), q.value)
	}
	fmt.Fprint(f, guard(clean(s, longestNote)))
}

// guardBase is where guard moves ASCII punctuation to: a private plane, which no
// Markdown rule knows, so that an argument means itself even inside `code`, where
// a backslash would show. clean keeps such runes out of arguments.
const guardBase = 0xF0000

// guard replaces punctuation by its private twin.
func guard(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 && (unicode.IsPunct(r) || unicode.IsSymbol(r)) {
			return guardBase + r
		}
		return r
	}, s)
}

// unguardHTML puts the punctuation back into rendered HTML.
func unguardHTML(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r >= guardBase && r < guardBase+0x80 {
			b.WriteString(html.EscapeString(string(r - guardBase)))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// unguardMarkdown puts the punctuation back into Markdown, escaped outside `code`.
func unguardMarkdown(s string) string {
	parts := strings.Split(s, "`")
	for i, p := range parts {
		var plain strings.Builder
		for _, r := range p {
			if r >= guardBase && r < guardBase+0x80 {
				r -= guardBase
			} else if i%2 == 0 {
				plain.WriteString(string(r))
				continue
			}
			switch {
			case i%2 == 0 && r == '.' && strings.HasSuffix(strings.ToLower(plain.String()), "www"):
				plain.WriteString("&#46;") // or GitHub makes a link of it
			case i%2 == 0:
				plain.WriteString(escapeMarkdown(string(r)))
			case r == '`':
				plain.WriteByte('\'')
			default:
				plain.WriteRune(r)
			}
		}
		parts[i] = plain.String()
	}
	return strings.Join(parts, "`")
}
