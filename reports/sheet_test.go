package reports_test

import (
	"strings"
	"testing"

	"flowbook/internal/exhibit"
	"flowbook/reports"
)

func TestSheet(t *testing.T) {
	s := &reports.Sheet{Title: "Judged <b>", Origin: exhibit.Origin{Kind: exhibit.Simulated, Set: "demo"}}
	s.Heading("A table & more")
	s.Textf("The value is %.2f of %s.", 0.5, "<script>")
	s.Show(exhibit.Grid{Title: "Cells", Columns: []string{"name", "value"}, Rows: [][]exhibit.Cell{{exhibit.Text("a|b"), exhibit.Num(1.5)}}},
		exhibit.Check{ID: "x", Title: "Is it so?", Status: exhibit.Warn, Detail: "Nearly."})
	md := string(s.Markdown())
	for _, want := range []string{"simulated data: not evidence", "# Judged", "## A table", "The value is 0.50 of", "**Table 1.** Cells", "| 1.500 |", "Is it so?"} {
		if !strings.Contains(md, want) {
			t.Errorf("the Markdown lacks %q:\n%s", want, md)
		}
	}
	page, err := s.HTML()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<h1>Judged &lt;b&gt;</h1>", "A table &amp; more", "Is it so?"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, not := range []string{"<script>.", "How this report was made", "seed 0", "Looks at sealed"} {
		if strings.Contains(string(page), not) {
			t.Errorf("the page holds %q", not)
		}
	}
	long := exhibit.Grid{Title: "Long", Columns: []string{"n"}}
	for i := range 1005 {
		long.Rows = append(long.Rows, []exhibit.Cell{exhibit.Count(i)})
	}
	s.Show(long)
	if md := string(s.Markdown()); !strings.Contains(md, "| 999 |") || !strings.Contains(md, "5 more rows are left out") || strings.Contains(md, "index.html") {
		t.Error("a long table of a sheet is cut like that of a README")
	}
	if strings.Contains(md, "<script>") {
		t.Errorf("text of data is not escaped:\n%s", md)
	}
}
