package anomaly

import "flowbook/models/internal/wire"

// Kinds says how the fitted models of this package are read back.
func Kinds() wire.Kinds {
	return wire.Merge(autoencoderKinds(), forestKinds(), lofKinds())
}
