package table

import (
	"fmt"
	"slices"
	"sync"
)

// LookKind says what was done with a sealed table.
type LookKind string

const (
	Described LookKind = "described" // counted, drawn or tested, but no model has seen it
	Opened    LookKind = "opened"    // models may be judged on it from here on
)

// Look is one look at a sealed table.
type Look struct {
	Table string   `json:"table"`
	Kind  LookKind `json:"kind"`
	Why   string   `json:"why"`
}

// Sealed is a test set. Its rows are reached through Describe and Open only, and
// both are counted. Until it is opened, every learner and encoder refuses its
// rows, for fitting and for prediction, whichever view or derived table they
// come in. (A notebook opens it in its last chapter and nowhere else.)
type Sealed struct {
	t      *Table
	mu     sync.Mutex
	looks  []Look
	opened bool
}

// Seal seals t; the caller should keep no other way to it.
func Seal(t *Table) *Sealed {
	s := &Sealed{}
	sealed := *t
	sealed.seal = s
	s.t = &sealed
	return s
}

// Name and Rows may be known without a look.
func (s *Sealed) Name() string { return s.t.name }

// Rows is the number of rows.
func (s *Sealed) Rows() int { return s.t.rows }

// Describe returns the rows for description and counts the look.
func (s *Sealed) Describe(why string) View { s.look(Described, why); return s.t.View() }

// Open breaks the seal and counts the look.
func (s *Sealed) Open(why string) View { s.look(Opened, why); return s.t.View() }

func (s *Sealed) look(kind LookKind, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looks = append(s.looks, Look{s.t.name, kind, why})
	s.opened = s.opened || kind == Opened
}

// Looks returns all looks so far, in order.
func (s *Sealed) Looks() []Look {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.looks)
}

// Unsealed returns an error if the view's rows are of a test set that has not
// been opened. Learners and encoders ask it before they fit or predict.
func (v View) Unsealed() error {
	if v.t == nil || v.t.seal == nil {
		return nil
	}
	v.t.seal.mu.Lock()
	defer v.t.seal.mu.Unlock()
	if v.t.seal.opened {
		return nil
	}
	return fmt.Errorf("table: %s is a sealed test set; no model may see it before the last chapter opens it", v.t.name)
}

// FromTest reports whether the view's rows are of a test set, opened or not.
func (v View) FromTest() bool { return v.t != nil && v.t.seal != nil }
