package reports

import (
	"bytes"
	"fmt"
	"html"
	"regexp"
	"strings"

	"flowbook/internal/exhibit"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	goldhtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// markdownRenderer turns Markdown into HTML and gathers the headings as it goes.
type markdownRenderer struct {
	md       goldmark.Markdown
	ids      *pageIDs
	headings []heading
	refs     map[string]bool // numbers that a reference list defines
}

// heading is an entry of the table of contents.
type heading struct {
	Level int
	ID    string
	Text  string
}

// newMarkdownRenderer prepares to render the page whose prose is given: reference
// lists are found first, so that [1] can point at them.
func newMarkdownRenderer(prose []string) *markdownRenderer {
	m := &markdownRenderer{ids: &pageIDs{used: map[string]bool{}}, refs: map[string]bool{}}
	for _, p := range prose {
		for _, paragraph := range strings.Split(p, "\n\n") {
			if !referenceStart.MatchString(paragraph) {
				continue
			}
			for _, l := range strings.Split(paragraph, "\n") {
				if found := referenceStart.FindStringSubmatch(l); found != nil {
					m.refs[found[1]] = true
				}
			}
		}
	}
	m.md = goldmark.New(
		goldmark.WithExtensions(extension.GFM),
		goldmark.WithParserOptions(
			parser.WithAutoHeadingID(),
			parser.WithInlineParsers(util.Prioritized(citationParser{m}, 150)), // before links (200)
		),
		goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(citationRenderer{}, 500), util.Prioritized(scrollRenderer{}, 400))),
	)
	return m
}

// prose renders an author's Markdown. Raw HTML in it is left out.
func (m *markdownRenderer) prose(source string) (string, error) {
	s, err := m.render(source)
	return typeset(s), err
}

func (m *markdownRenderer) render(source string) (string, error) {
	src := []byte(source)
	doc := m.md.Parser().Parse(text.NewReader(src), parser.WithContext(parser.NewContext(parser.WithIDs(m.ids))))
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if h, ok := n.(*ast.Heading); ok && entering {
			id, _ := h.AttributeString("id")
			idText, _ := id.([]byte)
			m.headings = append(m.headings, heading{h.Level, string(idText), plainText(h, src)})
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		return "", fmt.Errorf("reports: %w", err)
	}
	var b bytes.Buffer
	if err := m.md.Renderer().Render(&b, src, doc); err != nil {
		return "", fmt.Errorf("reports: %w", err)
	}
	return b.String(), nil
}

// inline renders one line or computed paragraph without its <p>.
func (m *markdownRenderer) inline(source string) (string, error) {
	s, err := m.line(source)
	return typeset(s), err
}

func (m *markdownRenderer) line(source string) (string, error) {
	before := len(m.headings)
	s, err := m.render(source)
	m.headings = m.headings[:before]
	s = strings.TrimSpace(s)
	s = strings.TrimSuffix(strings.TrimPrefix(s, "<p>"), "</p>")
	return unguardHTML(s), err
}

// plainText joins the text below a node.
func plainText(n ast.Node, src []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			b.Write(util.UnescapePunctuations(n.Segment.Value(src)))
			if n.SoftLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(n.Value)
		case *citation:
			b.WriteString("[" + n.number + "]")
		}
		return ast.WalkContinue, nil
	})
	return html.UnescapeString(b.String())
}

// pageIDs makes the ids of headings unique on the page, and apart from its own.
type pageIDs struct{ used map[string]bool }

func (p *pageIDs) Generate(value []byte, _ ast.NodeKind) []byte {
	base := exhibit.Slug(string(value))
	base = strings.Trim(strings.NewReplacer(".", "-", "+", "plus").Replace(base), "-")
	if base == "" || reservedID.MatchString(base) {
		base = strings.TrimSuffix("section-"+base, "-")
	}
	id := base
	for n := 2; p.used[id]; n++ {
		id = fmt.Sprintf("%s-%d", base, n)
	}
	p.used[id] = true
	return []byte(id)
}

