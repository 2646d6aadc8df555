package internal

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A floor is one line of the table in ARCHITECTURE.md: which packages stand on
// it, and what those may import beside the standard library. A pattern ends in
// "/..." for a folder and all below it. Lines are tried in order; the first that
// matches a package holds.
type floor struct {
	parts []string // packages of this line
	house []string // packages of this module they may import
	third []string // modules of others they may import (a module stands for all its packages)
	std   []string // packages of the standard library that they may not import
	tests []string // packages of this module that their tests may import as well
}

var ground = []string{"internal/exhibit", "internal/table", "internal/rng", "internal/par", "internal/num", "internal/glm"}

func with(base []string, more ...string) []string { return append(slices.Clone(base), more...) }

const (
	gonum   = "gonum.org/v1/gonum"
	plot    = "gonum.org/v1/plot"
	gota    = "github.com/go-gota/gota"
	golearn = "github.com/sjwhitworth/golearn"
	duckdb  = "github.com/duckdb/duckdb-go/v2"
)

// rows hands the published NSL-KDD to tests that hold figures against real rows, so that
// each package below models and eval need not read the files in its own way.
var rows = []string{"datasets/nslkdd/nslkddtest"}

var offline = []string{"net", "net/http", "os/exec"}

var floors = []floor{
	// 0: the ground floor
	{parts: ground, house: ground, third: []string{gonum + "/mathext", gonum + "/blas"}, std: with(offline, "os")},
	// 1: data; only fetch.go dials out (see below)
	{parts: []string{"datasets/frame"}, house: with(ground, "datasets/..."), third: []string{gota}, std: offline},
	{parts: []string{"datasets/query/duckdb"}, house: with(ground, "datasets/..."), third: []string{duckdb}, std: offline},
	{parts: []string{"datasets"}, house: with(ground, "datasets/..."), std: offline},
	{parts: []string{"datasets/..."}, house: with(ground, "datasets/..."), std: offline},
	// 1: judging
	{parts: []string{"eval/metric", "eval/resample", "eval/hypothesis"}, house: with(ground, "eval/metric", "eval/resample", "eval/hypothesis"), third: []string{gonum}, std: with(offline, "os"), tests: rows},
	// 2: learning
	{parts: []string{"models/golearn"}, house: with(ground, "eval/metric", "eval/resample", "models/..."), third: []string{golearn, gonum}, std: with(offline, "os"), tests: rows},
	{parts: []string{"models/..."}, house: with(ground, "eval/metric", "eval/resample", "models/..."), third: []string{gonum}, std: with(offline, "os"), tests: rows},
	// 3: comparing and drawing
	{parts: []string{"eval", "eval/audit"}, house: with(ground, "models/...", "eval/..."), std: with(offline, "os"), tests: rows},
	{parts: []string{"plots"}, house: ground, third: []string{plot, gonum}, std: with(offline, "os")},
	// 4: telling
	{parts: []string{"reports/compare"}, house: with(ground, "eval/...", "reports")},
	{parts: []string{"reports/..."}, house: ground, third: []string{"github.com/yuin/goldmark", "github.com/alecthomas/chroma/v2", "github.com/vbauerster/mpb/v8"}, std: []string{"net", "net/http"}},
	// 6: the programs
	{parts: []string{"experiments/..."}, house: with(ground, "datasets/...", "models/...", "eval/...", "plots", "reports/..."), third: []string{gota}},
	{parts: []string{"cmd/..."}, house: with(ground, "datasets/...", "models/...", "eval/...", "plots", "reports/..."), third: []string{"github.com/spf13/cobra", "github.com/vbauerster/mpb/v8"}},
}

// TestFloors reads every Go file's imports from disk (not through go list, whose
// answer the test cache would keep) and names the file that broke a floor.
func TestFloors(t *testing.T) {
	files := 0
	err := fs.WalkDir(os.DirFS(".."), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || slices.Contains([]string{"bin", "out", "data", "testdata"}, d.Name())) {
			return fs.SkipDir
		}
		if path.Ext(name) != ".go" || path.Dir(name) == "internal" {
			return nil
		}
		src, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			return err
		}
		files++
		broken, err := brokenImports(name, src)
		for _, b := range broken {
			t.Error(b)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 10 {
		t.Fatalf("only %d Go files were found; is this the root of the project?", files)
	}
}

