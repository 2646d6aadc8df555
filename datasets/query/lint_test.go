package query

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

// TestRepository lints every .sql file of the repository.
func TestRepository(t *testing.T) {
	root := os.DirFS("../..")
	if err := Lint(root); err != nil {
		t.Error(err)
	}
	n := 0
	fs.WalkDir(root, "datasets", func(path string, d fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".sql") {
			n++
		}
		return err
	})
	if n == 0 {
		t.Error("found no .sql file: the test looks in the wrong place")
	}
}

func TestCheck(t *testing.T) {
	for sql, want := range map[string]string{
		// What is fine.
		"SELECT a, COUNT(*) AS n FROM t GROUP BY a ORDER BY n DESC, a":                                                   "",
		"select sum(cast(x as bigint)), avg(cast(r as decimal(3,2))) from t order by 1;":                                 "",
		"SELECT SUM(1) FROM t ORDER BY 1":                                                                                "",
		"SELECT SUM(CASE WHEN a = 'x' THEN 1 WHEN f(a) > 2 THEN CAST(y + 1 AS INTEGER) ELSE NULL END) FROM t ORDER BY 1": "",
		"SELECT COUNT(DISTINCT a), SUM(DISTINCT CAST(b AS BIGINT)) FROM t ORDER BY 1":                                    "",
		"WITH s AS (SELECT a FROM t) SELECT a FROM s ORDER BY a":                                                         "",
		"CREATE VIEW v AS SELECT a FROM t":                                                                               "",
		"-- sum(x) in a comment\n/* avg(x) */ SELECT 'sum(x) it''s text' AS s FROM t ORDER BY s":                         "",
		"SELECT a AS first, b AS list FROM t ORDER BY a NULLS LAST":                                                      "",
		"SELECT median(x), quantile_cont(x, 0.9) FROM t ORDER BY 1":                                                      "",
		// What is not.
		"SELECT a FROM t": "query: line 1: the result has no ORDER BY",
		"SELECT a FROM (SELECT a FROM t ORDER BY a)":   "query: line 1: the result has no ORDER BY",
		"SELECT row_number() OVER (ORDER BY a) FROM t": "query: line 1: the result has no ORDER BY",
		"FROM t":      "query: line 1: the result has no ORDER BY",
		"SUMMARIZE t": "query: line 1: the result has no ORDER BY",
		"SELECT a FROM t ORDER BY a;\nSELECT b FROM t":                                     "query: line 2: the result has no ORDER BY",
		"SELECT\n  sum(x) FROM t ORDER BY 1":                                               "query: line 2: SUM of something that is not written as integer or DECIMAL",
		"SELECT \"SUM\" (x) FROM t ORDER BY 1":                                             "query: line 1: SUM of something",
		"SELECT avg(x / 2) FROM t ORDER BY 1":                                              "query: line 1: AVG of something",
		"SELECT sum(cast(x as double)) FROM t ORDER BY 1":                                  "query: line 1: SUM of something",
		"SELECT sum(cast(x as bigint) * 0.5) FROM t ORDER BY 1":                            "query: line 1: SUM of something",
		"SELECT sum(cast(cast(x as bigint) as double)) FROM t ORDER BY 1":                  "query: line 1: SUM of something",
		"SELECT sum(1.5) FROM t ORDER BY 1":                                                "query: line 1: SUM of something",
		"SELECT sum(case when a then 1 else 0.5 end) FROM t ORDER BY 1":                    "query: line 1: SUM of something",
		"SELECT sum(case when a then x end) FROM t ORDER BY 1":                             "query: line 1: SUM of something",
		"SELECT sum(case when a then case when b then 1 end else 0 end) FROM t ORDER BY 1": "query: line 1: SUM of something",
		"SELECT sum(cast(x as bigint)) + sum(y) FROM t ORDER BY 1":                         "query: line 1: SUM of something",
		"SELECT stddev(cast(x as bigint)) FROM t ORDER BY 1":                               "query: line 1: STDDEV is calculated in floats",
		"SELECT corr(x, y) FROM t ORDER BY 1":                                              "query: line 1: CORR is calculated in floats",
		"SELECT first(x) FROM t ORDER BY 1":                                                "query: line 1: FIRST depends on the order of rows",
		"SELECT any_value(x) FROM t ORDER BY 1":                                            "query: line 1: ANY_VALUE depends on the order of rows",
		"SELECT random() FROM t ORDER BY 1":                                                "query: line 1: random differs from run to run",
		"SELECT a FROM t TABLESAMPLE 10% ORDER BY a":                                       "query: line 1: tablesample differs from run to run",
		"SELECT a FROM t WHERE d < current_date ORDER BY a":                                "query: line 1: current_date differs from run to run",
		"":                            "query: line 1: there is no statement",
		"-- nothing\n;":               "query: line 1: there is no statement",
		"SELECT 'a FROM t ORDER BY 1": "query: line 1: a quote ' does not close",
		"SELECT a FROM t USING SAMPLE 10 ROWS ORDER BY a": "query: line 1: USING SAMPLE differs from run to run",
		"SELECT argmax(a, b) FROM t ORDER BY 1":           "query: line 1: ARGMAX depends on the order of rows",
		"SELECT (a FROM t ORDER BY 1":                     "query: line 1: a bracket does not close",
		"SELECT a) FROM (t ORDER BY 1":                    "query: line 1: a bracket closes that was not opened",
		"SELECT a /* FROM t\nORDER BY 1":                  "query: line 1: a /* comment does not end",
	} {
		err := Check(sql)
		switch {
		case want == "" && err != nil:
			t.Errorf("%s\nis refused: %v", sql, err)
		case want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)):
			t.Errorf("%s\ngives %v, want %s", sql, err, want)
		}
	}
}

