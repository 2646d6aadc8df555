package exhibit

// Answers is what a two-class learner said of every row of a test set, at its own
// threshold. It has no place on the page: predictions.json keeps it, so that other
// predictions of the same rows can be compared with it row by row.
type Answers struct {
	Learner  string
	Split    string // "KDDTest+"
	Positive string // "attack"
	Said     []bool // positive or not, one a row in the order of the file
}

// Exhibit shows answers.
func (a Answers) Exhibit() Exhibit { return Exhibit{Answers: []Answers{a}} }
