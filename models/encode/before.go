package encode

import (
	"context"

	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/internal/dense"
)

// Before puts steps before a clusterer, fitted on the rows to cluster.
func Before(c models.Clusterer, steps ...Step) models.Clusterer { return clusters{c, steps} }

type clusters struct {
	clusterer models.Clusterer
	steps     []Step
}

func (c clusters) Name() string { return c.clusterer.Name() }

func (c clusters) Cluster(ctx context.Context, rows table.View) (models.Clustering, error) {
	p, rows, err := fitAll(ctx, c.steps, rows)
	if err != nil {
		return models.Clustering{}, err
	}
	if l, ok := c.clusterer.(dense.Clusterer); ok {
		return l.ClusterPlan(ctx, p.last, rows)
	}
	if rows, err = p.finish(rows); err != nil {
		return models.Clustering{}, err
	}
	return c.clusterer.Cluster(ctx, rows)
}
