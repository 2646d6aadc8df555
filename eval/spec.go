package eval

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"flowbook/eval/hypothesis"
	"flowbook/internal/exhibit"
	"flowbook/internal/par"
	"flowbook/internal/rng"
)

// Specifications is the whole set of defensible analyses of one claim: every combination
// of declared choices, each as good as the next, so that no reader has to trust that the
// one shown was not picked for its answer [1], [2].
//
//	curve, err := eval.Specifications{
//		Name: "upload", Claim: "compromised computers upload more", Null: 0.5,
//		Choices: []eval.Choice{
//			{Name: "unit", Options: []string{"row", "computer"}},
//			{Name: "red", Options: []string{"all 18", "in redteam.txt"}},
//		},
//		Analyse: func(ctx context.Context, s eval.Specification) (eval.Finding, error) {
//			r, err := hypothesis.MannWhitney(samples(s.Option("unit"), s.Option("red")))
//			return eval.FindingOf(r, 0.01, 1), err
//		},
//	}.Run(ctx)
//
// Choices are for what may be argued either way. A choice that one would not defend does
// not belong here, and neither do analyses of other questions.
//
// [1] Simonsohn, Simmons, Nelson (2020), Specification curve analysis, Nature Human
// Behaviour 4, 1208-1214. [2] Steegen, Tuerlinckx, Gelman, Vanpaemel (2016), Increasing
// transparency through a multiverse analysis, Perspectives on Psychological Science 11,
// 702-712.
type Specifications struct {
	Name     string                     // first part of measure ids: "upload"; "" means "claim"
	Claim    string                     // what is judged, in words that follow "that": "compromised computers upload more"
	Estimate string                     // heading of the estimates: "A12"; "" means "estimate"
	Null     float64                    // the estimate where there is nothing to find: 0, or 0.5 for A12
	Choices  []Choice                   // at least one; names, and the options of a choice, stay apart as measure ids
	Skip     func(Specification) string // why a combination makes no sense, "" where it does; nil: all do
	Most     int                        // analyses at most; 0 means all. Of more, so many are drawn, each as likely as the others
	Seed     rng.Seed                   // of that draw
	Level    float64                    // confidence level of the findings' intervals, in (0, 1); 0 means 0.95

	// Analyse makes one analysis. It is called for several at a time.
	Analyse func(ctx context.Context, s Specification) (Finding, error)
}

// Choice is one decision that could have gone otherwise.
type Choice struct {
	Name    string // "unit", "seed", "encoding"
	Options []string
}

// Specification is one combination: an option of every choice.
type Specification struct {
	choices []Choice
	at      []int
}

// Index is the number of the option taken, from 0. It panics for a choice that was not
// declared, as does Option.
func (s Specification) Index(choice string) int { return s.at[s.place(choice)] }

// Option is the option taken.
func (s Specification) Option(choice string) string {
	c := s.place(choice)
	return s.choices[c].Options[s.at[c]]
}

func (s Specification) place(choice string) int {
	for c := range s.choices {
		if s.choices[c].Name == choice {
			return c
		}
	}
	panic(fmt.Sprintf("eval: no choice %q in %q", choice, s))
}

// Options lists the options taken, in the order of the choices.
func (s Specification) Options() []string {
	out := make([]string, len(s.at))
	for c, o := range s.at {
		out[c] = s.choices[c].Options[o]
	}
	return out
}

// String is "unit=row, red=all 18".
func (s Specification) String() string {
	var parts []string
	for c, o := range s.Options() {
		parts = append(parts, s.choices[c].Name+"="+o)
	}
	return strings.Join(parts, ", ")
}

// Finding is what one analysis says of the claim.
type Finding struct {
	Estimate  float64 // NaN where the analysis cannot tell
	Low, High float64 // its interval; NaN where there is none
	P         float64 // NaN where there is none
	Rows      int     // behind it; 0 where that has no meaning
	Supports  bool    // by the rule that the claim is judged by, the same for all
}

// FindingOf is a test as a finding for a claim that its effect lies above (side 1),
// below (-1) or anywhere off (0) what it is under the null hypothesis: it supports that
// where its p, two-sided, is below alpha and the effect lies there.
func FindingOf(r hypothesis.Result, alpha float64, side int) Finding {
	f := Finding{Estimate: r.Effect, Low: r.EffectLow, High: r.EffectHigh, P: r.P, Rows: r.Rows()}
	d := r.Effect - r.EffectNull
	f.Supports = r.P < alpha && (side > 0 && d > 0 || side < 0 && d < 0 || side == 0 && d != 0) && !math.IsNaN(d)
	return f
}

// Analysis is one point of the curve.
type Analysis struct {
	Specification
	Finding
}

// Skipped counts combinations that make no sense, for one reason.
type Skipped struct {
	Reason   string
	Analyses int
}

