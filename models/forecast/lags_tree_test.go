package forecast

import (
	"testing"

	"flowbook/models/histtree"
	"flowbook/models/modeltest"
)

func TestTreeConformance(t *testing.T) {
	modeltest.RunRegression(t, Tree{}, modeltest.Saved(histtree.Kinds()))
}
