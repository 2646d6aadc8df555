// Package par answers: how do both cores work without changing the result?
//
// Work is cut into items or into blocks of a fixed size, whatever the number of
// cores; results land by index, and whoever reduces them does so in that order.
//
//	part := make([]float64, par.Count(len(x), 4096))
//	par.Blocks(len(x), 4096, func(b, lo, hi int) {
//		for _, v := range x[lo:hi] {
//			part[b] += float64(v * v)
//		}
//	})
package par

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// Count is the number of blocks that n items make.
func Count(n, block int) int { return (n + block - 1) / block }

// Do calls f(0) … f(n-1), at most GOMAXPROCS of them at a time. A panic in f is
// raised again in the caller once the calls under way have ended.
func Do(n int, f func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	if workers <= 1 {
		for i := range n {
			f(i)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	var once sync.Once
	var trouble any
	for range workers {
		wg.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					once.Do(func() { trouble = r })
					next.Store(int64(n))
				}
			}()
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				f(i)
			}
		})
	}
	wg.Wait()
	if trouble != nil {
		panic(trouble)
	}
}

// Blocks calls f for each block of at most size items of n: f(b, lo, hi) owns the
// items lo ≤ i < hi and the b-th place of whatever it fills.
func Blocks(n, size int, f func(b, lo, hi int)) {
	Do(Count(n, size), func(b int) { f(b, b*size, min(n, (b+1)*size)) })
}

// Map calls f(ctx, 0) … f(ctx, n-1) and returns their results by index. It stops
// starting calls once one fails or ctx is done, and returns the error of the
// lowest index that failed.
func Map[T any](ctx context.Context, n int, f func(ctx context.Context, i int) (T, error)) ([]T, error) {
	out := make([]T, n)
	errs := make([]error, n)
	var failed atomic.Bool
	Do(n, func(i int) {
		if failed.Load() {
			return
		}
		if err := ctx.Err(); err != nil {
			errs[i] = err
		} else {
			out[i], errs[i] = f(ctx, i)
		}
		if errs[i] != nil {
			failed.Store(true)
		}
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