func (p *pageIDs) Put(value []byte) { p.used[string(value)] = true }

// reservedID matches the ids that the page itself gives out.
var reservedID = regexp.MustCompile(`^(top|contents|theme|code|checks|looks|made|answer|(table|figure|ref|f)-?\d.*)$`)

// citation is [n] where a reference list has an entry n: a link to it, or, at the
// head of a line of that list, the entry's number itself.
type citation struct {
	ast.BaseInline
	number string
	entry  bool
	first  bool // of its paragraph
}

var citationKind = ast.NewNodeKind("Citation")

func (*citation) Kind() ast.NodeKind              { return citationKind }
func (c *citation) Dump(source []byte, level int) { ast.DumpHelper(c, source, level, nil, nil) }

type citationParser struct{ page *markdownRenderer }

func (citationParser) Trigger() []byte { return []byte{'['} }

var citationMark = regexp.MustCompile(`^\[(\d{1,3})\]`)

func (p citationParser) Parse(parent ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, _ := block.PeekLine()
	found := citationMark.FindSubmatch(line)
	if found == nil || !p.page.refs[string(found[1])] {
		return nil
	}
	if rest := line[len(found[0]):]; len(rest) > 0 && bytes.IndexByte([]byte("([:"), rest[0]) >= 0 {
		return nil
	}
	c := &citation{number: string(found[1])}
	if block.PrecendingCharacter() == '\n' && parent.Kind() == ast.KindParagraph {
		c.first = parent.ChildCount() == 0
		opened, ok := parent.FirstChild().(*citation)
		c.entry = c.first || ok && opened.entry
	}
	block.Advance(len(found[0]))
	return c
}

type citationRenderer struct{}

func (citationRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(citationKind, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		c := n.(*citation)
		switch {
		case !entering:
		case c.entry:
			if !c.first {
				_, _ = w.WriteString("<br>")
			}
			fmt.Fprintf(w, `<span class="entry" id="ref-%s">[%s]</span>`, c.number, c.number)
		default:
			fmt.Fprintf(w, `<a class="cite" href="#ref-%s">[%s]</a>`, c.number, c.number)
		}
		return ast.WalkContinue, nil
	})
}

// scrollRenderer lets a wide table of the prose scroll inside itself, and opens
// links to other sites without telling them where the reader came from.
type scrollRenderer struct{}

func (scrollRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	tables := extension.NewTableHTMLRenderer()
	inner := captured{}
	tables.RegisterFuncs(inner)
	for kind, render := range inner {
		r.Register(kind, func(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
			if kind.String() == "Table" && entering {
				_, _ = w.WriteString(`<div class="scroll" tabindex="0" role="region" aria-label="Table">`)
			}
			status, err := render(w, src, n, entering)
			if kind.String() == "Table" && !entering {
				_, _ = w.WriteString("</div>")
			}
			return status, err
		})
	}
	links := captured{}
	goldhtml.NewRenderer().RegisterFuncs(links)
	r.Register(ast.KindLink, func(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if l := n.(*ast.Link); entering && bytes.Contains(l.Destination, []byte("://")) {
			l.SetAttributeString("rel", []byte("noopener noreferrer"))
		}
		return links[ast.KindLink](w, src, n, entering)
	})
	r.Register(ast.KindAutoLink, func(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering { // its text is its address: the printed page need not repeat it
			n.SetAttributeString("class", []byte("auto"))
			n.SetAttributeString("rel", []byte("noopener noreferrer"))
		}
		return links[ast.KindAutoLink](w, src, n, entering)
	})
}

// captured collects render functions by kind.
type captured map[ast.NodeKind]renderer.NodeRendererFunc

func (c captured) Register(k ast.NodeKind, f renderer.NodeRendererFunc) { c[k] = f }