// Run makes all analyses, several at a time, and sorts them by their estimates. The
// first that fails, in the order of declaration, ends it with its specification. It
// fails for choices that cannot be told apart, more than 2^20 combinations, none that
// makes sense, and a finding that cannot be: an interval upside down or of no width beside
// the estimate, a p outside [0, 1], support from an estimate that is NaN.
func (s Specifications) Run(ctx context.Context) (*Curve, error) {
	s, err := s.withDefaults()
	if err != nil {
		return nil, err
	}
	curve := &Curve{Specifications: s}
	list, err := curve.declared()
	if err != nil {
		return nil, err
	}
	if curve.List, err = s.analyse(ctx, list, s.Analyse); err != nil {
		return nil, err
	}
	slices.SortStableFunc(curve.List, func(a, b Analysis) int {
		if an, bn := math.IsNaN(a.Estimate), math.IsNaN(b.Estimate); an || bn {
			return cmp.Compare(boolInt(an), boolInt(bn))
		}
		return cmp.Compare(a.Estimate, b.Estimate)
	})
	return curve, nil
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// analyse makes analyses in the order given.
func (s Specifications) analyse(ctx context.Context, list []Specification, f func(context.Context, Specification) (Finding, error)) ([]Analysis, error) {
	task := par.Track(ctx, fmt.Sprintf("%s: %d analyses", s.Name, len(list)), len(list))
	defer task.Done()
	return par.Map(ctx, len(list), func(ctx context.Context, i int) (Analysis, error) {
		found, err := f(ctx, list[i])
		switch {
		case err != nil:
		case found.Low > found.High:
			err = fmt.Errorf("the interval runs from %g to %g", found.Low, found.High)
		case found.Low == found.High && found.Estimate != found.Low:
			err = fmt.Errorf("the interval is %g alone and the estimate %g; an interval is NaN where there is none", found.Low, found.Estimate)
		case found.P < 0 || found.P > 1:
			err = fmt.Errorf("p is %g; want a value in [0, 1], or NaN where there is none", found.P)
		case found.Supports && math.IsNaN(found.Estimate):
			err = fmt.Errorf("the estimate is NaN and yet supports the claim")
		}
		if err != nil {
			return Analysis{}, fmt.Errorf("eval: %s: analysis with %s: %w", s.Name, list[i], err)
		}
		task.Add(1)
		return Analysis{list[i], found}, nil
	})
}

// most bounds the combinations that may be declared.
const most = 1 << 20

func (s Specifications) withDefaults() (Specifications, error) {
	if s.Name == "" {
		s.Name = "claim"
	}
	if s.Estimate == "" {
		s.Estimate = "estimate"
	}
	if s.Level == 0 {
		s.Level = 0.95
	}
	switch {
	case !(s.Level > 0 && s.Level < 1):
		return s, fmt.Errorf("eval: %s: Level is %g; want a value in (0, 1)", s.Name, s.Level)
	case math.IsNaN(s.Null):
		return s, fmt.Errorf("eval: %s: Null is NaN; want the estimate where there is nothing to find", s.Name)
	case s.Most < 0:
		return s, fmt.Errorf("eval: %s: Most is %d; want at least 1, or 0 for all", s.Name, s.Most)
	case s.Analyse == nil:
		return s, fmt.Errorf("eval: %s: Analyse is nil", s.Name)
	case len(s.Choices) == 0:
		return s, fmt.Errorf("eval: %s: no choices were declared", s.Name)
	}
	choices := make([]Choice, len(s.Choices))
	names := make([]string, len(s.Choices))
	total := 1
	for c, choice := range s.Choices {
		names[c] = choice.Name
		choices[c] = Choice{choice.Name, slices.Clone(choice.Options)}
		if err := toldApart(choice.Options); err != nil {
			return s, fmt.Errorf("eval: %s: choice %q: options %w", s.Name, choice.Name, err)
		}
		if total *= len(choice.Options); total > most {
			return s, fmt.Errorf("eval: %s: more than %d combinations; declare fewer options", s.Name, most)
		}
	}
	if err := toldApart(names); err != nil {
		return s, fmt.Errorf("eval: %s: choices %w", s.Name, err)
	}
	s.Choices = choices
	return s, nil
}

// toldApart checks that names differ as parts of measure ids.
func toldApart(names []string) error {
	if len(names) == 0 {
		return fmt.Errorf("are none; want at least one")
	}
	seen := map[string]string{}
	for _, name := range names {
		slug := exhibit.Slug(name)
		if slug == "" {
			return fmt.Errorf("include %q; want a letter or digit", name)
		}
		if other, ok := seen[slug]; ok {
			return fmt.Errorf("%q and %q are both %q in measure ids; give one another name", other, name, slug)
		}
		seen[slug] = name
	}
	return nil
}

// declared lists the combinations to analyse, the last choice changing fastest, and
// counts those skipped.
func (c *Curve) declared() ([]Specification, error) {
	s := c.Specifications
	var list []Specification
	reasons := map[string]int{} // place in c.Skipped
	at := make([]int, len(s.Choices))
	for {
		spec := Specification{s.Choices, slices.Clone(at)}
		reason := ""
		if s.Skip != nil {
			reason = s.Skip(spec)
		}
		if reason == "" {
			list = append(list, spec)
		} else {
			k, ok := reasons[reason]
			if !ok {
				k = len(c.Skipped)
				reasons[reason] = k
				c.Skipped = append(c.Skipped, Skipped{Reason: reason})
			}
			c.Skipped[k].Analyses++
		}
		k := len(at) - 1
		for ; k >= 0; k-- {
			if at[k]++; at[k] < len(s.Choices[k].Options) {
				break
			}
			at[k] = 0
		}
		if k < 0 {
			break
		}
	}
	if c.Declared = len(list); c.Declared == 0 {
		return nil, fmt.Errorf("eval: %s: every combination is skipped, the first because %s", s.Name, c.Skipped[0].Reason)
	}
	if s.Most > 0 && s.Most < len(list) {
		drawn := s.Seed.At("specifications").Rand().Perm(len(list))[:s.Most]
		slices.Sort(drawn)
		for i, d := range drawn {
			list[i] = list[d]
		}
		list = list[:s.Most]
	}
	return list, nil
}
