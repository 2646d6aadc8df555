package reports

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"flowbook/internal/exhibit"
)

// Rows that README.md shows of a grid; the page and whoever reads it on GitHub
// have different patience. index.html shows up to longestGrid.
const (
	longestReadme = 40
	longestGrid   = 1000
)

// markdown writes README.md: the report as GitHub shows it, figures by relative
// path, code folded.
func (d *document) markdown() []byte {
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("**%s** %s\n", originHead(d.origin), escapeMarkdown(clean(originRest(d.origin), longestNote)))
	line("# %s\n", d.title)
	if len(d.answers) > 0 {
		line("> **In short**\n>")
		for _, a := range d.answers {
			line("> - %s", unguardMarkdown(a))
		}
		line("")
	}
	checks := loudFirst(d.distinctChecks())
	line("%s\n", checkSummary(checks))
	if d.lede != "" {
		line("%s\n", breakReferences(d.lede))
	}
	for _, blk := range d.blocks {
		d.markdownBlock(&b, blk)
	}
	d.markdownChecks(&b, checks)
	d.markdownLooks(&b)
	d.markdownFoot(&b)
	return b.Bytes()
}

func (d *document) markdownBlock(b *bytes.Buffer, blk block) {
	line := func(format string, args ...any) { fmt.Fprintf(b, format+"\n", args...) }
	switch {
	case blk.prose != "":
		line("%s\n", breakReferences(blk.prose))
	case blk.text != "":
		line("%s\n", unguardMarkdown(blk.text))
	case blk.code != nil:
		line("<details><summary>%s</summary>\n", blk.code.title())
		fence := strings.Repeat("`", max(3, longestRun(blk.code.text, '`')+1))
		line("%sgo\n%s\n%s\n\n</details>\n", fence, blk.code.text, fence)
	case blk.grid != nil:
		d.markdownGrid(b, blk)
	case blk.figure != nil:
		f := blk.figure
		line("![%s](../../plots/%s/%s.svg)\n", escapeMarkdown(clean(altOf(*f), longestNote)), d.options.Name, f.Name)
		line("*Figure %d. %s*\n", blk.number, escapeMarkdown(clean(d.caption(f.Title, f.Caption, blk.looks, true), longestNote)))
	case blk.checks != nil:
		pass, _, _ := tally(blk.checks)
		for _, c := range blk.checks {
			if c.Status != exhibit.Pass {
				line("> %s **%s:** %s %s", checkMark(c.Status), c.Status, escapeMarkdown(clean(c.Title, longestNote)), escapeMarkdown(clean(c.Detail, longestNote)))
				line(">")
			}
		}
		if pass > 0 {
			line("> %s", passed(pass))
		}
		line("")
	case blk.notes != nil:
		mark := ""
		if len(blk.notes) >= runOfNotes {
			mark = "- "
		}
		for _, note := range blk.notes {
			line("%s%s", mark, escapeStart(escapeMarkdown(note)))
			if mark == "" {
				line("")
			}
		}
		line("")
	}
}

// runOfNotes is from how many notes on a run of them is a list.
const runOfNotes = 3

func passed(n int) string {
	if n == 1 {
		return "✓ 1 check passed; see Checks."
	}
	return fmt.Sprintf("✓ %d checks passed; see Checks.", n)
}

