package ensemble

import (
	"slices"

	"flowbook/internal/table"
	"flowbook/models/internal/wire"
)

// Kinds says how the fitted models of this package are read back. Members have
// kinds of their own.
func Kinds() wire.Kinds {
	return wire.Kinds{"ensemble.Mean": loadMean, "ensemble.Boosted": loadBoosted, "ensemble.Stacked": loadStacked, "ensemble.Calibration": loadCalibration}
}

// maxScores bounds members × classes, the scores that one row may need: a member
// takes few bytes in a file, its scores are as many as the ensemble has classes.
const maxScores = 1 << 20

// head saves what all of them begin with.
func head(w *wire.Writer, schema table.Schema, classes []string, members []member) {
	w.Schema(schema)
	w.Strings(classes)
	w.Int(len(members))
	for _, m := range members {
		w.Nested(m.Classifier)
	}
	if len(members)*len(classes) > maxScores {
		w.Fail("ensemble: %d members of %d classes; at most %d scores a row can be saved", len(members), len(classes), maxScores)
	}
}

func loadHead(r *wire.Reader) (schema table.Schema, classes []string, members []member) {
	schema, classes = r.Schema(), r.Classes()
	n := r.Len(8 + 8)
	if !r.Check(n > 0 && n <= maxScores/max(1, len(classes)), "ensemble: %d members of %d classes", n, len(classes)) {
		return nil, nil, nil
	}
	for range n {
		members = append(members, loadMember(r, classes))
	}
	return schema, classes, members
}

func loadMember(r *wire.Reader, classes []string) member {
	c := r.Classifier()
	if r.Err() != nil {
		return member{}
	}
	m, err := newMember(c, classes)
	if err != nil {
		r.Fail("ensemble: a member: %w", err)
	}
	return m
}

// Kind names the saved form.
func (m *Mean) Kind() string { return "ensemble.Mean" }

// Schema lists the features of training.
func (m *Mean) Schema() table.Schema { return slices.Clone(m.schema) }

// Save appends the members and whether they vote.
func (m *Mean) Save(w *wire.Writer) {
	head(w, m.schema, m.classes, m.members)
	w.Bool(m.vote)
}

func loadMean(r *wire.Reader) any {
	m := &Mean{}
	m.schema, m.classes, m.members = loadHead(r)
	m.vote = r.Bool()
	return m
}

// Kind names the saved form.
func (b *Boosted) Kind() string { return "ensemble.Boosted" }

// Schema lists the features of training.
func (b *Boosted) Schema() table.Schema { return slices.Clone(b.schema) }

// Save appends the members and their rounds.
func (b *Boosted) Save(w *wire.Writer) {
	head(w, b.schema, b.classes, b.members)
	w.Bool(b.real)
	for _, r := range b.rounds {
		w.Float(r.Error)
		w.Float(r.Weight)
	}
}

func loadBoosted(r *wire.Reader) any {
	b := &Boosted{}
	b.schema, b.classes, b.members = loadHead(r)
	b.real = r.Bool()
	for range b.members {
		b.rounds = append(b.rounds, Round{r.Finite(), r.Finite()})
	}
	return b
}

// Kind names the saved form.
func (s *Stacked) Kind() string { return "ensemble.Stacked" }

// Schema lists the features of training.
func (s *Stacked) Schema() table.Schema { return slices.Clone(s.schema) }

// Save appends the members, what their scores are called, and the final classifier.
func (s *Stacked) Save(w *wire.Writer) {
	head(w, s.schema, s.classes, s.members)
	w.Strings(s.names)
	w.Ints(s.order)
	w.Nested(s.final.Classifier)
}

func loadStacked(r *wire.Reader) any {
	s := &Stacked{}
	s.schema, s.classes, s.members = loadHead(r)
	s.names, s.order = r.Strings(), r.Ints(0, len(s.classes)-1)
	s.final = loadMember(r, s.classes)
	r.Check(len(s.names) == len(s.members) && len(s.order) <= len(s.classes), "ensemble: %d names and %d classes for %d members", len(s.names), len(s.order), len(s.members))
	return s
}

// Kind names the saved form.
func (c *Calibration) Kind() string { return "ensemble.Calibration" }

// Schema lists the features of training.
func (c *Calibration) Schema() table.Schema { return slices.Clone(c.schema) }

// Save appends the classifier, then for each class (unless there is but one) the
// kind of its curve and what that needs.
func (c *Calibration) Save(w *wire.Writer) {
	head(w, c.schema, c.classes, []member{c.member})
	w.Bool(c.logOdds)
	for _, f := range c.curves {
		switch f := f.(type) {
		case steps:
			w.Uint8(stepsCurve)
			w.Floats(f.x)
			w.Floats(f.y)
		case sigmoid:
			w.Uint8(sigmoidCurve)
			w.Float(f.a)
			w.Float(f.b)
		default:
			w.Uint8(noCurve)
		}
	}
}

const (
	noCurve uint8 = iota
	sigmoidCurve
	stepsCurve
)

func loadCalibration(r *wire.Reader) any {
	c := &Calibration{}
	var members []member
	c.schema, c.classes, members = loadHead(r)
	if !r.Check(len(members) == 1, "ensemble: a calibration of %d models", len(members)) {
		return nil
	}
	c.member, c.logOdds = members[0], r.Bool()
	k := len(c.classes)
	for class := range k {
		if k == 1 {
			break
		}
		c.curves = append(c.curves, loadCurve(r))
		none := k == 2 && class == 0
		r.Check(r.Err() != nil || (c.curves[class] == nil) == none, "ensemble: class %d has a curve too few or too many", class)
	}
	return c
}

func loadCurve(r *wire.Reader) curve {
	switch kind := r.Uint8(); kind {
	case noCurve:
	case sigmoidCurve:
		return sigmoid{r.Finite(), r.Finite()}
	case stepsCurve:
		s := steps{r.Finites(), r.Finites()}
		r.Check(len(s.x) > 0 && len(s.x) == len(s.y) && slices.IsSorted(s.x), "ensemble: a curve of %d places and %d values", len(s.x), len(s.y))
		return s
	default:
		r.Fail("ensemble: a curve of kind %d", kind)
	}
	return nil
}
