// Package num answers: what is the number, to the last digit that matters?
//
// Sums, moments, quantiles, kernel densities, and the tails of the usual
// distributions with their logarithms, written so that they stay exact where
// 1 - CDF has long collapsed.
package num
