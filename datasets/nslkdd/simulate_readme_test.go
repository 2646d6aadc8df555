package nslkdd

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestReadmeListsFindings: the README's table is Findings, with the numbers of the
// simulated set of seed 1 (and of the published one, where it is at hand).
func TestReadmeListsFindings(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	set := whole(t)
	var table strings.Builder
	for _, f := range Findings() {
		_, v := f.In(set)
		row := fmt.Sprintf("| %s | %.4g to %.4g |", f.Sentence, f.Low, f.High)
		made := fmt.Sprintf(" %.3f |\n", v)
		fmt.Fprintf(&table, "%s … |%s", row, made)
		i := strings.Index(string(text), row)
		if i < 0 {
			t.Errorf("README.md lacks the row %q", row)
			continue
		}
		line, _, _ := strings.Cut(string(text)[i:], "\n")
		if !strings.HasSuffix(line+"\n", made) {
			t.Errorf("README.md: %q, want it to end in %q", line, made)
		}
		if os.Getenv("FLOWBOOK_DATA") == "" {
			continue
		}
		_, real := f.In(realSet(t))
		if want := fmt.Sprintf("| %.3f |%s", real, made); !strings.HasSuffix(line+"\n", want) {
			t.Errorf("README.md: %q, want it to end in %q", line, want)
		}
	}
	if t.Failed() {
		t.Logf("the rows, real numbers left open:\n%s", table.String())
	}
}
