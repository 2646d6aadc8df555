package golearn

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/sjwhitworth/golearn/base"
	"github.com/sjwhitworth/golearn/naive"

	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models"
)

// BernoulliNB is golearn's naive Bayes on yes/no features [1]: a number is yes
// above the median of the training rows, a category has one feature a level of
// training. A missing value is no, so is a level that training did not know. The
// answer is a class, so its score is 1 and the others' 0.
//
// golearn visits classes in the random order of a map; where its scores tie, which
// is computed beside it in its own order of sums, the first class is taken. It
// smooths with (yes+1)/(rows+1), which is not Laplace's.
//
// [1] Manning, Raghavan, Schuetze (2008), Introduction to Information Retrieval, 234-265.
type BernoulliNB struct {
	MaxRows int // rows fitted on; 0 means no limit
}

// Name is "golearn Bernoulli naive Bayes".
func (BernoulliNB) Name() string { return "golearn Bernoulli naive Bayes" }

// Fit counts.
func (l BernoulliNB) Fit(ctx context.Context, train table.View) (models.Classifier, error) {
	most, err := limit("golearn: BernoulliNB", l.MaxRows, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	labels, classes, _, err := models.Trainable("golearn: BernoulliNB", train)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	rows, note := thin(labels, len(classes), most)
	if note != "" {
		train = train.Take(rows)
	}
	m := &bernoulli{classes: classes, note: note, levels: newLevels(train, 2)}
	m.widen()
	g := m.grid(train, labels, rows)
	m.nb = naive.NewBernoulliNBClassifier()
	if err := m.nb.Fit(g); err != nil {
		return nil, fmt.Errorf("golearn: BernoulliNB: %w", err)
	}
	m.counts(g)
	m.tables()
	return m, nil
}

type bernoulli struct {
	classes []string
	note    string
	levels  levels
	first   []int // the first yes/no feature of each column
	width   int
	nb      *naive.BernoulliNBClassifier // nil in a model that was loaded
	size    []int                        // rows by class
	count   [][]int                      // rows that say yes, by class and feature
	prior   []float64                    // log share of each class
	yes, no [][]float64                  // log chances by class and feature, as golearn has them
}

// widen numbers the yes/no features.
func (m *bernoulli) widen() {
	m.width = 1
	for _, f := range m.levels {
		m.first = append(m.first, m.width)
		if f.field.Kind == table.CodeKind {
			m.width += len(f.field.Levels)
		} else {
			m.width++
		}
	}
}

// bits writes the yes/no features of row i; feature 0 is always yes, for golearn
// panics at a class that never says yes.
func (m *bernoulli) bits(columns [][]int32, i int, out []byte) {
	clear(out)
	out[0] = 1
	for k, f := range m.levels {
		c := columns[k][i]
		switch {
		case f.field.Kind == table.CodeKind && c > 0:
			out[m.first[k]+int(c)-1] = 1
		case f.field.Kind != table.CodeKind && c > 1:
			out[m.first[k]] = 1
		}
	}
}

func (m *bernoulli) grid(train table.View, labels, rows []int) *bitGrid {
	class := classAttribute(m.classes)
	inst := base.NewDenseInstances()
	g := &bitGrid{DenseInstances: inst, n: train.Rows(), p: m.width, class: class}
	for j := range m.width {
		a := base.NewBinaryAttribute(fmt.Sprintf("b%d", j))
		g.attributes = append(g.attributes, a)
		g.specs = append(g.specs, inst.AddAttribute(a))
	}
	g.attributes = append(g.attributes, class)
	g.specs = append(g.specs, inst.AddAttribute(class))
	for c := range m.classes {
		g.values = append(g.values, base.PackU64ToBytes(uint64(c)))
	}
	columns := m.levels.codes(train)
	g.cells, g.labels = make([]byte, g.n*g.p), make([]int, g.n)
	for i, r := range rows {
		g.labels[i] = labels[r]
	}
	par.Blocks(g.n, 4096, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			m.bits(columns, i, g.cells[i*g.p:(i+1)*g.p])
		}
	})
	return g
}

// counts counts rows as golearn does, which keeps its own to itself.
func (m *bernoulli) counts(g *bitGrid) {
	k := len(m.classes)
	m.size, m.count = make([]int, k), make([][]int, k)
	for c := range m.count {
		m.count[c] = make([]int, g.p)
	}
	for i, y := range g.labels {
		m.size[y]++
		for j, b := range g.cells[i*g.p : (i+1)*g.p] {
			m.count[y][j] += int(b)
		}
	}
}

