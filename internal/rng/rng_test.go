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
	// The streams are part of the contract, for reports are compared across
	// versions. Expected values: testdata/gen_rng.py.
	if got := New(0).Uint64(); got != 0x39405220ef587f6a {
		t.Errorf("root stream starts with %#x", got)
	}
	if got := a.Uint64(); got != 0x39fe11e9d9ae0b38 {
		t.Errorf("%v starts with %#x", a, got)
	}
}
