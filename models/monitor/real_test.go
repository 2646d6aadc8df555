package monitor

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// flows reads flows per day of ten hosts, 92 days; a day without rows is zero.
func flows(t *testing.T) [][]float64 {
	t.Helper()
	folder := os.Getenv("FLOWBOOK_DATA")
	if folder == "" {
		t.Skip("FLOWBOOK_DATA is not set")
	}
	f, err := os.Open(filepath.Join(folder, "computer-network-traffic", "cs448b_ipasn.csv"))
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	hosts := make([][]float64, 10)
	for i := range hosts {
		hosts[i] = make([]float64, 92)
	}
	first := time.Date(2006, 7, 1, 0, 0, 0, 0, time.UTC)
	for _, l := range lines[1:] {
		day, err := time.Parse(time.DateOnly, l[0])
		host, err2 := strconv.Atoi(l[1])
		n, err3 := strconv.ParseFloat(l[3], 64)
		if err != nil || err2 != nil || err3 != nil {
			t.Fatalf("line %q", l)
		}
		hosts[host][int(day.Sub(first).Hours()/24)] += n
	}
	return hosts
}

// The figures stand in EXPERIMENTS.md §1, computed with pandas: 66 alerts, 43 of them
// before or on the day of the host's event, and that day caught for hosts 4, 3 and 6.
func TestDailyFlows(t *testing.T) {
	event := map[int]int{1: 54, 5: 65, 4: 79, 3: 87, 6: 87} // days since 1 July
	alerts, before := 0, 0
	caught := map[int]bool{}
	for host, y := range flows(t) {
		track, err := RobustZ{Log1p: true}.Track(y)
		if err != nil {
			t.Fatal(err)
		}
		alerts += track.Alarms()
		for day, a := range track.Alarm {
			when, has := event[host]
			if a && (!has || day <= when) {
				before++
				caught[host] = caught[host] || has && day == when
			}
		}
	}
	if alerts != 66 || before != 43 || !caught[4] || !caught[3] || !caught[6] || len(caught) < 3 {
		t.Errorf("%d alerts, %d up to the event, caught %v; want 66, 43 and hosts 4, 3, 6", alerts, before, caught)
	}
}
