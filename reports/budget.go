package reports

import "fmt"

// Budget says how much work a run may do. It counts fits, repeats and rows, never
// seconds, so that the same budget gives the same bytes on a slow machine.
type Budget uint8

const (
	Quick    Budget = iota // some seconds: does everything work? Never published
	Standard               // some seven minutes on two cores, never ten: what the published reports use
	Full                   // everything, as long as it takes
)

var budgetNames = [...]string{"quick", "standard", "full"}

// String returns "quick", "standard" or "full".
func (b Budget) String() string {
	if int(b) < len(budgetNames) {
		return budgetNames[b]
	}
	return fmt.Sprintf("Budget(%d)", uint8(b))
}

// Pick returns the number that belongs to the budget: nb.Budget().Pick(3, 10, 50)
// resamples three times in a quick run and fifty times in a full one.
func (b Budget) Pick(quick, standard, full int) int {
	return [...]int{quick, standard, full}[min(b, Full)]
}

// MarshalText writes the budget's name.
func (b Budget) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText reads the budget's name.
func (b *Budget) UnmarshalText(text []byte) error {
	for i, name := range budgetNames {
		if name == string(text) {
			*b = Budget(i)
			return nil
		}
	}
	return fmt.Errorf("reports: %q is not a budget; want quick, standard or full", text)
}
