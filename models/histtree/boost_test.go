package histtree

import (
	"fmt"
	"testing"

	"flowbook/models"
	"flowbook/models/modeltest"
)

func TestBoostConformance(t *testing.T) {
	for _, l := range []Boost{{}, {Trees: 20, MaxDepth: 3, MinLeaf: 5, L1: 0.5, L2: 1, MaxBins: 16}, {Trees: 20, ColumnSample: 0.5, Leaves: 4}} {
		t.Run(fmt.Sprintf("%+v", l), func(t *testing.T) { modeltest.Run(t, l, modeltest.Saved(Kinds())) })
	}
	for _, l := range []Boost{{Trees: 20, RowSample: 0.7}, {Trees: 40, EarlyStop: 5}} {
		t.Run(fmt.Sprintf("%+v", l), func(t *testing.T) { modeltest.Run(t, l, modeltest.DrawsRows, modeltest.Saved(Kinds())) })
	}
}

var (
	_ models.Seeded = Boost{}
	_ models.Sized  = (*Boosted)(nil)
)
