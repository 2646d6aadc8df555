package nslkdd

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"flowbook/internal/par"
	"flowbook/internal/table"
)

// Glossary of the calibrate and simulate files
//
//	part        train (KDDTrain+) or test (KDDTest+, whose rows of difficulty below
//	            21 are KDDTest-21)
//	stratum     the rows of one attack type, as a rule with one protocol, service
//	            and flag, and in the test part with difficulty 21 or below
//	cell        a combination of protocol, service and flag
//	margin      the distribution of one column inside a stratum
//	copula      the dependence between the columns of a stratum, apart from margins
//	twin        a row whose 41 features occur once more, in the other part or under
//	            another label

// Calibration is what the simulator knows of the real set: margins and rank
// correlations, no rows. It is the content of calibration.json.
//
// How it keeps from repeating real rows: attack types under 20 rows of a part are
// described together with the other small ones of their class, and where those
// are under 20 as well (land in KDDTrain+) not at all: they borrow the largest
// stratum of their class. Every column is described by itself; what ties columns
// together is a matrix of correlations in hundredths, of at least 100 rows or of a
// whole class (52 rows of u2r at the least). A quantile is the mean of at least
// five neighbouring values, so an outlier is never told; a level with fewer than
// five rows joins its neighbour; where fewer than five rows of a stratum are above
// zero at all, one digit stands for them; cells with fewer than five rows are told
// as one list with one sum. Single columns of small strata still tell small counts
// ("2 rows are urgent"): a count, not a row.
type Calibration struct {
	Schema int       `json:"schema"` // 1
	Levels []float64 `json:"levels"` // the probabilities of 33 quantiles
	Parts  []Part    `json:"parts"`  // train, test
	Twins  []Twin    `json:"twins"`
}

// Part describes KDDTrain+ or KDDTest+.
type Part struct {
	Name    string      `json:"name"` // "train" or "test"
	Rows    int         `json:"rows"`
	Types   []TypeCount `json:"types"` // sorted by attack
	Strata  []Stratum   `json:"strata"`
	Copulas []Copula    `json:"copulas"` // one a stratum of enough rows, then one a class
}

// TypeCount is the size of an attack type in a part.
type TypeCount struct {
	Attack string `json:"attack"`
	Rows   int    `json:"rows"`
	Easy   int    `json:"easy,omitempty"` // of them with difficulty 21, test only
}

// Stratum describes rows that are alike.
type Stratum struct {
	Rows    int         `json:"rows"`
	Types   []TypeCount `json:"types"`   // one, or the pooled small types of a class
	Cells   []Cell      `json:"cells"`   // in the order that the copula codes them
	Margins []Margin    `json:"margins"` // columns that are not all zero, in the order of the files
	Copula  int         `json:"copula"`  // index into the part's Copulas
}

// Cell is a combination of protocol, service and flag, or a pool of rare ones
// whose rows are spread evenly when drawn.
type Cell struct {
	Rows int         `json:"rows"`
	Of   [][3]string `json:"of"`
}

// Twin counts rows of Part whose features occur in an earlier row.
type Twin struct {
	Of     string `json:"of"` // part of the first occurrence
	Attack string `json:"attack"`
	In     string `json:"in"` // part of the second
	As     string `json:"as"` // its attack
	Easy   bool   `json:"easy,omitempty"`
	Known  bool   `json:"known,omitempty"` // both are in the test part, and their features in train too
	Rows   int    `json:"rows"`
}

const (
	rareType  = 20  // types with fewer rows are pooled
	rareLevel = 5   // levels and cells with fewer rows are pooled; values under a quantile
	ownCell   = 100 // cells with as many rows are strata of their own
	ownCopula = 100 // strata with as many rows have a copula of their own
	hardest   = 21  // difficulty of a row that all learners got right
)

// calibrationJSON is written by "flowbook data calibrate nslkdd" and by nothing else.
//
//go:embed calibration.json
var calibrationJSON []byte

// builtin is the committed calibration.
var builtin = sync.OnceValues(func() (*Calibration, error) {
	c := new(Calibration)
	if err := json.Unmarshal(calibrationJSON, c); err != nil {
		return nil, fmt.Errorf("nslkdd: calibration.json: %w", err)
	}
	if c.Schema != 1 || len(c.Parts) != 2 {
		return nil, fmt.Errorf("nslkdd: calibration.json: schema %d with %d parts; want 1 with 2: write it anew with \"flowbook data calibrate nslkdd\"", c.Schema, len(c.Parts))
	}
	return c, nil
})

// JSON is the text of calibration.json, an item a line. The same set gives the same
// bytes.
func (c *Calibration) JSON() ([]byte, error) {
	b, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("nslkdd: calibration: %w", err)
	}
	for _, cut := range []string{`{"rows":`, `{"name":`, `{"columns":`, `{"of":"`} {
		b = bytes.ReplaceAll(b, []byte(","+cut), []byte(",\n"+cut))
	}
	return append(b, '\n'), nil
}

