package monitor_test

import (
	"fmt"

	"flowbook/models/monitor"
)

func ExamplePELT() {
	flows := []float64{12, 15, 11, 14, 13, 12, 41, 39, 44, 40, 42, 12, 14, 11, 13}
	cuts, _ := monitor.PELT{Cost: monitor.Poisson}.Changes(flows)
	fmt.Println(cuts.At)
	fmt.Printf("%.1f\n", cuts.Means)
	// Output:
	// [6 11]
	// [12.8 41.2 12.5]
}

func ExampleRobustZ() {
	flows := []float64{10, 12, 11, 13, 10, 12, 95, 11}
	track, _ := monitor.RobustZ{Window: 6}.Track(flows)
	fmt.Println(track.Alarm)
	// Output: [false false false false false false true false]
}
