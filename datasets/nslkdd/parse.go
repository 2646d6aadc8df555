package nslkdd

import (
	"bytes"
	"fmt"
	"slices"

	"flowbook/internal/par"
	"flowbook/internal/table"
)

// Glossary
//
//	text   a file's content, decompressed
//	block  a run of whole lines of text, about blockBytes long
//	row    0-based number of a line in its file; messages count lines from 1
//	field  0-based position in a line: 41 features, the attack, the difficulty
//	code   1 + an index into a vocabulary while parsing; re-coded to the levels
//	       that occur, sorted, at the end

// blockBytes is the size of the pieces that the cores share. It does not depend
// on their number, and neither does the result.
const blockBytes = 1 << 18

// kindOf tells the row parser what to expect in a field.
type fieldKind uint8

const (
	intField fieldKind = iota
	rateField
	codeField
)

var kindOf = func() (k [fieldCount]fieldKind) {
	for i, f := range features {
		switch f.Kind {
		case table.FloatKind:
			k[i] = rateField
		case table.CodeKind:
			k[i] = codeField
		}
	}
	k[attackField] = codeField
	return k
}()

// highest is the largest value of an int field.
var highest = func() (h [fieldCount]int64) {
	for i, f := range features {
		h[i] = 1<<62 - 1
		if f.High < 1e18 {
			h[i] = int64(f.High)
		}
	}
	h[difficultyField] = 21
	return h
}()

// vocabulary maps the levels of a category to codes 1, 2, …
type vocabulary struct {
	levels []string
	code   map[string]int32
}

func newVocabulary(levels []string) *vocabulary {
	v := &vocabulary{levels: levels, code: make(map[string]int32, len(levels))}
	for i, l := range levels {
		v.code[l] = int32(i + 1)
	}
	return v
}

// vocabularyOf holds the known levels of the four categories, by field.
var vocabularyOf = [fieldCount]*vocabulary{
	protocolField: newVocabulary(protocols),
	serviceField:  newVocabulary(services),
	flagField:     newVocabulary(flags),
	attackField:   newVocabulary(attacks),
}

// rows are the values of a file, column by column.
type rows struct {
	ints  [fieldCount][]int64
	rates [fieldCount][]float64
	codes [fieldCount][]int32
}

func newRows(n int) *rows {
	r := &rows{}
	for f, k := range kindOf {
		switch k {
		case intField:
			r.ints[f] = make([]int64, n)
		case rateField:
			r.rates[f] = make([]float64, n)
		default:
			r.codes[f] = make([]int32, n)
		}
	}
	return r
}

// parse makes the table of a file's content; name is the table's and file the one
// that messages give. The first wrong line, by number, is the error whatever the
// number of cores.
func parse(name, file string, text []byte) (*table.Table, error) {
	text = bytes.TrimRight(text, "\r\n")
	if len(text) == 0 {
		return nil, fmt.Errorf("nslkdd: %s: the file is empty; want lines of %d fields", file, fieldCount)
	}
	starts := blockStarts(text)
	blocks := len(starts) - 1
	lines := make([]int, blocks+1) // number of the first line of each block
	for b := range blocks {
		lines[b+1] = bytes.Count(text[starts[b]:starts[b+1]], []byte{'\n'})
	}
	lines[blocks]++ // the last line has lost its line end
	for b := range blocks {
		lines[b+1] += lines[b]
	}
	into := newRows(lines[blocks])
	extra := make([][]string, blocks) // services of each block that are not among the 70
	errs := make([]error, blocks)
	par.Do(blocks, func(b int) {
		p := parser{name: file, rows: into}
		errs[b] = p.block(text[starts[b]:starts[b+1]], lines[b])
		extra[b] = p.extra
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return into.table(name, mergeServices(into.codes[serviceField], extra, lines))
}

// blockStarts cuts text behind line ends and returns where blocks begin, and len(text).
func blockStarts(text []byte) []int {
	starts := []int{0}
	for at := blockBytes; at < len(text); at += blockBytes {
		if at < starts[len(starts)-1] {
			continue // one line is longer than a block
		}
		end := bytes.IndexByte(text[at:], '\n')
		if end < 0 || at+end+1 >= len(text) {
			break
		}
		starts = append(starts, at+end+1)
	}
	return append(starts, len(text))
}

// mergeServices gives the services that blocks found beyond the 70 one code each
// and returns all service levels by code.
func mergeServices(codes []int32, extra [][]string, lines []int) []string {
	levels := slices.Clone(services)
	for b, found := range extra {
		if len(found) == 0 {
			continue
		}
		to := make([]int32, len(found))
		for i, s := range found {
			k := slices.Index(levels, s)
			if k < 0 {
				k = len(levels)
				levels = append(levels, s)
			}
			to[i] = int32(k + 1)
		}
		for r := lines[b]; r < lines[b+1]; r++ {
			if c := int(codes[r]); c > len(services) {
				codes[r] = to[c-len(services)-1]
			}
		}
	}
	return levels
}

// table gives the columns names, units and roles and cuts levels to those that occur.
func (r *rows) table(name string, services []string) (*table.Table, error) {
	cols := make([]table.Column, FeatureCount, fieldCount+2)
	for i, f := range features {
		switch kindOf[i] {
		case intField:
			cols[i] = table.Int(f.Name, f.Unit, r.ints[i])
		case rateField:
			cols[i] = table.Float(f.Name, f.Unit, r.rates[i])
		default:
			levels := vocabularyOf[i].levels
			if i == serviceField {
				levels = services
			}
			cols[i] = occurring(f.Name, r.codes[i], levels)
		}
	}
	return finish(name, cols, occurring("attack", r.codes[attackField], attacks), r.ints[difficultyField])
}

// occurring makes a column of the levels that occur, sorted; it re-codes in place.
func occurring(name string, codes []int32, levels []string) table.Column {
	used := make([]bool, len(levels)+1)
	for _, c := range codes {
		used[c] = true
	}
	var sorted []string
	for i, l := range levels {
		if used[i+1] {
			sorted = append(sorted, l)
		}
	}
	slices.Sort(sorted)
	to := make([]int32, len(levels)+1)
	for i, l := range levels {
		if k, ok := slices.BinarySearch(sorted, l); ok {
			to[i+1] = int32(k + 1)
		}
	}
	for r, c := range codes {
		codes[r] = to[c]
	}
	return table.Code(name, codes, sorted)
}
