package reports

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// A report is two folders, base/reports/NAME and base/plots/NAME, that must change
// together. Killed at any point, a run leaves the old pair or the new one:
//
//  1. the new folders are written as reports/.NAME.new and plots/.NAME.new;
//  2. a record, reports/.NAME.commit, is renamed into place: from here on the new
//     pair is the report;
//  3. each folder in turn is moved to .NAME.old and its successor into its place;
//  4. the old folders and then the record are removed.
//
// Before 2 a restart throws the new folders away; after it, it goes on with 3.
// Recover does either; every run begins and every commit ends with it.

// trees are the two folders of a report, in the order in which they move.
var trees = [...]string{"plots", "reports"}

// record is what .NAME.commit holds.
type record struct {
	Name  string            `json:"name"`
	Files map[string]string `json:"files"` // "reports/NAME/README.md" -> SHA-256
}

// crash is called between any two steps of a commit; tests kill the process there.
var crash = func(point string) {}

// place is where a report goes.
type place struct{ base, name string }

func (p place) dir(tree string) string { return filepath.Join(p.base, tree, p.name) }

func (p place) hidden(tree, kind string) string {
	return filepath.Join(p.base, tree, "."+p.name+"."+kind)
}

// commit puts the files in the place of the report that is there. Keys are paths
// below base with slashes: "plots/NAME/roc.svg". Files of the old report that the
// new one lacks go away; files that no report wrote stay.
func (p place) commit(ctx context.Context, files map[string][]byte) error {
	for _, tree := range trees {
		if err := os.MkdirAll(filepath.Join(p.base, tree), 0o755); err != nil {
			return fmt.Errorf("reports: %w", err)
		}
	}
	unlock, err := p.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	crash("locked")
	if err := p.recover(); err != nil {
		return err
	}
	crash("recovered")
	rec, err := p.stage(files)
	if err != nil {
		p.unstage()
		return err
	}
	if err := p.declare(rec); err != nil {
		p.unstage()
		return err
	}
	return p.rollForward()
}

// ready finds out, before the work is done, whether a report can be written: it
// tries to put a file into each folder that a commit writes to or clears, or into
// the nearest one above that exists.
func (p place) ready() error {
	for _, tree := range trees {
		for _, dir := range []string{filepath.Join(p.base, tree), p.dir(tree)} {
			for {
				if _, err := os.Lstat(dir); err == nil || filepath.Dir(dir) == dir {
					break
				}
				dir = filepath.Dir(dir)
			}
			probe, err := os.CreateTemp(dir, "."+p.name+".probe-*")
			if err == nil {
				err = errors.Join(probe.Close(), os.Remove(probe.Name()))
			}
			if err != nil {
				return fmt.Errorf("reports: the report cannot be written below %q: %w; make the folder writable or name another with --out", p.base, err)
			}
		}
	}
	return nil
}

// Recover finishes or forgets a commit that was cut short in base, so that
// base/reports/NAME and base/plots/NAME are one report. It is cheap when there is
// nothing to do. Programs that read reports call it first.
func Recover(base, name string) error {
	p := place{base, name}
	for _, tree := range trees {
		for _, kind := range []string{"new", "old", "commit"} {
			if _, err := os.Lstat(p.hidden(tree, kind)); err == nil {
				unlock, err := p.lock(context.Background())
				if err != nil {
					return err
				}
				defer unlock()
				return p.recover()
			}
		}
	}
	return nil
}

// recover is Recover under the lock.
func (p place) recover() error {
	if _, err := os.Lstat(p.hidden("reports", "commit")); err == nil {
		return p.rollForward()
	}
	p.unstage()
	for _, tree := range trees {
		// Without a record nothing was moved, unless somebody removed the record.
		if _, err := os.Lstat(p.dir(tree)); errors.Is(err, fs.ErrNotExist) {
			if err := os.Rename(p.hidden(tree, "old"), p.dir(tree)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("reports: %w", err)
			}
		}
		if err := os.RemoveAll(p.hidden(tree, "old")); err != nil {
			return fmt.Errorf("reports: %w", err)
		}
	}
	return nil
}

func (p place) unstage() {
	for _, tree := range trees {
		_ = os.RemoveAll(p.hidden(tree, "new")) // what stays is removed by the next start
	}
	_ = os.Remove(p.hidden("reports", "commit.new"))
}

// stage writes the new folders beside the old ones.
func (p place) stage(files map[string][]byte) (record, error) {
	rec := record{p.name, map[string]string{}}
	for _, tree := range trees {
		if err := os.Mkdir(p.hidden(tree, "new"), 0o755); err != nil {
			return rec, fmt.Errorf("reports: %w", err)
		}
		crash("staging-" + tree)
	}
	for i, name := range slices.Sorted(maps.Keys(files)) {
		tree, rest, _ := strings.Cut(name, "/")
		file, ok := strings.CutPrefix(rest, p.name+"/")
		if !ok || !slices.Contains(trees[:], tree) || file != path.Base(file) {
			return rec, fmt.Errorf("reports: %q is not a file of a report", name)
		}
		if err := writeSynced(filepath.Join(p.hidden(tree, "new"), file), files[name], i == 0, "first-file"); err != nil {
			return rec, err
		}
		rec.Files[name] = sum(files[name])
	}
	crash("files-written")
	for _, tree := range trees {
		if err := p.keepStrangers(tree); err != nil {
			return rec, err
		}
	}
	crash("strangers-kept")
	for _, tree := range trees {
		if err := syncDir(p.hidden(tree, "new")); err != nil {
			return rec, err
		}
	}
	crash("staging-synced")
	return rec, nil
}

