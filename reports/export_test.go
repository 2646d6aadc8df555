package reports

// TestDir is a folder for what all tests share; TestMain makes and removes it.
var TestDir string
