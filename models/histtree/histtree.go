// Package histtree answers: how fast can a decision tree, a random forest or boosted
// trees learn from a table of flows, without giving up what an exact tree knows?
//
//	tree, err := histtree.Tree{}.Fit(ctx, train.WithTarget("class"))
//	forest, err := histtree.Forest{Trees: 200, Seed: nb.Seed("forest")}.Fit(ctx, train.WithTarget("class"))
//	boosted, err := histtree.Boost{Trees: 200, Rate: 0.1}.Fit(ctx, train.WithTarget("class"))
//	number, err := histtree.Boost{}.FitRegression(ctx, train.WithTarget("bytes"))
//	large, err := histtree.Boost{}.FitSource(ctx, source, "class") // rows that do not fit in memory
//	p, err := forest.Predict(ctx, test)
//	nb.Show(forest.(*histtree.Model).Importance())
//
// A fitted model explains what it says of a row (Explain), scores rows one by one
// (Scorer), describes its trees to whoever writes them in another form (Describe), and
// is saved by package models/saved.
//
// Columns are cut into bins once; a tree then counts classes by bin and never looks
// at a value again. A column with no more distinct values than MaxBins gets a bin for
// each, so that its splits are those of an exact tree, the threshold midway between
// the neighbouring values that occur in the node. Categories stay categories: a
// split sends any set of levels to the left. Missing values have a bin of their
// own, and every split learns the side they belong on. Bins do not hang on weights where
// every value has one: Tree.Prepare cuts them once for many fits under other weights.
//
// # Rules for what training has not shown
//
// A level that training did not know, or that no row of the node had, goes to the
// heavier child (the left one of a tie). It is not the same as missing: a missing
// value goes to the side that fits the missing values of the node best, and to the
// heavier child where the node had none.
//
// # Glossary
//
//	n, p, k    rows, features, classes
//	code       number of a row's bin in a column, from 0; where the column misses
//	           values, code 0 is missing and the values start at 1
//	position   number of a row in training order: sorted by class, rows of weight 0
//	           left out, so that the rows of a class are neighbours
//	idx        positions of a tree's rows; a node owns idx[lo:hi], and within it each
//	           class owns a run, so that counting needs no labels
//	ends       ends[c]:ends[c+1] is the run of class c
//	h          histogram: weight by class and code, h[c·stride + code]
//	l, r       weights by class on the left and on the right of a split
//	score      what a split maximises: Σ l²/Σl + Σ r²/Σr for Gini, or its like for entropy
//
// Sources: Breiman, Friedman, Olshen, Stone (1984), Classification and Regression
// Trees; Breiman (2001), Random forests, Machine Learning 45, 5-32; Ke et al. (2017),
// LightGBM, NIPS (histograms and their subtraction); Fisher (1958), On grouping for
// maximum homogeneity, JASA 53, 789-798 (ordering levels); Fayyad, Irani (1992), On
// the handling of continuous-valued attributes, Machine Learning 8, 87-102 (cuts
// between neighbours of the same class need no look).
package histtree
