package reports

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"flowbook/internal/exhibit"
)

//go:embed page/page.tmpl
var pageTemplate string

//go:embed page/page.css
var pageCSS string

//go:embed page/page.js
var pageJS string

var pageTmpl = template.Must(template.New("page").Parse(pageTemplate))

// page is what page.tmpl fills in. Plain strings are escaped by the template.
type page struct {
	Sheet                  bool // no notebook: no seed, looks or commands
	Policy, Version, Tab   string
	CSS                    template.CSS
	JS                     template.JS
	OriginKind             string
	OriginHead, OriginRest string
	Headings               []heading
	Kicker                 string
	Title, Lede            template.HTML
	Answers                []template.HTML
	Pass, Warn, Fail       int
	LookCount              string
	Seed                   uint64
	Budget                 Budget
	Body, Rest             template.HTML
	Checks                 []pageCheck
	Looks                  []pageLook
	Files                  []pageFile
	Commands               []string
}

type pageCheck struct {
	Status, Mark, ID, Value, Sort string
	Title, Limit, Detail          template.HTML
	Order                         int
	Rows                          []string
}

type pageLook struct {
	N                                int
	Table, Rows, Sort, Kind, Why, At string
}

type pageFile struct{ Name, Rows, SortRows, Bytes, SortBytes, SHA256 string }

// html writes index.html: one page that needs nothing else.
func (d *document) html() ([]byte, error) {
	prose := []string{d.lede}
	for _, b := range d.blocks {
		prose = append(prose, b.prose)
	}
	r := newMarkdownRenderer(prose)
	p := page{
		Policy: policy(), Version: Version, CSS: template.CSS(pageCSS), JS: template.JS(pageJS),
		OriginKind: string(d.origin.Kind), OriginHead: originHead(d.origin), OriginRest: clean(originRest(d.origin), longestNote),
		Seed: d.seed, Budget: d.budget, Commands: d.commands(), LookCount: lookCount(len(d.looks)),
	}
	if err := p.head(d, r); err != nil {
		return nil, err
	}
	body, err := d.htmlBlocks(r)
	if err != nil {
		return nil, err
	}
	p.Body = template.HTML(body)
	p.Headings = contents(r.headings)
	if p.Sheet = d.sheet; !d.sheet {
		p.Headings = append(p.Headings, heading{2, "checks", "Checks"}, heading{2, "looks", "Looks at sealed test sets"}, heading{2, "made", "How this report was made"})
	}
	p.tables(d)
	var rest strings.Builder
	for _, l := range d.rest {
		rest.WriteString(codeHTML(l))
	}
	p.Rest = template.HTML(rest.String())
	var b bytes.Buffer
	if err := pageTmpl.Execute(&b, p); err != nil {
		return nil, fmt.Errorf("reports: %w", err)
	}
	return b.Bytes(), nil
}

// head renders title, question and answers.
func (p *page) head(d *document, r *markdownRenderer) error {
	title, err := r.line(d.title)
	if err != nil {
		return err
	}
	lede, err := r.prose(d.lede)
	if err != nil {
		return err
	}
	p.Title, p.Lede = template.HTML(unbroken(title)), template.HTML(lede)
	p.Tab = tagless(title)
	if t := d.options.Title; t != "" && t != p.Tab {
		p.Kicker = t
	}
	for _, a := range d.answers {
		s, err := r.inline(a)
		if err != nil {
			return err
		}
		p.Answers = append(p.Answers, template.HTML(s))
	}
	return nil
}

// unbroken keeps hyphenated words of a title on one line, where they hold no tags.
func unbroken(title string) string {
	words := strings.Split(title, " ")
	for i, w := range words {
		if strings.Contains(w, "-") && !strings.ContainsAny(w, "<>") && utf8.RuneCountInString(w) < 20 {
			words[i] = `<span class="word">` + w + "</span>"
		}
	}
	if strings.Contains(title, "<") {
		return typeset(title) // a blank may lie inside a tag
	}
	return strings.Join(words, " ")
}

