package datasets

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"flowbook/internal/par"
)

// This is the one file of the house that dials out, and it does so only when
// Fetch is called.

// Limits of a download. There is none on its whole length: files go up to 7 GB.
const (
	dialTimeout   = 15 * time.Second
	headerTimeout = 30 * time.Second
	stallTimeout  = 60 * time.Second // without a single byte
)

// Fetch downloads the files of the set that are not optional into
// <dir>/<set>/ and verifies them. Each goes to a temporary file in the same folder,
// is checked against the published SHA-256 of its decompressed content, synced,
// and renamed; a file that is there and right is skipped. A file that is there
// and wrong is kept beside the new one as <file>.altered. For a file without a
// published checksum, size and sum are noted at first sight (see Record), also of
// a copy that is there already.
//
// mirror is another base that serves <folder>/<file> or <folder>/<file>.gz instead
// of the published addresses; "" means the environment's FLOWBOOK_MIRROR, and
// if that is empty too, the published addresses.
//
// An error, or ctx ending, leaves nothing of the file under way; files that came
// before it stay.
func Fetch(ctx context.Context, info Info, dir, mirror string) error {
	mirror = cmp.Or(mirror, os.Getenv("FLOWBOOK_MIRROR"))
	folder := filepath.Join(dir, info.Name)
	if _, err := os.Stat(filepath.Join(dir, info.Folder)); err == nil {
		folder = filepath.Join(dir, info.Folder)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("datasets: cannot make the data folder: %w", err)
	}
	sweep(folder)
	client := newClient()
	defer client.CloseIdleConnections()
	for _, f := range info.Files {
		if f.Optional {
			continue
		}
		old := status(ctx, info, dir, f)
		if err := ctx.Err(); err != nil {
			return err
		}
		switch old.State {
		case Right, Recorded:
			continue
		case Unrecorded: // the user's copy, seen for the first time
			if _, err := Record(old.Path, Seen{old.Size, old.Sum}); err != nil {
				return err
			}
			continue
		}
		if err := fetchFile(ctx, client, info, f, folder, mirror, old.Path); err != nil {
			return err
		}
	}
	return nil
}

// sweep removes temporary files that a killed fetch has left, once they are a day
// old: younger ones may belong to a fetch under way.
func sweep(folder string) {
	left, _ := filepath.Glob(filepath.Join(folder, ".fetch-*"))
	for _, path := range left {
		if stat, err := os.Stat(path); err == nil && time.Since(stat.ModTime()) > 24*time.Hour {
			os.Remove(path)
		}
	}
}

func newClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: dialTimeout}).DialContext,
		TLSHandshakeTimeout:   dialTimeout,
		ResponseHeaderTimeout: headerTimeout,
	}}
}

// fetchFile tries the file's addresses in turn. A wrong checksum at one of them
// moves on to the next; the errors of all are returned when none serves.
func fetchFile(ctx context.Context, client *http.Client, info Info, f File, folder, mirror, old string) error {
	addresses := f.URLs
	if mirror != "" {
		base := strings.TrimRight(mirror, "/") + "/" + url.PathEscape(info.Folder) + "/" + url.PathEscape(f.Name)
		addresses = []string{base + ".gz", base}
	}
	if len(addresses) == 0 {
		return fmt.Errorf("datasets: %s: no address is published for it; see %s, or name a mirror in FLOWBOOK_MIRROR", f.Name, info.Source)
	}
	var failed []error
	for _, address := range addresses {
		err := download(ctx, client, f, folder, address, old)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

// download gets one file from one address: temporary file, check, rename.
func download(ctx context.Context, client *http.Client, f File, folder, address, old string) (err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stall := time.AfterFunc(headerTimeout+stallTimeout, func() {
		cancel(fmt.Errorf("no byte came for %v", stallTimeout))
	})
	defer stall.Stop()

	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return fmt.Errorf("datasets: %s: %w", f.Name, err)
	}
	request.Header.Set("User-Agent", "flowbook")
	reply, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("datasets: %s: %w", f.Name, because(ctx, err))
	}
	defer reply.Body.Close()
	if reply.StatusCode != http.StatusOK {
		return fmt.Errorf("datasets: %s: %s answers %s; want 200 OK", f.Name, address, reply.Status)
	}

	head := make([]byte, 2)
	n, err := io.ReadFull(reply.Body, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return fmt.Errorf("datasets: %s: %w", f.Name, because(ctx, err))
	}
	target := filepath.Join(folder, f.Name)
	pattern := ".fetch-*"
	if bytes.Equal(head, []byte{0x1f, 0x8b}) {
		target += ".gz"
		pattern += ".gz"
	}
	tmp, err := os.CreateTemp(folder, pattern)
	if err != nil {
		return fmt.Errorf("datasets: %s: %w", f.Name, err)
	}
	defer os.Remove(tmp.Name()) // fails once it is renamed

	task := par.Track(ctx, "fetch "+f.Name, max(0, int(reply.ContentLength)))
	defer task.Done()
	body := &fed{in: io.MultiReader(bytes.NewReader(head[:n]), reply.Body), stall: stall, task: task}
	if _, err := io.Copy(tmp, body); err != nil {
		tmp.Close()
		return fmt.Errorf("datasets: %s: broken off after %d bytes: %w", f.Name, body.bytes, because(ctx, err))
	}
	stall.Stop()
	return settle(ctx, tmp, f, target, old)
}

// settle checks a downloaded file and gives it its name.
func settle(ctx context.Context, tmp *os.File, f File, target, old string) error {
	size, sum, err := sumTracked(ctx, tmp.Name(), f)
	if err != nil {
		tmp.Close()
		return fmt.Errorf("datasets: %s: what came cannot be read: %w", f.Name, because(ctx, err))
	}
	want := cmp.Or(f.SHA256, readRecord(filepath.Dir(target))[f.Name].SHA256)
	if want != "" && sum != want {
		tmp.Close()
		return fmt.Errorf("datasets: %s: sha256 %s, want %s; nothing was kept: the address serves another file, try a mirror", f.Name, sum, want)
	}
	if old != "" {
		if err := os.Rename(old, old+".altered"); err != nil {
			tmp.Close()
			return fmt.Errorf("datasets: %s: cannot put the altered copy aside: %w", f.Name, err)
		}
	}
	if err := land(tmp, target, tmp.Chmod(0o644)); err != nil { // what is public anyone may read
		return fmt.Errorf("datasets: %s: %w", f.Name, err)
	}
	if f.SHA256 == "" {
		_, err = Record(target, Seen{size, sum})
	}
	return err
}

// land syncs and closes a temporary file and renames it to path, unless err is
// set already. The folder is synced too, so that the name survives a power cut.
func land(tmp *os.File, path string, err error) error {
	if err == nil {
		err = tmp.Sync()
	}
	if closed := tmp.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return err
	}
	if folder, err := os.Open(filepath.Dir(path)); err == nil {
		_ = folder.Sync() // not every file system can
		folder.Close()
	}
	return nil
}

// fed is a body that shows progress and puts off the stall timer with each read.
type fed struct {
	in    io.Reader
	stall *time.Timer
	task  par.Task
	bytes int64
}

func (b *fed) Read(p []byte) (int, error) {
	n, err := b.in.Read(p)
	if n > 0 {
		b.stall.Reset(stallTimeout)
	}
	b.bytes += int64(n)
	b.task.Add(n)
	return n, err
}

// because returns the reason why the context was cancelled, where that is what
// made err.
func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && ctx.Err() != nil {
		return cause
	}
	return err
}

func trimGz(path string) string { return strings.TrimSuffix(path, ".gz") }
