package svm

func setFast(on bool) { fast = on }
