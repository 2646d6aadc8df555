package saved

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"flowbook/internal/exhibit"
	"flowbook/internal/table"
	"flowbook/models/baseline"
	"flowbook/models/internal/wire"
)

var update = flag.Bool("update", false, "write FORMAT.md's example anew")

// documented is the file that FORMAT.md shows: the shares of two classes. Its header
// names a machine that is nobody's, so that it is the same everywhere.
func documented(t *testing.T) []byte {
	t.Helper()
	v := table.Must(table.New("flows", table.Float("rate", "1/s", []float64{0.5}), table.Text("proto", []string{"tcp"}),
		table.Text("class", []string{"attack"}).As(table.Label))).View()
	m, err := baseline.Always{Class: "normal"}.Fit(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	p := Provenance{Learner: "always normal", Flowbook: "0.1.0", Origin: exhibit.Origin{Kind: exhibit.Simulated, Set: "flows"}}
	if err := Write(context.Background(), &b, m, p, v); err != nil {
		t.Fatal(err)
	}
	whole, err := open(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	var h Header
	if err := json.Unmarshal(whole.header, &h); err != nil {
		t.Fatal(err)
	}
	h.Machine = Machine{"example", "0000000000000000"}
	header, err := json.MarshalIndent(h, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return seal(version, append(header, '\n'), whole.body, whole.test)
}

// TestFormatDocument holds the bytes shown in FORMAT.md to those written. With
// -update it writes them.
func TestFormatDocument(t *testing.T) {
	b := documented(t)
	dump := "```\n" + hex.Dump(b) + "```\n"
	text, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), "<!-- example -->\n")
	_, after, closed := strings.Cut(rest, "<!-- end -->\n")
	if !ok || !closed {
		t.Fatal("FORMAT.md has no place for its example")
	}
	made := before + "<!-- example -->\n" + dump + "<!-- end -->\n" + after
	if *update {
		if err := os.WriteFile("FORMAT.md", []byte(made), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if made != string(text) {
		t.Error("the bytes that FORMAT.md shows are not those written; go test ./models/saved -run FormatDocument -update")
	}
	if _, err := Read(context.Background(), "the example", b); err != nil {
		t.Error(err)
	}
	for kind := range kinds() {
		if !strings.Contains(string(text), "`"+kind+"`") {
			t.Errorf("FORMAT.md does not say what a %s holds", kind)
		}
	}
}

// TestReadByPython: a reader written from the document, without this code, agrees.
func TestReadByPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not there")
	}
	for _, name := range []string{"majority", "forest", "neighbours"} {
		e := find(t, name)
		b := e.write(t, 60)
		path := filepath.Join(t.TempDir(), "model.flowbook")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(python, "testdata/read_saved.py", path).Output()
		if err != nil {
			t.Fatalf("%s: %v: %s", name, err, err.(*exec.ExitError).Stderr)
		}
		var got struct {
			Header Header
			Model  struct {
				Kind    string
				Bytes   int
				Classes []string
				Shares  []float64
			}
			Test struct {
				Rows    int
				Columns map[string][]any
				Scores  [][]float64
			}
		}
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatal(err)
		}
		f, err := Read(context.Background(), path, b)
		if err != nil {
			t.Fatal(err)
		}
		p, _ := open(b)
		test, err := loadTest(p.test, f.model.(wire.Described))
		if err != nil {
			t.Fatal(err)
		}
		if got.Header.Kind != f.Header.Kind || got.Model.Kind != f.Header.Kind || got.Test.Rows != test.rows || len(got.Test.Columns) != 3 {
			t.Errorf("%s: %+v", name, got)
		}
		k := len(f.Header.Classes)
		for i, v := range test.scores {
			if g := got.Test.Scores[i/k][i%k]; math.Float64bits(g) != math.Float64bits(v) {
				t.Errorf("%s: score %d is %v, want %v", name, i, g, v)
			}
		}
		if name == "majority" && fmt.Sprint(got.Model.Classes) != fmt.Sprint(f.Header.Classes) {
			t.Errorf("classes %q", got.Model.Classes)
		}
		b[len(b)-1] ^= 1
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := exec.Command(python, "testdata/read_saved.py", path).Run(); err == nil {
			t.Errorf("%s: the Python reader took an altered file", name)
		}
	}
}
