package duckdb

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"flowbook/datasets"
	"flowbook/datasets/nslkdd"
	"flowbook/internal/table"
)

// TestNSLKDD asks the set's own queries over a registered table and, where the
// published files are, over the file itself; a count in Go is the twin.
func TestNSLKDD(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join("..", "..", "nslkdd", "testdata", "made.txt")
	if dir := os.Getenv("FLOWBOOK_DATA"); dir != "" {
		info, err := datasets.Lookup("nslkdd")
		if err == nil {
			path, err = datasets.Find(info, dir, "KDDTrain+.txt")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	tab, _, err := nslkdd.Read(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	e := open(t, Options{})
	for _, from := range []string{"table", "file"} {
		if from == "table" {
			err = e.Register(ctx, "connections", tab, "service", "flag", "attack", "src_bytes", "dst_bytes")
		} else {
			err = e.Attach(ctx, "connections", nslkdd.Files(path))
		}
		if err != nil {
			t.Fatal(err)
		}
		share, err := e.Query(ctx, nslkdd.SQL("attack_share"))
		if err != nil {
			t.Fatal(err)
		}
		checkShare(t, from, share, tab)
		volume, err := e.Query(ctx, nslkdd.SQL("volume"))
		if err != nil {
			t.Fatal(err)
		}
		sum, bytes := int64(0), int64(0)
		for _, v := range tab.Column("src_bytes").Ints() {
			sum += v
		}
		for _, v := range volume.Column("src_bytes").Ints() {
			bytes += v
		}
		if sum != bytes || volume.Rows() != len(tab.Column("attack").Levels()) || volume.Name() != "Bytes by attack type" {
			t.Errorf("%s: %d bytes, want %d", from, bytes, sum)
		}
	}
}

// checkShare counts attacks per service and flag in Go.
func checkShare(t *testing.T, from string, got, tab *table.Table) {
	t.Helper()
	type group struct {
		service, flag string
		n, attacks    int
	}
	index := map[[2]string]int{}
	var want []group
	s, f, a := tab.View().Strings("service"), tab.View().Strings("flag"), tab.View().Strings("attack")
	for r := range s {
		k := [2]string{s[r], f[r]}
		i, ok := index[k]
		if !ok {
			i = len(want)
			index[k] = i
			want = append(want, group{service: s[r], flag: f[r]})
		}
		want[i].n++
		if a[r] != nslkdd.Normal {
			want[i].attacks++
		}
	}
	slices.SortFunc(want, func(x, y group) int {
		return cmp.Or(y.n-x.n, cmp.Compare(x.service, y.service), cmp.Compare(x.flag, y.flag))
	})
	if got.Rows() != len(want) {
		t.Fatalf("%s: %d groups, want %d", from, got.Rows(), len(want))
	}
	for r, w := range want {
		g := group{got.Column("service").String(r), got.Column("flag").String(r), int(got.Column("connections").At(r)), int(got.Column("attacks").At(r))}
		if g != w || got.Column("attack_share").At(r) != float64(w.attacks)/float64(w.n) {
			t.Fatalf("%s: row %d is %v (%v), want %v", from, r, g, got.Column("attack_share").At(r), w)
		}
	}
}