// tables fills in checks, looks and files.
func (p *page) tables(d *document) {
	checks := loudFirst(d.distinctChecks())
	p.Pass, p.Warn, p.Fail = tally(checks)
	shown := func(s string) template.HTML { return template.HTML(typeset(htmlText(clean(s, longestNote)))) }
	for _, c := range checks {
		pc := pageCheck{
			Status: c.Status.String(), Mark: checkMark(c.Status), Order: int(c.Status), ID: clean(c.ID, longestCell),
			Title: shown(c.Title), Value: checkValue(c), Sort: sortKey(c.Value), Limit: shown(c.Limit), Detail: shown(c.Detail),
		}
		for _, row := range c.Rows {
			pc.Rows = append(pc.Rows, clean(row, longestCell))
		}
		p.Checks = append(p.Checks, pc)
	}
	for i, l := range d.looks {
		p.Looks = append(p.Looks, pageLook{i + 1, clean(l.Table, longestCell), formatCount(float64(l.Rows)), strconv.Itoa(l.Rows), string(l.Kind), clean(l.Why, longestCell), l.At})
	}
	for _, f := range d.origin.Files {
		p.Files = append(p.Files, pageFile{clean(f.Name, longestCell), formatCount(float64(f.Rows)), strconv.Itoa(f.Rows), formatCount(float64(f.Bytes)), strconv.FormatInt(f.Bytes, 10), clean(f.SHA256, longestCell)})
	}
}

// htmlBlocks renders the body in reading order.
func (d *document) htmlBlocks(r *markdownRenderer) (string, error) {
	var b strings.Builder
	for _, blk := range d.blocks {
		s, err := d.htmlBlock(r, blk)
		if err != nil {
			return "", err
		}
		b.WriteString(s + "\n")
	}
	return b.String(), nil
}

func (d *document) htmlBlock(r *markdownRenderer, blk block) (string, error) {
	switch {
	case blk.prose != "":
		return r.prose(blk.prose)
	case blk.text != "":
		s, err := r.inline(blk.text)
		return "<p>" + s + "</p>", err
	case blk.code != nil:
		return codeHTML(*blk.code), nil
	case blk.grid != nil:
		return d.gridHTML(blk), nil
	case blk.figure != nil:
		f := blk.figure
		svg, err := inlineSVG(f.SVG, fmt.Sprintf("f%d-", blk.number), clean(altOf(*f), longestNote))
		if err != nil {
			return "", fmt.Errorf("%s: %s: %w", blk.at, f.Name, err)
		}
		title := clean(d.caption(f.Title, "", "", false), longestNote)
		rest := clean(d.caption("", f.Caption, blk.looks, true), longestNote)
		return fmt.Sprintf(`<figure class="chart" id="figure-%d"><div class="card" tabindex="0" role="group" aria-label="Figure %d">%s</div><figcaption><b>Figure %d. %s</b> %s</figcaption></figure>`,
			blk.number, blk.number, svg, blk.number, typeset(htmlText(title)), typeset(htmlText(rest))), nil
	case blk.checks != nil:
		return checksHTML(blk.checks), nil
	}
	return notesHTML(blk.notes), nil
}

// checksHTML shows a run of checks in one box: what warns or fails in full, what
// passed behind a line.
func checksHTML(checks []exhibit.Check) string {
	var loud, quiet strings.Builder
	pass := 0
	for _, c := range checks {
		b := &loud
		if c.Status == exhibit.Pass {
			b = &quiet
			pass++
		}
		fmt.Fprintf(b, `<li><span class="badge %s">%s %s</span> <b>%s</b> %s</li>`,
			c.Status, checkMark(c.Status), c.Status, typeset(htmlText(clean(c.Title, longestNote))), typeset(htmlText(clean(c.Detail, longestNote))))
	}
	out := `<div class="check">`
	if loud.Len() > 0 {
		out += "<ul>" + loud.String() + "</ul>"
	}
	if pass > 0 {
		out += fmt.Sprintf(`<details><summary><span class="badge pass">✓ %d passed</span></summary><ul>%s</ul></details>`, pass, quiet.String())
	}
	return out + "</div>"
}

// notesHTML shows a few notes as paragraphs and a run of them as a list, folded
// where it is long.
func notesHTML(notes []string) string {
	var b strings.Builder
	if len(notes) < runOfNotes {
		for _, n := range notes {
			b.WriteString("<p>" + typeset(htmlText(n)) + "</p>")
		}
		return b.String()
	}
	b.WriteString(`<ul class="notes">`)
	for _, n := range notes {
		b.WriteString("<li>" + typeset(htmlText(n)) + "</li>")
	}
	b.WriteString("</ul>")
	if len(notes) > 2*runOfNotes {
		return fmt.Sprintf(`<details class="notes"><summary>%d notes</summary>%s</details>`, len(notes), b.String())
	}
	return b.String()
}

// longGrid is the number of rows above which a table scrolls inside itself.
const longGrid = 30

