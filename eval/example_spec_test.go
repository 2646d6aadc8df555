package eval_test

import (
	"context"
	"fmt"
	"slices"

	"flowbook/eval"
	"flowbook/eval/hypothesis"
	"flowbook/internal/num"
	"flowbook/internal/rng"
)

// Do compromised computers upload more? Where each of 12 computers has 50 days that are
// much alike, a test of days says so, and a test of computers does not. Groups dealt
// anew, computer by computer, show what the whole set of analyses is worth.
func ExampleSpecifications() {
	g := rng.New(3).Rand()
	var days [][]float64 // by computer
	for range 12 {
		usual := 10 * g.Float64()
		var own []float64
		for range 50 {
			own = append(own, usual+g.Float64())
		}
		days = append(days, own)
	}
	analyse := func(order []int, s eval.Specification) (eval.Finding, error) {
		var groups [2][]float64
		for place, c := range order {
			x := days[c]
			switch s.Option("unit") {
			case "mean of a computer":
				x = []float64{num.Mean(x)}
			case "median of a computer":
				x = []float64{num.Median(x)}
			}
			groups[place%2] = append(groups[place%2], x...)
		}
		ranks, err := hypothesis.MannWhitney(groups[0], groups[1])
		if err != nil {
			return eval.Finding{}, err
		}
		f := eval.FindingOf(ranks, 0.05, 1)
		if s.Option("test") == "Welch" {
			means, err := hypothesis.WelchT(groups[0], groups[1])
			if err != nil {
				return eval.Finding{}, err
			}
			f.P, f.Supports = means.P, eval.FindingOf(means, 0.05, 1).Supports
		}
		return f, nil
	}
	ctx, real := context.Background(), []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}
	curve, err := eval.Specifications{
		Name: "upload", Claim: "compromised computers upload more", Estimate: "A12", Null: 0.5,
		Choices: []eval.Choice{
			{Name: "unit", Options: []string{"day", "mean of a computer", "median of a computer"}},
			{Name: "test", Options: []string{"Mann-Whitney", "Welch"}},
		},
		Analyse: func(_ context.Context, s eval.Specification) (eval.Finding, error) { return analyse(real, s) },
	}.Run(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(curve.Exhibit().Notes[0])
	for _, o := range curve.Options() {
		fmt.Printf("%s, %s: %d of %d\n", o.Choice, o.Option, o.Supporting, len(o.At))
	}
	chance, err := curve.Under(ctx, 199, func(_ context.Context, s eval.Specification, draw rng.Seed) (eval.Finding, error) {
		order := slices.Clone(real)
		draw.Rand().Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		return analyse(order, s)
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("by chance: median p %.2f, share p %.2f\n", chance.MedianP, chance.ShareP)
	// Output:
	// 2 of 6 analyses (33.3 %) support that compromised computers upload more. The median A12 is 0.7222, from 0.7222 to 0.7227 (0.5 where there is nothing to find).
	// unit, day: 2 of 2
	// unit, mean of a computer: 0 of 2
	// unit, median of a computer: 0 of 2
	// test, Mann-Whitney: 1 of 3
	// test, Welch: 1 of 3
	// by chance: median p 0.26, share p 0.40
}