// tables are golearn's logarithms of the counts.
func (m *bernoulli) tables() {
	total := 0
	for _, n := range m.size {
		total += n
	}
	for c, n := range m.size {
		m.prior = append(m.prior, math.Log(float64(n)/float64(total)))
		yes, no := make([]float64, m.width), make([]float64, m.width)
		for j, v := range m.count[c] {
			p := float64(v+1) / float64(n+1)
			yes[j], no[j] = math.Log(p), math.Log(1-p)
			if p == 1 {
				no[j] = math.Log(1 / float64(n+1))
			}
		}
		m.yes, m.no = append(m.yes, yes), append(m.no, no)
	}
}

// tied returns the first class of the best score where two classes share it.
func (m *bernoulli) tied(bits []byte) (first int, tied bool) {
	best := math.Inf(-1)
	for c, score := range m.prior {
		for j, b := range bits {
			if b > 0 {
				score += m.yes[c][j]
			} else {
				score += m.no[c][j]
			}
		}
		switch {
		case score > best:
			best, first, tied = score, c, false
		case score == best:
			tied = true
		}
	}
	return first, tied
}

// Classes are the classes of training, sorted.
func (m *bernoulli) Classes() []string { return slices.Clone(m.classes) }

// Size is the number of yes/no features.
func (m *bernoulli) Size() (int, string) { return m.width - 1, "yes/no features" }

// Note says which rows were fitted on; "" for all.
func (m *bernoulli) Note() string { return m.note }

// Predict asks golearn row by row. A loaded model has no golearn to ask and takes
// the best score computed beside it, which adds the same numbers in the same order.
func (m *bernoulli) Predict(ctx context.Context, rows table.View) (models.Prediction, error) {
	if err := ctx.Err(); err != nil {
		return models.Prediction{}, err
	}
	if err := models.Predictable("golearn: BernoulliNB", m.levels.schema(), rows); err != nil {
		return models.Prediction{}, err
	}
	columns := m.levels.codes(rows)
	index := make(map[string]int)
	for c, name := range m.classes {
		index[name] = c
	}
	p := models.NewPrediction(m.Classes(), rows.Rows())
	par.Blocks(rows.Rows(), 1024, func(_, lo, hi int) {
		if ctx.Err() != nil {
			return
		}
		bits, vector := make([]byte, m.width), make([][]byte, m.width)
		for j := range vector {
			vector[j] = bits[j : j+1]
		}
		for i := lo; i < hi; i++ {
			m.bits(columns, i, bits)
			c, tied := m.tied(bits)
			if !tied && m.nb != nil {
				c = index[m.nb.PredictOne(vector)]
			}
			p.Row(i)[c] = 1
		}
	})
	if err := ctx.Err(); err != nil {
		return models.Prediction{}, err
	}
	return p, nil
}

// bitGrid is a base.FixedDataGrid over one byte a cell. It answers from memory what
// golearn's own grid looks up, under a lock, for every row.
type bitGrid struct {
	*base.DenseInstances // structure only, no rows
	n, p                 int
	cells                []byte
	labels               []int
	values               [][]byte // golearn's form of each class
	class                base.Attribute
	attributes           []base.Attribute
	specs                []base.AttributeSpec
}

func (g *bitGrid) AllAttributes() []base.Attribute      { return g.attributes }
func (g *bitGrid) AllClassAttributes() []base.Attribute { return []base.Attribute{g.class} }
func (g *bitGrid) Size() (int, int)                     { return g.p + 1, g.n }

func (g *bitGrid) GetAttribute(a base.Attribute) (base.AttributeSpec, error) {
	if a == g.class {
		return g.specs[g.p], nil
	}
	for j, other := range g.attributes {
		if a == other {
			return g.specs[j], nil
		}
	}
	return base.AttributeSpec{}, fmt.Errorf("golearn: BernoulliNB: no attribute %s", a)
}

// Get serves the class only; features go through MapOverRows.
func (g *bitGrid) Get(_ base.AttributeSpec, row int) []byte { return g.values[g.labels[row]] }

// MapOverRows visits the features in their order, as golearn asks for them.
func (g *bitGrid) MapOverRows(_ []base.AttributeSpec, f func([][]byte, int) (bool, error)) error {
	row := make([][]byte, g.p)
	for i := range g.n {
		for j := range row {
			row[j] = g.cells[i*g.p+j : i*g.p+j+1]
		}
		if ok, err := f(row, i); err != nil || !ok {
			return err
		}
	}
	return nil
}
