package reports

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// fakeSources is fake_test.go under a name that is not a test's, with the lines of
// the notebooks other than run left blank.
func fakeSources(t *testing.T, run func(*Notebook)) fstest.MapFS {
	t.Helper()
	text, err := os.ReadFile("fake_test.go")
	if err != nil {
		t.Fatal(err)
	}
	symbol := runtime.FuncForPC(reflect.ValueOf(run).Pointer()).Name()
	name := symbol[strings.LastIndex(symbol, ".")+1:]
	lines := strings.Split(string(text), "\n")
	drop := false
	for i, l := range lines {
		if found := regexp.MustCompile(`^func (fake\w+)\(\w+ \*Notebook`).FindStringSubmatch(l); found != nil {
			part := slices.Contains([]string{"fakeChapter", "fakeInner", "fakeTiny", "fakeHelper"}, found[1])
			drop = found[1] != name && !(part && name == "fakeOrder")
		}
		ends := l == "}" || strings.HasPrefix(l, "func ") && strings.HasSuffix(l, "}")
		if drop {
			lines[i] = ""
		}
		if ends {
			drop = false
		}
	}
	return fstest.MapFS{"fake.go": {Data: []byte(strings.Join(lines, "\n"))}}
}

// lineOf finds the line of fake_test.go that ends in the comment.
func lineOf(t *testing.T, mark string) string {
	t.Helper()
	text, err := os.ReadFile("fake_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range strings.Split(string(text), "\n") {
		if strings.HasSuffix(l, "// "+mark) {
			return "fake.go:" + strconv.Itoa(i+1)
		}
	}
	t.Fatalf("no line is marked %q", mark)
	return ""
}

// runFake runs one notebook of fake_test.go and returns code, streams and README.
func runFake(t *testing.T, run func(*Notebook), args ...string) (code int, stdout, stderr, readme string) {
	t.Helper()
	dir := t.TempDir()
	var out, trouble bytes.Buffer
	code = Run(context.Background(), append([]string{"--out", dir}, args...), &out, &trouble, fakeSources(t, run), run, Options{Name: "fake"})
	text, _ := os.ReadFile(filepath.Join(dir, "reports", "fake", "README.md"))
	return code, out.String(), trouble.String(), string(text)
}

func TestWeave(t *testing.T) {
	code, stdout, stderr, readme := runFake(t, fakeOrder)
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	if !strings.HasSuffix(stdout, filepath.Join("reports", "fake", "index.html")+"\n") {
		t.Errorf("the last line printed is not the page: %q", stdout)
	}
	// The page in short: prose and outputs as they are, code as "{first line}".
	folded := regexp.MustCompile("(?s)<details><summary>Code[^<]*</summary>\n\n```go\n(.*?)\n```\n\n</details>").ReplaceAllStringFunc(readme, func(s string) string {
		s = strings.Split(s, "```go\n")[1]
		return "{" + strings.TrimSpace(strings.Split(s, "\n")[0]) + "}"
	})
	body, _, _ := strings.Cut(folded, "## Checks")
	got := strings.Fields(strings.Join(regexp.MustCompile(`\n\s*\n`).Split(body, -1), "\n\n"))
	want := strings.Fields(`
		**fake, simulated data: not evidence.**
		# Title
		**Incomplete:** this report carries no checks.
		Question.
		{nb.Use(fakeOrigin)}
		Prose one. - item
		{for i := range 2 {}
		loop 0
		loop 1
		{b := a + 1}
		Prose two.
		{show := func(s string) { nb.Show(note(s)) }}
		closure one
		{// Not prose: it touches.}
		closure two
		{if a == 1 {}
		branch
		{c := fakeChapter(nb, 2)}
		## Chapter prose
		{nb.Show(note("in the chapter"))}
		in the chapter
		{fakeInner(nb)}
		### Inner prose
		{book.Textf("inner")}
		inner
		{return n}
		{nb.Textf("after %d", c)}
		after 2
		{fakeTiny(nb)}
		{func fakeTiny(nb *Notebook) { nb.Textf("tiny") }}
		tiny
		{fakeHelper(nb, "helper one")}
		helper one
		Between.
		{fakeHelper(nb, "helper two")}
		helper two
		{par.Do(1, func(int) { nb.Textf("same goroutine") })}
		same goroutine
		The end.`)
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("woven page:\n%s\nwant:\n%s", strings.Join(got, " "), strings.Join(want, " "))
	}
	if !strings.Contains(readme, "// touching above\na := 1\n// touching below\n```") {
		t.Error("comments that touch code are not with it")
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		run  func(*Notebook)
		want []string
	}{
		"goroutine":     {fakeGoroutine, []string{"nb.Textf was called on another goroutine", "in order"}},
		"deferred":      {fakeDeferred, []string{"fake.go:", "from a deferred call"}},
		"must":          {fakeMust, []string{strings.Replace(lineOf(t, "line of Must"), "fake.go", "fake_test.go", 1) + ": nslkdd: no such file"}},
		"no origin":     {fakeNoOrigin, []string{lineOf(t, "line of early Show"), "call nb.Use first"}},
		"open early":    {fakeOpenEarly, []string{lineOf(t, "line of early Open"), "Test+ is opened before the last chapter"}},
		"behind":        {fakeLookedBehind, []string{"Test+ was looked at 2 times, but 1"}},
		"opened before": {fakeOpenedBefore, []string{"Test+ was opened before the notebook met it"}},
		"same measure":  {fakeTwice, []string{lineOf(t, "line of second measure"), `"a/b"`, lineOf(t, "line of first measure")}},
		"same figure":   {fakeTwoFigures, []string{`figure "f" was shown before`}},
		"a bug":         {fakeBug, []string{"panic: ", "nil pointer", "fake_test.go"}},
		"nothing is no": {fakeNothing, []string{"without nb.Use"}},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr, readme := runFake(t, c.run)
			if code != 1 {
				t.Errorf("exit code %d, want 1", code)
			}
			for _, w := range c.want {
				if !strings.Contains(stderr, w) {
					t.Errorf("said %q, want %q in it", stderr, w)
				}
			}
			if readme != "" || strings.Contains(stdout, "index.html") {
				t.Error("a report was written")
			}
		})
	}
}

