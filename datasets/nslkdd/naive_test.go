package nslkdd

import (
	"encoding/csv"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"flowbook/internal/table"
)

// naive parses lines with encoding/csv and strconv, one field at a time.
func naive(t testing.TB, text string) *Columns {
	t.Helper()
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	c := &Columns{}
	for _, rec := range records {
		for i, f := range features {
			if f.Kind == table.CodeKind {
				c.Text[i] = append(c.Text[i], rec[i])
				continue
			}
			v, err := strconv.ParseFloat(rec[i], 64)
			if err != nil {
				t.Fatal(err)
			}
			c.Number[i] = append(c.Number[i], v)
		}
		d, err := strconv.ParseInt(rec[42], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		c.Attack = append(c.Attack, rec[41])
		c.Difficulty = append(c.Difficulty, d)
	}
	return c
}

func same(t testing.TB, got, want *table.Table) {
	t.Helper()
	if got.Rows() != want.Rows() || len(got.Columns()) != len(want.Columns()) {
		t.Fatalf("%d x %d, want %d x %d", got.Rows(), len(got.Columns()), want.Rows(), len(want.Columns()))
	}
	for i, w := range want.Columns() {
		g := got.Columns()[i]
		if g.Name != w.Name || g.Kind != w.Kind || g.Role != w.Role || g.Unit != w.Unit {
			t.Fatalf("column %d is %s %v %v %q, want %s %v %v %q", i, g.Name, g.Kind, g.Role, g.Unit, w.Name, w.Kind, w.Role, w.Unit)
		}
		if g.Kind == table.CodeKind && !slices.Equal(g.Levels(), w.Levels()) {
			t.Fatalf("%s: levels %q, want %q", g.Name, g.Levels(), w.Levels())
		}
		for r := range w.Len() {
			if g.String(r) != w.String(r) {
				t.Fatalf("%s, row %d: %q, want %q", g.Name, r, g.String(r), w.String(r))
			}
		}
	}
}

func made(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("testdata/made.txt")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestParseAgreesWithNaive(t *testing.T) {
	text := made(t)
	want, err := naive(t, text).Table("made")
	if err != nil {
		t.Fatal(err)
	}
	unusual := strings.NewReplacer("0.50", "5e-1", "1.00", "1", "0.08", ".08", "0.98", "0.980").Replace(text)
	for name, variant := range map[string]string{
		"as it is": text, "no last line end": strings.TrimSuffix(text, "\n"), "crlf": strings.ReplaceAll(text, "\n", "\r\n"),
		"crlf, no last line end": strings.TrimSuffix(strings.ReplaceAll(text, "\n", "\r\n"), "\r\n"), "blank lines at the end": text + "\n\r\n", "unusual numbers": unusual,
	} {
		got, err := parse("made", "made.txt", []byte(variant))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		same(t, got, want)
	}
}

// TestManyBlocks parses a text of many blocks, with services beyond the 70 in some
// of them, at several numbers of cores.
func TestManyBlocks(t *testing.T) {
	lines := strings.SplitAfter(made(t), "\n")
	lines = lines[:len(lines)-1]
	var b strings.Builder
	for i := range 12000 {
		line := lines[i%len(lines)]
		if i%600 == 0 { // a line with http; each block meets the three in another order
			line = strings.Replace(line, "http", "svc"+strconv.Itoa(i/600%3), 1)
		}
		b.WriteString(line)
	}
	text := b.String()
	if len(text) < 5*blockBytes {
		t.Fatalf("only %d bytes", len(text))
	}
	want, err := naive(t, text).Table("made")
	if err != nil {
		t.Fatal(err)
	}
	for _, procs := range []int{1, 2, 7} {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
		got, err := parse("made", "made.txt", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		same(t, got, want)
		// Two wrong lines in different blocks: the first is reported.
		wrong := strings.Replace(text[:len(text)-3], "neptune", "neptun", -1) + "x,x"
		if _, err := parse("made", "made.txt", []byte(wrong)); err == nil || !strings.HasPrefix(err.Error(), "nslkdd: made.txt:5: column \"attack\": \"neptun\"") {
			t.Errorf("with %d cores: %v", procs, err)
		}
	}
}

// TestKeys compares the hashed vectors with vectors of text.
func TestKeys(t *testing.T) {
	text := made(t)
	tab, err := parse("made", "made.txt", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{} // the first row of each vector
	first := map[key]int{}
	hashed := keys(tab)
	for r, line := range strings.Split(strings.TrimSpace(text), "\n") {
		v := strings.Join(strings.Split(line, ",")[:41], ",")
		if _, ok := seen[v]; !ok {
			seen[v] = r
		}
		if _, ok := first[hashed[r]]; !ok {
			first[hashed[r]] = r
		}
		if first[hashed[r]] != seen[v] {
			t.Errorf("row %d: its vector is first seen in row %d, want %d", r, first[hashed[r]], seen[v])
		}
	}
	// By hand: lines 5 and 6 agree (neptune, satan), 8 and 9 (ipsweep, normal), 1 and 12 (normal twice).
	a := account(tab, keys(tab))
	if a.Rows != 12 || a.Vectors != 9 || a.Repeated() != 3 || a.Conflicts != 2 || a.BinaryConflicts != 1 || a.ConflictRows != 4 || a.SuTwo != 1 {
		t.Errorf("%+v", a)
	}
}

// FuzzRow holds the fast row parser against the slow one: where fast accepts a
// line, slow accepts it with the same values; neither panics.
func FuzzRow(f *testing.F) {
	for line := range strings.Lines(made(f)) {
		f.Add(strings.TrimSpace(line))
	}
	f.Add("")
	f.Add(strings.Repeat(",", 42))
	f.Fuzz(func(t *testing.T, line string) {
		a := parser{name: "a", rows: newRows(1)}
		b := parser{name: "a", rows: newRows(1)}
		fast, slow := a.fast([]byte(line), 0), b.slow([]byte(line), 0)
		if !fast {
			return
		}
		if slow != nil {
			t.Fatalf("fast takes %q, slow says %v", line, slow)
		}
		for i := range fieldCount {
			if !slices.Equal(a.rows.ints[i], b.rows.ints[i]) || !slices.Equal(a.rows.rates[i], b.rows.rates[i]) || !slices.Equal(a.rows.codes[i], b.rows.codes[i]) {
				t.Fatalf("field %d of %q differs", i, line)
			}
		}
	})
}

// FuzzParse holds that any bytes give a table or an error.
func FuzzParse(f *testing.F) {
	f.Add([]byte(made(f)))
	f.Add([]byte("\n\n\x00"))
	f.Fuzz(func(t *testing.T, text []byte) {
		tab, err := parse("f", "f.txt", text)
		if (tab == nil) == (err == nil) {
			t.Fatal(tab, err)
		}
	})
}