// gridHTML renders a table that scrolls inside itself and sorts by its heads.
func (d *document) gridHTML(blk block) string {
	g := blk.grid
	var b strings.Builder
	rows := g.Rows[:min(len(g.Rows), longestGrid)]
	class := "grid"
	if len(rows) > longGrid {
		class += " long"
	}
	if len(g.Columns) > 7 {
		class += " many"
	}
	title := clean(g.Title, longestCell)
	fmt.Fprintf(&b, `<figure class="%s" id="table-%d">`, class, blk.number)
	head := fmt.Sprintf("<b>Table %d. %s</b>", blk.number, typeset(htmlText(d.caption(title, "", "", false))))
	caption := typeset(htmlText(clean(d.caption("", g.Caption, blk.looks, false), longestNote)))
	if g.Folded {
		fmt.Fprintf(&b, `<details><summary>%s (%s rows)</summary><p class="under">%s</p>`, head, formatCount(float64(len(g.Rows))), caption)
	} else {
		fmt.Fprintf(&b, "<figcaption>%s %s</figcaption>", head, caption)
	}
	fmt.Fprintf(&b, `<div class="scroll" tabindex="0" role="region" aria-label="%s"><table class="sortable"><thead><tr>`, htmlText(fmt.Sprintf("Table %d. %s", blk.number, title)))
	number := make([]bool, len(g.Columns))
	for k, c := range g.Columns {
		number[k] = numeric(g, k)
		fmt.Fprintf(&b, `<th scope="col"%s>%s</th>`, numClass(number[k]), typeset(htmlText(clean(c, longestCell))))
	}
	b.WriteString("</tr></thead>\n<tbody>")
	for _, row := range rows {
		b.WriteString("<tr>")
		for k, c := range row {
			cellHTML(&b, c, k < len(number) && number[k])
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</tbody></table></div>")
	if n := len(g.Rows) - len(rows); n > 0 {
		fmt.Fprintf(&b, `<p class="under">The first %s of %s rows.</p>`, formatCount(float64(len(rows))), formatCount(float64(len(g.Rows))))
	}
	if g.Folded {
		b.WriteString("</details>")
	}
	b.WriteString("</figure>")
	return b.String()
}

func numClass(number bool) string {
	if number {
		return ` class="num"`
	}
	return ""
}

// cellHTML writes one cell; its data-v is what the column sorts by.
func cellHTML(b *strings.Builder, c exhibit.Cell, right bool) {
	text := htmlText(clean(formatCell(c), longestCell))
	if c.Kind == exhibit.TextCell {
		class := numClass(right)
		switch n := utf8.RuneCountInString(text); {
		case right:
		case n > 32:
			class = ` class="long"` // keeps a readable width beside many columns
		case n <= 24:
			class = ` class="short"` // stays on one line
		}
		fmt.Fprintf(b, "<td%s>%s</td>", class, typeset(text))
		return
	}
	v := c.Value
	if c.Kind == exhibit.PCell && v < 1e-290 && c.Log10 < 0 {
		v = -1 - 1/c.Log10 // below every p, in the order of its logarithm
	}
	if at := strings.Index(text, " ["); at > 0 && c.Level > 0 {
		end := strings.Index(text, "]") + 1
		text = text[:at] + ` <span class="ci">` + text[at+1:end] + "</span>" + text[end:]
	}
	fmt.Fprintf(b, `<td%s data-v="%s">%s</td>`, numClass(right), sortKey(v), text)
}

// sortKey writes a number for the script; "" sorts last.
func sortKey(v float64) string {
	switch {
	case math.IsNaN(v):
		return ""
	case math.IsInf(v, 1):
		return "Infinity"
	case math.IsInf(v, -1):
		return "-Infinity"
	}
	return strconv.FormatFloat(v, 'g', 9, 64)
}

// contents keeps the headings that a table of contents wants.
func contents(all []heading) []heading {
	var out []heading
	for _, h := range all {
		if h.Level <= 3 {
			h.Level = max(2, h.Level)
			out = append(out, h)
		}
	}
	return out
}

func lookCount(n int) string {
	switch n {
	case 0:
		return "no looks at sealed tests"
	case 1:
		return "1 look at sealed tests"
	}
	return fmt.Sprintf("%d looks at sealed tests", n)
}

// policy forbids the page everything but its own style, script and images.
func policy() string {
	sum := sha256.Sum256([]byte(pageJS))
	return "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-" +
		base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
}

// tagless strips the tags of rendered inline HTML and resolves its entities.
func tagless(s string) string {
	var b strings.Builder
	inside := false
	for _, r := range s {
		switch {
		case r == '<':
			inside = true
		case r == '>':
			inside = false
		case !inside:
			b.WriteRune(r)
		}
	}
	return htmlUnescape(b.String())
}
