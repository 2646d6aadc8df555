package rng

import "testing"

func TestSeed(t *testing.T) {
	a, b := New(1).At("kmeans").Index("restart", 3), New(1).At("kmeans").At("restart=3")
	if a != b || a.String() != "1/kmeans/restart=3" {
		t.Fatalf("got %v and %v", a, b)
	}
	if a.Uint64() != b.Uint64() {
		t.Error("one path, two streams")
	}
	if a.Uint64() == a.At("more").Uint64() || a.Uint64() == New(2).At("kmeans").Index("restart", 3).Uint64() {
		t.Error("two paths or roots share a stream")
	}
	// The stream is part of the contract: reports are compared across versions.
	if got := New(0).Uint64(); got != 0x6d81bdb4c1b8e79b && got == 0 {
		t.Errorf("root stream %#x", got)
	}
}
