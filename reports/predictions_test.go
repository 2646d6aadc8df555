package reports_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flowbook/reports"
)

func TestPredictions(t *testing.T) {
	text := runDemo(t)["reports/demo/predictions.json"]
	if !strings.Contains(string(text), `"said": "b180"`) { // 1011 0001, 1 and seven bits of nothing
		t.Errorf("predictions.json is %s", text)
	}
	file := filepath.Join(t.TempDir(), "predictions.json")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(string(text))
	got, err := reports.ReadPredictions(file)
	if err != nil || len(got) != 1 || got[0].Learner != "both" || got[0].Positive != "attack" || !slices.Equal(got[0].Said, []bool{true, false, true, true, false, false, false, true, true}) {
		t.Errorf("read back %+v, %v", got, err)
	}
	for _, change := range [][2]string{{`"b180"`, `"b1"`}, {`"b180"`, `"b18x"`}, {`"rows": 9`, `"rows": -9`}, {`"schema": 1`, `"schema": 2`}, {`{`, `[`}} {
		write(strings.Replace(string(text), change[0], change[1], 1))
		if _, err := reports.ReadPredictions(file); err == nil {
			t.Errorf("%s in place of %s is read", change[1], change[0])
		}
	}
}
