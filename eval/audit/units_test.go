package audit

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"flowbook/internal/exhibit"
	"flowbook/internal/num"
	"flowbook/internal/rng"
)

func TestUnitsByHand(t *testing.T) {
	ids := []string{"a", "a", "a", "b", "c", "a"}
	groups := []string{"red", "red", "red", "red", "all", "all"}
	checks, err := Units(ids, groups, nil, "flows")
	if err != nil || len(checks) != 2 {
		t.Fatal(checks, err)
	}
	// red has cells of 3 and 1: 10/4 = 2.5; all has 1 and 1: 1.
	// Weighted by 1/4 and 1/2: (2.5/4 + 1/2) / (3/4) = 1.5; 4/2.5 + 2 = 3.6 rows count.
	c, err := DesignEffect(ids, groups, nil)
	if err != nil || c.Rows != 6 || c.IDs != 3 || c.Largest != 3 || c.Correlation != 1 || !(math.Abs(c.DesignEffect-1.5) <= 1e-15) || !(math.Abs(c.Effective-3.6) <= 1e-15) {
		t.Errorf("%+v %v", c, err)
	}
	unit, overlap := checks[0], checks[1]
	if unit.ID != "unit-of-analysis" || unit.Status != exhibit.Fail || unit.Value != c.DesignEffect || !slices.Equal(unit.Rows, []string{"a: 3 rows of red"}) ||
		!strings.Contains(unit.Detail, "as 3.6 independent") {
		t.Errorf("%+v", unit)
	}
	if overlap.ID != "overlapping-groups" || overlap.Status != exhibit.Fail || overlap.Value != 1 || !slices.Equal(overlap.Rows, []string{"a: 3 rows of red, 1 row of all"}) ||
		!strings.Contains(overlap.Detail, "3 of 4 rows of red (75 %)") {
		t.Errorf("%+v", overlap)
	}
	checks, err = Units([]string{"a", "b", "c"}, []string{"red", "all", "all"}, nil, "flows")
	if err != nil || checks[0].Status != exhibit.Pass || checks[1].Status != exhibit.Pass || checks[0].Value != 1 || checks[1].Value != 0 {
		t.Errorf("%+v %v", checks, err)
	}
	if checks, _ := Units([]string{"a", "a"}, nil, nil, "flows"); len(checks) != 1 || checks[0].Value != 2 || !slices.Equal(checks[0].Rows, []string{"a: 2 rows"}) {
		t.Errorf("%+v", checks)
	}
	if checks, _ := Units([]string{"a", "a", "b"}, nil, []float64{1, 1, 1}, "flows"); checks[0].Status != exhibit.Warn || !math.IsNaN(checks[0].Value) {
		t.Errorf("constant values: %+v", checks)
	}
	// Rows of an id that are less alike than others: shared ids stay a warning.
	if checks, _ := Units([]string{"a", "a", "b", "b"}, nil, []float64{1, 2, 1, 2}, "flows"); checks[0].Status != exhibit.Warn || checks[0].Value != 1 {
		t.Errorf("unlike values: %+v", checks)
	}
}

// One id of a hundred in both groups warns, as does one pair of rows in many.
func TestUnitsWarns(t *testing.T) {
	var ids, groups []string
	for i := range 400 {
		ids, groups = append(ids, fmt.Sprint(i%399)), append(groups, []string{"red", "all"}[i/200])
	}
	checks, err := Units(ids, groups, nil, "flows")
	if err != nil || checks[0].Status != exhibit.Pass || checks[1].Status != exhibit.Warn || checks[1].Value != 1 {
		t.Errorf("%+v %v", checks, err)
	}
	checks, err = Units(ids, nil, nil, "flows")
	if err != nil || checks[0].Status != exhibit.Warn || !(math.Abs(checks[0].Value-402./400) <= 1e-15) {
		t.Errorf("%+v %v", checks, err)
	}
}

func TestUnitsRefuses(t *testing.T) {
	for what, f := range map[string]func() ([]string, []string, []float64){
		"no rows":  func() ([]string, []string, []float64) { return nil, nil, nil },
		"no id":    func() ([]string, []string, []float64) { return []string{"a", ""}, nil, nil },
		"no group": func() ([]string, []string, []float64) { return []string{"a"}, []string{""}, nil },
		"NaN":      func() ([]string, []string, []float64) { return []string{"a"}, nil, []float64{math.NaN()} },
	} {
		ids, groups, values := f()
		if _, err := Units(ids, groups, values, "flows"); err == nil || !strings.HasPrefix(err.Error(), "audit: units: ") {
			t.Errorf("%s: %v", what, err)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("two lengths are accepted")
		}
	}()
	Units([]string{"a"}, []string{"x", "y"}, nil, "flows")
}

func TestIntraclassAgainstStatsmodels(t *testing.T) {
	b, err := os.ReadFile("testdata/icc.json")
	if err != nil {
		t.Fatal(err)
	}
	var peer []struct {
		IDs, Groups []string
		Y           []float64
		Rho         float64
	}
	if err := json.Unmarshal(b, &peer); err != nil || len(peer) != 3 {
		t.Fatal(err)
	}
	for i, p := range peer {
		c, err := DesignEffect(p.IDs, p.Groups, p.Y)
		if err != nil || !(math.Abs(c.Correlation-p.Rho) <= 1e-5) {
			t.Errorf("case %d: ρ %v, statsmodels has %v, error %v", i, c.Correlation, p.Rho, err)
		}
		m := float64(c.Largest)
		if want := 1 + (m-1)*c.Correlation; !(math.Abs(c.DesignEffect-want) <= 1e-12) || !(math.Abs(c.Effective-float64(c.Rows)/want) <= 1e-9) {
			t.Errorf("case %d: %v, want the effect %v", i, c, want)
		}
	}
}

// The design effect is what it says: by so much the variance of a difference of means is
// larger than independent rows would have it, also with ids of all sizes.
func TestDesignEffectIsTheVariance(t *testing.T) {
	g := rng.New(8).Rand()
	var ids, groups []string
	for u := range 60 {
		for range 1 + u%7 {
			ids, groups = append(ids, fmt.Sprint(u)), append(groups, []string{"x", "y", "y"}[u%3])
		}
	}
	const rho, draws = 0.4, 4000
	var differences, estimates []float64
	values := make([]float64, len(ids))
	for range draws {
		own := map[string]float64{}
		var sum, n [2]float64
		for i, id := range ids {
			if _, ok := own[id]; !ok {
				own[id] = math.Sqrt(rho) * g.NormFloat64()
			}
			values[i] = own[id] + math.Sqrt(1-rho)*g.NormFloat64()
			k := 0
			if groups[i] == "y" {
				k = 1
			}
			sum[k] += values[i]
			n[k]++
		}
		differences = append(differences, (sum[0]/n[0]-sum[1]/n[1])/math.Sqrt(1/n[0]+1/n[1]))
		c, err := DesignEffect(ids, groups, values)
		if err != nil {
			t.Fatal(err)
		}
		estimates = append(estimates, c.DesignEffect)
	}
	variance, mean := num.Variance(differences), num.Mean(estimates)
	if !(math.Abs(variance-mean) <= 0.07*variance) || !(variance > 2) {
		t.Errorf("a variance %v times that of independent rows, an estimate of %v", variance, mean)
	}
}
