//go:build linux

package kmeans

import (
	"context"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"flowbook/internal/rng"
	"flowbook/internal/table"
)

// generated is a source of scaled flows that are nowhere: each block is drawn anew from
// its number. Rows come from 30 groups, of which the smallest have a thousandth of the
// rows; columns are bell-shaped, rates with most mass near 0, flags, or heavy-tailed.
type generated struct{ rows, columns, block int }

func (g generated) Columns() []table.Column { return g.draw(0, 0).Columns() }

func (g generated) Blocks(ctx context.Context) iter.Seq2[*table.Table, error] {
	return func(yield func(*table.Table, error) bool) {
		for lo := 0; lo < g.rows; lo += g.block {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			if !yield(g.draw(lo/g.block, min(g.block, g.rows-lo)), nil) {
				return
			}
		}
	}
}

func (g generated) draw(block, n int) *table.Table {
	const groups = 30
	random := rand.NewPCG(7, uint64(block))
	unit := func() float64 { return float64(random.Uint64()>>11) / (1 << 53) }
	group := make([]int, n)
	for i := range group {
		u := unit()
		group[i] = int(groups * u * u * u)
	}
	columns := make([]table.Column, g.columns)
	for j := range columns {
		v, shift := make([]float64, n), make([]float64, groups)
		place := rng.New(3).Index("column", j).Rand()
		for c := range shift {
			shift[c] = place.Float64()
		}
		for i := range v {
			m, u := shift[group[i]], unit()
			switch j % 4 {
			case 0:
				v[i] = m + 0.1*(u+unit()+unit()-1.5)
			case 1:
				v[i] = math.Round(1e4*u*u*u*m) / 1e4
			case 2:
				if u < m*m {
					v[i] = 1
				}
			default:
				v[i] = m / (0.02 + u)
			}
		}
		columns[j] = table.Float(fmt.Sprintf("x%02d", j), "", v)
	}
	return table.Must(table.New("generated", columns...))
}

// TestScale clusters as many rows as FLOWBOOK_SCALE says, say 1000000 or 16000000, of 40
// columns, from a source, into 23 clusters, and prints seconds and peak memory:
//
//	FLOWBOOK_SCALE=16000000 go test -run TestScale -v -timeout 60m ./models/kmeans
//
// It fails where that takes a gigabyte or more. Drawing the rows anew for each pass is
// part of the time; how long it takes once is printed.
func TestScale(t *testing.T) {
	rows, err := strconv.Atoi(os.Getenv("FLOWBOOK_SCALE"))
	if err != nil {
		t.Skip("set FLOWBOOK_SCALE to a number of rows")
	}
	g := generated{rows, 40, 1 << 14}
	start, used := time.Now(), cpu()
	step := func(what string) {
		t.Logf("%-14s %7.1f s, %7.1f s of both cores; peak %.2f GB", what, time.Since(start).Seconds(), cpu()-used, peak(t))
		start, used = time.Now(), cpu()
	}
	for b, err := range g.Blocks(context.Background()) {
		if err != nil || b.Rows() == 0 {
			t.Fatal(err)
		}
	}
	step("drawing once")
	m, err := Config{K: 23}.FitSource(context.Background(), g)
	if err != nil {
		t.Fatal(err)
	}
	step("clustering")
	t.Logf("inertia a row %.6f, %d rounds, sizes %v", m.Clustering().Inertia/float64(rows), m.Clustering().Rounds, m.Sizes())
	if got := peak(t); !(got < 1) {
		t.Errorf("peak of %.2f GB, want less than 1", got)
	}
}

// cpu is the user and system time of the process so far, in seconds.
func cpu() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return math.NaN()
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// peak is the largest resident size of the process so far, in GB.
func peak(t *testing.T) float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip(err)
	}
	for line := range strings.Lines(string(text)) {
		var kb float64
		if n, _ := fmt.Sscanf(line, "VmHWM: %f kB", &kb); n == 1 {
			return kb / (1 << 20)
		}
	}
	t.Fatal("no VmHWM")
	return 0
}
