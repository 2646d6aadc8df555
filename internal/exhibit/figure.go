package exhibit

// Figure is a drawn chart.
type Figure struct {
	Name    string // file stem, unique in the report: "roc-test"; see Slug
	Title   string
	Caption string // what is drawn, of how many rows; the origin of the data is added when shown
	Alt     string // what a reader who cannot see it needs to know; "" means Title
	SVG     []byte // a whole SVG document; the same bytes for the same data
}

// Exhibit shows the figure.
func (f Figure) Exhibit() Exhibit { return Exhibit{Figures: []Figure{f}} }
