package exhibit

// Status is the outcome of a check.
type Status uint8

const (
	Pass Status = iota
	Warn
	Fail
)

// String returns "pass", "warn" or "fail".
func (s Status) String() string { return [...]string{"pass", "warn", "fail"}[s] }

// Check is the outcome of one audit: did the experiment avoid a known way to
// fool itself? (After Arp et al., USENIX Security 2022.)
type Check struct {
	ID     string  // stable: "duplicates-across-split"
	Title  string  // the question asked: "Do rows of the test set occur in the training set?"
	Status Status  //
	Value  float64 // the number it was judged by; NaN where there is none
	Unit   string
	Limit  string   // what the number was held against: "at most 0"
	Detail string   // one sentence that says what was found
	Rows   []string // the rows behind it, at most a handful: "KDDTest+:17 = KDDTrain+:4211"
}

// Exhibit shows the check.
func (c Check) Exhibit() Exhibit { return Exhibit{Checks: []Check{c}} }
