package reports

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	"flowbook/internal/exhibit"
)

// Predictions is predictions.json: what each two-class learner of a report said of
// every row of a test set.
type Predictions struct {
	Schema  int       `json:"schema"`
	Answers []Answers `json:"answers"` // as shown
}

// Answers is an exhibit.Answers in JSON. Said holds four rows a hexadecimal digit, the
// first row in the highest bit; 1 is positive, and bits beyond Rows are 0.
type Answers struct {
	Learner  string `json:"learner"`
	Split    string `json:"split"`
	Positive string `json:"positive"`
	Rows     int    `json:"rows"`
	Said     string `json:"said"`
}

// predictions writes predictions.json.
func (d *document) predictions() ([]byte, error) {
	out := Predictions{Schema: Schema}
	for _, a := range d.said {
		for _, b := range out.Answers {
			if a.Learner == b.Learner && a.Split == b.Split {
				return nil, fmt.Errorf("reports: %s answers for %s twice; name the learners apart", a.Learner, a.Split)
			}
		}
		bits := make([]byte, (len(a.Said)+7)/8)
		for i, said := range a.Said {
			if said {
				bits[i/8] |= 128 >> (i % 8)
			}
		}
		out.Answers = append(out.Answers, Answers{a.Learner, a.Split, a.Positive, len(a.Said), hex.EncodeToString(bits)})
	}
	return encode(out)
}

// ReadPredictions reads and checks a predictions.json.
func ReadPredictions(path string) ([]exhibit.Answers, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reports: %w", err)
	}
	var p Predictions
	if err := json.Unmarshal(text, &p); err != nil {
		return nil, fmt.Errorf("reports: %s: %w", path, err)
	}
	if p.Schema != Schema {
		return nil, fmt.Errorf("reports: %s: schema %d, want %d; it was written by another version of flowbook", path, p.Schema, Schema)
	}
	out := make([]exhibit.Answers, len(p.Answers))
	for i, a := range p.Answers {
		bits, err := hex.DecodeString(a.Said)
		if err != nil || a.Rows < 0 || len(bits) != (a.Rows+7)/8 {
			return nil, fmt.Errorf("reports: %s: the answers of %q for %q are not those of %d rows", path, a.Learner, a.Split, a.Rows)
		}
		said := make([]bool, a.Rows)
		for r := range said {
			said[r] = bits[r/8]&(128>>(r%8)) != 0
		}
		out[i] = exhibit.Answers{Learner: a.Learner, Split: a.Split, Positive: a.Positive, Said: said}
	}
	return out, nil
}
