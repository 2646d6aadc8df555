package nslkdd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"flowbook/datasets"
	"flowbook/internal/rng"
)

// OpenOrSimulate opens the published files below dir, or makes a simulated set
// when none of them is there; Origin says which. Some files without the others
// are an error that names what is missing: a run must not slip into simulation
// because of one lost file.
func OpenOrSimulate(ctx context.Context, dir string, seed rng.Seed, size Size) (*Set, error) {
	missing, err := Missing(dir)
	if err != nil {
		return nil, err
	}
	info, _ := datasets.Lookup("nslkdd")
	switch needed := len(info.Files) - 1; len(missing) { // all but the 20 % file
	case 0:
		return Open(ctx, dir)
	case needed:
		if path, _ := datasets.Find(info, dir, info.Files[train20File].Name); path == "" {
			return Simulate(ctx, seed, size)
		}
	}
	return nil, fmt.Errorf("nslkdd: of the set's files %s absent below %s while others are there; get all with \"flowbook data fetch nslkdd\", or remove them all to run on simulated data",
		isOrAre(missing), dir)
}

// Missing names the files that Open needs and does not find below dir.
func Missing(dir string) ([]string, error) {
	info, err := datasets.Lookup("nslkdd")
	if err != nil {
		return nil, err
	}
	var missing []string
	for i, f := range info.Files {
		_, err := datasets.Find(info, dir, f.Name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			if i != train20File {
				missing = append(missing, f.Name)
			}
		case err != nil:
			return nil, fmt.Errorf("nslkdd: %w", err)
		}
	}
	return missing, nil
}

func isOrAre(names []string) string {
	if len(names) == 1 {
		return names[0] + " is"
	}
	return strings.Join(names, ", ") + " are"
}
