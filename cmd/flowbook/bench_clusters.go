package main

import (
	"context"
	"runtime"
	"time"

	"flowbook/datasets/nslkdd"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models"
	"flowbook/models/anomaly"
	"flowbook/models/cluster"
	"flowbook/models/dbscan"
	"flowbook/models/decompose"
	"flowbook/models/encode"
	"flowbook/models/hclust"
	"flowbook/models/kmeans"
)

// grouping is one line of --clusters: it works on the first rows of the encoded
// training file and fills in what it found.
type grouping struct {
	name string
	rows int // 0: all
	fit  func(ctx context.Context, rows table.View, seed rng.Seed, row *line) (models.Clustering, error)
}

func clusterings() []grouping {
	of := func(c func(seed rng.Seed) models.Clusterer) func(context.Context, table.View, rng.Seed, *line) (models.Clustering, error) {
		return func(ctx context.Context, rows table.View, seed rng.Seed, _ *line) (models.Clustering, error) {
			return c(seed).Cluster(ctx, rows)
		}
	}
	means := func(k int) func(rng.Seed) models.Clusterer {
		return func(seed rng.Seed) models.Clusterer { return kmeans.Config{K: k, Starts: 10, Seed: seed} }
	}
	return []grouping{
		{"kmeans5", 0, of(means(5))},
		{"kmeans23", 0, of(means(23))},
		{"pca2", 0, principal},
		{"iforest", 0, isolate},
		{"dbscan20k", 20000, of(func(rng.Seed) models.Clusterer { return dbscan.Config{Eps: 0.5, MinPoints: 5} })},
		{"ward10k", 10000, of(func(rng.Seed) models.Clusterer { return hclust.Config{K: 5} })},
		{"tsne5k", 5000, embed},
		{"sil20k", 20000, silhouette},
	}
}

func principal(ctx context.Context, rows table.View, _ rng.Seed, row *line) (models.Clustering, error) {
	m, err := decompose.PCA{K: 2}.Fit(ctx, rows)
	if err == nil {
		row.Explains = m.Ratio()
	}
	return models.Clustering{}, err
}

func isolate(ctx context.Context, rows table.View, seed rng.Seed, _ *line) (models.Clustering, error) {
	_, err := anomaly.Forest{Seed: seed}.FitDetector(ctx, rows)
	return models.Clustering{}, err
}

func embed(ctx context.Context, rows table.View, seed rng.Seed, row *line) (models.Clustering, error) {
	e, err := decompose.TSNE{Seed: seed}.Embed(ctx, rows)
	if err == nil {
		row.KL = &e.KL
	}
	return models.Clustering{}, err
}

// silhouette times the index alone, of clusters made before.
func silhouette(ctx context.Context, rows table.View, seed rng.Seed, row *line) (models.Clustering, error) {
	c, err := kmeans.Config{K: 5, Seed: seed}.Cluster(ctx, rows)
	if err != nil {
		return models.Clustering{}, err
	}
	points, err := cluster.Rows(rows)
	if err != nil {
		return models.Clustering{}, err
	}
	start := time.Now()
	v := cluster.Silhouette(points, c.Labels, 0, rng.Seed{})
	row.Seconds, row.Value = since(start), &v
	return models.Clustering{}, nil
}

func (b bench) cluster(ctx context.Context, kdd *nslkdd.Set, wanted func(string) bool) error {
	start := time.Now()
	coder, err := encode.Pipeline(encode.OneHot{}, encode.MinMax{}).Fit(ctx, kdd.Train.View())
	if err != nil {
		return err
	}
	encoded, err := coder.Transform(ctx, kdd.Train.View())
	if err != nil {
		return err
	}
	if err := b.print(line{Step: "encode", Seconds: since(start), Features: len(encoded.Columns())}); err != nil {
		return err
	}
	for _, g := range clusterings() {
		if !wanted(g.name) {
			continue
		}
		rows := encoded.View()
		if g.rows > 0 && g.rows < encoded.Rows() {
			rows = encoded.Head(encoded.Name(), g.rows).View()
		}
		runtime.GC()
		row := line{Model: g.name}
		start := time.Now()
		c, err := g.fit(ctx, rows, rng.New(b.seed).At(g.name), &row)
		if err != nil {
			return err
		}
		if row.Seconds == nil {
			row.Fit = since(start)
		}
		if c.Labels != nil {
			if err := indices(&row, rows, c, rng.New(b.seed).At("silhouette")); err != nil {
				return err
			}
		}
		if err := b.print(row); err != nil {
			return err
		}
	}
	return nil
}

// indices adds what the script says of every clustering; rows of noise, which it counts
// as one more cluster, are left out here.
func indices(row *line, rows table.View, c models.Clustering, seed rng.Seed) error {
	points, err := cluster.Rows(rows)
	if err != nil {
		return err
	}
	row.Clusters = c.K
	if c.Centers != nil {
		row.Inertia = &c.Inertia
	}
	bouldin, silhouette := cluster.DaviesBouldin(points, c.Labels), cluster.Silhouette(points, c.Labels, 5000, seed)
	row.Bouldin, row.Sil = &bouldin, &silhouette
	return nil
}
