package reports

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"reflect"
	"runtime"
	"slices"
	"strings"
)

// program is an experiment's own source, cut into the parts that the page is
// woven from.
type program struct {
	fset     *token.FileSet
	files    []*sourceFile // sorted by name
	run      *chapter
	chapters map[string]*chapter // by function name; run among them
	symbols  string              // what the runtime puts before a function's name: "main."
}

// sourceFile is one embedded file, tests excepted.
type sourceFile struct {
	name  string
	text  []byte
	lines []string // line n is lines[n-1]
	ast   *ast.File
}

// chapter is run, or a function whose first parameter is the notebook, called
// once from the top level of run or of another chapter.
type chapter struct {
	name  string
	file  *sourceFile
	decl  *ast.FuncDecl
	nb    string // name of the notebook parameter
	parts []*part
	prose bool
	calls []string // where it is called from, "main.go:42"
}

// part is a paragraph of prose or one statement of a chapter's top level.
type part struct {
	chapter *chapter
	prose   string     // Markdown; "" for a statement
	from    int        // first line, a touching comment included
	line    int        // first line of the statement or comment itself
	to      int        // last line
	calls   []*chapter // chapters that the statement calls, in order
	order   int        // place in reading order, from 1
	section int        // order of the "## " heading above it; 0 before the first
}

// at names the part's place: "main.go:42".
func (p *part) at() string { return fmt.Sprintf("%s:%d", p.chapter.file.name, p.line) }

// parseProgram reads the embedded sources and finds run's chapters. run must be a
// function declared at the top level of those sources.
func parseProgram(sources fs.FS, run func(*Notebook)) (*program, error) {
	symbol := runtime.FuncForPC(reflect.ValueOf(run).Pointer()).Name()
	cut := strings.LastIndex(symbol, "/") + 1
	dot := strings.Index(symbol[cut:], ".") + cut + 1
	name := symbol[dot:]
	if strings.ContainsAny(name, ".(") {
		return nil, fmt.Errorf("reports: %s is a method or a closure; Main wants a function declared at the top level", symbol)
	}
	p := &program{fset: token.NewFileSet(), chapters: map[string]*chapter{}, symbols: symbol[:dot]}
	if err := p.read(sources); err != nil {
		return nil, err
	}
	if err := p.findChapters(name); err != nil {
		return nil, err
	}
	return p, nil
}

// read parses every embedded Go file that is not a test.
func (p *program) read(sources fs.FS) error {
	names, err := fs.Glob(sources, "*.go")
	if err != nil {
		return fmt.Errorf("reports: %w", err)
	}
	slices.Sort(names)
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := fs.ReadFile(sources, name)
		if err != nil {
			return fmt.Errorf("reports: %w", err)
		}
		text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
		tree, err := parser.ParseFile(p.fset, path.Base(name), text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("reports: %w", err)
		}
		p.files = append(p.files, &sourceFile{path.Base(name), text, strings.Split(string(text), "\n"), tree})
	}
	return nil
}

// findChapters cuts run and every function that takes the notebook first, links
// calls with chapters, and numbers the parts in reading order.
func (p *program) findChapters(run string) error {
	for _, f := range p.files {
		for _, d := range f.ast.Decls {
			decl, ok := d.(*ast.FuncDecl)
			if !ok || decl.Recv != nil || decl.Body == nil {
				continue
			}
			if nb, ok := notebookParam(decl); ok {
				c := &chapter{name: decl.Name.Name, file: f, decl: decl, nb: nb}
				c.parts = p.cut(c)
				p.chapters[c.name] = c
			}
		}
	}
	p.run = p.chapters[run]
	if p.run == nil {
		return fmt.Errorf("reports: the embedded sources do not declare func %s(nb *reports.Notebook); embed the file that does with //go:embed *.go", run)
	}
	for _, c := range p.chapters {
		p.countCalls(c)
	}
	var trouble []error
	for _, c := range p.sorted() {
		trouble = append(trouble, p.checkDetached(c)...)
		switch slices.Sort(c.calls); {
		case c == p.run:
			if len(c.calls) > 0 {
				trouble = append(trouble, fmt.Errorf("%s: reports: %s calls itself", c.calls[0], c.name))
			}
		case !c.prose && len(c.calls) != 1:
			delete(p.chapters, c.name) // a helper: its outputs belong to the statement that called it
		case len(c.calls) == 0:
			trouble = append(trouble, fmt.Errorf("%s: reports: %s has prose but is never called from the top level of %s; its prose would be lost", p.place(c.decl.Pos()), c.name, run))
		case len(c.calls) > 1:
			trouble = append(trouble, fmt.Errorf("%s: reports: %s is called twice (%s); a chapter stands on the page once", p.place(c.decl.Pos()), c.name, strings.Join(c.calls, ", ")))
		}
	}
	if len(trouble) == 0 {
		p.link()
		order, section := 0, 0
		p.number(p.run, &order, &section)
		for _, c := range p.sorted() {
			switch {
			case c == p.run || len(c.parts) > 0 && c.parts[0].order > 0:
			case c.prose:
				trouble = append(trouble, fmt.Errorf("%s: reports: %s has prose, but its caller is no chapter of %s; its prose would be lost", p.place(c.decl.Pos()), c.name, run))
			default:
				delete(p.chapters, c.name)
			}
		}
	}
	return errors.Join(trouble...)
}

