package query

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
)

// Measured on DuckDB 1.5.5: float sums, averages, deviations and correlations
// change with the number of threads and from run to run, because parts are added
// in the order in which threads finish. Sums of integers and DECIMALs are exact in
// any order. The lint reads text and knows no column types, so it asks for the
// type to be written down: SUM(CAST(x AS BIGINT)).

var decimal = regexp.MustCompile(`^DECIMAL\([0-9]+,[0-9]+\)$`)

// exactTypes are the types whose sums do not depend on the order, by first word.
var exactTypes = []string{"BIGINT", "INT", "INTEGER", "SMALLINT", "TINYINT", "HUGEINT", "DECIMAL", "NUMERIC"}

// sums may be taken of exact types; inexact not at all, for engines calculate
// them in floats whatever the type.
var (
	sums    = []string{"sum", "avg", "mean"}
	inexact = []string{"stddev", "stddev_pop", "stddev_samp", "std", "variance", "var_pop", "var_samp", "corr", "covar_pop", "covar_samp",
		"regr_slope", "regr_intercept", "regr_r2", "regr_sxx", "regr_syy", "regr_sxy", "regr_avgx", "regr_avgy", "kurtosis", "kurtosis_pop", "skewness",
		"product", "wavg", "weighted_avg", "geomean", "geometric_mean", "fsum", "sumkahan", "kahan_sum", "favg", "entropy", "sem"}
	anyValue = []string{"any_value", "arbitrary", "first", "last", "first_value", "last_value", "mode", "arg_max", "arg_min", "argmax", "argmin", "max_by", "min_by", "list", "array_agg",
		"collect_list", "collect_set", "string_agg", "listagg", "group_concat", "approx_count_distinct", "approx_quantile", "approx_percentile", "approx_top_k",
		"reservoir_quantile", "histogram"}
	unsteady = []string{"random", "rand", "randn", "uuid", "gen_random_uuid", "now", "current_timestamp", "current_date", "current_time", "today",
		"tablesample", "monotonically_increasing_id"}
)

// Check reports the first statement of an SQL text that could give other bytes on
// another run: a float aggregate, a result in no stated order, a function that
// picks any value, a random one or a clock. It also refuses text without a statement
// and quotes or brackets that do not close. The order stated must tell
// all rows apart for the result to be steady; Check cannot see that.
func Check(sql string) error { return check("", sql) }

// Lint checks every .sql file below a folder and returns all that is wrong, by file
// and line.
func Lint(files fs.FS) error {
	var wrong []error
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".sql") {
			return err
		}
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		if err := check(path, string(text)); err != nil {
			wrong = append(wrong, err)
		}
		return nil
	})
	return errors.Join(append(wrong, err)...)
}

func check(path, sql string) error {
	fail := func(line int, format string, args ...any) error {
		place := fmt.Sprintf("line %d", line)
		if path != "" {
			place = fmt.Sprintf("%s:%d", path, line)
		}
		return fmt.Errorf("query: %s: %s", place, fmt.Sprintf(format, args...))
	}
	tokens, err := tokenize(sql)
	if err != nil {
		return fail(err.line, "%s", err.what)
	}
	statements := 0
	for len(tokens) > 0 {
		end := slices.IndexFunc(tokens, func(t token) bool { return t.text == ";" })
		statement := tokens
		tokens = nil
		if end >= 0 {
			statement, tokens = statement[:end], statement[end+1:]
		}
		if len(statement) == 0 {
			continue
		}
		statements++
		if line, what := checkStatement(statement); what != "" {
			return fail(line, "%s", what)
		}
	}
	if statements == 0 {
		return fail(1, "there is no statement")
	}
	return nil
}

