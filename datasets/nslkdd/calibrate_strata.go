package nslkdd

import (
	"cmp"
	"slices"
)

// group is a stratum before it is measured.
type group struct {
	rows   []int
	class  int         // index into Classes
	guests []TypeCount // types too rare to describe that borrow this stratum
}

// typeCounts counts the attacks of rows (nil: all), sorted by name.
func typeCounts(s *sheet, rows []int, easy bool) []TypeCount {
	var all, sure [256]int
	add := func(i int) {
		all[s.attack[i]]++
		if easy && s.difficulty[i] == hardest {
			sure[s.attack[i]]++
		}
	}
	if rows == nil {
		for i := range s.attack {
			add(i)
		}
	}
	for _, i := range rows {
		add(i)
	}
	var out []TypeCount
	for a, name := range attacks {
		if all[a] > 0 {
			out = append(out, TypeCount{name, all[a], sure[a]})
		}
	}
	return out
}

// stratify cuts a part into strata. Types of at least rareType rows are cut by
// cell and regime (and by easy or hard, in the test part) where that gives ownCell
// rows, what is left by cell, then by flag and regime, then by flag, and what is
// left then is one stratum. Smaller types
// form one stratum a class. No stratum has fewer than rareType rows: leftovers
// join the type's largest.
func stratify(s *sheet, types []TypeCount, byDifficulty bool) []group {
	byType := make(map[string][]int)
	for i, a := range s.attack {
		byType[attacks[a]] = append(byType[attacks[a]], i)
	}
	pools := make([][]int, len(Classes()))
	var groups []group
	for _, t := range types {
		class := classIndex(t.Attack)
		if t.Rows < rareType {
			pools[class] = append(pools[class], byType[t.Attack]...)
			continue
		}
		for _, rows := range cut(s, byType[t.Attack], byDifficulty) {
			groups = append(groups, group{rows: rows, class: class})
		}
	}
	for class, rows := range pools {
		if len(rows) >= rareType {
			slices.Sort(rows)
			groups = append(groups, group{rows: rows, class: class})
			continue
		}
		if len(rows) > 0 {
			host := largest(groups, class)
			groups[host].guests = append(groups[host].guests, typeCounts(s, rows, false)...)
		}
	}
	return groups
}

// largest is the largest group of a class, the first of several.
func largest(groups []group, class int) int {
	best := 0
	for i, g := range groups {
		if g.class == class && (groups[best].class != class || len(g.rows) > len(groups[best].rows)) {
			best = i
		}
	}
	return best
}

// cut divides the rows of one type.
func cut(s *sheet, rows []int, byDifficulty bool) [][]int {
	easy := func(i int) int {
		if byDifficulty && s.difficulty[i] == hardest {
			return 1
		}
		return 0
	}
	cell := func(i int) int { return cellCode(s, i)*2 + easy(i) }
	flag := func(i int) int { return int(s.column[flagField][i])*2 + easy(i) }
	var out [][]int
	rest := rows
	for _, key := range []func(i int) int{
		func(i int) int { return cell(i)*4 + s.regime(i) }, cell,
		func(i int) int { return flag(i)*4 + s.regime(i) }, flag,
	} {
		var large [][]int
		large, rest = takeLarge(rest, key)
		out = append(out, large...)
	}
	if len(rest) >= rareType || len(out) == 0 {
		return append(out, rest)
	}
	if len(rest) > 0 {
		big := 0
		for i := range out {
			if len(out[i]) > len(out[big]) {
				big = i
			}
		}
		out[big] = append(slices.Clone(out[big]), rest...)
		slices.Sort(out[big])
	}
	return out
}

// regime is which of two laws of the rates bind a row: dst_host_count stands at its
// end, and the service was called on other hosts too in the last two seconds.
// Correlations differ between the four more than ranks can tell.
func (s *sheet) regime(i int) (r int) {
	if s.column[hostCount][i] == features[hostCount].High {
		r = 1
	}
	if s.column[serviceOtherHost][i] > 0 {
		r += 2
	}
	return r
}

// takeLarge returns the rows of each key that has at least ownCell of them, by
// key, and the other rows.
func takeLarge(rows []int, key func(i int) int) (large [][]int, left []int) {
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(a, b int) int { return cmp.Compare(key(a), key(b)) })
	for lo := 0; lo < len(sorted); {
		hi := lo
		for hi < len(sorted) && key(sorted[hi]) == key(sorted[lo]) {
			hi++
		}
		if hi-lo >= ownCell {
			large = append(large, sorted[lo:hi:hi])
		} else {
			left = append(left, sorted[lo:hi]...)
		}
		lo = hi
	}
	slices.Sort(left)
	return large, left
}

// cellCode numbers the combinations of protocol, service and flag.
func cellCode(s *sheet, i int) int {
	return (int(s.column[protocolField][i])*len(services)+int(s.column[serviceField][i]))*len(flags) + int(s.column[flagField][i])
}

func cellName(code int) [3]string {
	f := code % len(flags)
	code /= len(flags)
	return [3]string{protocols[code/len(services)], services[code%len(services)], flags[f]}
}

// cellsOf returns the cells of some rows, ordered by their mean dst_host_srv_count
// (busy services last), rare ones pooled, and sets codes to each row's place.
func cellsOf(s *sheet, rows []int, codes []float64) []Cell {
	type tally struct {
		codes []int
		rows  int
		busy  float64 // sum of whole numbers: exact in any order
	}
	byCode := make(map[int]*tally)
	var list []*tally
	for _, i := range rows {
		c := cellCode(s, i)
		t := byCode[c]
		if t == nil {
			t = &tally{codes: []int{c}}
			byCode[c] = t
			list = append(list, t)
		}
		t.rows++
		t.busy += s.column[hostServiceCount][i]
	}
	slices.SortFunc(list, func(a, b *tally) int { return cmp.Compare(a.codes[0], b.codes[0]) })
	pool := &tally{}
	kept := list[:0]
	for _, t := range list {
		if t.rows >= rareLevel {
			kept = append(kept, t)
			continue
		}
		pool.codes = append(pool.codes, t.codes...)
		pool.rows += t.rows
		pool.busy += t.busy
	}
	if pool.rows > 0 {
		kept = append(kept, pool)
	}
	slices.SortStableFunc(kept, func(a, b *tally) int {
		return cmp.Compare(a.busy/float64(a.rows), b.busy/float64(b.rows))
	})
	cells := make([]Cell, len(kept))
	place := make(map[int]float64)
	for k, t := range kept {
		cells[k].Rows = t.rows
		for _, c := range t.codes {
			cells[k].Of = append(cells[k].Of, cellName(c))
			place[c] = float64(k)
		}
	}
	for r, i := range rows {
		codes[r] = place[cellCode(s, i)]
	}
	return cells
}

// classGroups joins the rows of all strata of a class; a class without any has
// none and no copula is asked of it.
func classGroups(s *sheet, groups []group) [][]int {
	out := make([][]int, len(Classes()))
	for _, g := range groups {
		out[g.class] = append(out[g.class], g.rows...)
	}
	for _, rows := range out {
		slices.Sort(rows)
	}
	return out
}

func classIndex(attack string) int { return slices.Index(Classes(), classOf[attack]) }
