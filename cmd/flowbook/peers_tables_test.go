package main

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"flowbook/datasets/nslkdd"
	"flowbook/internal/table"
)

// peerTable is one of the tables that we and scikit-learn are both judged on.
// testdata/gen_peers.py says what each is; the two sides make or read it alone, and
// checksum proves that they have the same.
type peerTable struct {
	name string
	real bool // read from the data folder; else generated
	make func(t *testing.T, folder string) table.View
}

var peerTables = []peerTable{
	{"nslkdd", true, kddRows},  // learners that take seconds a fold
	{"fifth", true, fifthRows}, // every fifth row of it, all learners
	{"cic", true, cicRows},
	{"mixed", false, mixedRows},
	{"wide", false, wideRows},
	{"rare", false, rareRows},
}

func kddRows(t *testing.T, folder string) table.View {
	kdd, err := nslkdd.Open(context.Background(), folder)
	if err != nil {
		t.Fatal(err)
	}
	return kdd.Train.View().WithTarget("is_attack")
}

func fifthRows(t *testing.T, folder string) table.View {
	return kddRows(t, folder).Where(func(r int) bool { return r%5 == 0 }).Materialize().View()
}

// cicRows reads the corrected CIC-IDS2017: all numbers but ids and source port, every
// fourth row of the large files.
func cicRows(t *testing.T, folder string) table.View {
	paths, err := filepath.Glob(filepath.Join(folder, "cic-ids2017", "improved", "*.csv.gz"))
	if err != nil || len(paths) == 0 {
		t.Skip("the corrected CIC-IDS2017 is not in FLOWBOOK_DATA")
	}
	var names, labels []string
	var columns [][]float64
	for _, path := range paths { // sorted by Glob
		rows := csvRows(t, path)
		header, step := rows[0], 1
		if rows = rows[1:]; len(rows) > 1000 {
			step = 4
		}
		var keep []int
		for j, name := range header {
			switch name {
			case "id", "Flow ID", "Src IP", "Src Port", "Dst IP", "Timestamp", "Label", "Attempted Category":
			default:
				keep = append(keep, j)
			}
		}
		if columns == nil {
			columns = make([][]float64, len(keep))
			for _, j := range keep {
				names = append(names, header[j])
			}
		}
		for i := 0; i < len(rows); i += step {
			labels = append(labels, rows[i][slices.Index(header, "Label")])
			for c, j := range keep {
				v, err := strconv.ParseFloat(rows[i][j], 64)
				if err != nil {
					t.Fatalf("%s: row %d: %v", filepath.Base(path), i+1, err)
				}
				columns[c] = append(columns[c], v)
			}
		}
	}
	features := make([]table.Column, len(columns))
	for c, v := range columns {
		features[c] = table.Float(names[c], "", v)
	}
	return labelled(t, "CIC-IDS2017", labels, features...)
}

