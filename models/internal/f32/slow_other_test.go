//go:build !amd64

package f32

func slow(f func()) { f() }
