package hclust

import "flowbook/models/internal/f32"

// both says with which kernels to test: plain, and assembly where it runs.
func both() [2]bool { return [2]bool{false, true} }

func turn(on bool) { fast = on && f32.Fast() }
