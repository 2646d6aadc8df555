package f32

// slow runs f without the assembly.
func slow(f func()) {
	defer func(was bool) { fast = was }(fast)
	fast = false
	f()
}
