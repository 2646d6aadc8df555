package table

import (
	"fmt"
	"slices"
)

// Field describes one feature as a model learnt it.
type Field struct {
	Name   string
	Kind   Kind
	Unit   string
	Levels []string // of a code column: all levels of the training column, sorted
}

// Unseen is the code that Schema.Codes gives to a level that training did not
// know. It is not the same as missing, which is 0.
const Unseen int32 = -1

// Schema is the ordered list of features that a model was fitted on. Columns are
// found by name and levels by string, never by position or code.
type Schema []Field

// SchemaOf describes the features of a view.
func SchemaOf(v View) Schema {
	s := make(Schema, len(v.features))
	for k, c := range v.Features() {
		s[k] = Field{Name: c.Name, Kind: c.Kind, Unit: c.Unit}
		if c.Kind == CodeKind {
			s[k].Levels = slices.Clone(c.levels)
		}
	}
	return s
}

// Names lists the fields' names.
func (s Schema) Names() []string {
	names := make([]string, len(s))
	for k, f := range s {
		names[k] = f.Name
	}
	return names
}

// Check reports the first field that the view's table lacks or holds in another
// kind. An int column serves for a float field and the other way round.
func (s Schema) Check(v View) error {
	if v.t == nil {
		return fmt.Errorf("table: no rows were given")
	}
	for _, f := range s {
		c, err := v.t.Lookup(f.Name)
		if err != nil {
			return fmt.Errorf("%w, which the model was fitted on", err)
		}
		if (f.Kind == CodeKind) != (c.Kind == CodeKind) {
			return fmt.Errorf("table: %s: column %q is of kind %v; the model was fitted on kind %v", v.t.name, f.Name, c.Kind, f.Kind)
		}
	}
	return nil
}

// Floats returns the view's values of a numeric field. The view must pass Check.
func (s Schema) Floats(v View, k int) []float64 { return v.Floats(s[k].Name) }

// Codes returns the view's values of a categorical field in the codes of
// training: 0 missing, 1… a training level, Unseen any other. The view must pass Check.
func (s Schema) Codes(v View, k int) []int32 {
	c := v.t.Column(s[k].Name)
	if !slices.Equal(c.levels, s[k].Levels) {
		// Translate the levels once, then the rows.
		c.codes = recode(c, s[k].Levels, Unseen)
	}
	if v.rows == nil {
		return c.codes
	}
	return pick(c.codes, v.rows)
}
