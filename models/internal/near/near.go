// Package near answers: which points are nearest to this one, found without looking at
// all of them, and to the bit as if all had been looked at?
//
// A Tree of boxes over points of numbers and categories; neighbors.KNN, anomaly.LOF and
// dbscan.Config.Curve search it for the K nearest, DBSCAN walks its boxes.
//
//	plan, err := near.Scaled("neighbors", train, weights, near.Standard)
//	tree, err := near.Plant(ctx, "neighbors", plan, train, weights, 5)
//	err = tree.Nearest(ctx, "nearest neighbours", later, 5, func(i int, hits []near.Hit) { … })
package near

import (
	"context"

	"flowbook/internal/par"
	"flowbook/internal/table"
)

// queryRows is the number of rows of one item of parallel work.
const queryRows = 256

// Nearest finds the nearest points of every row and calls f with them, nearest first,
// the lower row of a tie: as many as hold a weight of k, or all. f is called from
// several goroutines, once a row; it may read the hits until it returns. task names the
// progress.
func (t *Tree) Nearest(ctx context.Context, task string, rows table.View, k float64, f func(i int, hits []Hit)) error {
	r, err := t.Space.plan.Bind(t.Space.pkg, rows)
	if err != nil {
		return err
	}
	return t.blocks(ctx, task, r.Len(), k, f, func(ctx context.Context, lo, hi int) (*Points, error) {
		return t.Space.points(ctx, r, lo, hi)
	})
}

// Mutual is Nearest for the tree's own points: f is given places in the tree, and each
// point is among its own hits, unless k others are equal to it and of lower rows.
func (t *Tree) Mutual(ctx context.Context, task string, k float64, f func(at int, hits []Hit)) error {
	return t.blocks(ctx, task, len(t.Index), k, f, func(_ context.Context, lo, hi int) (*Points, error) {
		p := t.Points
		return &Points{N: hi - lo, M: p.M, G: p.G, X: p.X[lo*p.M : hi*p.M], Code: p.Code[lo*p.G : hi*p.G]}, nil
	})
}

// blocks searches n points that read hands out in blocks.
func (t *Tree) blocks(ctx context.Context, task string, n int, k float64, f func(i int, hits []Hit), read func(ctx context.Context, lo, hi int) (*Points, error)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	progress := par.Track(ctx, task, n)
	defer progress.Done()
	_, err := par.Map(ctx, par.Count(n, queryRows), func(ctx context.Context, b int) (struct{}, error) {
		lo, hi := b*queryRows, min(n, (b+1)*queryRows)
		q, err := read(ctx, lo, hi)
		if err != nil {
			return struct{}{}, err
		}
		s := newSearch(t, k)
		for i := range q.N {
			if i%16 == 0 && ctx.Err() != nil {
				return struct{}{}, ctx.Err()
			}
			if i == trials && float64(s.looked) > alone*trials*float64(len(t.Index)) {
				if err := t.together(ctx, q, trials, k, func(i int, hits []Hit) { f(lo+i, hits) }); err != nil {
					return struct{}{}, err
				}
				break
			}
			s.find(q.Numbers(i), q.Levels(i))
			f(lo+i, s.hits)
		}
		progress.Add(hi - lo)
		return struct{}{}, nil
	})
	return err
}

// together finds the neighbours of the points from one on as a batch.
func (t *Tree) together(ctx context.Context, q *Points, from int, k float64, f func(i int, hits []Hit)) error {
	t.sieve()
	b := batch{ctx: ctx, t: t}
	for i := from; i < q.N; i++ {
		s := newSearch(t, k)
		s.set(q.Numbers(i), q.Levels(i))
		s.small = make([]float32, t.Space.m)
		s.norm = narrow(s.small, s.x)
		b.points = append(b.points, s)
	}
	if err := b.find(); err != nil {
		return err
	}
	for i, s := range b.points {
		f(from+i, s.hits)
	}
	return nil
}
