package anomaly

import (
	"context"
	"fmt"

	"flowbook/internal/table"
)

// trainable checks what every FitDetector checks first: a live context, rows, features,
// no seal and no weights, which no detector of this package can count.
func trainable(ctx context.Context, train table.View) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := train.Unsealed(); err != nil {
		return fmt.Errorf("anomaly: %w", err)
	}
	if train.Rows() == 0 {
		return fmt.Errorf("anomaly: no rows to fit on")
	}
	if len(train.Features()) == 0 {
		return fmt.Errorf("anomaly: no features to fit on; give a column the role feature")
	}
	weights, err := train.Weights()
	if err != nil {
		return fmt.Errorf("anomaly: %w", err)
	}
	if weights != nil {
		return fmt.Errorf("anomaly: %s has row weights, which detectors do not use; give that column the role ignore", train.Table().Name())
	}
	return nil
}