func csvRows(t *testing.T, path string) [][]string {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// mixedRows has many rows against columns, categories, missing values (some of which
// tell the class) and four classes.
func mixedRows(t *testing.T, _ string) table.View {
	const n = 6000
	d := draw{table: 1}
	var service, flag, protocol, class [n]string
	var bytes, rate, count, duration, noise [n]float64
	for i := range n {
		v, y := d.u(0, i), 0
		for _, cut := range []float64{0.5, 0.8, 0.95} {
			if v >= cut {
				y++
			}
		}
		s := int(12 * (d.u(1, i) * d.u(1, i)))
		if d.u(2, i) < 0.5 {
			s = (s + 3*y) % 12
		}
		f := int(4 * d.u(4, i))
		if d.u(3, i) < 0.6 {
			f = (y + s) % 4
		}
		p := int(3 * d.u(6, i))
		service[i], protocol[i] = fmt.Sprintf("s%02d", s), fmt.Sprintf("p%02d", p)
		if d.u(5, i) >= 0.05 {
			flag[i] = fmt.Sprintf("f%02d", f)
		}
		bytes[i] = float64(1+y) / (0.01 + d.u(7, i))
		if d.u(8, i) < 0.1 {
			bytes[i] = math.NaN()
		}
		rate[i] = d.bell(9, i)
		absent, twice := 0.1, 1.0
		if y == 1 && p == 0 {
			rate[i] += 1.5
		}
		if y == 2 {
			absent, twice = 0.3, 2
		}
		if d.u(13, i) < absent {
			rate[i] = math.NaN()
		}
		count[i] = math.Floor(20 * d.u(14, i) * twice)
		duration[i] = d.bell(15, i) * (1 + 0.5*float64(y))
		noise[i] = d.u(19, i)
		if d.u(20, i) < 0.05 {
			y = int(4 * d.u(21, i))
		}
		class[i] = fmt.Sprintf("c%02d", y)
	}
	return labelled(t, "mixed", class[:], table.Text("service", service[:]), table.Text("flag", flag[:]), table.Text("protocol", protocol[:]),
		table.Float("bytes", "", bytes[:]), table.Float("rate", "", rate[:]), table.Float("count", "", count[:]),
		table.Float("duration", "", duration[:]), table.Float("noise", "", noise[:]))
}

// wideRows has more columns than rows, all of them correlated.
func wideRows(t *testing.T, _ string) table.View {
	const n, p = 200, 500
	d := draw{table: 2}
	columns := make([]table.Column, p)
	risk, class := make([]float64, n), make([]string, n)
	for i := range risk {
		risk[i] = 2 * d.bell(50, i)
	}
	for j := range columns {
		x := make([]float64, n)
		for i := range x {
			x[i] = float64(0.8*d.bell(4*(j%5), i)) + d.bell(100+4*j, i)
			switch {
			case j < 10 && j%2 == 0:
				risk[i] += x[i]
			case j < 10:
				risk[i] -= x[i]
			}
		}
		columns[j] = table.Float(fmt.Sprintf("x%03d", j), "", x)
	}
	for i, r := range risk {
		class[i] = "no"
		if r > 0 {
			class[i] = "yes"
		}
	}
	return labelled(t, "wide", class, columns...)
}

// rareRows has 4 % attacks among columns with heavy tails.
func rareRows(t *testing.T, _ string) table.View {
	const n, p = 5000, 12
	d := draw{table: 3}
	columns, class := make([]table.Column, p), make([]string, n)
	for i := range class {
		class[i] = "normal"
		if d.u(0, i) < 0.04 {
			class[i] = "attack"
		}
	}
	for j := range columns {
		x := make([]float64, n)
		for i := range x {
			v := 1/(0.005+d.u(10+2*j, i)) - 0.995
			if d.u(11+2*j, i) < 0.5 {
				v = -v
			}
			switch attack := class[i] == "attack"; {
			case j < 3 && attack:
				v *= 3
			case j >= 3 && j < 5 && attack:
				v += 1.5
			case j >= 9:
				v = math.Floor(v)
			}
			x[i] = v
		}
		columns[j] = table.Float(fmt.Sprintf("x%02d", j), "", x)
	}
	return labelled(t, "rare", class, columns...)
}

func labelled(t *testing.T, name string, class []string, features ...table.Column) table.View {
	made, err := table.New(name, append(features, table.Text("class", class).As(table.Label))...)
	if err != nil {
		t.Fatal(err)
	}
	return made.View()
}

// draw gives each row and stream of a generated table a uniform number in [0, 1):
// SplitMix64 of a counter (Steele, Lea, Flood 2014, OOPSLA), the same bits as in
// gen_peers.py.
type draw struct{ table uint64 }

func (d draw) u(stream, row int) float64 {
	z := (uint64(row) + 1 + uint64(stream)<<32 + d.table<<48) * 0x9E3779B97F4A7C15
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return float64((z^z>>31)>>11) * 0x1p-53
}

// bell is nearly normal: four uniforms, mean 0, deviation 1.
func (d draw) bell(stream, row int) float64 {
	sum := (d.u(stream, row) + d.u(stream+1, row)) + (d.u(stream+2, row) + d.u(stream+3, row)) - 2
	return float64(sum * 1.7320508075688772)
}

// checksum is the SHA-256 of the features and then the class, column by column as
// float64: missing numbers 1e308, categories codes from 1 into the sorted levels
// that occur, 0 where missing.
func checksum(v table.View) string {
	sum := sha256.New()
	target, _ := v.Target()
	for k := range len(v.Features()) + 1 {
		c := target
		if k < len(v.Features()) {
			c = v.Feature(k)
		}
		if !c.Numeric() {
			words := make([]string, c.Len())
			for i := range words {
				words[i] = c.String(i)
			}
			c = table.Text(c.Name, words)
		}
		out := make([]byte, 0, 8*c.Len())
		for i := range c.Len() {
			x := 1e308
			if !c.Numeric() {
				x = float64(c.Codes()[i])
			} else if at := c.At(i); at == at {
				x = at
			}
			out = binary.LittleEndian.AppendUint64(out, math.Float64bits(x))
		}
		sum.Write(out)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// TestPeerTables says of what each table is made, so that a change of the
// generators shows here and not as a change of quality.
func TestPeerTables(t *testing.T) {
	for _, p := range peerTables {
		t.Run(p.name, func(t *testing.T) {
			v, want := p.open(t)
			_, classes, err := v.Labels()
			if err != nil {
				t.Fatal(err)
			}
			if v.Rows() != want.Rows || len(v.Features()) != want.Features || len(classes) != want.Classes {
				t.Errorf("%d rows, %d features, %d classes (%s); scikit-learn had %d, %d, %d", v.Rows(), len(v.Features()), len(classes), strings.Join(classes, ", "), want.Rows, want.Features, want.Classes)
			}
			if got := checksum(v); got != want.Sum {
				t.Errorf("checksum %s; scikit-learn's table had %s", got, want.Sum)
			}
		})
	}
}