// brokenImports lists the imports of one file that its floor does not allow.
// Tests may also import what runs them: os, their own package, what their floor
// lists for tests, and chromedp in browser checks.
func brokenImports(name string, src []byte) ([]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	pkg, test := path.Dir(name), strings.HasSuffix(name, "_test.go")
	at := slices.IndexFunc(floors, func(f floor) bool { return matches(f.parts, pkg) })
	if at < 0 {
		return []string{fmt.Sprintf("%s: package %s stands on no floor; give it a line in ARCHITECTURE.md and here", name, pkg)}, nil
	}
	f := floors[at]
	var broken []string
	for _, spec := range file.Imports {
		imp, _ := strconv.Unquote(spec.Path.Value)
		house, ours := strings.CutPrefix(imp, "flowbook/")
		switch {
		case ours:
			if matches(f.house, house) || test && (house == pkg || matches(f.tests, house)) {
				continue
			}
		case !strings.Contains(strings.Split(imp, "/")[0], "."): // the standard library, and "C"
			if test || name == "datasets/fetch.go" || !slices.Contains(f.std, imp) {
				continue
			}
		default:
			if slices.ContainsFunc(f.third, func(m string) bool { return imp == m || strings.HasPrefix(imp, m+"/") }) {
				continue
			}
			if test && (imp == "github.com/chromedp/chromedp" || strings.HasPrefix(imp, "github.com/chromedp/")) {
				continue
			}
		}
		broken = append(broken, fmt.Sprintf("%s imports %s, which its floor may not", name, imp))
	}
	return broken, nil
}

func matches(patterns []string, pkg string) bool {
	for _, p := range patterns {
		if base, deep := strings.CutSuffix(p, "/..."); pkg == base || deep && strings.HasPrefix(pkg, base+"/") || !deep && pkg == p {
			return true
		}
	}
	return false
}

// TestFloorsCanFail shows that the check sees what it is for.
func TestFloorsCanFail(t *testing.T) {
	for _, c := range []struct{ file, imports string }{
		{"internal/table/x.go", "flowbook/models"},
		{"models/histtree/x.go", "flowbook/plots"},
		{"models/histtree/x.go", "os"},
		{"models/linear/x.go", golearn + "/base"},
		{"eval/metric/x.go", "flowbook/models"},
		{"eval/x.go", "flowbook/datasets"},
		{"models/histtree/x.go", "flowbook/datasets/nslkdd/nslkddtest"},
		{"eval/hypothesis/x.go", "flowbook/datasets/nslkdd/nslkddtest"},
		{"models/histtree/x_test.go", "flowbook/datasets/frame"},
		{"plots/x_test.go", "flowbook/datasets/nslkdd/nslkddtest"},
		{"plots/x.go", "flowbook/eval"},
		{"reports/x.go", "flowbook/plots"},
		{"datasets/open.go", "net/http"},
		{"datasets/nslkdd/x.go", gota + "/dataframe"},
		{"experiments/nslkdd/x.go", "flowbook/experiments/lanl"},
		{"newfolder/x.go", "fmt"},
	} {
		broken, err := brokenImports(c.file, []byte("package x\nimport _ "+strconv.Quote(c.imports)))
		if err != nil || len(broken) != 1 {
			t.Errorf("%s may import %s: %v %v", c.file, c.imports, broken, err)
		}
	}
	if broken, err := brokenImports("datasets/fetch.go", []byte(`package x; import _ "net/http"`)); err != nil || len(broken) != 0 {
		t.Errorf("fetch.go may dial out: %v %v", broken, err)
	}
	if broken, err := brokenImports("models/histtree/x_test.go", []byte(`package x; import _ "flowbook/datasets/nslkdd/nslkddtest"`)); err != nil || len(broken) != 0 {
		t.Errorf("tests of models may read NSL-KDD: %v %v", broken, err)
	}
}

// TestNoClockBelow looks for clock readings where results are made: a model that
// reads the time cannot give the same bytes twice.
func TestNoClockBelow(t *testing.T) {
	for _, root := range []string{"models", "internal", "eval/metric", "eval/hypothesis", "eval/resample", "plots"} {
		err := fs.WalkDir(os.DirFS(".."), root, func(name string, d fs.DirEntry, err error) error {
			if err != nil || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "internal/server") {
				return err
			}
			src, err := os.ReadFile(filepath.Join("..", name))
			if err == nil && strings.Contains(string(src), "time.Now(") {
				t.Errorf("%s reads the clock", name)
			}
			return err
		})
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
}
