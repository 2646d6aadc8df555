// Package exhibit answers: what can a report show?
//
// Everything that computes a result (a test, a cross-validation, a plot, a data
// set) describes it with the types of this package and nothing else; package
// reports turns them into Markdown, HTML and metrics.json. Escaping, rounding to
// four digits, sorting and JSON happen there, once.
//
//	func (r Result) Exhibit() exhibit.Exhibit {
//		return exhibit.Exhibit{Grids: []exhibit.Grid{r.grid()}, Measures: r.measures()}
//	}
package exhibit

// Shower is anything that a notebook can show.
type Shower interface{ Exhibit() Exhibit }

// Exhibit is what one value puts on the page, in this order: notes, grids,
// figures, checks. Measures and fingerprints go to metrics.json only, timings to
// timings.json only, answers to predictions.json only.
type Exhibit struct {
	Notes        []string // paragraphs of plain text, escaped when shown
	Grids        []Grid
	Figures      []Figure
	Checks       []Check
	Measures     []Measure
	Fingerprints []Fingerprint
	Timings      []Timing
	Answers      []Answers
}

// Join puts several exhibits into one, keeping their order.
func Join(parts ...Shower) Exhibit {
	var all Exhibit
	for _, p := range parts {
		e := p.Exhibit()
		all.Notes = append(all.Notes, e.Notes...)
		all.Grids = append(all.Grids, e.Grids...)
		all.Figures = append(all.Figures, e.Figures...)
		all.Checks = append(all.Checks, e.Checks...)
		all.Measures = append(all.Measures, e.Measures...)
		all.Fingerprints = append(all.Fingerprints, e.Fingerprints...)
		all.Timings = append(all.Timings, e.Timings...)
		all.Answers = append(all.Answers, e.Answers...)
	}
	return all
}

// Exhibit lets an Exhibit be shown as it is.
func (e Exhibit) Exhibit() Exhibit { return e }

// Fingerprint names a list of row numbers (the folds of a resampling) by a
// SHA-256 in hex, so that two reports can be seen to have used the same ones.
type Fingerprint struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

// Exhibit shows a fingerprint: it has no place on the page, only in metrics.json.
func (f Fingerprint) Exhibit() Exhibit { return Exhibit{Fingerprints: []Fingerprint{f}} }

// Timing is how long something took by the clock. It differs from run to run, so
// it goes to timings.json and stderr and never on the page.
type Timing struct {
	ID      string  `json:"id"` // like Measure.ID: "binary/random-forest/fit"
	Seconds float64 `json:"seconds"`
}

// Exhibit shows a timing.
func (t Timing) Exhibit() Exhibit { return Exhibit{Timings: []Timing{t}} }
