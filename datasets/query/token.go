package query

import "strings"

// token is a piece of SQL: a word (lower case), a number, a quoted text (its text
// is "") or a punctuation mark.
type token struct {
	text string
	word bool
	line int
}

// lexError is a text that does not end.
type lexError struct {
	line int
	what string
}

// tokenize cuts an SQL text into tokens, leaving out comments.
func tokenize(sql string) ([]token, *lexError) {
	var out []token
	line := 1
	for i := 0; i < len(sql); {
		start, at := i, line
		switch c := sql[i]; {
		case c == '\n':
			line++
			i++
		case c == ' ' || c == '\t' || c == '\r':
			i++
		case strings.HasPrefix(sql[i:], "--"):
			for i < len(sql) && sql[i] != '\n' {
				i++
			}
		case strings.HasPrefix(sql[i:], "/*"):
			end := strings.Index(sql[i+2:], "*/")
			if end < 0 {
				return nil, &lexError{at, "a /* comment does not end"}
			}
			i += 2 + end + 2
			line += strings.Count(sql[start:i], "\n")
		case c == '\'' || c == '"' || c == '`':
			i = closing(sql, i)
			if i < 0 {
				return nil, &lexError{at, "a quote " + string(c) + " does not close"}
			}
			line += strings.Count(sql[start:i], "\n")
			t := token{line: at}
			if c != '\'' { // a quoted name is a name: "sum"(x) calls sum
				t.text, t.word = strings.ToLower(sql[start+1:i-1]), true
			}
			out = append(out, t)
		case wordByte(c):
			for i < len(sql) && wordByte(sql[i]) {
				i++
			}
			out = append(out, token{strings.ToLower(sql[start:i]), c < '0' || c > '9', at})
		default:
			i++
			out = append(out, token{sql[start:i], false, at})
		}
	}
	return out, nil
}

// closing returns the index behind the quote that ends the one at i, or -1. A
// doubled quote stands for itself.
func closing(sql string, i int) int {
	q := sql[i]
	for i++; i < len(sql); i++ {
		if sql[i] != q {
			continue
		}
		if i+1 < len(sql) && sql[i+1] == q {
			i++
			continue
		}
		return i + 1
	}
	return -1
}

// wordByte reports whether c belongs to a word or number; bytes of UTF-8 letters do.
func wordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
