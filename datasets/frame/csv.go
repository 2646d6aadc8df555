package frame

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
)

// ReadCSV reads a small CSV file with a header. gota's own reader guesses a
// column's type from its first values and turns 007 into 7 and large
// identifiers into floats; here a column is Int only where every value is a
// plain whole number up to 2^53 without leading zeros, Float only where every value is a
// decimal number, and text otherwise. "", NA and NaN are missing. Rows of different
// length, two columns of one name and more than MaxRows rows are errors.
func ReadCSV(name string, r io.Reader) (dataframe.DataFrame, error) {
	var none dataframe.DataFrame
	in := csv.NewReader(r)
	in.ReuseRecord = true
	header, err := in.Read()
	if err != nil {
		return none, fmt.Errorf("frame: %s: no header: %w", name, err)
	}
	names := append([]string(nil), header...)
	names[0] = strings.TrimPrefix(names[0], "\ufeff") // Excel's mark
	seen := map[string]bool{}
	for i, n := range names {
		if n == "" || seen[n] {
			return none, fmt.Errorf("frame: %s:1: column %d is called %q; want distinct names that are not empty", name, i+1, n)
		}
		seen[n] = true
	}
	values := make([][]string, len(names))
	for rows := 0; ; rows++ {
		record, err := in.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return none, fmt.Errorf("frame: %s: %w", name, err)
		}
		if rows == MaxRows {
			return none, fmt.Errorf("frame: %s: more than %d rows; read it with SQL instead", name, MaxRows)
		}
		for j, v := range record {
			values[j] = append(values[j], strings.Clone(v))
		}
	}
	if len(values[0]) == 0 {
		return none, fmt.Errorf("frame: %s: no rows below the header", name)
	}
	cols := make([]series.Series, len(names))
	for j, n := range names {
		cols[j] = typed(n, values[j])
	}
	df := dataframe.New(cols...)
	return df, df.Err
}

func missing(v string) bool { return v == "" || v == "NA" || v == "NaN" }

// typed makes the narrowest series that holds every value unchanged.
func typed(name string, values []string) series.Series {
	ints, floats, absent := true, true, 0
	for _, v := range values {
		if missing(v) {
			absent++
			continue
		}
		ints = ints && plainInt(v)
		floats = floats && plainFloat(v)
	}
	if absent == len(values) {
		ints, floats = false, false
	}
	s := series.New(make([]string, len(values)), series.String, name)
	switch {
	case ints:
		s = series.New(make([]int, len(values)), series.Int, name)
	case floats:
		s = series.New(make([]float64, len(values)), series.Float, name)
	}
	for i, v := range values {
		switch {
		case missing(v):
			s.Elem(i).Set(nil)
			if floats && !ints {
				s.Elem(i).Set(math.NaN())
			}
		case ints:
			n, _ := strconv.Atoi(v)
			s.Elem(i).Set(n)
		case floats:
			x, _ := strconv.ParseFloat(v, 64)
			s.Elem(i).Set(x)
		default:
			s.Elem(i).Set(v)
		}
	}
	return s
}

// plainInt reports whether v is a whole number that reads back as it was written.
func plainInt(v string) bool {
	n, err := strconv.Atoi(v)
	return err == nil && n <= exact && n >= -exact && strconv.Itoa(n) == v
}

// decimalForm is a number as programs print it: no leading zeros, and an exponent
// only with its sign, so that an identifier such as 45e48 stays text.
var decimalForm = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?(e[+-][0-9]+)?$`)

// plainFloat reports whether v is a decimal number; long whole numbers
// (identifiers) are text.
func plainFloat(v string) bool {
	return plainInt(v) || decimalForm.MatchString(strings.ToLower(v)) && strings.ContainsAny(v, ".eE")
}
