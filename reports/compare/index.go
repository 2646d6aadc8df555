package compare

import (
	"bytes"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Index is the page that lists reports: the question, the first answer, and what the
// report rests on. Reports come in the order given.
func Index(runs []Run) []byte {
	var b bytes.Buffer
	b.WriteString("# Reports\n\nOne line a published report; written by `flowbook compare`. Each page can be made again by `flowbook run NAME` and checked by `flowbook verify NAME`.\n\n")
	b.WriteString("| Report | Question | Answer | Data | Rows | Measures | Checks | Looks at tests |\n| --- | --- | --- | --- | ---: | ---: | --- | ---: |\n")
	for _, r := range runs {
		name := filepath.Base(r.Name)
		answer := ""
		if len(r.Answers) > 0 {
			answer = r.Answers[0]
		}
		rows := 0
		for _, f := range r.Origin.Files {
			rows += f.Rows
		}
		count := map[string]int{}
		for _, c := range r.Checks {
			count[c.Status]++
		}
		checks := fmt.Sprintf("%d passed, %d warned, %d failed", count["pass"], count["warn"], count["fail"])
		if len(r.Checks) == 0 {
			checks = "incomplete: none"
		}
		cells := []string{fmt.Sprintf("[%s](%s/README.md)", plain(r.Experiment), url.PathEscape(name)), plain(r.Question), oneLine(answer), plain(r.Origin.Label()),
			fmt.Sprint(rows), fmt.Sprint(len(r.Measures)), checks, fmt.Sprint(len(r.Looks))}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}
	return b.Bytes()
}

// oneLine keeps Markdown that a report has escaped within one cell, and escapes tags: a
// report's own are escaped already.
func oneLine(s string) string {
	return strings.NewReplacer("|", "\\|", "<", "&lt;").Replace(printed(s))
}

// plain escapes text.
func plain(s string) string {
	var b strings.Builder
	for _, r := range printed(s) {
		if strings.ContainsRune("\\`*_{}[]<>#|", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// printed is text on one line without marks that steer a terminal or turn its direction.
func printed(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return utf8.RuneError
		}
		return r
	}, strings.Join(strings.Fields(s), " "))
}
