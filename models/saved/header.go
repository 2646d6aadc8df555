package saved

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"

	"flowbook/internal/exhibit"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/decision"
	"flowbook/models/internal/wire"
)

// Header is the part of a file that people read. What it says of the model is checked
// against the model when a file is read. A text that is no UTF-8 shows U+FFFD for each
// byte that is not; the model itself has the exact bytes.
type Header struct {
	Format int `json:"format"`
	derived
	Machine    Machine    `json:"machine"`
	Provenance Provenance `json:"provenance"`
}

// derived is what follows from the model.
type derived struct {
	Task      string     `json:"task"`              // "classification" or "regression"
	Kind      string     `json:"kind"`              // of the model: "histtree.Forest"
	Kinds     []string   `json:"kinds"`             // of it and all models within, sorted
	KeepsRows bool       `json:"keeps_rows"`        // the file holds rows of the training data
	Classes   []string   `json:"classes,omitempty"` // sorted; scores come in this order
	Size      *Size      `json:"size,omitempty"`
	Threshold *Threshold `json:"threshold,omitempty"`
	Chosen    string     `json:"chosen,omitempty"` // the candidate that won inside the training rows
	Features  []Feature  `json:"features"`
}

// Size is a deterministic cost of the model.
type Size struct {
	N    int    `json:"n"`
	Unit string `json:"unit"` // "nodes"
}

// Threshold is where a model of two classes turns to the positive one. Its scores have
// been moved so that this lies at 0.5.
type Threshold struct {
	Positive string  `json:"positive"`
	Score    float64 `json:"score"` // of the model as fitted, 0 to 1
}

// Feature is a column that the model reads, by name.
type Feature struct {
	Name   string   `json:"name"`
	Kind   string   `json:"kind"` // float, int, code, time
	Unit   string   `json:"unit,omitempty"`
	Levels []string `json:"levels,omitempty"` // of a code: those of training, sorted
}

// Machine says whose arithmetic made the scores of the self-test.
type Machine struct {
	GOARCH string `json:"goarch"`
	// Sum is a hash of what exp, log and the like give here: processors of one GOARCH
	// may differ in the last bit, for Go uses fused operations where there are some.
	Sum string `json:"arithmetic"`
}

// Provenance is what the caller knows of a model. All of it is optional.
type Provenance struct {
	Learner    string            `json:"learner"`              // its name: "random forest"
	Flowbook   string            `json:"flowbook"`             // version that saved it
	Experiment string            `json:"experiment,omitempty"` // or command
	Origin     exhibit.Origin    `json:"origin"`
	Seed       string            `json:"seed,omitempty"` // root and path: "1/forest"
	Target     string            `json:"target"`         // column that it answers; "" becomes the sample's target
	Rows       int               `json:"rows"`           // of training; 0 becomes those of the sample
	Parameters map[string]string `json:"parameters,omitempty"`
	Note       string            `json:"note,omitempty"`
}

// keepsRows reports whether models of a kind hold rows of the training data:
// neighbours (also of a local outlier factor), and support vectors or landmarks.
func keepsRows(kind string) bool {
	return kind == "neighbors.Model" || kind == "anomaly.Densities" || kind == "golearn.KNN" || strings.HasPrefix(kind, "svm.")
}

// transparent are the kinds behind which a threshold or choice is still that of the
// whole; behind a calibration it is not.
var transparent = []string{"decision.Cut", "decision.Chosen", "encode.encoded"}

// describe says what follows from a model and the kinds in it.
func describe(m wire.Described, kinds []string) derived {
	d := derived{Task: "regression", Kind: m.Kind(), Kinds: kinds}
	d.KeepsRows = slices.ContainsFunc(kinds, keepsRows)
	if c, ok := m.(models.Classifier); ok {
		d.Task, d.Classes = "classification", c.Classes()
	}
	if s, ok := m.(models.Sized); ok {
		n, unit := s.Size()
		d.Size = &Size{n, unit}
	}
	for model := any(m); model != nil; {
		if t, ok := model.(decision.Thresholder); ok && d.Threshold == nil {
			d.Threshold = &Threshold{t.Positive(), t.Threshold()}
		}
		if c, ok := model.(decision.Chooser); ok && d.Chosen == "" {
			d.Chosen = c.Chosen()
		}
		u, ok := model.(interface{ Unwrap() models.Classifier })
		if !ok || !slices.Contains(transparent, model.(wire.Saver).Kind()) {
			break
		}
		model = u.Unwrap()
	}
	for _, f := range m.Schema() {
		d.Features = append(d.Features, Feature{f.Name, f.Kind.String(), f.Unit, f.Levels})
	}
	return d
}

// lossy is d as it looks after a way through JSON.
func lossy(d derived) (derived, error) {
	b, err := json.Marshal(d)
	if err != nil {
		return d, fmt.Errorf("header: %w", err)
	}
	var out derived
	err = json.Unmarshal(b, &out)
	return out, err
}

// outputs is the number of scores a row; an error for what is no model.
func outputs(model any) (int, error) {
	switch m := model.(type) {
	case models.Classifier:
		return len(m.Classes()), nil
	case models.Regressor:
		return 1, nil
	}
	return 0, fmt.Errorf("a %T is neither a classifier nor a regressor", model)
}

// arithmetic probes this machine once.
var arithmetic = sync.OnceValue(func() Machine {
	h := fnv.New64a()
	for i := range 512 {
		x := float64(i)/32 + 1.0/3
		y := x*1.1 - x*x/7 // fused, or not
		for _, v := range []float64{math.Exp(-x), math.Log(x), math.Log1p(x), math.Tanh(x), math.Pow(x, 0.7), math.Expm1(-x), math.Erf(x), y} {
			var b [8]byte
			binary.LittleEndian.PutUint64(b[:], math.Float64bits(v))
			h.Write(b[:])
		}
	}
	return Machine{runtime.GOARCH, fmt.Sprintf("%016x", h.Sum64())}
})

// schemaWidth is an error for a model that reads no column.
func schemaWidth(s table.Schema) error {
	if len(s) == 0 {
		return fmt.Errorf("the model reads no column")
	}
	return nil
}
