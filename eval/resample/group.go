package resample

import (
	"fmt"
	"slices"

	"flowbook/internal/rng"
)

// GroupKFold keeps the rows of a group in one fold and the folds' sizes close:
// groups go, largest first, to the fold with the fewest rows so far.
type GroupKFold struct {
	K    int      // folds, 2 to the number of groups; 0 means 10
	Seed rng.Seed // of the order among groups of one size
}

// Split deals one row a group id; any ints serve. It fails where K is out of range.
func (s GroupKFold) Split(groups []int) (Folds, error) {
	none := make([]int, len(groups))
	f, err := StratifiedGroupKFold(s).Split(none, groups)
	if err != nil {
		return Folds{}, err
	}
	f.Name = fmt.Sprintf("%d folds of whole groups", f.Len())
	return f, nil
}

// StratifiedGroupKFold keeps the rows of a group in one fold and the classes'
// shares close to even. Rows with equal features are a group (see GroupsOf): a
// model that has met a row must not be judged on its copy.
//
// Groups go, largest first, to the fold that least increases Σ over folds and
// classes of (count in the fold / count in all)², ties to the fold with the fewest
// rows, then to the first. With few large groups no even deal exists, and shares
// differ as much as they must. (scikit-learn's StratifiedGroupKFold minimises the
// mean deviation of the same shares, but tries every class in every fold.)
type StratifiedGroupKFold struct {
	K    int      // folds, 2 to the number of groups; 0 means 10
	Seed rng.Seed // of the order among groups of one size
}

// Split deals one row a label and group id; any ints serve. It panics if the
// lengths differ and fails where K is out of range. Time O(n K), 126,000 rows of
// mostly distinct groups in some 50 ms.
func (s StratifiedGroupKFold) Split(labels, groups []int) (Folds, error) {
	if len(labels) != len(groups) {
		panic(fmt.Sprintf("resample: %d labels and %d groups", len(labels), len(groups)))
	}
	group, n := canonical(groups)
	k, err := count(s.K, n, "groups")
	if err != nil {
		return Folds{}, err
	}
	class, classes := canonical(labels)
	parts, sizes := compositions(class, group, n)
	total := make([]float64, classes)
	for _, c := range class {
		total[c]++
	}

	order := s.Seed.At("group").Rand().Perm(n)
	slices.SortStableFunc(order, func(a, b int) int { return sizes[b] - sizes[a] })
	have := make([]float64, k*classes) // rows of each class in each fold
	rows := make([]int, k)
	at := make([]int32, n) // the fold of each group
	for _, g := range order {
		best, bestCost := 0, 0.0
		for j := range k {
			cost := 0.0
			for _, p := range parts[g] {
				t := total[p.class]
				// (h+m)² - h² less the m² that every fold would pay alike
				cost += 2 * have[j*classes+p.class] * float64(p.rows) / (t * t)
			}
			if j == 0 || cost < bestCost || cost == bestCost && rows[j] < rows[best] {
				best, bestCost = j, cost
			}
		}
		at[g] = int32(best)
		rows[best] += sizes[g]
		for _, p := range parts[g] {
			have[best*classes+p.class] += float64(p.rows)
		}
	}
	foldOf := make([]int32, len(group))
	for r, g := range group {
		foldOf[r] = at[g]
	}
	return deal(fmt.Sprintf("%d stratified folds of whole groups", k), foldOf, k)
}

// part is how many rows of a class a group has.
type part struct{ class, rows int }

// compositions lists the classes of each group, by class of first appearance, and
// its size. The lists of all groups share one array: most groups are of one class.
func compositions(class, group []int, n int) (parts [][]part, sizes []int) {
	parts, sizes = make([][]part, n), make([]int, n)
	for _, g := range group {
		sizes[g]++
	}
	first := make([]part, n)
	for r, g := range group {
		i := slices.IndexFunc(parts[g], func(p part) bool { return p.class == class[r] })
		switch {
		case i >= 0:
			parts[g][i].rows++
		case parts[g] == nil:
			first[g] = part{class[r], 1}
			parts[g] = first[g : g+1 : g+1]
		default:
			parts[g] = append(parts[g], part{class[r], 1})
		}
	}
	return parts, sizes
}
