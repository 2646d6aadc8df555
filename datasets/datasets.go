// Package datasets answers: which data sets are there, where do their files lie,
// and are they the published bytes?
//
// Files lie in a data folder, <set>/<file> or <set>/<file>.gz, where <set> is the
// set's registry name ("nslkdd") or the folder name it is published under
// ("nsl-kdd"). A file is known by the SHA-256 of its decompressed content.
//
//	info, err := datasets.Lookup("nslkdd")
//	dir := datasets.Folder(flag)
//	for _, s := range datasets.Status(ctx, info, dir) {
//		fmt.Println(s.Name, s.State)
//	}
//	err = datasets.Fetch(ctx, info, dir, "")
package datasets

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Info describes one data set.
type Info struct {
	Name     string // registry name, the word of the command line: "nslkdd"
	Title    string
	Task     string // the question it is used for
	Rows     int    // of the main file, or of all parts together
	Columns  int    // of the published files
	Classes  int    // of the label; 0 where there is none
	Source   string // page of the publisher
	Licence  string
	Citation string
	Folder   string // folder name it is published under: "nsl-kdd"
	Files    []File
}

// File is one file of a set.
type File struct {
	Name     string   // without .gz
	Rows     int      // 0 where it is not known
	Bytes    int64    // of the decompressed content; 0 where it is not known
	SHA256   string   // of the decompressed content, in hex; "" where none is published
	URLs     []string // where Fetch finds it, tried in order; may serve gzip
	Optional bool     // the set opens without it, and Fetch leaves it out unless picked
}

// All returns the sets in a fixed order.
func All() []Info { return slices.Clone(registry) }

// Lookup returns the set of that registry or folder name.
func Lookup(name string) (Info, error) {
	names := make([]string, len(registry))
	for i, info := range registry {
		if name == info.Name || name == info.Folder {
			return info, nil
		}
		names[i] = info.Name
	}
	return Info{}, fmt.Errorf("datasets: %q is not a data set; want one of %s", name, strings.Join(names, ", "))
}

// Pick returns the set with just the named files, none of them optional: what to
// pass to Fetch for a file that it would leave out.
func (info Info) Pick(names ...string) (Info, error) {
	var files []File
	for _, name := range names {
		f, err := info.File(name)
		if err != nil {
			return Info{}, err
		}
		f.Optional = false
		files = append(files, f)
	}
	info.Files = files
	return info, nil
}

// File returns the set's file of that name, with or without .gz.
func (info Info) File(name string) (File, error) {
	for _, f := range info.Files {
		if f.Name == strings.TrimSuffix(name, ".gz") {
			return f, nil
		}
	}
	return File{}, fmt.Errorf("datasets: %s has no file %q; \"flowbook data status %s\" lists them", info.Name, name, info.Name)
}

// Folder returns the data folder: the flag's value, else FLOWBOOK_DATA, else "data"
// below the working folder.
func Folder(flag string) string { return cmp.Or(flag, os.Getenv("FLOWBOOK_DATA"), "data") }

// Find returns the path of a set's file below the data folder: the first that
// exists of <set>/<file>, <set>/<file>.gz, <folder>/<file> and <folder>/<file>.gz. The
// error wraps fs.ErrNotExist where there is none.
func Find(info Info, dir, name string) (string, error) {
	for _, path := range candidates(info, dir, name) {
		_, err := os.Stat(path)
		if err == nil {
			return path, nil
		}
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrInvalid) {
			return "", fmt.Errorf("datasets: %s: %w", name, err)
		}
	}
	return "", fmt.Errorf("datasets: %s: %w in %s; get it with \"flowbook data fetch %s\" or name another folder with --data",
		name, fs.ErrNotExist, filepath.Join(dir, info.Name), info.Name)
}

// candidates lists the places where a file may lie, best first.
func candidates(info Info, dir, name string) []string {
	var paths []string
	for _, set := range []string{info.Name, info.Folder} {
		paths = append(paths, filepath.Join(dir, set, name), filepath.Join(dir, set, name+".gz"))
	}
	return paths
}
