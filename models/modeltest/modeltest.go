// Package modeltest answers: does this learner keep the promises that every
// learner makes?
//
// Run holds a models.Learner to the contract of package models. What a learner
// cannot do it states by an option, so that its test file reads as its limits:
//
//	func TestConformance(t *testing.T) {
//		modeltest.Run(t, linear.Logistic{}, modeltest.NumericOnly, modeltest.NoMissing, modeltest.Tolerance(1e-6))
//	}
//
// The tables are small and simulated; a run takes about a second for a fast learner.
package modeltest

import (
	"testing"

	"flowbook/internal/rng"
	"flowbook/models"
	"flowbook/models/internal/wire"
)

// Option states what a learner cannot do, or does in its own way.
type Option func(*suite)

// NumericOnly says that the learner refuses categorical features with an error.
func NumericOnly(s *suite) { s.numericOnly = true }

// NoMissing says that the learner refuses missing values, in training and in
// prediction, with an error. Without it the learner must fit and score them.
func NoMissing(s *suite) { s.noMissing = true }

// NeedsTwoClasses says that the learner refuses rows of one class only with an
// error. Without it the learner must answer that class with a score of 1.
func NeedsTwoClasses(s *suite) { s.twoClasses = true }

// IgnoresWeights says that the learner does not use a weight column: it refuses it
// or fits as if it were not there. Without it an integer weight is the same as the
// row repeated, and a row of weight 0 the same as no row.
func IgnoresWeights(s *suite) { s.ignoresWeights = true }

// DrawsRows says that the learner draws rows by their number (a bootstrap), so that
// a weight of two is not the same as the row given twice. A row of weight 0 still
// counts for nothing.
func DrawsRows(s *suite) { s.drawsRows = true }

// Baseline says that the learner need not learn anything: its accuracy on an easy
// table is not looked at.
func Baseline(s *suite) { s.baseline = true }

// MaxRows says that the learner is too slow for more rows than n.
func MaxRows(n int) Option { return func(s *suite) { s.maxRows = n } }

// Tolerance says how far two fits may be apart that differ only in the order in
// which their sums were added: columns in another order, classes renamed into
// another order, integer weights for repeated rows. The default is 0: to the bit.
// Equal seeds and inputs must agree to the bit in any case.
func Tolerance(tol float64) Option { return func(s *suite) { s.tol = tol } }

// Skip leaves out one check by its name, for a reason that the log shows.
func Skip(check, reason string) Option {
	return func(s *suite) { s.skip[check] = reason }
}

type suite struct {
	learner models.Learner

	numericOnly, noMissing, twoClasses, ignoresWeights bool
	drawsRows, baseline                                bool
	maxRows                                            int
	tol                                                float64
	skip                                               map[string]string
	kinds                                              wire.Kinds
}

// Run checks the learner; each check is a subtest of its own.
func Run(t *testing.T, learner models.Learner, options ...Option) {
	t.Helper()
	s := &suite{learner: models.WithSeed(learner, rng.New(7).At("modeltest")), maxRows: 400, skip: map[string]string{}}
	for _, o := range options {
		o(s)
	}
	for _, c := range []struct {
		name  string
		check func(*testing.T, *suite)
	}{
		{"name", named},
		{"scores", scores},
		{"learns", learns},
		{"reproducible", reproducible},
		{"input untouched", untouched},
		{"constant column", constantColumn},
		{"constant table", constantTable},
		{"one class", oneClass},
		{"one row", oneRow},
		{"more columns than rows", wide},
		{"missing values", missing},
		{"missing in prediction only", missingLater},
		{"infinite values", infinite},
		{"categorical refused", categoricalRefused},
		{"empty view", empty},
		{"bad target", badTarget},
		{"weights", weights},
		{"weight 0", weightZero},
		{"bad weights", badWeights},
		{"unseen level", unseenLevel},
		{"column missing", columnMissing},
		{"cancelled", cancelled},
		{"one row alone", alone},
		{"concurrent", concurrent},
		{"columns by name", byName},
		{"view as table", viewAsTable},
		{"classes renamed", renamed},
		{"columns reordered", reordered},
		{"sealed", sealed},
		{"saved and loaded", savedModel},
	} {
		t.Run(c.name, func(t *testing.T) {
			if why, ok := s.skip[c.name]; ok {
				t.Skip(why)
			}
			c.check(t, s)
		})
	}
}
