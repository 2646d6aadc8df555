// Command flowbook-nslkdd asks what a detector trained on NSL-KDD knows of
// attacks it has never met. Read run from top to bottom: it is the report.
package main

import (
	"embed"

	"flowbook/datasets/nslkdd"
	"flowbook/reports"
)

//go:embed *.go
var sources embed.FS

var options = reports.Options{
	Name:     "nslkdd",
	Title:    "NSL-KDD",
	Question: "Does a detector trained on NSL-KDD catch attacks it has never seen?",
	Data:     "nslkdd",
}

func main() { reports.Main(sources, run, options) }

func run(nb *reports.Notebook) {
	// # Does a detector trained on NSL-KDD catch attacks it has never seen?
	//
	// In 1998 a simulated network was attacked on purpose for nine weeks and every connection written down. Detectors have been tried on
	// that log since 1999, and on NSL-KDD, the same log without its repeated records and thinned so that hard ones weigh more, since 2009 [1]. They are praised for what they
	// reach inside its file KDDTrain+, often 99 percent and more. The set has a second file, KDDTest+, recorded later, and many of
	// its rows belong to attacks that the first file does not contain. So the second file asks the question that matters to whoever
	// must defend a network: has the detector learnt what an attack looks like, or only the attacks it was shown?
	//
	// This notebook reads the raw files, counts what is wrong with them, tests four popular beliefs about what an attack
	// looks like, lets clusters form without labels, compares learners on the same folds of KDDTrain+, sets beside them detectors that are
	// shown no attack at all, and hides one attack type after the other. KDDTest+ is described on the way, every look at it is listed, and no learner sees a row of it before
	// the last chapter opens it. The data carry no
	// clock and no addresses: nothing here speaks of time of day or of hosts.

	kdd := reports.Must(nslkdd.OpenOrSimulate(nb.Context(), nb.Data(), nb.Seed("simulator"), sizeOf(nb.Budget())))
	nb.Use(kdd.Origin)

	describeData(nb, kdd)
	explore(nb, kdd)
	testBeliefs(nb, kdd)
	findClusters(nb, kdd)
	learners := newRoster(nb.Budget())
	settled := compareLearners(nb, kdd, learners)
	findUnusual(nb, settled, learners)
	ablate(nb, settled, learners)
	leaveOut(nb, settled, learners)
	judge(nb, kdd, settled, learners)
}

// sizeOf says how many rows the simulator makes where there are no data: a quick
// look does with a tenth.
func sizeOf(b reports.Budget) nslkdd.Size {
	if b == reports.Quick {
		return nslkdd.Small
	}
	return nslkdd.Whole
}
