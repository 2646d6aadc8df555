package hypothesis

import (
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"flowbook/datasets/nslkdd/nslkddtest"
	"flowbook/internal/table"
)

// records reads a gzipped CSV file of lanl-cyber1; the test skips where it is not there.
func records(t testing.TB, file string) [][]string {
	t.Helper()
	dir := os.Getenv("FLOWBOOK_DATA")
	if dir == "" {
		t.Skip("FLOWBOOK_DATA is not set: no real files to hold the pins against")
	}
	f, err := os.Open(filepath.Join(dir, "lanl-cyber1", file))
	if err != nil {
		t.Skip(err)
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

// attacks tells which rows are attacks.
func attacks(v table.View) []bool {
	hit := make([]bool, v.Rows())
	for i, c := range v.Strings("is_attack") {
		hit[i] = c == "attack"
	}
	return hit
}

func floats(t testing.TB, s []string) []float64 {
	out := make([]float64, len(s))
	for i, v := range s {
		f, err := strconv.ParseFloat(v, 64)
		if err != nil {
			t.Fatal(err)
		}
		out[i] = f
	}
	return out
}

// The pinned figures were computed by scipy from the published files.
func TestPins(t *testing.T) {
	type chi struct {
		name   string
		x2, df float64
		v      float64
	}
	for _, c := range []struct {
		file   string
		chi    []chi
		t, a12 float64
	}{
		{"KDDTrain+_20Percent", []chi{{"protocol_type", 2035.950, 2, .2843}, {"service", 18639.262, 65, .8602}, {"flag", 15153.701, 10, .7756}}, 0.851936, .1013727},
		{"KDDTest+", []chi{{"protocol_type", 1165.896, 2, .2274}, {"service", 12765.710, 63, .7525}, {"flag", 8300.685, 10, .6068}}, 2.485048, .1961052},
	} {
		kdd := nslkddtest.View(t, c.file)
		class, hit := kdd.Strings("is_attack"), attacks(kdd)
		for _, q := range c.chi {
			r, err := ChiSquare(kdd.Strings(q.name), class)
			if err != nil {
				t.Fatal(err)
			}
			near(t, r.Statistic, q.x2, 0, 5e-4, c.file+" chi2 of "+q.name)
			near(t, r.DF, q.df, 0, 0, "df of "+q.name)
			near(t, r.Effect, q.v, 0, 5e-5, "V of "+q.name)
			if !(r.EffectLow < r.Effect && r.Effect < r.EffectHigh) {
				t.Errorf("interval of V of %s: %g to %g", q.name, r.EffectLow, r.EffectHigh)
			}
		}
		var x, y []float64
		for i, v := range kdd.Floats("src_bytes") {
			if hit[i] {
				x = append(x, v)
			} else {
				y = append(y, v)
			}
		}
		w, err := WelchT(x, y)
		if err != nil {
			t.Fatal(err)
		}
		near(t, w.Statistic, c.t, 0, 5e-7, c.file+" t of src_bytes")
		u, err := MannWhitney(x, y)
		if err != nil {
			t.Fatal(err)
		}
		near(t, u.Effect, c.a12, 0, 5e-8, c.file+" A12 of src_bytes")
		if !(u.Log10P < -300) || u.P != 0 && u.P > 1e-300 {
			t.Errorf("p of A12: %g, log10 %g", u.P, u.Log10P)
		}
	}
}

// U-shape: the attack share by decile of src_bytes falls from .98 to .00 and rises.
func TestDecilesOfSrcBytes(t *testing.T) {
	kdd := nslkddtest.View(t, "KDDTest+")
	hit := attacks(kdd)
	x := kdd.Floats("src_bytes")
	d, err := Deciles(x, hit)
	if err != nil {
		t.Fatal(err)
	}
	// numpy: unique deciles, equal values together (7,626 zeros are the first bin).
	want := []float64{0.978757, 0.823492, 0.381111, 0.491039, 0.003972, 0.008403, 0.282281, 0.718101}
	if len(d.Bins) != len(want) || d.Bins[0].N != 7626 {
		t.Fatalf("bins %+v", d.Bins)
	}
	for i, b := range d.Bins {
		near(t, b.Share, want[i], 0, 5e-7, fmt.Sprintf("share of bin %d", i+1))
	}
	for i := range x {
		x[i] = math.Log1p(x[i])
	}
	c, err := SplineLogistic(x, hit, 5)
	if err != nil {
		t.Fatal(err)
	}
	if !(c.Bend.Log10P < -50) {
		t.Errorf("bend: %+v", c.Bend)
	}
}

// Flags separate completely, urgent packets too: the warnings must say so and
// Firth must stay finite.
func TestSeparationInKDD(t *testing.T) {
	kdd := nslkddtest.View(t, "KDDTrain+_20Percent")
	hit := attacks(kdd)
	d, err := Dummies("flag", kdd.Strings("flag"), "SF")
	if err != nil {
		t.Fatal(err)
	}
	ml, err := Logistic(hit, d...)
	if err != nil {
		t.Fatal(err)
	}
	if s := strings.Join(ml.Separated, " "); !strings.Contains(s, "flag=RSTOS0") || !strings.Contains(s, "flag=SH") {
		t.Errorf("separated: %q", ml.Separated)
	}
	f, err := Firth(hit, d...)
	if err != nil || !f.Converged {
		t.Fatal(err)
	}
	for _, c := range f.Terms {
		if math.IsInf(c.Value, 0) || math.IsNaN(c.Low+c.High) || !(c.Low < c.Value && c.Value < c.High) {
			t.Errorf("%+v", c)
		}
	}
	u, err := Firth(hit, Predictor{Name: "urgent", Values: kdd.Floats("urgent")})
	if err != nil || len(u.Separated) != 1 || u.Separated[0] != "urgent" {
		t.Errorf("urgent: %v, separated %q", err, u.Separated)
	}
}

func TestScanOfKDD(t *testing.T) {
	v := nslkddtest.View(t, "KDDTrain+_20Percent")
	s, err := Scan(v, "is_attack", MannWhitney)
	if err != nil {
		t.Fatal(err)
	}
	if s.Groups[0] != "attack" || len(s.Results)+len(s.Skipped) != 38 {
		t.Errorf("groups %q, %d results, skipped %q", s.Groups, len(s.Results), s.Skipped)
	}
	r, ok := s.Of("src_bytes")
	if !ok {
		t.Fatal("no src_bytes")
	}
	near(t, r.Effect, .1013727, 0, 5e-8, "A12 of src_bytes")
	for i := 1; i < len(s.Results); i++ {
		if math.Abs(s.Results[i].Effect-.5) > math.Abs(s.Results[i-1].Effect-.5) {
			t.Errorf("%s stands below %s", s.Results[i].Subject, s.Results[i-1].Subject)
		}
	}
	c, err := ScanCategorical(v, "is_attack")
	if err != nil || c.Results[0].Subject != "service" {
		t.Fatal(err)
	}
	near(t, c.Results[0].Statistic, 18639.262, 0, 5e-4, "chi2 of service")
	want := fmt.Sprintf("%#v", s.Exhibit())
	for _, procs := range []int{1, 7} {
		old := runtime.GOMAXPROCS(procs)
		again, err := Scan(v, "is_attack", MannWhitney)
		runtime.GOMAXPROCS(old)
		if err != nil || fmt.Sprintf("%#v", again.Exhibit()) != want {
			t.Errorf("GOMAXPROCS %d changes the scan (%v)", procs, err)
		}
	}
}

func BenchmarkScan(b *testing.B) {
	v := nslkddtest.View(b, "KDDTrain+")
	b.Run("rows=125973/cols=38", func(b *testing.B) {
		for b.Loop() {
			if _, err := Scan(v, "is_attack", MannWhitney); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// The published rank-sum test of upload bytes, compromised computers against all.
func TestUploadPin(t *testing.T) {
	read := func(file string) []float64 {
		var upload []string
		for _, r := range records(t, file)[1:] {
			upload = append(upload, r[3])
		}
		return floats(t, upload)
	}
	red, all := read("computer-days.redteam.csv.gz"), read("computer-days.all.csv.gz")
	r, err := RankSum{Alternative: Greater}.Test(red, all)
	if err != nil {
		t.Fatal(err)
	}
	near(t, r.Statistic, 2420646, 0, 0, "U")
	near(t, r.Get("z"), 9.238729304, 0, 5e-10, "z")
	near(t, r.P, 1.2472090833e-20, 1e-10, 0, "one-sided p")
	near(t, r.Effect, 0.6887405, 0, 5e-8, "A12")
}