// sorted lists the chapters by file and line.
func (p *program) sorted() []*chapter {
	var all []*chapter
	for _, c := range p.chapters {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *chapter) int { return int(a.decl.Pos() - b.decl.Pos()) })
	return all
}

// notebookParam returns the name of a function's first parameter if its type is
// *Notebook or *x.Notebook.
func notebookParam(decl *ast.FuncDecl) (string, bool) {
	list := decl.Type.Params.List
	if len(list) == 0 || len(list[0].Names) == 0 {
		return "", false
	}
	star, ok := list[0].Type.(*ast.StarExpr)
	if !ok {
		return "", false
	}
	switch t := star.X.(type) {
	case *ast.Ident:
		ok = t.Name == "Notebook"
	case *ast.SelectorExpr:
		ok = t.Sel.Name == "Notebook"
	default:
		ok = false
	}
	return list[0].Names[0].Name, ok
}

// cut returns a chapter's prose and statements in source order.
func (p *program) cut(c *chapter) []*part {
	body := c.decl.Body
	line := func(pos token.Pos) int { return p.fset.Position(pos).Line }
	var parts []*part
	var touching []*ast.CommentGroup
	for _, g := range c.file.ast.Comments {
		if g.Pos() < body.Lbrace || g.End() > body.Rbrace || inside(body.List, g) {
			continue
		}
		from, to := line(g.Pos()), line(g.End())
		if c.file.alone(from, to, line(body.Lbrace), line(body.Rbrace)) {
			if text := proseOf(c.file.lines[from-1 : to]); text != "" {
				parts = append(parts, &part{chapter: c, prose: text, from: from, line: from, to: to})
				c.prose = true
			}
			continue
		}
		touching = append(touching, g)
	}
	for _, s := range body.List {
		at := &part{chapter: c, from: line(s.Pos()), line: line(s.Pos()), to: line(s.End())}
		for _, g := range touching { // comments that touch code travel with it
			if line(g.End()) == at.from-1 {
				at.from = line(g.Pos())
			}
			if line(g.Pos()) == at.to+1 {
				at.to = line(g.End())
			}
		}
		parts = append(parts, at)
	}
	slices.SortStableFunc(parts, func(a, b *part) int { return a.line - b.line })
	return parts
}

// inside reports whether a comment lies within one of the statements.
func inside(list []ast.Stmt, g *ast.CommentGroup) bool {
	for _, s := range list {
		if s.Pos() <= g.Pos() && g.End() <= s.End() {
			return true
		}
	}
	return false
}

// alone reports whether the lines from … to have a blank line or the function's
// brace before and after them, and nothing else on them.
func (f *sourceFile) alone(from, to, open, close int) bool {
	blank := func(n int) bool { return strings.TrimSpace(f.lines[n-1]) == "" }
	starts := strings.HasPrefix(strings.TrimSpace(f.lines[from-1]), "/")
	return starts && (from-1 == open || blank(from-1)) && (to+1 == close || blank(to+1))
}

