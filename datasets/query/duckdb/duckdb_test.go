package duckdb

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"flowbook/datasets/query"
	"flowbook/internal/table"
)

func open(t testing.TB, o Options) *Engine {
	t.Helper()
	e, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(e.spill); !os.IsNotExist(err) {
			t.Error("the spill folder stays")
		}
	})
	return e
}

// show prints a table with its kinds, one row a line.
func show(t *table.Table) string {
	var b strings.Builder
	for _, c := range t.Columns() {
		fmt.Fprintf(&b, "%s:%v ", c.Name, c.Kind)
	}
	for r := range t.Rows() {
		b.WriteString("| ")
		for _, c := range t.Columns() {
			b.WriteString(c.String(r) + " ")
		}
	}
	return b.String()
}

func TestRegisterAndQuery(t *testing.T) {
	e := open(t, Options{})
	ctx := context.Background()
	day := int64(24 * time.Hour / time.Microsecond)
	flows := table.Must(table.New("flows",
		table.Text("service", []string{"http", "", "a'b\"", "http"}),
		table.Int("bytes", "bytes", []int64{10, 1<<60 + 1, -3, 5}),
		table.Float("rate", "", []float64{0.5, math.NaN(), 1e-300, 0.25}),
		table.Time("at", []int64{0, day, day + 1, 2 * day}),
		table.Text("class", []string{"x", "y", "x", "y"}).As(table.Label)))
	if err := e.Register(ctx, "my flows", flows); err != nil {
		t.Fatal(err)
	}
	got, err := e.Query(ctx, "-- All\nSELECT * FROM \"my flows\" ORDER BY \"at\"")
	if err != nil {
		t.Fatal(err)
	}
	want := "service:code bytes:int rate:float at:time class:code " +
		"| http 10 0.5 1970-01-01T00:00:00Z x |  1152921504606846977  1970-01-02T00:00:00Z y | a'b\" -3 1e-300 1970-01-02T00:00:00.000001Z x | http 5 0.25 1970-01-03T00:00:00Z y "
	if s := show(got); s != want || got.Name() != "All" {
		t.Errorf("%s\n%s\nwant %s", got.Name(), s, want)
	}
	// Registering again replaces; columns may be chosen; arguments are typed.
	if err := e.Register(ctx, "my flows", flows.Head("two", 2), "bytes", "rate"); err != nil {
		t.Fatal(err)
	}
	got, err = e.Query(ctx, "SELECT bytes, bytes > ? AS more, CAST(rate AS DECIMAL(4,2)) AS d, ? AS s FROM \"my flows\" WHERE bytes > ? ORDER BY bytes DESC", 10, "it's", int64(0))
	if err != nil {
		t.Fatal(err)
	}
	if s := show(got); s != "bytes:int more:int d:float s:code | 1152921504606846977 1  it's | 10 0 0.5 it's " {
		t.Error(s)
	}
}

func TestKinds(t *testing.T) {
	e := open(t, Options{Threads: 1})
	got, err := e.Query(context.Background(), `SELECT * FROM (VALUES
		(CAST(1 AS TINYINT), CAST(2 AS UBIGINT), CAST(0.1 AS DECIMAL(38,20)), CAST(1.5 AS FLOAT), DATE '2020-01-02', TRUE, 7),
		(CAST(2 AS TINYINT), CAST(3 AS UBIGINT), NULL, NULL, DATE '1969-12-31', FALSE, NULL)) AS v(a, b, c, d, e, f, g) ORDER BY a`)
	if err != nil {
		t.Fatal(err)
	}
	want := "a:int b:int c:float d:float e:time f:int g:float | 1 2 0.1 1.5 2020-01-02T00:00:00Z 1 7 | 2 3   1969-12-31T00:00:00Z 0  "
	if s := show(got); s != want {
		t.Errorf("%s\nwant %s", s, want)
	}
	got, err = e.Query(context.Background(), "SELECT CAST(1 AS BIGINT) AS n, 'x' AS s, CAST(0 AS DOUBLE) AS x, NULL::TIMESTAMP AS at WHERE FALSE ORDER BY 1")
	if err != nil || show(got) != "n:int s:code x:float at:time " {
		t.Errorf("no rows: %v %v", got, err)
	}
}

func TestQueryErrors(t *testing.T) {
	e := open(t, Options{})
	for _, c := range []struct {
		sql  string
		args []any
		want string
	}{
		{"SELECT 1", nil, "query: line 1: the result has no ORDER BY"},
		{"-- T\nSELECT x FROM none ORDER BY x", nil, "duckdb: T: Catalog Error: Table with name none does not exist"},
		{"SELECT ? ORDER BY 1", []any{[]byte("x")}, "duckdb: query: argument 1 is a []uint8; want string"},
		{"SELECT CAST(1 AS HUGEINT) << 100 AS big ORDER BY 1", nil, `duckdb: query: row 1, column "big": 1267650600228229401496703205376 does not fit in 64 bits`},
		{"SELECT [1, 2] AS l ORDER BY 1", nil, `duckdb: query: row 1, column "l": a value of type`},
		{"SELECT 9007199254740993 AS n UNION ALL SELECT NULL ORDER BY 1", nil, `duckdb: query: column "n": row 1 holds 9007199254740993, beyond 2^53, and row 2 is NULL`},
		{"SELECT NULL::TIMESTAMP AS t ORDER BY 1", nil, `duckdb: query: column "t": row 1 is NULL and a time cannot be missing`},
		{"SELECT 1 AS a, 2 AS a ORDER BY 1", nil, `duckdb: query: table: query: two columns are called "a"`},
		{"SELECT 1/0 AS a FROM read_csv('/none.csv') ORDER BY 1", nil, "duckdb: query: IO Error: No files found"},
	} {
		_, err := e.Query(context.Background(), c.sql, c.args...)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s\ngives %v\nwant  %s", c.sql, err, c.want)
		}
	}
	for _, o := range []Options{{Threads: -1}, {MemoryLimit: "much"}, {MemoryLimit: "1GB&x=y"}} {
		if e, err := Open(o); err == nil {
			e.Close()
			t.Errorf("%+v opens", o)
		}
	}
}

