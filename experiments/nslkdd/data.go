package main

import (
	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"flowbook/datasets/frame"
	"flowbook/datasets/nslkdd"
	"flowbook/internal/exhibit"
	"flowbook/internal/table"
	"flowbook/reports"
)

func describeData(nb *reports.Notebook, kdd *nslkdd.Set) {
	// ## The data, and what is wrong with them
	//
	// One row is one connection, described by 41 features: what the connection itself was, what its payload held, and
	// what else happened in the two seconds before and among the last hundred connections to the same host. The published
	// dictionary calls fractions percentages and leaves out where counters stop; this one is corrected against the files.

	nb.Show(nslkdd.Dictionary(), kdd.Train.Summary())

	// The label is the name of an attack, or *normal*. Papers fold the names into four classes of attack. They disagree on
	// two names that only KDDTest+ has; here `httptunnel` is a u2r attack and `worm` an r2l attack, which gives the class
	// sizes most papers print.

	test := nb.Describe(kdd.Test, "count its classes and attack types")
	test21 := nb.Describe(kdd.Test21, "count its classes")
	files := []table.View{kdd.Train.View(), kdd.Train20.View(), test, test21}
	nb.Show(classSizes(files))

	// ### The attacks that training never shows
	//
	// The table of attack types is small, so it is wrangled by hand: join the counts of both files, keep the types that
	// training lacks, sort by size.

	types := reports.Must(frame.To(attackTypes(kdd.Train.View(), test)))
	unseen := reports.Must(frame.Where(types,
		dataframe.F{Colname: "train", Comparator: series.Eq, Comparando: 0},
		dataframe.F{Colname: "test", Comparator: series.Greater, Comparando: 0})).
		Arrange(dataframe.RevSort("test"), dataframe.Sort("attack"))
	grid := reports.Must(frame.Grid("Attack types that occur in KDDTest+ only", unseen))
	nb.Show(grid)
	rows := 0.0
	for _, n := range unseen.Col("test").Float() {
		rows += n
	}
	nb.Textf("KDDTest+ has %d attack types that KDDTrain+ lacks. They cover %v of its %v rows (%.1f %%) and %.1f %% of its attacks.",
		unseen.Nrow(), int(rows), test.Rows(), 100*rows/float64(test.Rows()), 100*rows/float64(countNot(test, "class", nslkdd.Normal)))
	nb.Show(exhibit.Number("data/unseen/types/test", float64(unseen.Nrow()), test.Rows()),
		exhibit.Number("data/unseen/rows/test", rows, test.Rows()))

	// ### The cleaning ledger
	//
	// Nothing is dropped: whoever drops rows of a benchmark has made another benchmark. But everything odd is counted. Rows
	// whose 41 features are equal and whose labels differ put a ceiling on what any detector can reach; rows of KDDTest+
	// that stand word for word in KDDTrain+ need no learning at all.

	nb.Show(kdd.Ledger)
}

// classSizes counts each class in each file.
func classSizes(files []table.View) exhibit.Exhibit {
	g := exhibit.Grid{Title: "Classes by file", Caption: "Rows of each class, and their share of the file.", Columns: []string{"class"}}
	var e exhibit.Exhibit
	for _, f := range files {
		g.Columns = append(g.Columns, f.Table().Name(), "share")
	}
	for _, class := range nslkdd.Classes() {
		row := []exhibit.Cell{exhibit.Text(class)}
		for _, f := range files {
			n := f.Rows() - countNot(f, "class", class)
			row = append(row, exhibit.Count(n), exhibit.Percent(float64(n)/float64(f.Rows())))
			e.Measures = append(e.Measures, exhibit.Number(exhibit.ID("data", class, "rows", f.Table().Name()), float64(n), f.Rows()))
		}
		g.Rows = append(g.Rows, row)
	}
	all := []exhibit.Cell{exhibit.Text("all")}
	for _, f := range files {
		all = append(all, exhibit.Count(f.Rows()), exhibit.Percent(1))
	}
	g.Rows = append(g.Rows, all)
	e.Grids = []exhibit.Grid{g}
	return e
}

// attackTypes counts the rows of each attack type in two files.
func attackTypes(train, test table.View) *table.Table {
	names := nslkdd.Attacks()
	classes := make([]string, len(names))
	counts := [2][]int64{make([]int64, len(names)), make([]int64, len(names))}
	at := map[string]int{}
	for i, a := range names {
		at[a] = i
		classes[i], _ = nslkdd.ClassOf(a)
	}
	for f, v := range []table.View{train, test} {
		for _, a := range v.Strings("attack") {
			counts[f][at[a]]++
		}
	}
	return table.Must(table.New("attack types", table.Text("attack", names), table.Text("class", classes),
		table.Int("train", "rows", counts[0]), table.Int("test", "rows", counts[1])))
}

// countNot counts the rows whose column is not the value.
func countNot(v table.View, column, value string) int {
	n := 0
	for _, s := range v.Strings(column) {
		if s != value {
			n++
		}
	}
	return n
}
