package cluster

import (
	"fmt"
	"math"

	"flowbook/internal/exhibit"
)

// Index is a measure of a Try that knows its name and direction.
type Index struct {
	Name   string
	Higher bool                          // higher is better
	Of     func(Try) float64             // NaN where it was not taken
	Spread func(Try) (low, high float64) // nil where there is none
	Level  float64                       // share of the values that the spread holds
}

// The indices of a Search, as tables show them. Inertia is 0 only where each row is a
// center and falls with every cluster more: it has an elbow and no best value.
var (
	InertiaIndex       = Index{Name: "inertia", Of: func(t Try) float64 { return t.Inertia }}
	ExplainedIndex     = Index{Name: "variance explained", Higher: true, Of: func(t Try) float64 { return t.Explained }}
	SilhouetteIndex    = Index{Name: "silhouette", Higher: true, Of: func(t Try) float64 { return t.Silhouette }}
	DaviesBouldinIndex = Index{Name: "Davies-Bouldin", Of: func(t Try) float64 { return t.DaviesBouldin }}
	CalinskiIndex      = Index{Name: "Calinski-Harabasz", Higher: true, Of: func(t Try) float64 { return t.CalinskiHarabasz }}
	GapIndex           = Index{Name: "gap", Higher: true, Of: func(t Try) float64 { return t.Gap.Value },
		Spread: func(t Try) (low, high float64) { return t.Gap.Value - t.Gap.Error, t.Gap.Value + t.Gap.Error }, Level: 0.6827}
	StabilityIndex = Index{Name: "stability", Higher: true, Of: func(t Try) float64 { return t.Stability.Mean },
		Spread: func(t Try) (low, high float64) { return t.Stability.Low, t.Stability.High }, Level: 0.95}
	ARIIndex = Index{Name: "ARI", Higher: true, Of: func(t Try) float64 { return t.ARI }}
	AMIIndex = Index{Name: "AMI", Higher: true, Of: func(t Try) float64 { return t.AMI }}
	VIndex   = Index{Name: "V-measure", Higher: true, Of: func(t Try) float64 { return t.V }}
)

func (x Index) better(a, b float64) bool {
	if x.Higher {
		return a > b
	}
	return a < b
}

// Indices lists the indices that were taken, those against the classes last.
func (t Tries) Indices() []Index {
	list := []Index{InertiaIndex, ExplainedIndex, SilhouetteIndex, DaviesBouldinIndex, CalinskiIndex}
	if t.search.Gap > 0 {
		list = append(list, GapIndex)
	}
	if t.search.Pairs > 0 {
		list = append(list, StabilityIndex)
	}
	if t.search.Classes != nil {
		list = append(list, ARIIndex, AMIIndex, VIndex)
	}
	return list
}

// Exhibit shows a table, a line a number of clusters, and all of it as measures
// "clusters/k=5/silhouette/train".
func (t Tries) Exhibit() exhibit.Exhibit {
	chapter, split := t.search.Chapter, t.search.Split
	if chapter == "" {
		chapter = "clusters"
	}
	if split == "" {
		split = "train"
	}
	indices := t.Indices()
	g := exhibit.Grid{Title: "Indices by number of clusters", Caption: t.caption(), Columns: []string{"k"}}
	for _, x := range indices {
		g.Columns = append(g.Columns, x.Name)
	}
	var measures []exhibit.Measure
	for i, one := range t.List {
		k := t.search.Lo + i
		line := []exhibit.Cell{exhibit.Count(k)}
		for _, x := range indices {
			v := finite(x.Of(one))
			cell, m := exhibit.Num(v), exhibit.Number(exhibit.ID(chapter, fmt.Sprintf("k=%d", k), x.Name, split), v, t.rowsOf(x))
			if x.Spread != nil && v == v {
				low, high := x.Spread(one)
				cell, m.Low, m.High, m.Level = exhibit.Between(v, low, high, x.Level), low, high, x.Level
			}
			line, measures = append(line, cell), append(measures, m)
		}
		g.Rows = append(g.Rows, line)
	}
	return exhibit.Exhibit{Grids: []exhibit.Grid{g}, Measures: measures}
}

// finite puts NaN, which tables show as missing, for what is infinite.
func finite(v float64) float64 {
	if math.IsInf(v, 0) {
		return math.NaN()
	}
	return v
}

// rowsOf is how many rows an index saw.
func (t Tries) rowsOf(x Index) int {
	switch x.Name {
	case SilhouetteIndex.Name, GapIndex.Name, StabilityIndex.Name:
		return t.Sample
	}
	return t.Rows
}

func (t Tries) caption() string {
	s := fmt.Sprintf("%d rows of %s; ", t.Rows, t.Table)
	if t.Sample < t.Rows {
		s += fmt.Sprintf("what is costly of a sample of %d rows; ", t.Sample)
	}
	if t.search.Gap > 0 {
		s += fmt.Sprintf("the gap to %d reference sets with one standard error; ", t.search.Gap)
	}
	if t.search.Pairs > 0 {
		s += fmt.Sprintf("stability is the mean ARI of %d pairs of subsamples with the middle 95 %% of them; ", t.search.Pairs)
	}
	return s + "higher is better but for inertia and Davies-Bouldin."
}
