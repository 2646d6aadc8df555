package audit

import (
	"compress/gzip"
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"flowbook/internal/exhibit"
	"flowbook/internal/num"
)

// The published comparison of LANL's compromised computers with all (p = 1.2e-20): its
// rows are computer-days, its groups overlap.
func TestUnitsOfLANL(t *testing.T) {
	folder := os.Getenv("FLOWBOOK_DATA")
	var ids, groups []string
	var upload []float64
	for _, group := range []string{"all", "redteam"} {
		f, err := os.Open(filepath.Join(folder, "lanl-cyber1", "computer-days."+group+".csv.gz"))
		if folder == "" || os.IsNotExist(err) {
			t.Skip("FLOWBOOK_DATA does not hold lanl-cyber1")
		}
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
		for _, row := range rows[1:] {
			v, err := strconv.ParseFloat(row[3], 64)
			if err != nil {
				t.Fatal(err)
			}
			ids, groups, upload = append(ids, row[2]), append(groups, group), append(upload, v)
		}
	}
	ranks, _ := num.Ranks(upload)
	checks, err := Units(ids, groups, ranks, "the computer-days")
	if err != nil {
		t.Fatal(err)
	}
	// 1,576 computers, the junk user "0" among them, are in all, six computers in redteam alone; of its
	// 202 rows, 83 of eleven computers and 19 of the user are of such as are in all too.
	c, err := DesignEffect(ids, groups, ranks)
	if err != nil || c.Rows != 17399+202 || c.IDs != 1576+6 || !(math.Abs(c.DesignEffect-9.842) <= 5e-4) || !(math.Abs(c.Correlation-0.609) <= 5e-4) {
		t.Errorf("%d rows of %d ids, effect %v, correlation %v, error %v", c.Rows, c.IDs, c.DesignEffect, c.Correlation, err)
	}
	unit, overlap := checks[0], checks[1]
	if unit.Status != exhibit.Fail || !strings.Contains(unit.Detail, "errs in 53.2 % of cases") {
		t.Errorf("%+v", unit)
	}
	if overlap.Status != exhibit.Fail || overlap.Value != 12 || !strings.Contains(overlap.Detail, "102 of 202 rows of redteam") || overlap.Rows[0] != "0: 23 rows of all, 19 rows of redteam" {
		t.Errorf("%+v", overlap)
	}
}