func TestSameBytesInOneProcess(t *testing.T) {
	var first string
	for _, jobs := range []string{"1", "2", "7"} {
		code, _, stderr, readme := runFake(t, fakeParallel, "--jobs", jobs)
		if code != 0 || readme == "" {
			t.Fatal(stderr)
		}
		if first == "" {
			first = readme
		}
		if readme != first {
			t.Errorf("%s cores write another report", jobs)
		}
	}
}

func TestLooksAreCounted(t *testing.T) {
	code, _, stderr, readme := runFake(t, fakeOpenLate)
	if code != 0 {
		t.Fatal(stderr)
	}
	for _, w := range []string{"*Looks at sealed tests so far: Test+ (2).*", "| 1 | Test+ | 2 | described | count | fake.go:", "| 2 | Test+ | 2 | opened | judge | fake.go:"} {
		if !strings.Contains(readme, w) {
			t.Errorf("no %q in the report", w)
		}
	}
}

func TestLooksOfTheLoaderCount(t *testing.T) {
	code, _, stderr, readme := runFake(t, fakeLookedBefore)
	if code != 0 || !strings.Contains(readme, "| 1 | Test+ | 2 | described | the loader's ledger | before the notebook |") {
		t.Errorf("exit code %d: %s%s", code, stderr, readme)
	}
}

// Errors that the source alone shows.
func TestSourceErrors(t *testing.T) {
	for name, c := range map[string]struct{ body, want string }{
		"go":            {"func fakeNothing(nb *Notebook) {\n\tgo nb.Textf(\"x\")\n}", "x.go:3: reports: the notebook is used in a go statement"},
		"defer":         {"func fakeNothing(nb *Notebook) {\n\tdefer func() { nb.Textf(\"x\") }()\n}", "x.go:3: reports: the notebook is used in a defer statement"},
		"twice":         {"func fakeNothing(nb *Notebook) {\n\tc(nb)\n\tc(nb)\n}\n\nfunc c(nb *Notebook) {\n\t// prose\n}", "c is called twice (x.go:3, x.go:4)"},
		"never":         {"func fakeNothing(nb *Notebook) {\n}\n\nfunc c(nb *Notebook) {\n\t// prose\n}", "x.go:5: reports: c has prose but is never called"},
		"in a loop":     {"func fakeNothing(nb *Notebook) {\n\tfor range 2 {\n\t\tc(nb)\n\t}\n}\n\nfunc c(nb *Notebook) {\n\t// prose\n}", "c has prose but is never called from the top level"},
		"by a helper":   {"func fakeNothing(nb *Notebook) {\n\th(nb)\n\th(nb)\n}\n\nfunc h(nb *Notebook) {\n\tc(nb)\n}\n\nfunc c(nb *Notebook) {\n\t// prose\n}", "c has prose, but its caller is no chapter"},
		"not there":     {"func other(nb *Notebook) {}", "do not declare func fakeNothing"},
		"does not read": {"func {", "x.go:2:6"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseProgram(fstest.MapFS{"x.go": {Data: []byte("package x\n" + c.body + "\n")}}, fakeNothing)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
	if _, err := parseProgram(fakeSources(t, fakeOrder), func(nb *Notebook) {}); err == nil || !strings.Contains(err.Error(), "closure") {
		t.Errorf("a closure was taken for run: %v", err)
	}
}

func TestFlags(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"-quick", "--full"}, 2, "exclude each other"},
		{[]string{"--nonsense"}, 2, "--help lists the flags"},
		{[]string{"extra"}, 2, `"extra" is not a flag`},
		{[]string{"--jobs", "-1"}, 2, "--jobs is -1"},
		{[]string{"--seed", "x"}, 2, "seed"},
		{[]string{"--help"}, 0, "--describe"},
		{[]string{"-h"}, 0, "Exit codes"},
		{[]string{"--describe"}, 0, `"question": "Title"`},
		{[]string{"-quick", "--seed=7"}, 0, "index.html"},
	} {
		code, stdout, stderr, _ := runFake(t, fakeOrder, c.args...)
		if code != c.code || !strings.Contains(stdout+stderr, c.says) {
			t.Errorf("%v: exit code %d, said %q %q; want %d and %q", c.args, code, stdout, stderr, c.code, c.says)
		}
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	dir := t.TempDir()
	var out, trouble bytes.Buffer
	code := Run(ctx, []string{"--out", dir}, &out, &trouble, fakeSources(t, fakeOrder), fakeOrder, Options{Name: "fake"})
	if code != 130 {
		t.Errorf("exit code %d, want 130", code)
	}
	if entries, _ := os.ReadDir(dir); len(entries) > 0 {
		t.Errorf("%v was written", entries)
	}
}

func TestQuiet(t *testing.T) {
	_, stdout, stderr, _ := runFake(t, fakeOrder, "--quiet")
	if strings.Count(stdout, "\n") != 1 || stderr != "fake, simulated data: not evidence.\n" {
		t.Errorf("quiet said %q and %q", stdout, stderr)
	}
}