// keepStrangers carries over what no report wrote: notes beside README.md, say.
// Figures and the report's own files are never carried over.
func (p place) keepStrangers(tree string) error {
	entries, err := os.ReadDir(p.dir(tree))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reports: %w", err)
	}
	for _, e := range entries {
		switch name := e.Name(); {
		case tree == "plots" && strings.HasSuffix(name, ".svg"):
		case tree == "reports" && slices.Contains([]string{"README.md", "index.html", "metrics.json", "predictions.json", "timings.json"}, name):
		default:
			if err := carry(filepath.Join(p.dir(tree), name), filepath.Join(p.hidden(tree, "new"), name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// carry copies a file, a link or a folder.
func carry(from, to string) error {
	return filepath.WalkDir(from, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("reports: %w", err)
		}
		rest, _ := filepath.Rel(from, name)
		target := filepath.Join(to, rest)
		switch {
		case e.IsDir():
			err = os.Mkdir(target, 0o755)
		case e.Type()&fs.ModeSymlink != 0:
			var link string
			if link, err = os.Readlink(name); err == nil {
				err = os.Symlink(link, target)
			}
		default:
			var text []byte
			if text, err = os.ReadFile(name); err == nil {
				err = os.WriteFile(target, text, 0o644)
			}
		}
		if err != nil {
			return fmt.Errorf("reports: %w", err)
		}
		return nil
	})
}

// declare writes the record; its rename is the moment of the commit.
func (p place) declare(rec record) error {
	text, err := encode(rec)
	if err != nil {
		return err
	}
	draft := p.hidden("reports", "commit.new")
	if err := writeSynced(draft, text, true, "record"); err != nil {
		return err
	}
	for _, tree := range trees { // the staged folders' own names
		if err := syncDir(filepath.Join(p.base, tree)); err != nil {
			return err
		}
	}
	if err := os.Rename(draft, p.hidden("reports", "commit")); err != nil {
		return fmt.Errorf("reports: %w", err)
	}
	if err := syncDir(filepath.Join(p.base, "reports")); err != nil {
		return err
	}
	crash("record-in-place")
	return nil
}

// rollForward moves the staged folders into place and clears up. Each step may
// have been taken before.
func (p place) rollForward() error {
	text, err := os.ReadFile(p.hidden("reports", "commit"))
	if err != nil {
		return fmt.Errorf("reports: %w", err)
	}
	var rec record
	if err := json.Unmarshal(text, &rec); err != nil {
		return fmt.Errorf("reports: %s: %w; it should be whole: remove it to keep the old report", p.hidden("reports", "commit"), err)
	}
	for _, tree := range trees {
		if err := p.swap(tree); err != nil {
			return err
		}
	}
	for name, want := range rec.Files {
		text, err := os.ReadFile(filepath.Join(p.base, filepath.FromSlash(name)))
		if err != nil {
			return fmt.Errorf("reports: %w", err)
		}
		if got := sum(text); got != want {
			return fmt.Errorf("reports: %s: sha256 %s, the commit wrote %s; run the experiment again", name, got, want)
		}
	}
	crash("checked")
	for _, tree := range trees {
		if err := os.RemoveAll(p.hidden(tree, "old")); err != nil {
			return fmt.Errorf("reports: %w", err)
		}
		crash("old-" + tree + "-removed")
	}
	if err := os.Remove(p.hidden("reports", "commit")); err != nil {
		return fmt.Errorf("reports: %w", err)
	}
	crash("record-removed")
	return syncDir(filepath.Join(p.base, "reports"))
}

// swap moves one tree's old folder away and its new one in.
func (p place) swap(tree string) error {
	next, now, old := p.hidden(tree, "new"), p.dir(tree), p.hidden(tree, "old")
	if _, err := os.Lstat(next); errors.Is(err, fs.ErrNotExist) {
		return nil // moved in before
	}
	if _, err := os.Lstat(now); err == nil {
		if err := os.RemoveAll(old); err != nil {
			return fmt.Errorf("reports: %w", err)
		}
		if err := os.Rename(now, old); err != nil {
			return fmt.Errorf("reports: %w", err)
		}
		crash(tree + "-moved-away")
	}
	if err := os.Rename(next, now); err != nil {
		return fmt.Errorf("reports: %w", err)
	}
	crash(tree + "-moved-in")
	return syncDir(filepath.Join(p.base, tree))
}

// writeSynced writes a file and waits for the disk. The first one of each kind
// passes crash points on its way.
func writeSynced(name string, text []byte, points bool, prefix string) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("reports: %w", err)
	}
	point := func(s string) {
		if points {
			crash(prefix + s)
		}
	}
	point("-open")
	half := len(text) / 2
	_, err = f.Write(text[:half])
	point("-half")
	if err == nil {
		_, err = f.Write(text[half:])
	}
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("reports: %w", err)
	}
	point("-whole")
	return nil
}

// syncDir makes the names in a folder last.
func syncDir(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("reports: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, os.ErrInvalid) {
		return fmt.Errorf("reports: %w", err)
	}
	return nil
}

// sum is the SHA-256 of text in hex.
func sum(text []byte) string {
	h := sha256.Sum256(text)
	return hex.EncodeToString(h[:])
}
