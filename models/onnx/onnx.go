// Package onnx answers: how does a fitted model go where there is no flowbook?
//
//	b, err := onnx.Export(model, "random forest")
//	err = os.WriteFile("forest.onnx", b, 0o644)
//
// The file is an ONNX model [1] of operator sets 18 and ai.onnx.ml 5: trees and forests,
// gradient boosting, bagging and voting of these, logistic regression and linear support vector machines,
// the encoders of package encode before them, and a threshold or choice around them.
// All arithmetic is in float64, so that no split turns by rounding and scores agree to
// about 1e-12; other models are refused with an error that names them. A boosted number
// has one output, "estimate", rows × 1.
//
// Each column of training is an input of rows × 1 under its own name: a number is a
// double, NaN where it is missing; a category is text, "" where it is missing. Outputs
// are "label", the class of the largest score (the first of a tie), and "scores", rows
// × classes, the classes in the metadata's "classes" and in sorted order. A missing
// number that flowbook refuses with an error, for want of encode.Impute, comes out as NaN.
//
// Trees are one TreeEnsemble, which keeps float64 from end to end as the older operators
// do not: onnxruntime has it from 1.24 on (tried: 1.24.4, 1.26.0, 1.31.1). 1.20 lacks it,
// and 1.22 and 1.23 do not come to an end over a forest that splits categories.
//
// Forests look shares up leaf by leaf, rows × trees × classes numbers at a time: score
// some ten thousand rows a call.
//
// [1] https://github.com/onnx/onnx/blob/main/docs/IR.md
package onnx

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/decision"
	"flowbook/models/ensemble"
	"flowbook/models/histtree"
	"flowbook/models/internal/dense"
	"flowbook/models/internal/wire"
	"flowbook/models/linear"
)

// Versions that a file asks for.
const (
	irVersion   = 10
	opset       = 18
	opsetML     = 5
	largestFile = math.MaxInt32 // protobuf's limit
)

// Export returns a models.Classifier or models.Regressor as an ONNX file; name is the
// graph's. It fails for a model of another kind than those named above, one with a
// single class, a column or level whose name is empty or no UTF-8, and more than 2 GiB.
func Export(model any, name string) ([]byte, error) {
	described, ok := model.(wire.Described)
	if !ok {
		return nil, fmt.Errorf("onnx: a %T does not say which columns it reads", model)
	}
	for _, f := range described.Schema() {
		if f.Name == "label" || f.Name == "scores" || f.Name == "estimate" {
			return nil, fmt.Errorf("onnx: a column is called %q, as an output is; rename it", f.Name)
		}
	}
	g := &graph{}
	g.m.text(2, name)
	switch m := model.(type) {
	case models.Classifier:
		return g.classifier(m, described.Schema())
	case *histtree.Regressed:
		g.named("estimate", "", "Identity", []string{g.trees(m.Describe(), g.input(described.Schema()))})
		g.m.message(12, valueInfo("estimate", typeDouble, 1))
		return g.file(nil)
	}
	g.refuse(model)
	return nil, g.err
}

func (g *graph) classifier(model models.Classifier, schema table.Schema) ([]byte, error) {
	classes := model.Classes()
	if len(classes) < 2 {
		return nil, fmt.Errorf("onnx: the model has classes %q; a single answer needs no file", classes)
	}
	for _, c := range classes {
		if !utf8.ValidString(c) {
			return nil, fmt.Errorf("onnx: class %q is no UTF-8", c)
		}
	}
	scores := g.model(model, g.input(schema))
	if g.err != nil {
		return nil, g.err
	}
	g.named("scores", "", "Identity", []string{scores})
	best := g.node("", "ArgMax", []string{"scores"}, attribute("axis", int64(1)), attribute("keepdims", int64(0)))
	names := g.fresh()
	g.m.message(5, tensor(names, []int{len(classes)}, classes))
	g.named("label", "", "Gather", []string{names, best})
	g.m.message(12, valueInfo("label", typeString, 0))
	g.m.message(12, valueInfo("scores", typeDouble, len(classes)))
	return g.file(classes)
}

// file is the ModelProto.
func (g *graph) file(classes []string) ([]byte, error) {
	if g.err != nil {
		return nil, g.err
	}
	list, err := json.Marshal(classes)
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	var m message
	m.int(1, irVersion)
	m.text(2, "flowbook")
	m.message(7, g.m)
	for _, set := range []struct {
		domain  string
		version int64
	}{{"", opset}, {ml, opsetML}} {
		var s message
		s.text(1, set.domain)
		s.int(2, set.version)
		m.message(8, s)
	}
	var meta message
	meta.text(1, "classes")
	meta.text(2, string(list))
	m.message(14, meta)
	if len(m) > largestFile {
		return nil, fmt.Errorf("onnx: the file would have %d bytes; at most %d can be read", len(m), largestFile)
	}
	return m, nil
}

