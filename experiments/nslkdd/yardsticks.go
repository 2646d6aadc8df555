package main

import (
	"slices"
	"strings"

	"flowbook/eval"
	"flowbook/eval/metric"
	"flowbook/internal/exhibit"
	"flowbook/internal/num"
	"flowbook/internal/table"
)

// published is the table of Tavallaee et al. (2009): accuracy in percent on KDDTest+
// and KDDTest-21 of Weka's learners trained on KDDTrain+_20Percent.
var published = []struct {
	name          string
	plus, minus21 float64
	ours          []string // learners here of the same kind
}{
	{"NBTree", 82.02, 66.16, nil}, {"RandomTree", 81.59, 58.51, nil}, {"J48", 81.05, 63.97, []string{"decision tree"}}, {"random forest", 80.67, 63.26, []string{"random forest"}},
	{"MLP", 77.41, 57.34, []string{"multilayer perceptron"}}, {"naive Bayes", 76.56, 55.77, []string{"naive Bayes"}}, {"SVM", 69.52, 42.29, []string{"linear SVM", "Nyström SVM", "RBF SVM"}},
}

// kinds sets each published figure beside those of our learners of the kind,
// trained on the same rows, and lists the differences on KDDTest+ in points.
func kinds(fifth *eval.Holdout) (exhibit.Grid, []float64) {
	g := exhibit.Grid{Title: "Kind beside kind, trained on the first fifth",
		Caption: "Accuracy in percent; published figures of Tavallaee et al. 2009 (Weka) and ours, means over seeds.",
		Columns: []string{"Weka's learner", "KDDTest+", "KDDTest-21", "ours", "KDDTest+", "KDDTest-21"}}
	var differences []float64
	for _, p := range published {
		line := []exhibit.Cell{exhibit.Text(p.name), exhibit.Num(p.plus), exhibit.Num(p.minus21)}
		none := true
		for _, kind := range p.ours {
			at := slices.IndexFunc(fifth.Learners(), func(l string) bool { return l == kind || strings.HasPrefix(l, kind+" (") })
			if at < 0 {
				continue
			}
			l := fifth.Learners()[at]
			plus := 100 * fifth.Score(l, metric.Accuracy, "KDDTest+")
			g.Rows = append(g.Rows, append(slices.Clone(line), exhibit.Text(l), exhibit.Num(plus), exhibit.Num(100*fifth.Score(l, metric.Accuracy, "KDDTest-21"))))
			differences, none = append(differences, plus-p.plus), false
		}
		if none {
			g.Rows = append(g.Rows, append(line, exhibit.Text("–"), exhibit.Text(""), exhibit.Text("")))
		}
	}
	return g, differences
}

// yardsticks sets our accuracies beside published and trivial ones.
func yardsticks(fifth, whole *eval.Holdout, tests []eval.Split) exhibit.Exhibit {
	g := exhibit.Grid{Title: "Accuracy beside the literature", Caption: "Accuracy in percent. Ours are means over seeds with their standard deviation (sd) where a learner draws random numbers; published figures are printed as published.",
		Columns: []string{"learner", "source", "trained on", "KDDTest+", "KDDTest+ sd", "KDDTest-21", "KDDTest-21 sd"}, Folded: true}
	none := exhibit.Text("")
	var e exhibit.Exhibit
	for _, p := range published {
		g.Rows = append(g.Rows, []exhibit.Cell{exhibit.Text(p.name), exhibit.Text("Tavallaee et al. 2009"), exhibit.Text("first 20 %"), exhibit.Num(p.plus), none, exhibit.Num(p.minus21), none})
	}
	rule := []exhibit.Cell{exhibit.Text("src_bytes <= 28"), exhibit.Text("best single cut"), exhibit.Text("all of KDDTrain+")}
	for _, t := range tests {
		a := eyeRule(t.View)
		rule = append(rule, exhibit.Num(100*a), none)
		e.Measures = append(e.Measures, exhibit.Number(exhibit.ID("yardstick", "src_bytes<=28", "accuracy", t.Name), a, t.View.Rows()))
	}
	g.Rows = append(g.Rows, rule)
	for _, h := range []struct {
		held *eval.Holdout
		rows string
	}{{fifth, "first 20 %"}, {whole, "all of KDDTrain+"}} {
		for _, l := range h.held.Learners() {
			row := []exhibit.Cell{exhibit.Text(l), exhibit.Text("this run"), exhibit.Text(h.rows)}
			for _, s := range h.held.Splits() {
				spread := num.StdDev(h.held.BySeed(l, metric.Accuracy, s)) // NaN for a learner without seeds
				row = append(row, exhibit.Num(100*h.held.Score(l, metric.Accuracy, s)), exhibit.Num(100*spread))
			}
			g.Rows = append(g.Rows, row)
		}
	}
	for _, late := range []struct {
		name string
		plus float64
	}{{"Gao et al. 2019", 85.2}, {"Tama et al. 2019", 85.8}} {
		g.Rows = append(g.Rows, []exhibit.Cell{exhibit.Text("ensembles"), exhibit.Text(late.name), exhibit.Text("all of KDDTrain+"), exhibit.Num(late.plus), none, none, none})
	}
	e.Grids = []exhibit.Grid{g}
	return e
}

// eyeRule is the accuracy of calling a row an attack if its source sent at most 28 bytes.
func eyeRule(v table.View) float64 {
	right := 0
	label := v.Strings("is_attack")
	for i, b := range v.Floats("src_bytes") {
		if (b <= 28) == (label[i] == "attack") {
			right++
		}
	}
	return float64(right) / float64(v.Rows())
}
