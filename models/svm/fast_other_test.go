//go:build !amd64

package svm

func setFast(bool) {}
