package metric_test

import (
	"fmt"

	"flowbook/eval/metric"
)

// Four attacks among ten rows; the detector finds three and raises one false alarm.
func Example() {
	o := metric.Outcome{
		Classes:  []string{"attack", "normal"},
		Truth:    []int{0, 0, 0, 0, 1, 1, 1, 1, 1, 1},
		Positive: 0,
	}
	for _, attack := range []float64{.9, .8, .7, .4, .6, .3, .2, .2, .1, .1} {
		o.P = append(o.P, attack, 1-attack)
	}
	for _, m := range []metric.Metric{metric.Recall, metric.FPR, metric.MCC, metric.ROCAUC, metric.PRAUC} {
		low, high := m.Interval(o, 0.95)
		fmt.Printf("%-20s %.3f  [%.3f, %.3f]\n", m, m.Of(o), low, high)
	}
	fmt.Printf("alarms that are right where one row in 1000 is an attack: %.4f\n",
		metric.PPVAt(metric.Recall.Of(o), metric.FPR.Of(o), 1e-3))
	// Output:
	// recall               0.750  [0.301, 0.954]
	// false positive rate  0.167  [0.030, 0.564]
	// MCC                  0.583  [0.087, 1.000]
	// ROC-AUC              0.958  [0.843, 1.000]
	// PR-AUC               0.950  [0.786, 1.000]
	// alarms that are right where one row in 1000 is an attack: 0.0045
}
