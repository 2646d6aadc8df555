// Command demo is a whole small notebook on simulated numbers. It makes every
// kind of output, so that tests and people can look at the page.
package main

import (
	"embed"
	"fmt"
	"math"
	"os"

	"flowbook/internal/exhibit"
	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/reports"
)

//go:embed *.go
var sources embed.FS

func main() {
	reports.Main(sources, run, reports.Options{Name: "demo", Title: "Demonstration", Data: "demo"})
}

func run(nb *reports.Notebook) {
	// # Do long flows come from *few* hosts?
	//
	// A made-up question on made-up flows. It is here so that each kind of output can be looked at: prose with
	// `code`, [links](https://example.org/), tables, figures, checks, and numbers that are computed where they stand [1].

	flows := simulate(nb)
	origin := exhibit.Origin{Kind: exhibit.Simulated, Set: "demo", Note: "seed 1, sizes as in the code",
		Files: []exhibit.File{{Name: "flows.csv", Rows: len(flows), Bytes: int64(40 * len(flows)), SHA256: fmt.Sprintf("%064x", len(flows))}}}
	if os.Getenv("FLOWBOOK_DEMO_REAL") != "" {
		origin.Kind = exhibit.Real
	}
	nb.Use(origin)
	if os.Getenv("FLOWBOOK_DEMO_WAIT") != "" {
		<-nb.Context().Done() // a long computation, for the test that interrupts it
		reports.Must(0, nb.Context().Err())
	}

	// ## What the flows look like
	//
	// The simulator draws durations from a log-normal law. Most flows are short; a few are very long.
	//
	// - the *median* says what is usual,
	// - the **mean** says who pays for the traffic.

	long := 0
	for _, f := range flows {
		// a comment inside code stays code
		if f.seconds > 60 {
			long++
		}
	}
	nb.Textf("Of **%d** flows, %d last longer than a minute: a share of %v. The column is called `%s`, and a hostile one %s.",
		len(flows), long, float64(long)/float64(len(flows)), "duration_s", "<script>alert('x')</script> *not bold* [1](x)")
	nb.Show(summary(flows), histogram(flows))

	// This comment touches the code below, so it is code.
	hosts := byHost(flows)
	nb.Show(hosts)

	// ## Three detectors
	//
	// Each is judged alike. Intervals are 95 % by bootstrap [2].
	//
	// | detector | what it looks at |
	// |---|---|
	// | duration | seconds |
	// | volume | bytes |

	compare(nb, flows)

	// ### Hostile text
	//
	// Data may hold anything; nothing of it may act, and nothing of it may hide what follows.

	nb.Show(hostile())

	// ## The sealed test, opened once
	//
	// Nothing above has seen these rows.

	test := table.Seal(table.Must(table.New("Test+", table.Float("seconds", "s", []float64{1, 70, 3}))))
	nb.Show(exhibit.Grid{Title: "Rows of the sealed test", Caption: "Described before it is opened.", Columns: []string{"rows"},
		Rows: [][]exhibit.Cell{{exhibit.Count(nb.Describe(test, "count its rows").Rows())}}})
	opened := nb.Open(test, "judge the chosen rule")
	nb.Textf("The rule flags %d of %d rows.", 1, opened.Rows())
	nb.Show(exhibit.Grid{Title: "Verdict on the test", Columns: []string{"rule", "flagged"},
		Rows: [][]exhibit.Cell{{exhibit.Text("longer than a minute"), exhibit.Percent(1.0 / 3)}}},
		exhibit.Number("test/rule/flagged", 1.0/3, 3))
	nb.Answerf("**Yes, in this simulation:** %d of %d flows are long, and they come from few hosts.", long, len(flows))
	nb.Answerf("The best detector reaches an AUC of %v; p is %v.", exhibit.Between(0.98123, 0.97911, 0.98334, 0.95), exhibit.P(1.2472e-20, -19.904))

	// ### References
	//
	// [1] Knuth, D. E. (1984). Literate programming. The Computer Journal 27(2), 97-111.
	// [2] Efron, B. (1979). Bootstrap methods: another look at the jackknife. Annals of Statistics 7(1), 1-26.
	// https://doi.org/10.1214/aos/1176344552
}

// compare is a chapter: its prose and outputs stand where run calls it.
func compare(nb *reports.Notebook, flows []flow) {
	// ### The scores
	//
	// A chapter in its own function; loops show their results after the loop.

	for i, name := range []string{"duration", "volume", "both"} {
		task := par.Track(nb.Context(), "score "+name, 3)
		task.Add(1)
		auc := 0.9 + 0.04*float64(i)
		nb.Show(exhibit.Measure{ID: exhibit.ID("compare", name, "auc", "train"), Value: auc, Low: auc - 0.01, High: auc + 0.01, Level: 0.95, Rows: len(flows)})
		task.Done()
	}
	nb.Show(exhibit.Exhibit{
		Notes: []string{"The intervals of the first two do not overlap."},
		Grids: []exhibit.Grid{{
			Title: "Scores of three detectors", Caption: "5 folds, the same for each.",
			Columns: []string{"detector", "AUC", "macro F1", "false alarms a day", "p (Holm)", "fit cost (nodes)", "log-loss", "Brier", "note"},
			Rows: [][]exhibit.Cell{
				{exhibit.Text("duration"), exhibit.Between(0.90123, 0.8911, 0.91134, 0.95), exhibit.Num(0.812345), exhibit.Num(12.5), exhibit.P(0.0321, math.Log10(0.0321)), exhibit.Count(1234567), exhibit.Num(0.30213), exhibit.Num(0.0912), exhibit.Text("one column")},
				{exhibit.Text("volume"), exhibit.Between(0.94, 0.93, 0.95, 0.95), exhibit.Num(0.9), exhibit.Num(3), exhibit.P(2.4944e-20, -19.603), exhibit.Count(89), exhibit.Num(2.5e-7), exhibit.Num(math.NaN()), exhibit.Text("one column")},
				{exhibit.Text("both"), exhibit.Between(0.98123, 0.97911, 0.98334, 0.95), exhibit.Num(math.NaN()), exhibit.Num(1234.5678), exhibit.P(0, -4032.12), exhibit.Count(1000), exhibit.Num(12345678), exhibit.Num(0.001), exhibit.Text("a note that is somewhat longer than the other notes in this column")},
			}}},
		Checks: []exhibit.Check{
			{ID: "duplicates-across-split", Title: "Do rows of the test set occur in the training set?", Status: exhibit.Pass, Value: 0, Unit: "rows", Limit: "at most 0", Detail: "No row occurs in both."},
			{ID: "shortcut", Title: "Does one feature alone nearly decide the class?", Status: exhibit.Warn, Value: 0.9412, Limit: "at most 0.9", Detail: "bytes alone reaches an AUC of 0.9412.", Rows: []string{"flows:17 = flows:4211", "flows:18 = flows:4212"}},
			{ID: "base-rate", Title: "Is precision stated at the base rate of the field?", Status: exhibit.Fail, Value: math.NaN(), Limit: "stated", Detail: "No prevalence is stated."},
		},
		Fingerprints: []exhibit.Fingerprint{{Name: "folds", SHA256: fmt.Sprintf("%064x", 7)}},
		Timings:      []exhibit.Timing{{ID: "compare/both/fit", Seconds: 0.1}},
		Answers:      []exhibit.Answers{{Learner: "both", Split: "Test+", Positive: "attack", Said: []bool{true, false, true, true, false, false, false, true, true}}},
	})
}
