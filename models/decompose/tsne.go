package decompose

import (
	"context"
	"fmt"
	"math"

	"flowbook/internal/num"
	"flowbook/internal/par"
	"flowbook/internal/rng"
	"flowbook/internal/table"
	"flowbook/models/cluster"
	"flowbook/models/internal/dense"
)

// TSNE lays rows out on a plane by t-distributed stochastic neighbour embedding [1]: the
// points are moved until the chance of two being neighbours, under a Cauchy density of
// their distance on the map, is as near as it gets to the chance under Gaussian densities
// of their distance in the data, by the Kullback-Leibler divergence. The zero value is
// ready.
//
// What a map shows are neighbourhoods: the sizes of clusters and the distances between
// them mean little, and another perplexity or seed gives another map [6]. Compare KL
// between runs on the same rows, and ask Trustworthiness what the map has torn or glued.
//
// Features must be numbers, present, finite and scaled to what a difference in them is
// worth. The target is not looked at and row weights do not count. There is no map of
// later rows: embed all together.
//
// The chances of each row's 3 Perplexity + 1 nearest rows are exact, all others 0, as in
// [3]. Repulsion is summed by a quadtree [3] whose squares act by their mass and their
// second moments, on groups of neighbouring points at once: at Theta 0.5 a tenth of the
// error of centroids alone, at no more cost. (Interpolation on a grid [5] is for millions of
// points: on maps of 1,000 to 20,000 rows its Fourier transforms alone take some ten to
// thirty times a whole gradient by the tree.) Rate, exaggeration and momentum are
// scikit-learn's, but in the second half of the rounds: there momentum is 0.9, which leaves
// a lower divergence, and 0.5 in the last tenth, in which the points come to rest. Results
// are the same at any number of cores. Time O(n (Perplexity + log n)) a round, space
// O(n Perplexity).
//
// [1] van der Maaten, Hinton (2008), JMLR 9, 2579-2605.
// [2] Jacobs (1988), Neural Networks 1(4), 295-307: a rate for each coordinate.
// [3] van der Maaten (2014), JMLR 15, 3221-3245.
// [4] Belkina et al. (2019), Nature Communications 10, 5415: the rate.
// [5] Linderman et al. (2019), Nature Methods 16, 243-245.
// [6] Wattenberg, Viégas, Johnson (2016), Distill, How to use t-SNE effectively.
type TSNE struct {
	Perplexity        float64  // neighbours a row has in effect, at least 1 and below the number of rows; 0 means 30
	EarlyExaggeration float64  // factor of attraction in the first quarter of the rounds, 250 at most; at least 1; 0 means 12
	Rate              float64  // step along the gradient, above 0; 0 means n / EarlyExaggeration / 4, at least 50 [4]
	Rounds            int      // steps; 0 means 1000
	Theta             float64  // squares act as one if their diagonal is less than this share of their distance; in (0, 1], tiny is exact; 0 means 0.5
	Start             Start    // where points stand at first
	Seed              rng.Seed // of the start
}

// Start is where the points of a map stand at first.
type Start uint8

const (
	Principal Start = iota // on the first two principal components, shrunk to a deviation of 1e-4, stirred by 1e-6 so that equal rows can part
	Random                 // at random, with a deviation of 1e-4
)

// Embedding is a map of n rows.
type Embedding struct {
	Points     []float64 // n × 2, row-major, centred; no unit
	KL         float64   // Kullback-Leibler divergence in nats, at least 0, exact for these points
	Rounds     int       // steps taken
	Perplexity float64   // as used
	Rate       float64   // as used
	Neighbors  int       // rows that each row was compared with
	Warnings   []string  // what a reader of the map should know
}

// X returns the first coordinate of each row.
func (e *Embedding) X() []float64 { return e.column(0) }

// Y returns the second coordinate of each row.
func (e *Embedding) Y() []float64 { return e.column(1) }

func (e *Embedding) column(c int) []float64 {
	out := make([]float64, len(e.Points)/2)
	for i := range out {
		out[i] = e.Points[2*i+c]
	}
	return out
}

// Matrix is the points as Trustworthiness and the indices of cluster take them.
func (e *Embedding) Matrix() cluster.Matrix { return cluster.Matrix{X: e.Points, P: 2} }

// Embed lays out the rows of a view by its features. It refuses sealed rows, categories,
// gaps and infinite values, numbers too large to be squared, and a perplexity that is not
// below the number of rows.
func (t TSNE) Embed(ctx context.Context, rows table.View) (*Embedding, error) {
	t, err := t.defaults(rows)
	if err != nil {
		return nil, err
	}
	n := rows.Rows()
	plan, err := dense.Of("decompose", rows)
	if err != nil {
		return nil, err
	}
	k := int(min(float64(n-1), math.Floor(3*t.Perplexity+1)))
	found, err := nearest(ctx, plan, rows, k)
	if err != nil {
		return nil, err
	}
	e := &Embedding{Rounds: t.Rounds, Perplexity: t.Perplexity, Rate: t.Rate, Neighbors: k}
	var spread bool
	if e.Points, spread, err = t.start(ctx, rows); err != nil {
		return nil, err
	}
	if !spread {
		e.Warnings = append(e.Warnings, "all rows are equal: the map is of noise")
	}
	p := joint(found, n, k, t.Perplexity)
	if err := t.descend(ctx, newDescent(p, e.Points, t.Theta)); err != nil {
		return nil, err
	}
	e.KL = p.divergence(e.Points)
	return e, nil
}

