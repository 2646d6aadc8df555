package par

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
)

func TestBlocksCoverOnce(t *testing.T) {
	for _, procs := range []int{1, 2, 7} {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
		for _, n := range []int{0, 1, 9, 10, 11, 1000} {
			seen := make([]int32, n)
			Blocks(n, 10, func(b, lo, hi int) {
				if lo != b*10 || hi > n {
					t.Errorf("block %d of %d is [%d, %d)", b, n, lo, hi)
				}
				for i := lo; i < hi; i++ {
					atomic.AddInt32(&seen[i], 1)
				}
			})
			for i, c := range seen {
				if c != 1 {
					t.Fatalf("n=%d: item %d done %d times", n, i, c)
				}
			}
		}
	}
}

func TestMapReturnsAnError(t *testing.T) {
	_, err := Map(context.Background(), 100, func(_ context.Context, i int) (int, error) {
		if i == 0 {
			return 0, errors.New("item 0")
		}
		return i, nil
	})
	if fmt.Sprint(err) != "item 0" {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Map(ctx, 3, func(context.Context, int) (int, error) { return 0, nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestPanicReachesTheCaller(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	defer func() {
		if r := recover(); r != "boom" {
			t.Errorf("recovered %v", r)
		}
	}()
	Do(10, func(i int) {
		if i == 3 {
			panic("boom")
		}
	})
}