func TestSealed(t *testing.T) {
	e := open(t, Options{})
	s := table.Seal(table.Must(table.New("test", table.Int("a", "", []int64{1}))))
	err := e.Register(context.Background(), "t", s.Describe("to look").Table())
	if err == nil || !strings.Contains(err.Error(), "sealed test set") {
		t.Errorf("a sealed table was registered: %v", err)
	}
	if err := e.Register(context.Background(), "t", s.Open("last chapter").Table()); err != nil {
		t.Error(err)
	}
}

func TestAttach(t *testing.T) {
	dir := t.TempDir()
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	w.Write([]byte("id;name;rate\n007;it's;0.29\n8;\"a;b\";0.58\n"))
	w.Close()
	path := filepath.Join(dir, "o'ne+.csv.gz")
	if err := os.WriteFile(path, z.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	e := open(t, Options{})
	ctx := context.Background()
	files := query.Files{Path: path, Header: true, Comma: ';', Columns: []query.Column{{Name: "id", Type: query.Varchar}, {Name: "name", Type: query.Varchar}, {Name: "rate", Type: query.Decimal(3, 2)}}}
	if err := e.Attach(ctx, "f", files); err != nil {
		t.Fatal(err)
	}
	got, err := e.Query(ctx, "SELECT id, name, SUM(CAST(rate AS DECIMAL(3,2))) AS r FROM f GROUP BY id, name ORDER BY id")
	if err != nil || show(got) != "id:code name:code r:float | 007 it's 0.29 | 8 a;b 0.58 " {
		t.Errorf("%v %v", got, err)
	}
	// A wrong value names file and line.
	files.Columns[1].Type = query.BigInt
	if err := e.Attach(ctx, "f", files); err != nil {
		t.Fatal(err)
	}
	_, err = e.Query(ctx, "SELECT id, name FROM f ORDER BY id")
	if err == nil || !strings.Contains(err.Error(), "Line: 2") || !strings.Contains(err.Error(), "it's") {
		t.Errorf("got %v", err)
	}
	files.Columns = nil
	if err := e.Attach(ctx, "f", files); err == nil {
		t.Error("files without columns were attached")
	}
}

func TestCancel(t *testing.T) {
	e := open(t, Options{})
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := e.Query(ctx, "SELECT COUNT(*) AS n FROM range(1000000) a, range(1000000) b WHERE a.range * b.range = 7 ORDER BY 1")
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 5*time.Second {
		t.Errorf("after %v: %v", time.Since(start), err)
	}
	cancelled, stop := context.WithCancel(context.Background())
	stop()
	big := table.Must(table.New("big", table.Int("a", "", make([]int64, 10000))))
	if err := e.Register(cancelled, "big", big); !errors.Is(err, context.Canceled) {
		t.Errorf("register: %v", err)
	}
	if _, err := e.Query(context.Background(), "SELECT COUNT(*) AS n FROM range(10) ORDER BY 1"); err != nil {
		t.Errorf("after a cancelled statement: %v", err)
	}
}

// TestThreads holds the same bytes for any number of threads.
func TestThreads(t *testing.T) {
	n := 200_000
	key, value := make([]string, n), make([]float64, n)
	for i := range n {
		key[i] = fmt.Sprint("k", i*7919%97)
		value[i] = float64(i%1000) / 1000
	}
	tab := table.Must(table.New("t", table.Text("k", key), table.Float("v", "", value)))
	want := ""
	for _, threads := range []int{1, 2, 7} {
		e := open(t, Options{Threads: threads, MemoryLimit: "256MB"})
		if err := e.Register(context.Background(), "t", tab); err != nil {
			t.Fatal(err)
		}
		got, err := e.Query(context.Background(), "SELECT k, COUNT(*) AS n, SUM(CAST(v AS DECIMAL(18,6))) AS s, AVG(CAST(v AS DECIMAL(18,6))) AS m FROM t GROUP BY k ORDER BY k")
		if err != nil {
			t.Fatal(err)
		}
		if want == "" {
			want = show(got)
		}
		if show(got) != want || got.Rows() != 97 {
			t.Errorf("%d threads give other bytes", threads)
		}
	}
}

func BenchmarkRegister(b *testing.B) {
	n := 100_000
	tab := table.Must(table.New("t", table.Text("k", make([]string, n)), table.Int("v", "", make([]int64, n))))
	e := open(b, Options{})
	for b.Loop() {
		if err := e.Register(context.Background(), "t", tab); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(2*n)*float64(b.N)/b.Elapsed().Seconds(), "values/s")
}
