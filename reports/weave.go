package reports

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"flowbook/internal/exhibit"
)

// document is a finished notebook in reading order: what both pages are made of.
type document struct {
	options  Options
	title    string // Markdown of the "# " heading
	lede     string // Markdown of the first paragraph's rest: the question
	answers  []string
	origin   exhibit.Origin
	seed     uint64
	budget   Budget
	blocks   []block
	checks   []placed[exhibit.Check]
	measures []placed[exhibit.Measure]
	prints   []exhibit.Fingerprint
	timings  []exhibit.Timing
	said     []exhibit.Answers
	figures  []exhibit.Figure // in order
	looks    []look
	rest     []listing // code outside the chapters
	sheet    bool      // not of a notebook
}

// placed is a thing with the source line that showed it.
type placed[T any] struct {
	at string
	it T
}

// block is one element of the page; one of its fields is set.
type block struct {
	prose  string   // the author's Markdown
	text   string   // a computed paragraph: guarded Markdown
	notes  []string // plain text, a run of paragraphs
	code   *listing //
	grid   *exhibit.Grid
	figure *exhibit.Figure
	checks []exhibit.Check // a run of them
	at     string          // source line of what is shown
	number int             // of the grid or figure, from 1
	looks  string          // "KDDTest+ (2)": looks at opened tests before it was made; "" before the first opening
}

// listing is a piece of the experiment's source.
type listing struct {
	file     string
	from, to int
	text     string
}

// weave puts prose, code and outputs into one order: prose and statements as the
// source has them, outputs after the statement that made them.
func (nb *Notebook) weave(options Options) (*document, error) {
	d := &document{options: options, seed: nb.seed, budget: nb.budget, answers: nb.answers, looks: nb.looks, origin: *nb.origin}
	w := weaver{doc: d, outputs: map[*part][]output{}}
	for _, o := range nb.outputs {
		w.outputs[o.at] = append(w.outputs[o.at], o)
	}
	w.chapter(nb.prog.run)
	d.title, d.lede, d.blocks = splitTitle(d.blocks)
	if d.title == "" {
		d.title = escapeMarkdown(options.title())
	}
	d.rest = nb.prog.rest()
	return d, d.checkUnique()
}

func (o Options) title() string {
	if o.Title != "" {
		return o.Title
	}
	return o.Name
}

type weaver struct {
	doc     *document
	outputs map[*part][]output
	pending *listing // statements not yet put down
	figures int
	grids   int
}

func (w *weaver) chapter(c *chapter) {
	for _, at := range c.parts {
		if at.prose != "" {
			w.flush()
			w.doc.blocks = append(w.doc.blocks, block{prose: at.prose})
			continue
		}
		w.code(at)
		if len(at.calls) > 0 {
			w.flush()
		}
		for _, called := range at.calls {
			w.chapter(called)
			w.flush()
		}
		if outs := w.outputs[at]; len(outs) > 0 {
			w.flush()
			for _, o := range outs {
				w.output(o)
			}
		}
	}
	w.flush()
}

// code adds a statement to the pending listing, with the blank lines between.
func (w *weaver) code(at *part) {
	if w.pending == nil {
		w.pending = &listing{file: at.chapter.file.name, from: at.from}
	}
	w.pending.to = at.to
	w.pending.text = dedent(at.chapter.file.lines[w.pending.from-1 : at.to])
}

func (w *weaver) flush() {
	if w.pending != nil {
		w.doc.blocks = append(w.doc.blocks, block{code: w.pending})
		w.pending = nil
	}
}

func (w *weaver) output(o output) {
	d := w.doc
	at := fmt.Sprintf("%s:%d", o.at.chapter.file.name, o.line)
	looks := ""
	if o.after {
		looks = countLooks(d.looks[:o.looks])
	}
	put := func(b block) {
		b.looks, b.at = looks, at
		d.blocks = append(d.blocks, b)
	}
	if o.text != "" {
		put(block{text: o.text})
	}
	for _, note := range o.show.Notes {
		note = clean(note, longestNote)
		if last := d.last(); last != nil && last.notes != nil {
			last.notes = append(last.notes, note)
			continue
		}
		put(block{notes: []string{note}})
	}
	for _, g := range o.show.Grids {
		w.grids++
		put(block{grid: &g, number: w.grids})
	}
	for _, f := range o.show.Figures {
		w.figures++
		put(block{figure: &f, number: w.figures})
		d.figures = append(d.figures, f)
	}
	for _, c := range o.show.Checks {
		if last := d.last(); last != nil && last.checks != nil {
			last.checks = append(last.checks, c)
		} else {
			put(block{checks: []exhibit.Check{c}})
		}
		d.checks = append(d.checks, placed[exhibit.Check]{at, c})
	}
	for _, m := range o.show.Measures {
		d.measures = append(d.measures, placed[exhibit.Measure]{at, m})
	}
	d.prints = append(d.prints, o.show.Fingerprints...)
	d.timings = append(d.timings, o.show.Timings...)
	d.said = append(d.said, o.show.Answers...)
}