// proseOf strips the comment marks: "//" and one blank, or "/*" and "*/".
func proseOf(lines []string) string {
	out := make([]string, 0, len(lines))
	for _, l := range lines {
		l = strings.TrimLeft(l, " \t")
		l = strings.TrimPrefix(strings.TrimSuffix(l, "*/"), "/*")
		if rest, ok := strings.CutPrefix(l, "//"); ok {
			l = strings.TrimPrefix(rest, " ")
		}
		out = append(out, strings.TrimRight(l, " \t"))
	}
	return strings.Trim(strings.Join(out, "\n"), "\n")
}

// countCalls notes for each chapter where the statements of c's top level call it.
func (p *program) countCalls(c *chapter) {
	for _, s := range c.decl.Body.List {
		for _, call := range p.callsIn(c, s) {
			called := p.chapters[call.Fun.(*ast.Ident).Name]
			called.calls = append(called.calls, p.place(call.Pos()))
		}
	}
}

// callsIn lists the calls f(nb, …) of known functions in a plain statement: an
// expression, an assignment, a declaration or a return. Loops, branches and
// closures are not the top level.
func (p *program) callsIn(c *chapter, s ast.Stmt) []*ast.CallExpr {
	switch s.(type) {
	case *ast.ExprStmt, *ast.AssignStmt, *ast.DeclStmt, *ast.ReturnStmt:
	default:
		return nil
	}
	var calls []*ast.CallExpr
	ast.Inspect(s, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.Ident); ok && p.chapters[f.Name] != nil && len(n.Args) > 0 {
				if arg, ok := n.Args[0].(*ast.Ident); ok && arg.Name == c.nb {
					calls = append(calls, n)
				}
			}
		}
		return true
	})
	return calls
}

// link fills in which chapters each statement calls.
func (p *program) link() {
	for _, c := range p.chapters {
		for _, s := range c.decl.Body.List {
			for _, call := range p.callsIn(c, s) {
				at := c.statement(p.fset.Position(s.Pos()).Line)
				at.calls = append(at.calls, p.chapters[call.Fun.(*ast.Ident).Name])
			}
		}
	}
}

// number walks the parts in reading order.
func (p *program) number(c *chapter, order, section *int) {
	for _, at := range c.parts {
		*order++
		at.order = *order
		if at.prose != "" && hasHeading(at.prose, 2) {
			*section = at.order
		}
		at.section = *section
		for _, called := range at.calls {
			p.number(called, order, section)
		}
	}
}

// lastSection returns the last prose part with a "## " heading that has
// statements after it, nil where no heading has.
func (p *program) lastSection() *part {
	var last, heading *part
	var walk func(c *chapter)
	walk = func(c *chapter) {
		for _, at := range c.parts {
			switch {
			case at.prose == "":
				last = heading
			case hasHeading(at.prose, 2):
				heading = at
			}
			for _, called := range at.calls {
				walk(called)
			}
		}
	}
	walk(p.run)
	return last
}

// hasHeading reports whether Markdown text has a heading of that level.
func hasHeading(text string, level int) bool {
	fenced := false
	for l := range strings.Lines(text) {
		if strings.HasPrefix(l, "```") {
			fenced = !fenced
		}
		if !fenced && strings.HasPrefix(l, strings.Repeat("#", level)+" ") {
			return true
		}
	}
	return false
}

// checkDetached refuses go and defer statements that hand the notebook on: what
// they show has no place in the order of the page.
func (p *program) checkDetached(c *chapter) []error {
	var found []error
	refuse := func(word string, s ast.Node) {
		ast.Inspect(s, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && id.Name == c.nb && len(found) == 0 {
				found = append(found, fmt.Errorf("%s: reports: the notebook is used in a %s statement; compute there if you must, and show the result in a plain statement", p.place(s.Pos()), word))
			}
			return true
		})
	}
	ast.Inspect(c.decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			refuse("go", n)
		case *ast.DeferStmt:
			refuse("defer", n)
		}
		return true
	})
	return found
}

// place names a position: "main.go:42".
func (p *program) place(pos token.Pos) string {
	at := p.fset.Position(pos)
	return fmt.Sprintf("%s:%d", path.Base(at.Filename), at.Line)
}

// statement returns the part whose statement holds the line.
func (c *chapter) statement(line int) *part {
	var found *part
	for _, at := range c.parts {
		if at.prose == "" && at.line <= line && line <= at.to {
			found = at
		}
	}
	return found
}