func (t TSNE) defaults(rows table.View) (TSNE, error) {
	if t.Perplexity == 0 {
		t.Perplexity = 30
	}
	if t.EarlyExaggeration == 0 {
		t.EarlyExaggeration = 12
	}
	n := rows.Rows()
	if t.Rate == 0 {
		t.Rate = max(float64(n)/t.EarlyExaggeration/4, 50)
	}
	if t.Rounds == 0 {
		t.Rounds = 1000
	}
	if t.Theta == 0 {
		t.Theta = 0.5
	}
	if err := rows.Unsealed(); err != nil {
		return t, fmt.Errorf("decompose: %w", err)
	}
	switch {
	case !(t.Perplexity >= 1):
		return t, fmt.Errorf("decompose: perplexity is %v; want at least 1", t.Perplexity)
	case !(t.EarlyExaggeration >= 1) || math.IsInf(t.EarlyExaggeration, 1):
		return t, fmt.Errorf("decompose: EarlyExaggeration is %v; want at least 1", t.EarlyExaggeration)
	case !(t.Rate > 0) || math.IsInf(t.Rate, 1):
		return t, fmt.Errorf("decompose: Rate is %v; want a number above 0", t.Rate)
	case t.Rounds < 1:
		return t, fmt.Errorf("decompose: Rounds is %d; want at least 1", t.Rounds)
	case !(t.Theta > 0 && t.Theta <= 1):
		return t, fmt.Errorf("decompose: Theta is %v; want a value in (0, 1]", t.Theta)
	case t.Start > Random:
		return t, fmt.Errorf("decompose: Start is %d; want Principal or Random", t.Start)
	case n < 2 || len(rows.Features()) == 0:
		return t, fmt.Errorf("decompose: %d rows of %d features; a map wants at least 2 rows and a feature", n, len(rows.Features()))
	case !(t.Perplexity < float64(n)):
		return t, fmt.Errorf("decompose: perplexity is %v and there are %d rows; want it below %d, a third of that or less to tell near from far", t.Perplexity, n, n)
	}
	return t, nil
}

// start returns where the points stand at first, and whether rows differ at all.
func (t TSNE) start(ctx context.Context, rows table.View) (y []float64, spread bool, err error) {
	const size = 1e-4
	n := rows.Rows()
	y = make([]float64, 2*n)
	plain, err := table.New(rows.Table().Name(), rows.Features()...) // without weights
	if err != nil {
		return nil, false, fmt.Errorf("decompose: %w", err)
	}
	k := min(2, n-1, len(plain.Columns()))
	m, err := PCA{K: k}.Fit(ctx, plain.View())
	if err != nil {
		return nil, false, err
	}
	scores, err := m.Scores(ctx, plain.View())
	if err != nil {
		return nil, false, err
	}
	first := make([]float64, n)
	for i := range first {
		first[i] = scores[i*k]
	}
	noise, deviation := size, num.StdDev(first)
	if spread = deviation > 0; spread && t.Start == Principal {
		noise = size / 100
		for i := range n {
			for c, v := range scores[i*k : (i+1)*k] {
				y[2*i+c] = v / deviation * size
			}
		}
	}
	g := t.Seed.At("t-SNE").Rand()
	for i := range y {
		y[i] += float64(noise * g.NormFloat64())
	}
	return y, spread, nil
}

// farthest is how far out a point may be: maps of a million rows span some hundreds, and
// float32 no longer tells neighbours apart much farther out.
const farthest = 1e6

// descend takes all rounds.
func (t TSNE) descend(ctx context.Context, d *descent) error {
	task := par.Track(ctx, "t-SNE", t.Rounds)
	defer task.Done()
	for round := range t.Rounds {
		if err := ctx.Err(); err != nil {
			return err
		}
		exaggeration, momentum := 1.0, 0.8
		switch {
		case round < min(250, t.Rounds/4):
			exaggeration, momentum = t.EarlyExaggeration, 0.5
		case round >= t.Rounds-t.Rounds/10:
			momentum = 0.5
		case round >= t.Rounds/2:
			momentum = 0.9
		}
		d.slope(exaggeration)
		if far := d.step(t.Rate, momentum); !(far < farthest) {
			return fmt.Errorf("decompose: the points of the map ran away in round %d of %d: a Rate of %v is too large", round+1, t.Rounds, t.Rate)
		}
		task.Add(1)
	}
	d.centre()
	return nil
}