func (d *document) markdownGrid(b *bytes.Buffer, blk block) {
	g := blk.grid
	line := func(format string, args ...any) { fmt.Fprintf(b, format+"\n", args...) }
	title := escapeMarkdown(clean(g.Title, longestCell))
	most, where := longestReadme, "stand in index.html"
	if d.sheet {
		most, where = longestGrid, "are left out"
	}
	rows := g.Rows[:min(len(g.Rows), most)]
	if g.Folded {
		line("<details><summary>Table %d. %s</summary>\n", blk.number, htmlText(clean(g.Title, longestCell)))
	} else {
		line("**Table %d.** %s\n", blk.number, title)
	}
	head, rule := make([]string, len(g.Columns)), make([]string, len(g.Columns))
	for k, c := range g.Columns {
		head[k], rule[k] = escapeMarkdown(clean(c, longestCell)), "---"
		if numeric(g, k) {
			rule[k] = "---:"
		}
	}
	line("| %s |\n| %s |", strings.Join(head, " | "), strings.Join(rule, " | "))
	for _, row := range rows {
		cells := make([]string, len(row))
		for k, c := range row {
			cells[k] = escapeMarkdown(clean(formatCell(c), longestCell))
		}
		line("| %s |", strings.Join(cells, " | "))
	}
	line("")
	if n := len(g.Rows) - len(rows); n > 0 {
		line("%s more rows %s.\n", formatCount(float64(n)), where)
	}
	if caption := d.caption("", g.Caption, blk.looks, false); caption != "" {
		line("*%s*\n", escapeMarkdown(clean(caption, longestNote)))
	}
	if g.Folded {
		line("</details>\n")
	}
}

func (d *document) markdownChecks(b *bytes.Buffer, checks []exhibit.Check) {
	line := func(format string, args ...any) { fmt.Fprintf(b, format+"\n", args...) }
	line("## Checks\n")
	if len(checks) == 0 {
		line("This report is incomplete: it carries no checks.\n")
		return
	}
	line("| | Check | Number | Limit | Found |\n| --- | --- | ---: | --- | --- |")
	cell := func(s string) string { return escapeMarkdown(clean(s, longestNote)) }
	for _, c := range checks {
		found := cell(c.Detail)
		if len(c.Rows) > 0 {
			found += "<br><sub>" + cell(strings.Join(c.Rows, "; ")) + "</sub>"
		}
		line("| %s %s | %s<br><sub>%s</sub> | %s | %s | %s |", checkMark(c.Status), c.Status, cell(c.Title), cell(c.ID), cell(checkValue(c)), cell(c.Limit), found)
	}
	line("")
}

func (d *document) markdownLooks(b *bytes.Buffer) {
	line := func(format string, args ...any) { fmt.Fprintf(b, format+"\n", args...) }
	line("## Looks at sealed test sets\n")
	if len(d.looks) == 0 {
		line("None.\n")
		return
	}
	line("| Look | Test set | Rows | Kind | Why | Line |\n| ---: | --- | ---: | --- | --- | --- |")
	for i, l := range d.looks {
		line("| %d | %s | %s | %s | %s | %s |", i+1, escapeMarkdown(clean(l.Table, longestCell)), formatCount(float64(l.Rows)), l.Kind, escapeMarkdown(clean(l.Why, longestCell)), l.At)
	}
	line("")
}

func (d *document) markdownFoot(b *bytes.Buffer) {
	line := func(format string, args ...any) { fmt.Fprintf(b, format+"\n", args...) }
	for _, l := range d.rest {
		fence := strings.Repeat("`", max(3, longestRun(l.text, '`')+1))
		line("<details><summary>%s</summary>\n\n%sgo\n%s\n%s\n\n</details>\n", l.title(), fence, l.text, fence)
	}
	line("## How this report was made\n")
	line("flowbook %s, seed %d, budget %s. Numbers at full precision: metrics.json.\n", Version, d.seed, d.budget)
	if len(d.origin.Files) > 0 {
		line("| File | Rows | Bytes | SHA-256 |\n| --- | ---: | ---: | --- |")
		for _, f := range d.origin.Files {
			line("| %s | %s | %s | `%s` |", escapeMarkdown(clean(f.Name, longestCell)), formatCount(float64(f.Rows)), formatCount(float64(f.Bytes)), strings.ReplaceAll(clean(f.SHA256, longestCell), "`", "'"))
		}
		line("")
	}
	line("```sh")
	for _, c := range d.commands() {
		line("%s", c)
	}
	line("```")
}

