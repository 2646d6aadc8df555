package datasets

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"flowbook/internal/par"
)

// State says how a file on disk compares with the published one.
type State string

const (
	Absent     State = "absent"     // it is not there
	Right      State = "right"      // its checksum is the published one
	Wrong      State = "wrong"      // its checksum is another than the published one
	Recorded   State = "recorded"   // none is published; it is what was seen at first
	Changed    State = "changed"    // none is published; it has changed since it was first seen
	Unrecorded State = "unrecorded" // none is published and none was noted so far
	Unreadable State = "unreadable" // see Err
)

// FileStatus is what Status found of one file.
type FileStatus struct {
	File
	Path  string // where it lies; "" if absent
	State State
	Size  int64  // bytes of the decompressed content found
	Sum   string // SHA-256 of it
	Want  string // the published or recorded SHA-256; "" where there is none
	Err   error  // of an unreadable file
}

// Status reads every file of the set that is there and compares its checksum. The
// result is in the order of info.Files; files not looked at because ctx ended
// are Unreadable. Time is that of reading all of them once.
func Status(ctx context.Context, info Info, dir string) []FileStatus {
	out := make([]FileStatus, len(info.Files))
	for i, f := range info.Files {
		out[i] = status(ctx, info, dir, f)
	}
	return out
}

func status(ctx context.Context, info Info, dir string, f File) FileStatus {
	s := FileStatus{File: f, State: Absent, Want: f.SHA256}
	path, err := Find(info, dir, f.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return s
	}
	if err == nil {
		s.Path = path
		s.Size, s.Sum, err = sumTracked(ctx, path, f)
	}
	if err != nil {
		s.State, s.Err = Unreadable, err
		return s
	}
	switch {
	case f.SHA256 != "":
		s.State = is(s.Sum == f.SHA256, Right, Wrong)
	default:
		s.State = Unrecorded
		if seen, ok := readRecord(filepath.Dir(path))[f.Name]; ok {
			s.Want = seen.SHA256
			s.State = is(s.Sum == seen.SHA256, Recorded, Changed)
		}
	}
	return s
}

func is(yes bool, a, b State) State {
	if yes {
		return a
	}
	return b
}

// sumTracked reads a file to its end, showing progress, until ctx is done.
func sumTracked(ctx context.Context, path string, f File) (int64, string, error) {
	r, err := OpenFile(path)
	if err != nil {
		return 0, "", err
	}
	defer r.Close()
	task := par.Track(ctx, "verify "+f.Name, int(f.Bytes))
	defer task.Done()
	if _, err := io.Copy(io.Discard, Tracked(ctx, r, task)); err != nil {
		return 0, "", err
	}
	got := r.File(0)
	return got.Bytes, got.SHA256, nil
}

// Seen is the size and checksum that a file without a published one had when it
// was first fetched or recorded.
type Seen struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// recordName is the file, beside the data, that keeps what was first seen.
const recordName = "flowbook-seen.json"

// readRecord returns what was first seen in a folder; a missing or unreadable
// record is empty.
func readRecord(folder string) map[string]Seen {
	seen := map[string]Seen{}
	if text, err := os.ReadFile(filepath.Join(folder, recordName)); err == nil {
		if json.Unmarshal(text, &seen) != nil {
			return map[string]Seen{}
		}
	}
	return seen
}

// Record notes size and checksum of a file for which none is published, beside
// the file, unless a note is there already. It returns what is on record: a
// caller refuses a file that differs from it.
func Record(path string, got Seen) (Seen, error) {
	folder, name := filepath.Dir(path), filepath.Base(trimGz(path))
	seen := readRecord(folder)
	if was, ok := seen[name]; ok {
		return was, nil
	}
	seen[name] = got
	text, err := json.MarshalIndent(seen, "", "  ")
	if err != nil {
		return got, err
	}
	if err := WriteFile(filepath.Join(folder, recordName), append(text, '\n')); err != nil {
		return got, fmt.Errorf("datasets: cannot note the checksum of %s: %w", name, unwrapPath(err))
	}
	return got, nil
}

// WriteFile puts a file in place whole or not at all: a temporary file in the same
// folder, synced and renamed. What was there under the name is replaced. Others may read
// it unless the umask forbids it: a model may hold rows of its training data.
func WriteFile(path string, text []byte) error {
	tmp, err := os.OpenFile(filepath.Join(filepath.Dir(path), ".flowbook-"+rand.Text()), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // fails once it is renamed
	_, err = tmp.Write(text)
	return land(tmp, path, err)
}
