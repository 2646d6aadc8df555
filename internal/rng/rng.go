// Package rng answers: where does a random number come from, and what happens to
// the others when one more stream is added? (Nothing.)
//
// A Seed is a value with a path. Every use of randomness names its own path, and
// the generator is made where it is used:
//
//	seed := rng.New(1)
//	for r := range restarts {
//		g := seed.At("kmeans").At(fmt.Sprintf("restart=%d", r)).Rand()
//	}
package rng

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
)

// Seed is a root number and a path below it. The zero value is New(0).
type Seed struct {
	root uint64
	path string
}

// New returns the root seed n.
func New(n uint64) Seed { return Seed{root: n} }

// At returns the seed one step further down the path. Different steps give
// independent streams; the same steps give the same one. At("a/b") is At("a").At("b").
func (s Seed) At(step string) Seed { return Seed{s.root, s.path + "/" + step} }

// Index is At("name=i").
func (s Seed) Index(name string, i int) Seed { return s.At(fmt.Sprintf("%s=%d", name, i)) }

// String returns root and path: "1/kmeans/restart=3".
func (s Seed) String() string { return fmt.Sprintf("%d%s", s.root, s.path) }

// Rand returns a new generator (PCG-DXSM, O'Neill 2014, as in math/rand/v2),
// seeded with the SHA-256 of root and path. It is not safe for concurrent use.
func (s Seed) Rand() *rand.Rand {
	h := sha256.Sum256([]byte(s.String()))
	return rand.New(rand.NewPCG(binary.LittleEndian.Uint64(h[:8]), binary.LittleEndian.Uint64(h[8:16])))
}

// Uint64 returns one number drawn at this path, for libraries that take a seed.
func (s Seed) Uint64() uint64 { return s.Rand().Uint64() }