// checkStatement returns the line and description of what is wrong, or "".
func checkStatement(s []token) (int, string) {
	depth, ordered := 0, false
	for i, t := range s {
		switch {
		case t.text == "(":
			depth++
		case t.text == ")":
			depth--
		case depth < 0:
			return t.line, "a bracket closes that was not opened"
		case !t.word:
			continue
		case slices.Contains(unsteady, t.text):
			return t.line, fmt.Sprintf("%s differs from run to run; pass the value as an argument", t.text)
		case t.text == "using" && i+1 < len(s) && s[i+1].text == "sample":
			return t.line, "USING SAMPLE differs from run to run; draw the rows in Go from a seed"
		case depth == 0 && t.text == "order" && i+1 < len(s) && s[i+1].text == "by":
			ordered = true
		case i+1 < len(s) && s[i+1].text == "(":
			if what := checkCall(t.text, argument(s[i+1:])); what != "" {
				return t.line, what
			}
		}
	}
	if depth != 0 {
		return s[len(s)-1].line, "a bracket does not close"
	}
	if silent := slices.Contains([]string{"create", "drop", "set"}, s[0].text); !silent && !ordered {
		return s[0].line, "the result has no ORDER BY; without one its rows come in the order in which threads finish"
	}
	return 0, ""
}

// argument returns the tokens between the bracket that opens s and its partner.
func argument(s []token) []token {
	depth := 0
	for i, t := range s {
		switch t.text {
		case "(":
			depth++
		case ")":
			if depth--; depth == 0 {
				return s[1:i]
			}
		}
	}
	return s[1:]
}

func checkCall(name string, arg []token) string {
	switch {
	case slices.Contains(inexact, name):
		return fmt.Sprintf("%s is calculated in floats and depends on the order of rows; fetch the rows in order and reduce them in Go", strings.ToUpper(name))
	case slices.Contains(anyValue, name):
		return fmt.Sprintf("%s depends on the order of rows; use MIN or MAX, or fetch the rows in order", strings.ToUpper(name))
	case slices.Contains(sums, name) && !exactArgument(arg):
		return fmt.Sprintf("%s of something that is not written as integer or DECIMAL; write %s(CAST(… AS BIGINT)) or %s(CAST(… AS DECIMAL(18,6))): sums of floats depend on the order of rows",
			strings.ToUpper(name), strings.ToUpper(name), strings.ToUpper(name))
	}
	return ""
}

// exactArgument reports whether an argument is written as an exact number: a whole
// literal (or NULL), one CAST to an exact type, or a CASE whose results are such.
func exactArgument(arg []token) bool {
	if len(arg) > 0 && arg[0].text == "distinct" {
		arg = arg[1:]
	}
	switch {
	case len(arg) == 1:
		return wholeLiteral(arg[0])
	case len(arg) > 4 && arg[0].text == "cast" && arg[1].text == "(":
		inner := argument(arg[1:])
		return len(inner)+3 == len(arg) && exactCast(inner)
	case len(arg) > 2 && arg[0].text == "case" && arg[len(arg)-1].text == "end":
		return exactCase(arg[1 : len(arg)-1])
	}
	return false
}

func wholeLiteral(t token) bool {
	return t.text == "null" || t.text != "" && strings.Trim(t.text, "0123456789") == ""
}

// exactCast reports whether the last AS of a CAST's inside names an exact type.
func exactCast(inner []token) bool {
	depth, as := 0, -1
	for i, t := range inner {
		switch t.text {
		case "(":
			depth++
		case ")":
			depth--
		case "as":
			if depth == 0 {
				as = i
			}
		}
	}
	return as >= 0 && as+1 < len(inner) && slices.Contains(exactTypes, strings.ToUpper(inner[as+1].text))
}

// exactCase reports whether every THEN and ELSE of a CASE is an exact argument.
func exactCase(s []token) bool {
	results, depth := 0, 0
	for i := 0; i < len(s); i++ {
		switch s[i].text {
		case "(":
			depth++
		case ")":
			depth--
		case "case":
			return false // nested: write it as CAST
		case "then", "else":
			if depth != 0 {
				continue
			}
			end := i + 1
			for d := 0; end < len(s) && (d > 0 || s[end].text != "when" && s[end].text != "else"); end++ {
				switch s[end].text {
				case "(":
					d++
				case ")":
					d--
				}
			}
			if !exactArgument(s[i+1 : end]) {
				return false
			}
			results++
			i = end - 1
		}
	}
	return results > 0
}
