package saved

import (
	"flowbook/models/anomaly"
	"flowbook/models/baseline"
	"flowbook/models/bayes"
	"flowbook/models/decision"
	"flowbook/models/decompose"
	"flowbook/models/encode"
	"flowbook/models/ensemble"
	"flowbook/models/golearn"
	"flowbook/models/histtree"
	"flowbook/models/internal/wire"
	"flowbook/models/linear"
	"flowbook/models/neighbors"
	"flowbook/models/neural"
	"flowbook/models/svm"
)

// kinds are all that this flowbook can read.
func kinds() wire.Kinds {
	return wire.Merge(anomaly.Kinds(), baseline.Kinds(), bayes.Kinds(), decision.Kinds(), decompose.Kinds(), encode.Kinds(), ensemble.Kinds(), golearn.Kinds(), histtree.Kinds(),
		linear.Kinds(), neighbors.Kinds(), neural.Kinds(), svm.Kinds())
}