func TestLintNamesFiles(t *testing.T) {
	files := fstest.MapFS{
		"a/good.sql": {Data: []byte("SELECT a FROM t ORDER BY a")},
		"a/bad.sql":  {Data: []byte("-- title\nSELECT a\nFROM t")},
		"b/bad.sql":  {Data: []byte("SELECT\nSTDDEV(a)\nFROM t ORDER BY 1")},
		"notes.txt":  {Data: []byte("SELECT a")},
	}
	err := Lint(files)
	if err == nil || err.Error() != "query: a/bad.sql:2: the result has no ORDER BY; without one its rows come in the order in which threads finish\n"+
		"query: b/bad.sql:2: STDDEV is calculated in floats and depends on the order of rows; fetch the rows in order and reduce them in Go" {
		t.Errorf("got %v", err)
	}
}

func FuzzCheck(f *testing.F) {
	f.Add("SELECT sum(cast(x as decimal(3,2))) FROM \"t\" -- c\nORDER BY 'a''b' /* x */")
	f.Add("SELECT sum(case when a then cast(1 as int) else 2 end)")
	f.Fuzz(func(t *testing.T, sql string) { _ = Check(sql) })
}

func TestTitle(t *testing.T) {
	for sql, want := range map[string]string{
		"\n-- Rows per flag\n-- more\nSELECT 1": "Rows per flag", "SELECT 1 -- no": "query", "": "query", "--\n-- b\n": "b",
	} {
		if got := Title(sql); got != want {
			t.Errorf("%q: %q, want %q", sql, got, want)
		}
	}
}

func TestValidate(t *testing.T) {
	good := Files{Path: "x", Columns: []Column{{"a", BigInt}, {"b", Decimal(3, 2)}, {"c", Varchar}}}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for _, bad := range []Files{
		{}, {Path: "x"},
		{Path: "x", Columns: []Column{{"a", BigInt}, {"A", BigInt}}},
		{Path: "x", Columns: []Column{{"a", "FLOAT4); DROP"}}},
		{Path: "x", Columns: []Column{{"", BigInt}}},
	} {
		if bad.Validate() == nil {
			t.Errorf("%+v passes", bad)
		}
	}
}
