//go:build !unix

package reports

import "os"

// tryLock does nothing where there is no flock: two runs to one target must then
// not end in the same moment.
func tryLock(*os.File) (bool, error) { return true, nil }

// peakMemory is not known here.
func peakMemory() int64 { return 0 }
