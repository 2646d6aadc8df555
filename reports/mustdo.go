package reports

import (
	"fmt"
	"path/filepath"
	"runtime"
)

// MustDo is Must for calls that return nothing but an error.
func MustDo(err error) {
	if err != nil {
		_, file, line, _ := runtime.Caller(1)
		panic(failure{fmt.Sprintf("%s:%d", filepath.Base(file), line), err})
	}
}