// last is the block before, nil at the start: runs of notes and checks grow in it.
func (d *document) last() *block {
	if len(d.blocks) == 0 {
		return nil
	}
	return &d.blocks[len(d.blocks)-1]
}

// countLooks writes how often each sealed table was looked at: "KDDTest+ (2)".
func countLooks(looks []look) string {
	var names []string
	count := map[string]int{}
	for _, l := range looks {
		if count[l.Table] == 0 {
			names = append(names, l.Table)
		}
		count[l.Table]++
	}
	for i, n := range names {
		names[i] = fmt.Sprintf("%s (%d)", n, count[n])
	}
	return strings.Join(names, ", ")
}

// splitTitle takes the "# " heading off the first block and returns what stands
// under it in that comment as the question.
func splitTitle(blocks []block) (title, lede string, rest []block) {
	if len(blocks) == 0 || !strings.HasPrefix(blocks[0].prose, "# ") {
		return "", "", blocks
	}
	title, lede, _ = strings.Cut(blocks[0].prose, "\n")
	title = strings.TrimSpace(strings.TrimPrefix(title, "# "))
	lede = strings.Trim(lede, "\n")
	// A heading inside the first comment begins the page's body.
	if at := firstHeading(lede); at >= 0 {
		return title, strings.TrimSpace(lede[:at]), append([]block{{prose: lede[at:]}}, blocks[1:]...)
	}
	return title, lede, blocks[1:]
}

func firstHeading(text string) int {
	at, fenced := 0, false
	for l := range strings.Lines(text) {
		fenced = fenced != strings.HasPrefix(l, "```")
		if !fenced && strings.HasPrefix(l, "#") {
			return at
		}
		at += len(l)
	}
	return -1
}

// dedent joins lines, less the tab that a function's body is indented by.
func dedent(lines []string) string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = strings.TrimPrefix(l, "\t")
	}
	return strings.Join(out, "\n")
}

// rest lists the code that stands in no chapter: helpers, types, the main function.
func (p *program) rest() []listing {
	var out []listing
	for _, f := range p.files {
		drop := make([]bool, len(f.lines)+1)
		for _, c := range p.chapters {
			if c.file != f {
				continue
			}
			from := c.decl.Pos()
			if c.decl.Doc != nil {
				from = c.decl.Doc.Pos()
			}
			for l := p.fset.Position(from).Line; l <= p.fset.Position(c.decl.End()).Line; l++ {
				drop[l-1] = true
			}
		}
		var b bytes.Buffer
		blank := true
		for i, l := range f.lines {
			if drop[i] || l == "" && blank {
				continue
			}
			blank = l == ""
			b.WriteString(l + "\n")
		}
		if text := strings.TrimSpace(b.String()); strings.Contains(text, "\n") {
			out = append(out, listing{file: f.name, text: text})
		}
	}
	return out
}

// checkUnique refuses two figures, or two measures, of one name.
func (d *document) checkUnique() error {
	seen := map[string]string{}
	for _, m := range d.measures {
		if m.it.ID == "" {
			return fmt.Errorf("%s: reports: a measure has no ID; want chapter/learner/metric/split", m.at)
		}
		if first, twice := seen[m.it.ID]; twice {
			return fmt.Errorf("%s: reports: measure %q was shown before at %s; IDs are unique in a report", m.at, m.it.ID, first)
		}
		seen[m.it.ID] = m.at
	}
	clear(seen)
	for _, b := range d.blocks {
		if b.figure == nil {
			continue
		}
		name := b.figure.Name
		if name == "" || name != exhibit.Slug(name) {
			return fmt.Errorf("%s: reports: %q cannot name a figure's file; want lower-case letters, digits, \".\", \"+\" and \"-\"", b.at, name)
		}
		if first, twice := seen[name]; twice {
			return fmt.Errorf("%s: reports: figure %q was shown before at %s; names are unique in a report", b.at, name, first)
		}
		seen[name] = b.at
	}
	return nil
}

// distinctChecks returns the checks without those shown again unchanged: an audit
// that rides on a result comes along each time the result is shown.
func (d *document) distinctChecks() []exhibit.Check {
	var out []exhibit.Check
	seen := map[string]bool{}
	for _, c := range d.checks {
		key := fmt.Sprintf("%q", fmt.Sprint(c.it))
		if !seen[key] {
			seen[key] = true
			out = append(out, c.it)
		}
	}
	return out
}

// loudFirst sorts checks for a reader: what failed, what warns, what passed, each
// in the order of the report.
func loudFirst(checks []exhibit.Check) []exhibit.Check {
	sorted := slices.Clone(checks)
	slices.SortStableFunc(sorted, func(a, b exhibit.Check) int { return cmp.Compare(b.Status, a.Status) })
	return sorted
}

// tally counts checks by status: "10 pass, 1 warn, 0 fail".
func tally(checks []exhibit.Check) (pass, warn, fail int) {
	for _, c := range checks {
		switch c.Status {
		case exhibit.Pass:
			pass++
		case exhibit.Warn:
			warn++
		default:
			fail++
		}
	}
	return pass, warn, fail
}
