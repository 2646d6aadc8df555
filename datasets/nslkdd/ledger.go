package nslkdd

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"flowbook/internal/exhibit"
	"flowbook/internal/par"
	"flowbook/internal/table"
)

// Ledger says what was read and what is odd in it. Nothing is dropped or changed:
// whoever drops rows does so in the experiment, where a reader sees it.
type Ledger struct {
	Train, Train20, Test, Test21 Account

	TestInTrain   int // rows of KDDTest+ whose features occur in KDDTrain+
	TestInTrain20 int // … in KDDTrain+_20Percent
	Test21InTrain int // rows of KDDTest-21 whose features occur in KDDTrain+

	Unseen []Type // attack types of KDDTest+ that KDDTrain+ does not have, most rows first
	Gone   []Type // attack types of KDDTrain+ that KDDTest+ does not have, most rows first
}

// Account is the ledger of one file.
type Account struct {
	Name            string
	Rows            int
	Vectors         int      // distinct feature vectors
	Conflicts       int      // vectors that occur under two or more attack types
	BinaryConflicts int      // vectors that occur both as normal and as attack
	ConflictRows    int      // rows of the vectors counted in Conflicts
	SuTwo           int      // rows where su_attempted is 2
	Missing         int      // features without a value
	Constant        []string // features with the same value in every row
}

// Repeated counts the rows whose features an earlier row of the file has.
func (p Account) Repeated() int { return p.Rows - p.Vectors }

// Type is an attack type with its class and number of rows.
type Type struct {
	Name, Class string
	Rows        int
}

// UnseenTypes returns the names of the attack types that occur in KDDTest+ and not
// in KDDTrain+, sorted: what a detector cannot have learnt by name.
func (s *Set) UnseenTypes() []string {
	names := make([]string, len(s.Ledger.Unseen))
	for i, t := range s.Ledger.Unseen {
		names[i] = t.Name
	}
	slices.Sort(names)
	return names
}

// Types counts the attack types of a table, most rows first, then by name.
func Types(t *table.Table) []Type {
	c := t.Column("attack")
	rows := make([]int, len(c.Levels())+1)
	for _, code := range c.Codes() {
		rows[code]++
	}
	var out []Type
	for i, name := range c.Levels() {
		if rows[i+1] > 0 {
			out = append(out, Type{name, classOf[name], rows[i+1]})
		}
	}
	slices.SortFunc(out, func(a, b Type) int { return cmp.Or(b.Rows-a.Rows, strings.Compare(a.Name, b.Name)) })
	return out
}

// Minus returns the types of a that b does not have.
func Minus(a, b []Type) []Type {
	var out []Type
	for _, t := range a {
		if !slices.ContainsFunc(b, func(u Type) bool { return u.Name == t.Name }) {
			out = append(out, t)
		}
	}
	return out
}

// ledger computes the ledger. The two looks it takes at each test set are counted
// like any other.
func (s *Set) ledger() Ledger {
	const why = "cleaning ledger: repeated, conflicting and constant values, rows shared with the training files, attack types"
	tables := [files]*table.Table{s.Train, s.Train20, s.Test.Describe(why).Table(), s.Test21.Describe(why).Table()}
	var hashed [files][]key
	var parts [files]Account
	par.Do(files, func(i int) {
		hashed[i] = keys(tables[i])
		parts[i] = account(tables[i], hashed[i])
	})
	train, test := Types(s.Train), Types(tables[testFile])
	l := Ledger{
		Train: parts[trainFile], Train20: parts[train20File], Test: parts[testFile], Test21: parts[test21File],
		Unseen: Minus(test, train), Gone: Minus(train, test),
	}
	in := setOf(hashed[testFile])
	in21 := setOf(hashed[test21File])
	l.TestInTrain = shared(hashed[testFile], in, hashed[trainFile])
	l.TestInTrain20 = shared(hashed[testFile], in, hashed[train20File])
	l.Test21InTrain = shared(hashed[test21File], in21, hashed[trainFile])
	return l
}

func setOf(keys []key) map[key]struct{} {
	set := make(map[key]struct{}, len(keys))
	for _, k := range keys {
		set[k] = struct{}{}
	}
	return set
}

// shared counts the rows of test, whose keys are in, that occur in train. Looking
// the larger file up in the smaller one's map keeps the map in the cache.
func shared(test []key, in map[key]struct{}, train []key) int {
	hit := make(map[key]struct{})
	for _, k := range train {
		if _, ok := in[k]; ok {
			hit[k] = struct{}{}
		}
	}
	n := 0
	for _, k := range test {
		if _, ok := hit[k]; ok {
			n++
		}
	}
	return n
}

// vector is what is known of one feature vector while accounting.
type vector struct {
	first        int32 // the attack's code in its first row
	rows         int32
	mixed, crude bool // two attack types; normal and attack
}

