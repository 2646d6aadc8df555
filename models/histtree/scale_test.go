//go:build linux

package histtree

import (
	"context"
	"fmt"
	"iter"
	"math"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"flowbook/internal/rng"
	"flowbook/internal/table"
)

// generated is a source of flows that are nowhere: each block is drawn anew from its
// number. Of its columns some are heavy-tailed (bytes, durations: all values differ),
// some rates of four decimals, some counts, some flags; every fifth tells something of
// the class, of which there are two, one with a fifth of the rows.
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
	random := newStream(rng.New(1).Index("block", block))
	unit := func() float64 { return (float64(random.next()>>11) + 0.5) / (1 << 53) }
	class := make([]int32, n)
	for i := range class {
		if class[i] = 1; random.below(5) == 0 {
			class[i] = 2
		}
	}
	columns := []table.Column{table.Code("class", class, []string{"attack", "normal"}).As(table.Label)}
	for j := range g.columns {
		v := make([]float64, n)
		for i := range v {
			shift, u := 0.0, unit()
			if j%5 == 0 {
				shift = 0.4 * float64(class[i])
			}
			switch j % 4 {
			case 0:
				v[i] = math.Exp(12*u + shift)
			case 1:
				v[i] = math.Round(1e4*math.Pow(u, 1+shift)) / 1e4
			case 2:
				v[i] = math.Floor(-40 * (1 + shift) * math.Log(u))
			default:
				if v[i] = 0; u < 0.1*(1+shift) {
					v[i] = 1
				}
			}
		}
		columns = append(columns, table.Float(fmt.Sprintf("x%02d", j), "", v))
	}
	return table.Must(table.New("generated", columns...))
}

// TestScale boosts as many rows as FLOWBOOK_SCALE says, say 1000000 or 16000000, of 78
// columns, from a source, 20 rounds of 31 leaves, and prints seconds and peak memory:
//
//	FLOWBOOK_SCALE=16000000 go test -run TestScale -v -timeout 60m ./models/histtree
//
// It fails where 16 million rows take 4 GB or more. Reading is the time of both passes,
// drawing the rows twice included; how long that takes is printed for half a million.
func TestScale(t *testing.T) {
	rows, err := strconv.Atoi(os.Getenv("FLOWBOOK_SCALE"))
	if err != nil {
		t.Skip("set FLOWBOOK_SCALE to a number of rows")
	}
	g := generated{rows, 78, 1 << 14}
	start, used := time.Now(), cpu()
	step := func(what string) {
		t.Logf("%-14s %7.1f s, %7.1f s of both cores; peak %.2f GB", what, time.Since(start).Seconds(), cpu()-used, peak(t))
		start, used = time.Now(), cpu()
	}
	few := g
	few.rows = min(rows, 1<<19)
	for b, err := range few.Blocks(context.Background()) {
		if err != nil || b.Rows() == 0 {
			t.Fatal(err)
		}
	}
	step(fmt.Sprintf("drawing %d", few.rows))
	b, _, err := binSource(context.Background(), g, "class", false, 255)
	if err != nil {
		t.Fatal(err)
	}
	step("reading")
	l, err := Boost{Trees: 20}.filled()
	if err != nil {
		t.Fatal(err)
	}
	m, err := l.classify(context.Background(), b)
	if err != nil {
		t.Fatal(err)
	}
	step("boosting")
	test := generated{1 << 14, 78, 1 << 14}.draw(1<<40, 1<<14)
	t.Logf("accuracy %.4f, log loss %.4f on %d other rows", accuracy(predicted(t, m, test.View()), test.View()), boostLoss(predicted(t, m, test.View()), test.View()), test.Rows())
	if got, want := peak(t), 0.8+3.2*float64(rows)/16e6; !(got < want) {
		t.Errorf("peak of %.2f GB, want less than %.2f", got, want)
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