// encoded is a model behind encoders of package encode.
type encoded interface {
	Plans() ([]*dense.Plan, error)
	Unwrap() models.Classifier
}

// model returns the scores of a model: rows × classes.
func (g *graph) model(m models.Classifier, from columns) string {
	if g.err != nil {
		return ""
	}
	switch m := m.(type) {
	case *histtree.Model:
		return g.spread(m.Describe(), from)
	case *histtree.Boosted:
		return g.spread(m.Describe(), from)
	case *linear.Model:
		return g.logit(g.linear(m.Plan(), m.Coefficients(), from), len(m.Coefficients().Values))
	case *linear.SVMModel:
		return g.margin(g.linear(m.Plan(), m.Coefficients(), from), len(m.Coefficients().Values))
	case *ensemble.Mean:
		return g.mean(m, from)
	case encoded:
		plans, err := m.Plans()
		if err != nil {
			g.fail("%w", err)
			return ""
		}
		for _, p := range plans {
			from = g.apply(p, from)
		}
		return g.model(m.Unwrap(), from)
	case decision.Thresholder:
		scores := g.model(m.Unwrap(), from)
		return g.moved(scores, m)
	case decision.Chooser:
		return g.model(m.Unwrap(), from)
	}
	g.refuse(m)
	return ""
}

func (g *graph) refuse(model any) {
	what := fmt.Sprintf("%T", model)
	if s, ok := model.(wire.Saver); ok {
		what = s.Kind()
	}
	g.fail("a model of kind %s cannot be exported; trees, forests, gradient boosting, linear models, and bagging or voting of these can", what)
}

// spread brings scores into the order of the classes; those without one have 0.
func (g *graph) spread(e histtree.Ensemble, from columns) string {
	scores := g.trees(e, from)
	if g.err != nil || len(e.Answer) == len(e.Classes) && slices.IsSorted(e.Answer) {
		return scores
	}
	return g.placed(scores, e.Answer, len(e.Classes))
}

// placed puts column i of scores in the place answer[i] of k; the others are 0.
func (g *graph) placed(scores string, answer []int, k int) string {
	// One column of zeros behind the scores stands in for all that are missing.
	at := make([]int64, k)
	for c := range at {
		at[c] = int64(len(answer))
	}
	for i, c := range answer {
		at[c] = int64(i)
	}
	first := g.node("", "Slice", []string{scores, g.ints(0), g.ints(1), g.ints(1)})
	padded := g.beside([]string{scores, g.op("Sub", first, first)})
	return g.node("", "Gather", []string{padded, g.ints(at...)}, attribute("axis", int64(1)))
}

// mean averages the members' scores, or their votes: bagging and voting.
func (g *graph) mean(m *ensemble.Mean, from columns) string {
	classes, members := m.Classes(), m.Members()
	sum := ""
	for _, member := range members {
		scores := g.model(member, from)
		if g.err != nil {
			return ""
		}
		own := member.Classes()
		if m.Votes() {
			best := g.node("", "ArgMax", []string{scores}, attribute("axis", int64(1)))
			each := make([]int64, len(own))
			for c := range each {
				each[c] = int64(c)
			}
			scores = g.node("", "Cast", []string{g.op("Equal", best, g.ints(each...))}, attribute("to", int64(typeDouble)))
		}
		if len(own) < len(classes) {
			place := make([]int, len(own))
			for i, c := range own {
				place[i] = slices.Index(classes, c)
			}
			scores = g.placed(scores, place, len(classes))
		}
		if sum != "" {
			scores = g.op("Add", sum, scores)
		}
		sum = scores
	}
	return g.op("Div", sum, g.number(float64(len(members))))
}

// moved is decision.Move of two scores.
func (g *graph) moved(scores string, t decision.Thresholder) string {
	classes, threshold := t.Classes(), t.Threshold()
	if g.err != nil || len(classes) != 2 || classes[0] != t.Positive() && classes[1] != t.Positive() || threshold == 0.5 {
		return scores
	}
	at := int64(0)
	if classes[1] == t.Positive() {
		at = 1
	}
	s := g.node("", "Slice", []string{scores, g.ints(at), g.ints(at + 1), g.ints(1)})
	above := g.number(1)
	if threshold < 1 {
		half := g.number(0.5)
		above = g.op("Add", half, g.op("Mul", half, g.op("Div", g.op("Sub", s, g.number(threshold)), g.number(1-threshold))))
	}
	below := g.number(0) // nothing is below 0
	if threshold > 0 {
		below = g.op("Div", s, g.number(2*threshold))
	}
	s = g.op("Where", g.op("Less", s, g.number(threshold)), below, above)
	pair := []string{s, g.op("Sub", g.number(1), s)}
	if at == 1 {
		pair[0], pair[1] = pair[1], pair[0]
	}
	return g.beside(pair)
}
