package nslkdd

import (
	"bytes"
	"context"
	"flag"
	"math"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"

	"flowbook/internal/rng"
)

var update = flag.Bool("update-calibration", false, "write calibration.json anew from the real files")

// realSet opens the published files once, or skips the test.
func realSet(t *testing.T) *Set {
	t.Helper()
	dir := os.Getenv("FLOWBOOK_DATA")
	if dir == "" {
		t.Skip("FLOWBOOK_DATA is not set: no published files to compare with")
	}
	set, err := openOnce(dir)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

var openOnce = func() func(dir string) (*Set, error) {
	var once sync.Once
	var set *Set
	var err error
	return func(dir string) (*Set, error) {
		once.Do(func() { set, err = Open(context.Background(), dir) })
		return set, err
	}
}()

// TestCalibrationIsCurrent holds the committed file to what Calibrate finds in the
// published set.
func TestCalibrationIsCurrent(t *testing.T) {
	c, err := Calibrate(context.Background(), realSet(t))
	if err != nil {
		t.Fatal(err)
	}
	want, err := c.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("calibration.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
		t.Logf("calibration.json: %d bytes", len(want))
		return
	}
	if !bytes.Equal(calibrationJSON, want) {
		t.Errorf("calibration.json is not what Calibrate finds; write it anew with \"flowbook data calibrate nslkdd\"")
	}
}

// TestCalibrationTellsNoRow holds the committed file to the promises of
// Calibration's comment.
func TestCalibrationTellsNoRow(t *testing.T) {
	c, err := builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range c.Parts {
		checkPrivacy(t, &p)
	}
}

func checkPrivacy(t *testing.T, p *Part) {
	t.Helper()
	size := make(map[string]int)
	for _, u := range p.Types {
		size[u.Attack] = u.Rows
	}
	for i, s := range p.Strata {
		if s.Rows < 20 {
			t.Errorf("%s: stratum %d has %d rows, want 20 at least", p.Name, i, s.Rows)
		}
		if len(s.Types) == 1 && size[s.Types[0].Attack] < 20 {
			t.Errorf("%s: stratum %d describes %s alone, which has %d rows", p.Name, i, s.Types[0].Attack, size[s.Types[0].Attack])
		}
		for _, cell := range s.Cells {
			if len(cell.Of) == 1 && cell.Rows < 5 && len(s.Cells) > 1 && !loneRest(s.Cells) {
				t.Errorf("%s: stratum %d tells of %d rows of %v", p.Name, i, cell.Rows, cell.Of)
			}
		}
		for _, m := range s.Margins {
			checkMarginPrivacy(t, p.Name, i, m)
		}
	}
	for i, c := range p.Copulas {
		if n := len(c.Columns); len(c.Hundredths) != n*(n-1)/2 {
			t.Errorf("%s: copula %d has %d columns and %d entries", p.Name, i, n, len(c.Hundredths))
		}
	}
}

// loneRest: a single rare cell has no other to be pooled with; it says that one to
// four rows of the stratum had that protocol, service and flag.
func loneRest(cells []Cell) bool {
	rare := 0
	for _, c := range cells {
		if c.Rows < 5 {
			rare++
		}
	}
	return rare == 1
}

func checkMarginPrivacy(t *testing.T, part string, i int, m Margin) {
	t.Helper()
	if len(m.Quantiles) > 1 && m.Rest < 5*len(m.Quantiles) {
		t.Errorf("%s: stratum %d: %s has %d quantiles of %d rows", part, i, m.Column, len(m.Quantiles), m.Rest)
	}
	for j, l := range m.Levels {
		if l[1] >= 5 || l[0] == 0 {
			continue
		}
		if j != len(m.Levels)-1 || j > 1 || j == 1 && m.Levels[0][0] != 0 {
			t.Errorf("%s: stratum %d: %s tells of %v rows at %v", part, i, m.Column, l[1], l[0])
		}
		if digit := oneDigit(l[0]); !(math.Abs(digit-l[0]) <= 1e-9*l[0]) && l[0] >= .1 {
			t.Errorf("%s: stratum %d: %s tells %v rows' value to more than a digit: %v", part, i, m.Column, l[1], l[0])
		}
	}
}

// TestCalibrateSimulated measures a simulated set: no data needed, the same bytes at
// any number of cores, and the measure of the measure keeps sizes and promises.
func TestCalibrateSimulated(t *testing.T) {
	set := draw(t, 1, Small)
	measure := func() *Calibration {
		c, err := Calibrate(context.Background(), set)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	text := func(c *Calibration) string {
		b, err := c.JSON()
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	old := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(old)
	c := measure()
	for _, n := range []int{2, 7} {
		runtime.GOMAXPROCS(n)
		if text(measure()) != text(c) {
			t.Errorf("GOMAXPROCS %d measures something else", n)
		}
	}
	for _, p := range c.Parts {
		checkPrivacy(t, &p)
		total := 0
		for _, s := range p.Strata {
			for _, u := range s.Types {
				total += u.Rows
			}
		}
		if total != p.Rows {
			t.Errorf("%s: strata hold %d rows of %d", p.Name, total, p.Rows)
		}
	}
	again, err := c.simulate(context.Background(), rng.New(2), Whole)
	if err != nil {
		t.Fatal(err)
	}
	if again.Train.Rows() != set.Train.Rows() || again.Test21.Rows() != set.Test21.Rows() {
		t.Errorf("second generation has %d and %d rows, want %d and %d", again.Train.Rows(), again.Test21.Rows(), set.Train.Rows(), set.Test21.Rows())
	}
}

// TestMarginByHand works small cases out on paper.
func TestMarginByHand(t *testing.T) {
	same := func(v float64) float64 { return v }
	// Zero six times, 1 once, 2 twice (together three, too few), 9 seven times: the
	// three join the only other level above zero.
	got := marginOf([]float64{0, 0, 0, 0, 0, 0, 1, 2, 2, 9, 9, 9, 9, 9, 9, 9}, same)
	want := [][2]float64{{0, 6}, {9, 10}}
	if !slices.Equal(got.Levels, want) {
		t.Errorf("levels %v, want %v", got.Levels, want)
	}
	// 1, 2, 3, 4, 5 once each make a pool of five at (1+2+3+4+5)/5 = 3.
	got = marginOf([]float64{1, 2, 3, 4, 5, 8, 8, 8, 8, 8}, same)
	if want = [][2]float64{{3, 5}, {8, 5}}; !slices.Equal(got.Levels, want) {
		t.Errorf("levels %v, want %v", got.Levels, want)
	}
	// Two rows above zero: (1234+1000)/2 = 1117, to one digit 1000.
	got = marginOf([]float64{0, 0, 0, 0, 0, 0, 1000, 1234}, same)
	if want = [][2]float64{{0, 6}, {1000, 2}}; !slices.Equal(got.Levels, want) {
		t.Errorf("levels %v, want %v", got.Levels, want)
	}
	// 40 values 1…40 make 40/5 = 8 quantiles at 0, 1/7, …: the first is the mean of
	// 1…5, the last that of 36…40, the second that of the five about 1 + 39/7 = 6.57.
	values := make([]float64, 40)
	for i := range values {
		values[i] = float64(i + 1)
	}
	got = marginOf(values, same)
	if len(got.Quantiles) != 8 || got.Quantiles[0] != 3 || got.Quantiles[7] != 38 || got.Quantiles[1] != 7 {
		t.Errorf("quantiles %v, want 8 from 3 over 7 to 38", got.Quantiles)
	}
	// Halfway from the first (3 at 0) to the second (7 at 1/7) lies 5.
	if v := got.at(.5 / 7); !(math.Abs(v-5) <= 1e-12) {
		t.Errorf("quantile at 1/14 is %v, want 5", v)
	}
	m := Margin{Zero: 50, Rest: 50, Quantiles: []float64{10, 20}}
	for _, c := range [][2]float64{{0, 0}, {.49, 0}, {.5, 10}, {.75, 15}, {1, 20}} {
		if v := m.at(c[0]); !(math.Abs(v-c[1]) <= 1e-12) {
			t.Errorf("quantile at %v is %v, want %v", c[0], v, c[1])
		}
	}
	// Bytes go along log(1+v): halfway between 99 and 9999 is 10·100 - 1 = 999.
	m = Margin{Rest: 10, Quantiles: []float64{99, 9999}}
	if v := m.at(.5); !(math.Abs(v-999) <= 1e-9) {
		t.Errorf("half of 99 to 9999 is %v, want 999", v)
	}
	for v, want := range map[float64]float64{.4: 0, 12345: 12350, 9999.4: 9999} {
		if got := printed(srcBytes, v); got != want {
			t.Errorf("%v bytes are told as %v, want %v", v, got, want)
		}
	}
}

// TestFactor: the factor times its transpose is the matrix, and a matrix that is no
// correlation is drawn to one.
func TestFactor(t *testing.T) {
	r := []float64{1, .5, .25, .5, 1, -.5, .25, -.5, 1}
	l := factor(3, func(a, b int) float64 { return r[a*3+b] })
	for a := range 3 {
		for b := range 3 {
			sum := 0.0
			for k := range 3 {
				sum += l[a*3+k] * l[b*3+k]
			}
			if !(math.Abs(sum-r[a*3+b]) <= 1e-12) {
				t.Errorf("entry %d,%d of L·Lᵀ is %v, want %v", a, b, sum, r[a*3+b])
			}
		}
	}
	// a like b, b like c, a unlike c: impossible.
	bad := []float64{0, 0, 0, .9, 0, 0, -.9, .9, 0}
	for _, v := range factor(3, func(a, b int) float64 { return bad[a*3+b] }) {
		if math.IsNaN(v) {
			t.Fatal("the factor of an impossible matrix has NaN")
		}
	}
}
