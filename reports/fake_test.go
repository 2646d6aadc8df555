package reports

import (
	"errors"
	"sync"

	"flowbook/internal/exhibit"
	"flowbook/internal/par"
	"flowbook/internal/table"
)

// The notebooks of notebook_test.go. Their source is read from this very file, so
// lines in expectations are marked in the text and found by it.

func note(s string) exhibit.Exhibit { return exhibit.Exhibit{Notes: []string{s}} }

var fakeOrigin = exhibit.Origin{Kind: exhibit.Simulated, Set: "fake"}

func fakeOrder(nb *Notebook) {
	// # Title
	//
	// Question.

	nb.Use(fakeOrigin)
	// touching above
	a := 1
	// touching below

	// Prose one.
	//
	// - item

	for i := range 2 {
		// inside a loop

		nb.Textf("loop %d", i)
	}
	b := a + 1
	_ = b

	/* Prose two. */

	show := func(s string) { nb.Show(note(s)) }
	show("closure one")
	// Not prose: it touches.
	show("closure two")

	if a == 1 {
		nb.Textf("branch")
	}

	c := fakeChapter(nb, 2)
	nb.Textf("after %d", c)
	fakeTiny(nb)
	fakeHelper(nb, "helper one")

	// Between.

	fakeHelper(nb, "helper two")
	par.Do(1, func(int) { nb.Textf("same goroutine") })

	// The end.
}

func fakeChapter(nb *Notebook, n int) int {
	// ## Chapter prose

	nb.Show(note("in the chapter"))
	fakeInner(nb)
	return n
}

func fakeInner(book *Notebook) {
	// ### Inner prose

	book.Textf("inner")
}

func fakeTiny(nb *Notebook) { nb.Textf("tiny") }

func fakeHelper(nb *Notebook, s string) { nb.Show(note(s)) }

func fakeGoroutine(nb *Notebook) {
	nb.Use(fakeOrigin)
	show := func() { nb.Textf("lost") }
	var wg sync.WaitGroup
	wg.Go(show)
	wg.Wait()
}

func fakeDeferred(nb *Notebook) {
	nb.Use(fakeOrigin)
	show := func() { nb.Textf("late") }
	defer show()
	_ = 1
}

func fakeMust(nb *Notebook) {
	nb.Use(fakeOrigin)
	Must(0, errors.New("nslkdd: no such file")) // line of Must
}

func fakeNoOrigin(nb *Notebook) {
	nb.Show(note("too early")) // line of early Show
}

func fakeOpenEarly(nb *Notebook) {
	nb.Use(fakeOrigin)

	// ## Choosing

	test := fakeTest()
	nb.Open(test, "peek") // line of early Open

	// ## The test

	nb.Textf("x")

	// ## References
	//
	// Prose only: no chapter that computes.
}

func fakeOpenLate(nb *Notebook) {
	nb.Use(fakeOrigin)

	// ## Choosing

	test := fakeTest()
	nb.Describe(test, "count")
	nb.Textf("before")

	// ## The test

	nb.Open(test, "judge")
	nb.Textf("after")
	nb.Show(exhibit.Grid{Title: "T", Columns: []string{"a"}})

	// ## References
	//
	// Prose only: no chapter that computes.
}

func fakeLookedBehind(nb *Notebook) {
	nb.Use(fakeOrigin)
	test := fakeTest()
	nb.Describe(test, "count")
	test.Describe("behind the notebook's back")
}

func fakeOpenedBefore(nb *Notebook) {
	nb.Use(fakeOrigin)
	test := fakeTest()
	test.Open("behind the notebook's back")
	nb.Describe(test, "count")
}

func fakeLookedBefore(nb *Notebook) {
	nb.Use(fakeOrigin)
	test := fakeTest()
	test.Describe("the loader's ledger")
	nb.Describe(test, "count")
}

func fakeTwice(nb *Notebook) {
	nb.Use(fakeOrigin)
	nb.Show(exhibit.Number("a/b", 1, 1)) // line of first measure
	nb.Show(exhibit.Number("a/b", 1, 1)) // line of second measure
}

func fakeTwoFigures(nb *Notebook) {
	nb.Use(fakeOrigin)
	f := exhibit.Figure{Name: "f", SVG: []byte("<svg/>")}
	nb.Show(f)
	nb.Show(f)
}

func fakeBug(nb *Notebook) {
	nb.Use(fakeOrigin)
	var p *Notebook
	_ = p.budget
}

func fakeParallel(nb *Notebook) {
	nb.Use(fakeOrigin)
	part := make([]float64, par.Count(10000, 64))
	seed := nb.Seed("draws")
	par.Blocks(10000, 64, func(b, lo, hi int) {
		g := seed.Index("block", b).Rand()
		for range hi - lo {
			part[b] += g.NormFloat64()
		}
	})
	sum := 0.0
	for _, v := range part {
		sum += v
	}
	nb.Show(exhibit.Number("draws/sum", sum, 10000))
	nb.Textf("%.17g", sum)
}

func fakeNothing(nb *Notebook) { _ = nb }

func fakeTest() *table.Sealed {
	return table.Seal(table.Must(table.New("Test+", table.Float("x", "", []float64{1, 2}))))
}