// Calibrate measures a set, as a rule the real one, for the simulator. It takes
// about two seconds of two cores.
//
// The test tables are described, not opened: each look is counted.
func Calibrate(ctx context.Context, set *Set) (*Calibration, error) {
	train, err := sheetOf(set.Train.View())
	if err != nil {
		return nil, err
	}
	test, err := sheetOf(set.Test.Describe("calibration of the simulator"))
	if err != nil {
		return nil, err
	}
	hard := 0
	for _, d := range test.difficulty {
		if d < hardest {
			hard++
		}
	}
	if hard != set.Test21.Rows() {
		return nil, fmt.Errorf("nslkdd: calibrate: %d rows of KDDTest+ have a difficulty below %d and KDDTest-21 has %d; want the same: calibrate on the published files", hard, hardest, set.Test21.Rows())
	}
	c := &Calibration{Schema: 1, Levels: quantileLevels[:], Twins: twins(train, test)}
	for _, p := range []struct {
		name string
		s    *sheet
	}{{"train", train}, {"test", test}} {
		part, err := calibratePart(ctx, p.name, p.s)
		if err != nil {
			return nil, fmt.Errorf("nslkdd: calibrate: %w", err)
		}
		c.Parts = append(c.Parts, part)
	}
	return c, nil
}

// calibratePart describes one part, its strata in parallel.
func calibratePart(ctx context.Context, name string, s *sheet) (Part, error) {
	part := Part{Name: name, Rows: s.rows(), Types: typeCounts(s, nil, name == "test")}
	groups := stratify(s, part.Types, name == "test")
	classes := classGroups(s, groups)
	type described struct {
		stratum Stratum
		copula  Copula
	}
	parts, err := par.Map(ctx, len(groups), func(_ context.Context, i int) (described, error) {
		g := groups[i]
		d := described{stratum: Stratum{Rows: len(g.rows), Types: typeCounts(s, g.rows, false), Copula: -1}}
		d.stratum.Types = append(d.stratum.Types, g.guests...)
		codes := make([]float64, len(g.rows))
		d.stratum.Cells = cellsOf(s, g.rows, codes)
		d.stratum.Margins = marginsOf(s, g.rows)
		if len(g.rows) >= ownCopula {
			d.copula = copulaOf(s, g.rows, codes)
		}
		return d, nil
	})
	if err != nil {
		return Part{}, err
	}
	shared, err := par.Map(ctx, len(classes), func(_ context.Context, i int) (Copula, error) {
		codes := make([]float64, len(classes[i]))
		cellsOf(s, classes[i], codes)
		return copulaOf(s, classes[i], codes), nil
	})
	if err != nil {
		return Part{}, err
	}
	for i, d := range parts {
		if len(groups[i].rows) >= ownCopula {
			d.stratum.Copula = len(part.Copulas)
			part.Copulas = append(part.Copulas, d.copula)
		}
		part.Strata = append(part.Strata, d.stratum)
	}
	for i := range part.Strata {
		if part.Strata[i].Copula < 0 {
			part.Strata[i].Copula = len(part.Copulas) + groups[i].class
		}
	}
	part.Copulas = append(part.Copulas, shared...)
	return part, nil
}

// sheet is a part as numbers, column by column: categories as positions in the
// lists below, attacks as positions in attacks. The difficulty is column 41.
type sheet struct {
	column     [columnCount][]float64
	attack     []uint8
	difficulty []float64 // column[difficultyColumn]
	twin       []bool    // simulated rows that were made to occur twice
}

const (
	difficultyColumn = FeatureCount
	columnCount      = FeatureCount + 1
)

func newSheet(n int) *sheet {
	s := &sheet{attack: make([]uint8, n), twin: make([]bool, n)}
	for k := range s.column {
		s.column[k] = make([]float64, n)
	}
	s.difficulty = s.column[difficultyColumn]
	return s
}

func (s *sheet) rows() int { return len(s.attack) }

// categories are the levels that codes stand for, by column.
var categories = map[int][]string{protocolField: protocols, serviceField: services, flagField: flags}

// sheetOf copies a view into a sheet. A service outside the published 70 is an error.
func sheetOf(v table.View) (*sheet, error) {
	s := newSheet(v.Rows())
	for k, f := range features {
		levels, isCategory := categories[k]
		if !isCategory {
			s.column[k] = v.Floats(f.Name)
			continue
		}
		for i, x := range v.Strings(f.Name) {
			j, ok := slices.BinarySearch(levels, x)
			if !ok {
				return nil, fmt.Errorf("nslkdd: calibrate: %s: row %d: %s is %q; want one of the %d published levels", v.Table().Name(), i+1, f.Name, x, len(levels))
			}
			s.column[k][i] = float64(j)
		}
	}
	s.column[difficultyColumn] = v.Floats("difficulty")
	s.difficulty = s.column[difficultyColumn]
	for i, a := range v.Strings("attack") {
		j, ok := slices.BinarySearch(attacks, a)
		if !ok {
			return nil, fmt.Errorf("nslkdd: calibrate: %s: row %d: attack %q is not in attacks.go", v.Table().Name(), i+1, a)
		}
		s.attack[i] = uint8(j)
	}
	return s, nil
}
