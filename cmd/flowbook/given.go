package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"flowbook/internal/table"
	"flowbook/models"
)

// given are predictions that somebody else's program made: a learner that learns
// nothing and answers each row of the test as its file has it.
type given struct {
	scores []float64 // probability of attack, by row of the test
	labels bool      // the file has labels: scores are 0 and 1
}

// Name is "your predictions".
func (given) Name() string { return "your predictions" }

// ThresholdRule is what the checks say of a threshold that was chosen elsewhere.
func (given) ThresholdRule() string {
	return "one half, of scores made elsewhere: what they saw is not known here"
}

// Fit learns nothing.
func (g given) Fit(context.Context, table.View) (models.Classifier, error) { return g, nil }

// Classes are the two of is_attack.
func (given) Classes() []string { return []string{"attack", "normal"} }

// Predict answers rows of the test by their numbers.
func (g given) Predict(_ context.Context, rows table.View) (models.Prediction, error) {
	p := models.NewPrediction(g.Classes(), rows.Rows())
	for i := range rows.Rows() {
		s := g.scores[rows.Row(i)]
		p.P[2*i], p.P[2*i+1] = s, 1-s
	}
	return p, nil
}

// attack says whether row i is called an attack: a tie of one half is, as everywhere.
func (g given) attack(i int) bool { return g.scores[i] >= 0.5 }

// readGiven reads a file of predictions for so many rows.
func readGiven(name string, rows int) (*given, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in := csv.NewReader(f)
	in.ReuseRecord, in.FieldsPerRecord = true, -1
	head, err := in.Read()
	if err != nil {
		return nil, fmt.Errorf("%s: %w; the first line is \"row,score\" or \"row,label\"", name, err)
	}
	column := ""
	if len(head) == 2 && strings.TrimPrefix(strings.TrimSpace(head[0]), "\ufeff") == "row" {
		column = strings.TrimSpace(head[1])
	}
	if column != "score" && column != "label" {
		return nil, fmt.Errorf("%s:1: the first line is %q; want \"row,score\" or \"row,label\"", name, clip(strings.Join(head, ",")))
	}
	g := &given{scores: make([]float64, rows), labels: column == "label"}
	line := make([]int, rows) // that told of the row
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		at, _ := in.FieldPos(0)
		if len(record) != 2 {
			return nil, fmt.Errorf("%s:%d: %d fields; want 2, row and %s", name, at, len(record), column)
		}
		row, err := strconv.Atoi(strings.TrimSpace(record[0]))
		if err != nil || row < 1 || row > rows {
			return nil, fmt.Errorf("%s:%d: row %q; want a row of KDDTest+, 1 to %d", name, at, clip(record[0]), rows)
		}
		if line[row-1] > 0 {
			return nil, fmt.Errorf("%s:%d: row %d was on line %d already; want each once", name, at, row, line[row-1])
		}
		line[row-1] = at
		if g.scores[row-1], err = answer(column, strings.TrimSpace(record[1])); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, at, err)
		}
	}
	missing, first := 0, 0
	for r, at := range line {
		if at == 0 {
			if missing++; missing == 1 {
				first = r + 1
			}
		}
	}
	if missing > 0 {
		return nil, fmt.Errorf("%s: %d of %d rows of KDDTest+ are missing, row %d first; want each once", name, missing, rows, first)
	}
	return g, nil
}

func answer(column, text string) (float64, error) {
	if column == "label" {
		switch text {
		case "attack", "1":
			return 1, nil
		case "normal", "0":
			return 0, nil
		}
		return 0, fmt.Errorf("label %q; want attack or normal (or 1 or 0)", clip(text))
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v >= 0 && v <= 1) {
		return 0, fmt.Errorf("score %q; want the probability of an attack, a number from 0 to 1", clip(text))
	}
	return v, nil
}
