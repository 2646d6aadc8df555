package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"flowbook/internal/table"
)

// rowReader reads rows of a schema from a CSV with a header, block by block. Columns
// are found by name; those that the schema does not have are passed over. An empty
// field is a missing value, and so is NaN in a column of numbers.
type rowReader struct {
	name   string
	csv    *csv.Reader
	schema table.Schema
	at     []int // place of each field of the schema in a record
	rows   int   // so far
}

// byteOrder is what some programs put before UTF-8.
const byteOrder = "\ufeff"

func newRowReader(name string, in io.Reader, schema table.Schema) (*rowReader, error) {
	text := bufio.NewReader(in)
	if mark, _ := text.Peek(len(byteOrder)); string(mark) == byteOrder { // before a quote it would be an error
		_, _ = text.Discard(len(mark))
	}
	r := &rowReader{name: name, csv: csv.NewReader(text), schema: schema}
	r.csv.ReuseRecord = true
	header, err := r.csv.Read()
	if err == io.EOF {
		return nil, fmt.Errorf("%s: the file is empty; want a header with the names of columns", name)
	}
	if err != nil {
		return nil, r.wrong(err)
	}
	header = slices.Clone(header)
	for _, f := range schema {
		i := slices.Index(header, f.Name)
		if i < 0 {
			return nil, fmt.Errorf("%s: there is no column %q, which the model reads; it reads %s", name, f.Name, strings.Join(shownAll(schema.Names()), ", "))
		}
		if slices.Contains(header[i+1:], f.Name) {
			return nil, fmt.Errorf("%s: two columns are called %q", name, f.Name)
		}
		r.at = append(r.at, i)
	}
	return r, nil
}

// wrong puts the file's name before an error of the CSV, which has the line.
func (r *rowReader) wrong(err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return fmt.Errorf("%s:%d: %w", r.name, p.Line, p.Err)
	}
	return fmt.Errorf("%s: %w", r.name, err)
}

// block reads up to n rows; io.EOF if there are none.
func (r *rowReader) block(n int) (table.View, error) {
	numbers, texts, times := make([][]float64, len(r.schema)), make([][]string, len(r.schema)), make([][]int64, len(r.schema))
	name := r.name
	if r.rows > 0 {
		name = fmt.Sprintf("%s, counted from row %d", r.name, r.rows+1)
	}
	read := 0
	for ; read < n; read++ {
		record, err := r.csv.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return table.View{}, r.wrong(err)
		}
		for k, f := range r.schema {
			text := record[r.at[k]]
			switch f.Kind {
			case table.CodeKind:
				texts[k] = append(texts[k], strings.Clone(text))
				continue
			case table.TimeKind:
				var v int64
				if v, err = moment(text); err == nil {
					times[k] = append(times[k], v)
					continue
				}
			default:
				var v float64
				if v, err = number(text, f.Kind == table.IntKind); err == nil {
					numbers[k] = append(numbers[k], v)
					continue
				}
			}
			line, _ := r.csv.FieldPos(r.at[k])
			return table.View{}, fmt.Errorf("%s:%d: column %q: %q %w", r.name, line, f.Name, clip(text), err)
		}
	}
	if read == 0 {
		return table.View{}, io.EOF
	}
	r.rows += read
	columns := make([]table.Column, len(r.schema))
	for k, f := range r.schema {
		switch f.Kind {
		case table.CodeKind:
			columns[k] = table.Text(f.Name, texts[k])
		case table.TimeKind:
			columns[k] = table.Time(f.Name, times[k]).As(table.Feature)
		default:
			columns[k] = table.Float(f.Name, f.Unit, numbers[k])
		}
	}
	t, err := table.New(name, columns...)
	if err != nil {
		return table.View{}, err
	}
	return t.View(), nil
}

// number reads a number; an empty text is a missing one.
func number(text string, whole bool) (float64, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return math.NaN(), nil
	}
	v, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil:
		return 0, errors.New("is not a number")
	case whole && v != math.Trunc(v) && !math.IsNaN(v):
		return 0, errors.New("is not a whole number, as those are that the model was fitted on")
	}
	return v, nil
}

// moment reads a time: as RFC 3339 has it, or microseconds since 1970.
func moment(text string) (int64, error) {
	if v, err := strconv.ParseInt(text, 10, 64); err == nil {
		return v, nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return 0, errors.New("is not a time; want 2006-01-02T15:04:05Z, or microseconds since 1970")
	}
	return t.UnixMicro(), nil
}

// writeRows writes a view's features as a CSV that newRowReader reads.
func writeRows(rows table.View) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	columns := rows.Features()
	record := make([]string, len(columns))
	for k, c := range columns {
		record[k] = c.Name
	}
	for i := -1; i < rows.Rows(); i++ {
		for k, c := range columns {
			if i >= 0 {
				record[k] = c.String(rows.Row(i))
			}
		}
		if len(record) == 1 && record[0] == "" { // which would be an empty line
			b.WriteString("\"\"\n")
			continue
		}
		if err := w.Write(record); err != nil {
			return nil, err
		}
		w.Flush() // b is written to directly above
	}
	return b.Bytes(), w.Error()
}

// clip keeps a message about a long field short.
func clip(s string) string {
	if len(s) > 60 {
		return s[:60] + "…"
	}
	return s
}

// shown is text from data as a terminal may have it: quoted where it holds more than
// plain characters.
func shown(s string) string {
	if q := strconv.Quote(s); s == "" || q != `"`+s+`"` {
		return q
	}
	return s
}

func shownAll(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = shown(s)
	}
	return out
}

// escaped is JSON with all in its strings that is not printed escaped: encoding/json
// leaves some control characters, and marks that turn the direction of text.
func escaped(json string) string {
	var b strings.Builder
	for _, c := range json {
		switch {
		case c == '\n' || strconv.IsPrint(c):
			b.WriteRune(c)
		case c > 0xffff:
			high, low := utf16.EncodeRune(c)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, c)
		}
	}
	return b.String()
}
