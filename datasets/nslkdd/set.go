// Package nslkdd answers: what is in NSL-KDD, and what is wrong with it?
//
// NSL-KDD (Tavallaee et al. 2009) is KDD Cup 99 without its repeated records:
// 125,973 connections to learn from and 22,544 to be judged on, of which 3,750
// belong to 17 attack types that the first file never shows.
//
//	kdd, err := nslkdd.Open(ctx, dir)
//	v := kdd.Train.View().WithTarget("class")
//	fmt.Println(kdd.Origin.Label(), kdd.Ledger.Train.Conflicts)
//	test := kdd.Test.Open("last chapter")
package nslkdd

import (
	"fmt"
	"slices"

	"flowbook/internal/exhibit"
	"flowbook/internal/table"
)

// Set is the whole of NSL-KDD. Every table has the 41 features in the order of the
// files, then the labels attack (the type), class (one of Classes) and is_attack
// ("normal" or "attack"), and difficulty (0 to 21: how many of 21 learners of the
// set's makers got the row right), which no model may use. Rows stand in the
// order of their file; none is dropped.
type Set struct {
	Train   *table.Table  // KDDTrain+
	Train20 *table.Table  // KDDTrain+_20Percent: the first 25,192 rows of KDDTrain+
	Test    *table.Sealed // KDDTest+
	Test21  *table.Sealed // KDDTest-21: the rows of KDDTest+ that not all 21 learners got right
	Origin  exhibit.Origin
	Ledger  Ledger // what was read, repeated, conflicting or odd
}

// Columns hold a table's values before labels are derived and levels sorted: what
// a simulator fills. Number[i] belongs to feature i of Features and Text[i] to
// feature i where that is a category; the other is nil.
type Columns struct {
	Number     [FeatureCount][]float64
	Text       [FeatureCount][]string
	Attack     []string
	Difficulty []int64
}

// Table makes the table with its roles, units and derived labels. It fails where
// an attack type is unknown, lengths differ, or an int feature holds a fraction.
func (c *Columns) Table(name string) (*table.Table, error) {
	cols := make([]table.Column, 0, fieldCount+2)
	for i, f := range features {
		switch f.Kind {
		case table.CodeKind:
			cols = append(cols, table.Text(f.Name, c.Text[i]))
		case table.FloatKind:
			cols = append(cols, table.Float(f.Name, f.Unit, c.Number[i]))
		default:
			ints := make([]int64, len(c.Number[i]))
			for r, v := range c.Number[i] {
				ints[r] = int64(v)
				if float64(ints[r]) != v {
					return nil, fmt.Errorf("nslkdd: %s: row %d: %s is %v; want a whole number", name, r+1, f.Name, v)
				}
			}
			cols = append(cols, table.Int(f.Name, f.Unit, ints))
		}
	}
	return finish(name, cols, table.Text("attack", c.Attack), c.Difficulty)
}

// finish adds the labels and the difficulty to the features.
func finish(name string, cols []table.Column, attack table.Column, difficulty []int64) (*table.Table, error) {
	class, err := mapped("class", attack, ClassOf)
	if err != nil {
		return nil, err
	}
	binary, err := mapped("is_attack", attack, func(a string) (string, error) {
		if a == Normal {
			return Normal, nil
		}
		return "attack", nil
	})
	if err != nil {
		return nil, err
	}
	cols = append(cols, attack.As(table.Label), class, binary, table.Int("difficulty", "", difficulty).As(table.Ignore))
	return table.New(name, cols...)
}

// mapped makes a label column from the attack column by mapping its levels.
func mapped(name string, attack table.Column, to func(string) (string, error)) (table.Column, error) {
	from := attack.Levels()
	image := make([]string, len(from))
	for i, l := range from {
		m, err := to(l)
		if err != nil {
			return table.Column{}, err
		}
		image[i] = m
	}
	levels := slices.Compact(slices.Sorted(slices.Values(image)))
	code := make([]int32, len(from)+1)
	for i, m := range image {
		k, _ := slices.BinarySearch(levels, m)
		code[i+1] = int32(k + 1)
	}
	codes := make([]int32, attack.Len())
	for r, c := range attack.Codes() {
		codes[r] = code[c]
	}
	return table.Code(name, codes, levels).As(table.Label), nil
}