// account fills in the ledger of one table from the keys of its rows.
func account(t *table.Table, hashed []key) Account {
	p := Account{Name: t.Name(), Rows: t.Rows()}
	attack := t.Column("attack")
	normal := attack.Level(Normal)
	index := make(map[key]int32, t.Rows())
	vectors := make([]vector, 0, t.Rows())
	for r, k := range hashed {
		code := attack.Codes()[r]
		i, ok := index[k]
		if !ok {
			index[k] = int32(len(vectors))
			vectors = append(vectors, vector{first: code, rows: 1})
			continue
		}
		v := &vectors[i]
		v.rows++
		v.mixed = v.mixed || code != v.first
		v.crude = v.crude || (code == normal) != (v.first == normal)
	}
	p.Vectors = len(vectors)
	for _, v := range vectors {
		if v.mixed {
			p.Conflicts++
			p.ConflictRows += int(v.rows)
		}
		if v.crude {
			p.BinaryConflicts++
		}
	}
	for _, v := range t.Column("su_attempted").Ints() {
		if v == 2 {
			p.SuTwo++
		}
	}
	for _, f := range features {
		c := t.Column(f.Name)
		p.Missing += c.Missing()
		if isConstant(c) {
			p.Constant = append(p.Constant, f.Name)
		}
	}
	return p
}

func isConstant(c table.Column) bool {
	for i := 1; i < c.Len(); i++ {
		switch c.Kind {
		case table.CodeKind:
			if c.Codes()[i] != c.Codes()[0] {
				return false
			}
		default:
			if c.At(i) != c.At(0) {
				return false
			}
		}
	}
	return c.Len() > 0
}

// Exhibit shows the ledger: one grid of the files, one of the types that only one
// side has, and a measure for every count.
func (l Ledger) Exhibit() exhibit.Exhibit {
	parts := []Account{l.Train, l.Train20, l.Test, l.Test21}
	g := exhibit.Grid{
		Title:   "Cleaning ledger",
		Caption: "Every row of every file is kept, also repeated and conflicting ones; a vector is the 41 features of a row, and it conflicts when it occurs under two or more attack types.",
		Columns: []string{"file", "rows", "distinct vectors", "repeated rows", "conflicting vectors", "rows of those", "normal and attack alike", "su_attempted = 2", "missing values", "constant features"},
	}
	var e exhibit.Exhibit
	for _, p := range parts {
		constants := strings.Join(p.Constant, ", ")
		g.Rows = append(g.Rows, []exhibit.Cell{
			exhibit.Text(p.Name), exhibit.Count(p.Rows), exhibit.Count(p.Vectors), exhibit.Count(p.Repeated()), exhibit.Count(p.Conflicts),
			exhibit.Count(p.ConflictRows), exhibit.Count(p.BinaryConflicts), exhibit.Count(p.SuTwo), exhibit.Count(p.Missing), exhibit.Text(constants),
		})
		for _, m := range []struct {
			name  string
			value int
		}{
			{"rows", p.Rows}, {"distinct vectors", p.Vectors}, {"repeated rows", p.Repeated()}, {"conflicting vectors", p.Conflicts},
			{"binary conflicts", p.BinaryConflicts}, {"su_attempted=2", p.SuTwo}, {"missing", p.Missing}, {"constant features", len(p.Constant)},
		} {
			e.Measures = append(e.Measures, rowsMeasure(m.name, p.Name, m.value, p.Rows))
		}
	}
	e.Measures = append(e.Measures,
		rowsMeasure("rows in KDDTrain+", l.Test.Name, l.TestInTrain, l.Test.Rows),
		rowsMeasure("rows in KDDTrain+_20Percent", l.Test.Name, l.TestInTrain20, l.Test.Rows),
		rowsMeasure("rows in KDDTrain+", l.Test21.Name, l.Test21InTrain, l.Test21.Rows),
		rowsMeasure("unseen types", l.Test.Name, len(l.Unseen), l.Test.Rows),
		rowsMeasure("rows of unseen types", l.Test.Name, l.UnseenRows(), l.Test.Rows))
	e.Notes = []string{fmt.Sprintf("%d of the %d rows of %s have the very features of a row of %s (%d of a row of %s): whoever remembers them scores without having learnt. "+
		"%d attack types, %d rows, of %s never occur in %s. The loader drops and repairs nothing.",
		l.TestInTrain, l.Test.Rows, l.Test.Name, l.Train.Name, l.TestInTrain20, l.Train20.Name, len(l.Unseen), l.UnseenRows(), l.Test.Name, l.Train.Name)}
	e.Grids = []exhibit.Grid{g, l.types()}
	return e
}

// UnseenRows counts the rows of KDDTest+ that belong to unseen types.
func (l Ledger) UnseenRows() int {
	n := 0
	for _, t := range l.Unseen {
		n += t.Rows
	}
	return n
}

func (l Ledger) types() exhibit.Grid {
	g := exhibit.Grid{
		Title:   "Attack types that only one side has",
		Caption: fmt.Sprintf("%d types occur in %s only, %d in %s only.", len(l.Unseen), l.Test.Name, len(l.Gone), l.Train.Name),
		Columns: []string{"type", "class", "file", "rows"},
		Folded:  true,
	}
	for _, t := range l.Unseen {
		g.Rows = append(g.Rows, []exhibit.Cell{exhibit.Text(t.Name), exhibit.Text(t.Class), exhibit.Text(l.Test.Name), exhibit.Count(t.Rows)})
	}
	for _, t := range l.Gone {
		g.Rows = append(g.Rows, []exhibit.Cell{exhibit.Text(t.Name), exhibit.Text(t.Class), exhibit.Text(l.Train.Name), exhibit.Count(t.Rows)})
	}
	return g
}

func rowsMeasure(name, file string, value, rows int) exhibit.Measure {
	m := exhibit.Number(exhibit.ID("ledger", "loader", name, file), float64(value), rows)
	if strings.HasPrefix(name, "rows") || strings.HasSuffix(name, "rows") {
		m.Unit = "rows"
	}
	return m
}
