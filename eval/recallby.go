package eval

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"flowbook/internal/exhibit"
	"flowbook/internal/num"
	"flowbook/internal/table"
)

// Recalls is how much of each level of a column was found: of each attack type.
type Recalls struct {
	Trial   Trial
	Learner string
	Split   string
	Column  string
	Seeds   int
	Levels  []LevelRecall // sorted by level
}

// LevelRecall is one level.
type LevelRecall struct {
	Level     string
	Seen      bool    // does the level occur in training?
	Rows      int     // test rows of the level
	Found     float64 // rows predicted right, the mean over seeds
	Recall    float64 // Found / Rows
	Low, High float64 // Wilson's interval of Found, rounded, among Rows
}

// RecallBy counts, for each level of a column of the test set, the rows whose class
// was predicted right, over all seeds. With a positive class only rows that are
// positive count: recall per attack type. A level is seen if training rows have
// it; where the training table lacks the column, say so with Against. It fails
// where the test set has no such categorical column.
func (h *Holdout) RecallBy(learner, split, column string) (*Recalls, error) {
	l, s := index("learner", learner, h.names), index("test set", split, h.Splits())
	view := h.splits[s].View
	right := make([][]bool, len(h.runs[l]))
	for i, run := range h.runs[l] {
		right[i] = run.right[s]
	}
	r := &Recalls{Trial: h.Trial, Learner: learner, Split: split, Column: column, Seeds: len(right)}
	if err := r.count(view, h.truth[s], h.positive, right); err != nil {
		return nil, err
	}
	if c, err := h.train.Column(column); err == nil {
		seen := make([]string, c.Len())
		for i := range seen {
			seen[i] = c.String(i)
		}
		return r.Against(seen), nil
	}
	return r, nil
}

// RecallBy is the same of a cross-validation: each row that some fold judges once,
// predicted by a model that was not fitted on it. Every level counts as seen.
func (s *Scores) RecallBy(learner, column string) (*Recalls, error) {
	o, view := s.Pooled(learner), s.data.Take(s.PooledRows())
	right := make([]bool, o.Rows())
	for i, c := range o.Truth {
		right[i] = o.Predicted(i) == c
	}
	r := &Recalls{Trial: s.Trial, Learner: learner, Split: "cv", Column: column, Seeds: 1}
	if err := r.count(view, o.Truth, s.positive, [][]bool{right}); err != nil {
		return nil, err
	}
	var seen []string
	for _, l := range r.Levels {
		seen = append(seen, l.Level)
	}
	return r.Against(seen), nil
}

// count fills the levels from what was predicted right, by seed and row.
func (r *Recalls) count(view table.View, truth []int, positive int, right [][]bool) error {
	c, err := view.Table().Lookup(r.Column)
	if err != nil {
		return fmt.Errorf("eval: %s: recall by %q: %w", r.Trial.Name, r.Column, err)
	}
	if c.Kind != table.CodeKind {
		return fmt.Errorf("eval: %s: recall by %q: the column is of kind %v; want a categorical one", r.Trial.Name, r.Column, c.Kind)
	}
	levels := view.Strings(r.Column)
	names := slices.Clone(levels)
	slices.Sort(names)
	names = slices.Compact(names)
	rows, found := make([]int, len(names)), make([]int, len(names))
	for i, level := range levels {
		if positive >= 0 && truth[i] != positive {
			continue
		}
		at, _ := slices.BinarySearch(names, level)
		rows[at]++
		for _, seed := range right {
			if seed[i] {
				found[at]++
			}
		}
	}
	for i, name := range names {
		if rows[i] > 0 {
			r.Levels = append(r.Levels, recallOf(name, rows[i], float64(found[i])/float64(r.Seeds), r.Trial.Level))
		}
	}
	return nil
}

func recallOf(level string, rows int, found, confidence float64) LevelRecall {
	low, high := num.Wilson(int(math.Round(found)), rows, confidence)
	share := found / float64(rows)
	return LevelRecall{Level: level, Rows: rows, Found: found, Recall: share, Low: min(low, share), High: max(high, share)}
}

// Against marks the levels that training saw.
func (r *Recalls) Against(seen []string) *Recalls {
	known := map[string]bool{}
	for _, level := range seen {
		known[level] = true
	}
	out := *r
	out.Levels = slices.Clone(r.Levels)
	for i := range out.Levels {
		out.Levels[i].Seen = known[out.Levels[i].Level]
	}
	return &out
}

// Seen and Unseen put together the levels that training saw, or did not see.
func (r *Recalls) Seen() LevelRecall   { return r.pool("seen in training", true) }
func (r *Recalls) Unseen() LevelRecall { return r.pool("not seen in training", false) }

func (r *Recalls) pool(name string, seen bool) LevelRecall {
	rows, found := 0, 0.0
	for _, l := range r.Levels {
		if l.Seen == seen {
			rows += l.Rows
			found += l.Found
		}
	}
	out := recallOf(name, rows, found, r.Trial.Level)
	out.Seen = seen
	return out
}

// Exhibit shows seen against unseen, then every level.
func (r *Recalls) Exhibit() exhibit.Exhibit {
	over := fmt.Sprintf(", the mean over %d seeds", r.Seeds)
	if r.Seeds == 1 {
		over = ""
	}
	caption := fmt.Sprintf("Rows of %s whose class %s predicted right%s; %g %% Wilson intervals.",
		r.Split, r.Learner, over, 100*r.Trial.Level)
	if r.Trial.Positive != "" {
		caption = strings.Replace(caption, "Rows", fmt.Sprintf("Rows of class %q", r.Trial.Positive), 1)
	}
	title := fmt.Sprintf("%s: recall of %s by %s on %s", r.Trial.Name, r.Learner, r.Column, r.Split)
	columns := []string{r.Column, "in training", "rows", "found", "recall"}
	short := exhibit.Grid{Title: title + ", seen and unseen", Caption: caption, Columns: columns}
	long := exhibit.Grid{Title: title, Caption: caption, Columns: columns}
	var e exhibit.Exhibit
	add := func(g *exhibit.Grid, l LevelRecall, part string) {
		mark := "no"
		if l.Seen {
			mark = "yes"
		}
		g.Rows = append(g.Rows, []exhibit.Cell{exhibit.Text(l.Level), exhibit.Text(mark), exhibit.Count(l.Rows),
			exhibit.Num(l.Found), exhibit.Between(l.Recall, l.Low, l.High, r.Trial.Level)})
		e.Measures = append(e.Measures, exhibit.Measure{
			ID:    exhibit.ID(r.Trial.Name, r.Learner, "recall", r.Split, r.Column, part),
			Value: l.Recall, Low: l.Low, High: l.High, Level: r.Trial.Level, Rows: l.Rows})
	}
	add(&short, r.Seen(), "all seen")
	add(&short, r.Unseen(), "all unseen")
	for _, l := range r.Levels {
		add(&long, l, l.Level)
	}
	e.Grids = []exhibit.Grid{short, long}
	return e
}
