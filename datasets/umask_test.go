//go:build unix

package datasets

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestWriteFileHeedsUmask: what the user keeps to himself stays with him.
func TestWriteFileHeedsUmask(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model")
	for mask, want := range map[int]os.FileMode{0o077: 0o600, 0o022: 0o644} {
		old := syscall.Umask(mask)
		err := WriteFile(path, []byte("x"))
		syscall.Umask(old)
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("umask %o: mode %o, want %o (%v)", mask, info.Mode().Perm(), want, err)
		}
	}
}
