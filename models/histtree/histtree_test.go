package histtree

import (
	"fmt"
	"testing"

	"flowbook/models"
	"flowbook/models/modeltest"
)

func TestConformance(t *testing.T) {
	for _, l := range []Tree{{}, {MaxFeatures: 2}, {MaxLeaves: 9, Smooth: 1}, {Criterion: Entropy}, {MaxBins: 16, MinLeaf: 3, MaxDepth: 5}} {
		t.Run(fmt.Sprintf("%+v", l), func(t *testing.T) { modeltest.Run(t, l, modeltest.Saved(Kinds())) })
	}
	for _, l := range []Forest{{Trees: 20}, {Trees: 10, Criterion: Entropy}} {
		t.Run(fmt.Sprintf("%+v", l), func(t *testing.T) { modeltest.Run(t, l, modeltest.DrawsRows, modeltest.Saved(Kinds())) })
	}
	t.Run("whole", func(t *testing.T) { modeltest.Run(t, Forest{Trees: 10, NoBootstrap: true}, modeltest.Saved(Kinds())) })
}

var (
	_ models.Seeded = Tree{}
	_ models.Seeded = Forest{}
	_ models.Sized  = (*Model)(nil)
)