// commands says how to make the report again.
func (d *document) commands() []string {
	rerun := fmt.Sprintf("flowbook run %s --seed %d", d.options.Name, d.seed)
	if d.budget != Standard {
		rerun += " --" + d.budget.String()
	}
	commands := []string{rerun, "flowbook verify " + d.options.Name}
	if d.origin.Kind == exhibit.Simulated && d.options.Data != "" {
		commands = append([]string{"flowbook data fetch " + d.options.Data}, commands...)
	}
	return commands
}

// originHead and originRest are the report's first line.
func originHead(o exhibit.Origin) string {
	set := clean(o.Set, longestCell)
	switch o.Kind {
	case exhibit.Real:
		return set + ", real data."
	case exhibit.Sample:
		return set + ", a sample of the real data."
	case exhibit.Given:
		return set + ", data given by the user."
	}
	return set + ", simulated data: not evidence."
}

func originRest(o exhibit.Origin) string {
	var files []string
	for _, f := range o.Files {
		files = append(files, fmt.Sprintf("%s (%s rows)", f.Name, formatCount(float64(f.Rows))))
	}
	s := strings.Join(files, ", ")
	if s != "" {
		s += "."
	}
	if o.Note != "" {
		s += " " + strings.TrimSuffix(o.Note, ".") + "."
	}
	return strings.TrimSpace(s)
}

// caption joins title, caption, origin and looks into sentences.
func (d *document) caption(title, text, looks string, origin bool) string {
	var parts []string
	for _, s := range []string{title, text} {
		if s = strings.TrimSpace(s); s != "" {
			if !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "?") && !strings.HasSuffix(s, "!") {
				s += "."
			}
			parts = append(parts, s)
		}
	}
	if origin {
		parts = append(parts, "Data: "+d.origin.Label()+".")
	}
	if looks != "" {
		parts = append(parts, "Looks at sealed tests so far: "+looks+".")
	}
	return strings.Join(parts, " ")
}

func altOf(f exhibit.Figure) string {
	if f.Alt != "" {
		return f.Alt
	}
	return f.Title
}

func checkMark(s exhibit.Status) string {
	return [...]string{"✓", "▲", "✗"}[min(s, exhibit.Fail)]
}

func checkValue(c exhibit.Check) string {
	s := formatNumber(c.Value)
	if c.Unit != "" && s != missing {
		s += " " + c.Unit
	}
	return s
}

func checkSummary(checks []exhibit.Check) string {
	if len(checks) == 0 {
		return "**Incomplete:** this report carries no checks."
	}
	pass, warn, fail := tally(checks)
	return fmt.Sprintf("Checks: %d passed, %d warned, %d failed.", pass, warn, fail)
}

// numeric reports whether a grid's column holds numbers only, missing ones included.
func numeric(g *exhibit.Grid, k int) bool {
	found := false
	for _, row := range g.Rows {
		if k >= len(row) {
			continue
		}
		if row[k].Kind != exhibit.TextCell {
			found = true
		} else if row[k].Text != "" && row[k].Text != missing && row[k].Text != "-" {
			return false
		}
	}
	return found
}

func (l listing) title() string {
	switch {
	case l.from == 0:
		return "The rest of " + l.file
	case l.from == l.to:
		return fmt.Sprintf("Code, %s:%d", l.file, l.from)
	}
	return fmt.Sprintf("Code, %s:%d-%d", l.file, l.from, l.to)
}

// longestRun is the length of the longest run of c in s.
func longestRun(s string, c byte) int {
	longest, run := 0, 0
	for i := range len(s) {
		run++
		if s[i] != c {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}

var referenceStart = regexp.MustCompile(`^\[(\d+)\] `)

// breakReferences puts each "[n] …" of a reference list on a line of its own.
func breakReferences(text string) string {
	lines := strings.Split(text, "\n")
	inList := false
	for i, l := range lines {
		first := i == 0 || strings.TrimSpace(lines[i-1]) == ""
		is := referenceStart.MatchString(l)
		inList = is && (first || inList) || inList && !first
		if inList && is && !first {
			lines[i-1] = strings.TrimRight(lines[i-1], " ") + "\\"
		}
	}
	return strings.Join(lines, "\n")
}
