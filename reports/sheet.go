package reports

import (
	"bytes"
	"fmt"

	"flowbook/internal/exhibit"
)

// Sheet is a page without a notebook: results that a command shows.
type Sheet struct {
	Title  string
	Origin exhibit.Origin // of what the results are about
	blocks []block
	checks []exhibit.Check
	grids  int
}

// Heading begins a section.
func (s *Sheet) Heading(text string) {
	s.blocks = append(s.blocks, block{prose: "## " + escapeMarkdown(clean(text, longestCell))})
}

// Textf adds a paragraph; its rules are those of Notebook.Textf.
func (s *Sheet) Textf(format string, args ...any) {
	s.blocks = append(s.blocks, block{text: sprintf(format, args)})
}

// Show adds notes, grids and checks; figures are left out.
func (s *Sheet) Show(values ...exhibit.Shower) {
	e := exhibit.Join(values...)
	var notes []string
	for _, n := range e.Notes {
		notes = append(notes, clean(n, longestNote))
	}
	if notes != nil {
		s.blocks = append(s.blocks, block{notes: notes})
	}
	for _, g := range e.Grids {
		s.grids++
		s.blocks = append(s.blocks, block{grid: &g, number: s.grids})
	}
	s.checks = append(s.checks, e.Checks...)
}

func (s *Sheet) document() *document {
	d := &document{title: escapeMarkdown(clean(s.Title, longestCell)), origin: s.Origin, blocks: s.blocks, sheet: true}
	for _, c := range s.checks {
		d.checks = append(d.checks, placed[exhibit.Check]{it: c})
	}
	return d
}

// Markdown renders the page.
func (s *Sheet) Markdown() []byte {
	d := s.document()
	var b bytes.Buffer
	fmt.Fprintf(&b, "**%s** %s\n\n# %s\n\n", originHead(s.Origin), escapeMarkdown(clean(originRest(s.Origin), longestNote)), d.title)
	for _, blk := range d.blocks {
		d.markdownBlock(&b, blk)
	}
	if len(d.checks) > 0 {
		d.markdownChecks(&b, loudFirst(d.distinctChecks()))
	}
	return b.Bytes()
}

// HTML renders the page in one file that needs nothing else.
func (s *Sheet) HTML() ([]byte, error) { return s.document().html() }
