package reports

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"

	"flowbook/internal/exhibit"
)

// Schema is the version of metrics.json that this package writes.
const Schema = 1

// Metrics is metrics.json: every number of a report at full precision, with what
// made it. Its keys come in this order.
type Metrics struct {
	Experiment   string                `json:"experiment"`
	Question     string                `json:"question,omitempty"`
	Answers      []string              `json:"answers,omitempty"` // the summary on top of the page, Markdown
	Schema       int                   `json:"schema"`
	Flowbook     string                `json:"flowbook"` // version
	Seed         uint64                `json:"seed"`
	Params       Params                `json:"params"`
	Origin       exhibit.Origin        `json:"origin"`
	Outputs      map[string]string     `json:"outputs"` // "plots/nslkdd/roc.svg" -> SHA-256
	Fingerprints []exhibit.Fingerprint `json:"fingerprints"`
	Measures     []Measure             `json:"measures"` // sorted by ID
	Checks       []Check               `json:"checks"`   // as shown; empty: the report is incomplete
	Looks        []Look                `json:"looks"`    // at sealed test sets, in order
}

// Params are the run's parameters besides the seed.
type Params struct {
	Budget Budget `json:"budget"`
}

// Measure is an exhibit.Measure in JSON; Low and High are absent without an interval.
type Measure struct {
	ID    string  `json:"id"`
	Value Number  `json:"value"`
	Unit  string  `json:"unit,omitempty"`
	Low   *Number `json:"low,omitempty"`
	High  *Number `json:"high,omitempty"`
	Level float64 `json:"level,omitempty"`
	Rows  int     `json:"rows,omitempty"`
}

// Check is an exhibit.Check in JSON.
type Check struct {
	ID     string   `json:"id"`
	Title  string   `json:"title"`
	Status string   `json:"status"` // pass, warn or fail
	Value  Number   `json:"value"`
	Unit   string   `json:"unit,omitempty"`
	Limit  string   `json:"limit,omitempty"`
	Detail string   `json:"detail,omitempty"`
	Rows   []string `json:"rows,omitempty"`
}

// Look is one look at a sealed test set.
type Look struct {
	Table string `json:"table"`
	Rows  int    `json:"rows"`
	Kind  string `json:"kind"` // described or opened
	Why   string `json:"why"`
	At    string `json:"at"` // source line
}

// metrics collects the document's numbers; outputs are added by the caller.
func (d *document) metrics(outputs map[string]string) (Metrics, error) {
	m := Metrics{
		Experiment: d.options.Name, Question: d.options.Question, Schema: Schema, Flowbook: Version, Seed: d.seed,
		Params: Params{d.budget}, Origin: d.origin, Outputs: outputs,
		Fingerprints: slices.Clone(d.prints), Measures: []Measure{}, Checks: []Check{}, Looks: []Look{},
	}
	for _, a := range d.answers {
		m.Answers = append(m.Answers, unguardMarkdown(a))
	}
	if m.Origin.Files == nil {
		m.Origin.Files = []exhibit.File{}
	}
	for _, p := range d.measures {
		m.Measures = append(m.Measures, measureOf(p.it))
	}
	slices.SortFunc(m.Measures, func(a, b Measure) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(m.Fingerprints, func(a, b exhibit.Fingerprint) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.SHA256, b.SHA256))
	})
	m.Fingerprints = slices.Compact(m.Fingerprints)
	for i := 1; i < len(m.Fingerprints); i++ {
		if a, b := m.Fingerprints[i-1], m.Fingerprints[i]; a.Name == b.Name {
			return m, fmt.Errorf("reports: fingerprint %q stands for two lists of rows (%.8s… and %.8s…); name them apart", a.Name, a.SHA256, b.SHA256)
		}
	}
	if m.Fingerprints == nil {
		m.Fingerprints = []exhibit.Fingerprint{}
	}
	for _, c := range d.distinctChecks() {
		m.Checks = append(m.Checks, Check{c.ID, c.Title, c.Status.String(), Number(c.Value), c.Unit, c.Limit, c.Detail, c.Rows})
	}
	for _, l := range d.looks {
		m.Looks = append(m.Looks, Look{l.Table, l.Rows, string(l.Kind), l.Why, l.At})
	}
	return m, nil
}

func measureOf(m exhibit.Measure) Measure {
	out := Measure{ID: m.ID, Value: Number(m.Value), Unit: m.Unit, Rows: m.Rows}
	if m.Level > 0 {
		low, high := Number(m.Low), Number(m.High)
		out.Low, out.High, out.Level = &low, &high, m.Level
	}
	return out
}

// Exhibit returns the measure as the rest of the program knows it.
func (m Measure) Exhibit() exhibit.Exhibit {
	out := exhibit.Measure{ID: m.ID, Value: float64(m.Value), Unit: m.Unit, Low: math.NaN(), High: math.NaN(), Level: m.Level, Rows: m.Rows}
	if m.Low != nil && m.High != nil {
		out.Low, out.High = float64(*m.Low), float64(*m.High)
	}
	return out.Exhibit()
}

// ReadMetrics reads and checks a metrics.json.
func ReadMetrics(path string) (Metrics, error) {
	var m Metrics
	text, err := os.ReadFile(path)
	if err != nil {
		return m, fmt.Errorf("reports: %w", err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("reports: %s: %w", path, err)
	}
	if m.Schema != Schema {
		return m, fmt.Errorf("reports: %s: schema %d, want %d; it was written by another version of flowbook", path, m.Schema, Schema)
	}
	return m, nil
}

// encode writes JSON with two blanks of indent and a last line feed.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("reports: %w", err)
	}
	return b.Bytes(), nil
}
