"""The first number of two streams, by an implementation of its own of PCG-DXSM (O'Neill; constants of Go's
math/rand/v2) seeded by SHA-256. Python 3, standard library only. Output goes into rng_test.go by hand."""
import hashlib

M, W = (1 << 128) - 1, (1 << 64) - 1
MUL = 2549297995355413924 << 64 | 4865540595714422341
INC = 6364136223846793005 << 64 | 1442695040888963407
for path in (b"0", b"1/kmeans/restart=3"):
    h = hashlib.sha256(path).digest()
    state = int.from_bytes(h[:8], "little") << 64 | int.from_bytes(h[8:16], "little")
    state = (state * MUL + INC) & M
    hi, lo = state >> 64, state & W
    hi ^= hi >> 32
    hi = hi * 0xDA942042E4DD58B5 & W
    hi ^= hi >> 48
    print(path.decode(), hex(hi * (lo | 1) & W))
