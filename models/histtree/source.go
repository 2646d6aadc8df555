package histtree

import (
	"context"
	"fmt"

	"flowbook/internal/par"
	"flowbook/internal/table"
	"flowbook/models"
)

// FitSource is Fit for rows that do not fit in memory. It reads the source twice: once
// to count values, levels and classes, from which bins are cut, and once to put each
// row's codes in their place, a byte a row and feature (two where there are more than
// 256 bins). No float of one block outlives it, but for samples of columns with more
// than 65536 distinct values, of at most 2¹⁸ rows each.
//
// The model is, to the bit, that of Fit on the same rows in one table, however the
// source cuts them into blocks. Levels are those of all blocks together. Only features
// of the source are learnt from; weights are in its last column of that role.
//
// It fails as Fit does, where a block lacks a column or is sealed, and where the source
// gives other rows when it is read again.
func (l Boost) FitSource(ctx context.Context, source table.Source, target string) (models.Classifier, error) {
	l, err := l.filled()
	if err != nil {
		return nil, err
	}
	b, _, err := binSource(ctx, source, target, false, l.MaxBins)
	if err != nil {
		return nil, err
	}
	return l.classify(ctx, b)
}

// FitRegressionSource is FitRegression for rows that do not fit in memory, as FitSource
// is Fit.
func (l Boost) FitRegressionSource(ctx context.Context, source table.Source, target string) (models.Regressor, error) {
	l, err := l.filled()
	if err != nil {
		return nil, err
	}
	b, y, err := binSource(ctx, source, target, true, l.MaxBins)
	if err != nil {
		return nil, err
	}
	return l.regress(ctx, b, y)
}

// FitSource is Fit for rows that do not fit in memory; see Boost.FitSource.
func (t Tree) FitSource(ctx context.Context, source table.Source, target string) (models.Classifier, error) {
	lim, err := t.limits()
	if err != nil {
		return nil, err
	}
	b, _, err := binSource(ctx, source, target, false, t.bins())
	if err != nil {
		return nil, err
	}
	return t.fit(ctx, b, lim)
}

// FitSource is Fit for rows that do not fit in memory; see Boost.FitSource.
func (f Forest) FitSource(ctx context.Context, source table.Source, target string) (models.Classifier, error) {
	f, lim, err := f.filled()
	if err != nil {
		return nil, err
	}
	b, _, err := binSource(ctx, source, target, false, f.tree().bins())
	if err != nil {
		return nil, err
	}
	return f.fit(ctx, b, lim)
}

// binSource is bin for a source. Of a number it also returns the target by position.
func binSource(ctx context.Context, source table.Source, target string, number bool, limit int) (*binned, []float64, error) {
	s, err := newScan(source, target, number, limit)
	if err != nil {
		return nil, nil, err
	}
	err = s.pass(ctx, source, "counting values", s.count)
	if err == nil {
		err = s.cut()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("histtree: %w", err)
	}
	if err := s.pass(ctx, source, "binning", s.encode); err != nil {
		return nil, nil, fmt.Errorf("histtree: %w", err)
	}
	return s.finish()
}

// pass reads the source once, block by block.
func (s *scan) pass(ctx context.Context, source table.Source, task string, take func(*table.Table) error) error {
	progress := par.Track(ctx, task, s.rows)
	defer progress.Done()
	s.read = 0
	for b, err := range source.Blocks(ctx) {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = b.View().Unsealed()
		}
		if err == nil && b.Rows() > 0 {
			err = take(b)
		}
		if err != nil {
			return err
		}
		s.read += b.Rows()
		progress.Add(b.Rows())
	}
	return ctx.Err()
}
