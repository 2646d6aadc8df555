// Package audit answers: has this experiment fooled itself in one of the known ways?
//
// Each function looks for one pitfall (most of them from Arp et al., "Dos and
// Don'ts of Machine Learning in Computer Security", USENIX Security 2022) and
// returns an exhibit.Check: pass, warn or fail, the number it was judged by, and a
// few of the rows behind it. Package eval attaches those that apply to what it
// shows; they may be called alone:
//
//	check, err := audit.Duplicates(train, test, "KDDTest+")
//
// Of data and split: Duplicates, FoldLeak, Conflicts, Drift, Shortcut, TargetLeak,
// GroupOverlap, GroupLeak, TimeOrder, Sealed. Of what was done: Snooping, TestTuned,
// Threshold, Baselines, Metrics, BaseRate. Of a comparison of groups: Units.
//
// Row numbers in checks count from 1 in the table behind the view, as a reader
// counts lines. Checks that describe (duplicates, conflicts, drift) take a sealed
// test set that was not opened, for a look at it is counted anyway; those that
// judge a rule or a pipeline on it (shortcuts, leaks, snooping) or fit folds to it do not.
package audit

import (
	"fmt"
	"math"
	"strconv"

	"flowbook/internal/exhibit"
	"flowbook/internal/table"
)

// maxRows bounds the rows that a check names.
const maxRows = 5

// grade is Pass up to warn, Warn up to fail and Fail beyond; NaN is a Warn.
func grade(v, warn, fail float64) exhibit.Status {
	switch {
	case v <= warn:
		return exhibit.Pass
	case v <= fail, math.IsNaN(v):
		return exhibit.Warn
	}
	return exhibit.Fail
}

// place names a row: "KDDTest+:17".
func place(v table.View, i int) string {
	return v.Table().Name() + ":" + strconv.Itoa(v.Row(i)+1)
}

func unsealed(views ...table.View) error {
	for _, v := range views {
		if err := v.Unsealed(); err != nil {
			return fmt.Errorf("audit: %w", err)
		}
	}
	return nil
}

// percent prints a share for a sentence: three significant digits.
func percent(share float64) string { return fmt.Sprintf("%.3g %%", 100*share) }
