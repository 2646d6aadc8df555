package reports

import (
	"bytes"
	"fmt"

	"flowbook/internal/exhibit"
)

// Sheet is a page without a notebook: results that a command shows.
type Sheet struct {
	Title  string
	Origin exhibit.Origin
	blocks []block
	checks []exhibit.Check
	grids  int
}

// Heading begins a section.
func (s *Sheet) Heading(text string) {
	s.blocks = append(s.blocks, block{prose: "## " + escapeMarkdown(text)})
}

// Textf adds a paragraph; its rules are those of Notebook.Textf.
func (s *Sheet) Textf(format string, args ...any) {
	s.blocks = append(s.blocks, block{text: sprintf(format, args)})
}

// Show adds notes, grids and checks; figures are left out.
func (s *Sheet) Show(values ...exhibit.Shower) {
	e := exhibit.Join(values...)
	if len(e.Notes) > 0 {
		var notes []string
		for _, n := range e.Notes {
			notes = append(notes, clean(n, longestNote))
		}
		s.blocks = append(s.blocks, block{notes: notes})
	}
	for _, g := range e.Grids {
		s.grids++
		s.blocks = append(s.blocks, block{grid: &g, number: s.grids})
	}
	s.checks = append(s.checks, e.Checks...)
}

// Markdown renders the page.
func (s *Sheet) Markdown() []byte {
	d := &document{origin: s.Origin}
	var b bytes.Buffer
	fmt.Fprintf(&b, "**%s** %s\n\n# %s\n\n", originHead(s.Origin), escapeMarkdown(clean(originRest(s.Origin), longestNote)), escapeMarkdown(s.Title))
	for _, blk := range s.blocks {
		d.markdownBlock(&b, blk)
	}
	if len(s.checks) > 0 {
		d.markdownChecks(&b, loudFirst(s.checks))
	}
	return b.Bytes()
}
