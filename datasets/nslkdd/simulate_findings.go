package nslkdd

import (
	"math"
	"slices"

	"flowbook/internal/num"
	"flowbook/internal/table"
)

// Finding is something known about the real set that the simulated one has to
// show as well. All findings together are what "good enough" means here.
type Finding struct {
	Name      string  // stable: "types-unseen"
	Sentence  string  // what is found, as a reader would say it
	Low, High float64 // the finding holds where Low ≤ number ≤ High
	number    func(*Set) float64
}

// In measures a set. The number is NaN where the set lacks what it is about, and
// then the finding does not hold. Findings about the test set describe it, and
// their looks are counted. They read its labels, so they belong to the description of the
// data and never to the choice of a model.
func (f Finding) In(set *Set) (holds bool, number float64) {
	v := f.number(set)
	return v >= f.Low && v <= f.High, v
}

// Findings lists what the real and the simulated set have in common, by the part
// of the story that it belongs to.
func Findings() []Finding {
	tree := once(treeScores) // four findings ask for it
	return []Finding{
		{"class-mix", "Class shares of KDDTrain+ are within one point of .535 normal, .365 dos, .093 probe, .008 r2l, .0004 u2r.", 0, .01, classMix},
		{"types-unseen", "Seventeen attack types of KDDTest+ never occur in KDDTrain+.", 17, 17, typesUnseen},
		{"rows-unseen", "The attack types new in KDDTest+ make up a sixth of its rows.", .156, .176, rowsUnseen},
		{"test-21-share", "Some 53 % of KDDTest+ are in KDDTest-21, the rows that not all 21 learners got right.", .51, .54, hardShare},
		{"test-21-attacks", "Four in five rows of KDDTest-21 are attacks.", .80, .84, hardAttacks},
		{"duplicates", "About 3 % of KDDTest+ has the same features as a row of KDDTrain+.", .025, .035, duplicates},
		{"conflicts", "A quarter of a percent of the feature vectors of KDDTest+ carry both labels.", .0015, .0035, conflicts},
		{"src-bytes-train", "In the 20 % file attacks as a rule send fewer bytes: a random attack outsends a random normal row one time in ten.", .06, .14, sizeTrain},
		{"src-bytes-test", "In KDDTest+ a random attack outsends a random normal row one time in five.", .16, .24, sizeTest},
		{"src-bytes-u", "The attack share over the deciles of src_bytes in KDDTest+ is U-shaped: both ends lie at least a half above the lowest.", .5, 1, uShape},
		{"flag-s0", "A SYN without answer (S0) is an attack in KDDTrain+.", .97, 1, func(s *Set) float64 { return attackShare(s.Train.View(), "flag", "S0") }},
		{"flag-s1-s3", "Half-closed connections (S1, S2, S3) are mostly normal in KDDTrain+, error flags though they are.", 0, .1, func(s *Set) float64 { return attackShare(s.Train.View(), "flag", "S1", "S2", "S3") }},
		{"flag-sf", "Completed connections (SF) are mostly normal in KDDTrain+.", .1, .2, func(s *Set) float64 { return attackShare(s.Train.View(), "flag", "SF") }},
		{"icmp-train", "ICMP is mostly attack in KDDTrain+.", .8, .9, func(s *Set) float64 { return attackShare(s.Train.View(), "protocol_type", "icmp") }},
		{"service-train", "The service all but tells the label in the 20 % file (Cramér's V).", .82, .9, func(s *Set) float64 { return cramerV(s.Train20.View(), "service") }},
		{"service-test", "The service tells most of the label in KDDTest+ (Cramér's V).", .7, .8, func(s *Set) float64 { return cramerV(s.Test.Describe("finding"), "service") }},
		{"one-rule-test", "The single rule src_bytes <= 28 is right on four of five rows of KDDTest+.", .78, .82, func(s *Set) float64 { return oneRule(s.Test.Describe("finding")) }},
		{"one-rule-test-21", "The single rule src_bytes <= 28 is right on 63 % of KDDTest-21.", .60, .66, func(s *Set) float64 { return oneRule(s.Test21.Describe("finding")) }},
		{"constant", "num_outbound_cmds is 0 everywhere.", 0, 0, constantColumn},
		{"urgent-test", "Rows with urgent packets in KDDTest+ are all attacks: complete separation.", 1, 1, urgentTest},
		{"urgent-train", "Rows with urgent packets in KDDTrain+ are of both kinds.", .05, .95, urgentTrain},
		{"tree-inside", "A tree of depth six learnt on half of the 20 % file is right on the other half.", .95, 1, func(s *Set) float64 { return tree(s).inside }},
		{"tree-drop", "A tree of depth six loses more than ten points from the 20 % file to KDDTest+.", .1, 1, func(s *Set) float64 { t := tree(s); return t.inside - t.test }},
		{"tree-test-21", "A tree of depth six is right on less than three quarters of KDDTest-21.", .4, .75, func(s *Set) float64 { return tree(s).hard }},
		{"tree-r2l", "A tree of depth six finds less than a third of the r2l rows of KDDTest+.", 0, .333, func(s *Set) float64 { return tree(s).r2l }},
	}
}

func classMix(s *Set) float64 {
	want := map[string]float64{"normal": 67343, "dos": 45927, "probe": 11656, "r2l": 995, "u2r": 52}
	got := make(map[string]float64)
	for _, c := range s.Train.View().Strings("class") {
		got[c]++
	}
	worst := 0.0
	for _, c := range Classes() {
		worst = max(worst, math.Abs(got[c]/float64(s.Train.Rows())-want[c]/125973))
	}
	return worst
}

// unseen returns the attack types of the test set that train lacks, with their rows.
func unseen(s *Set) map[string]int {
	known := make(map[string]bool)
	for _, a := range s.Train.View().Strings("attack") {
		known[a] = true
	}
	rows := make(map[string]int)
	for _, a := range s.Test.Describe("finding").Strings("attack") {
		if !known[a] {
			rows[a]++
		}
	}
	return rows
}

func typesUnseen(s *Set) float64 { return float64(len(unseen(s))) }

func rowsUnseen(s *Set) float64 {
	total := 0
	for _, n := range unseen(s) {
		total += n
	}
	return float64(total) / float64(s.Test.Rows())
}

func hardShare(s *Set) float64 {
	n := 0
	for _, d := range s.Test.Describe("finding").Floats("difficulty") {
		if d < hardest {
			n++
		}
	}
	if n != s.Test21.Rows() {
		return math.NaN()
	}
	return float64(n) / float64(s.Test.Rows())
}

func hardAttacks(s *Set) float64 {
	return num.Mean(isAttack(s.Test21.Describe("finding")))
}

func duplicates(s *Set) float64 {
	in := make(map[key]bool)
	for _, k := range keys(s.Train) {
		in[k] = true
	}
	n := 0
	for _, k := range keys(s.Test.Describe("finding").Table()) {
		if in[k] {
			n++
		}
	}
	return float64(n) / float64(s.Test.Rows())
}

func conflicts(s *Set) float64 {
	v := s.Test.Describe("finding")
	attack := isAttack(v)
	first := make(map[key]float64)
	both := make(map[key]bool)
	for i, k := range keys(v.Table()) {
		if a, ok := first[k]; !ok {
			first[k] = attack[i]
		} else if a != attack[i] {
			both[k] = true
		}
	}
	return float64(len(both)) / float64(len(first))
}

func sizeTrain(s *Set) float64 { return outsends(s.Train20.View()) }
func sizeTest(s *Set) float64  { return outsends(s.Test.Describe("finding")) }

// outsends is A12 of src_bytes, attack against normal (Vargha, Delaney 2000).
func outsends(v table.View) float64 {
	rank, _ := num.Ranks(v.Floats("src_bytes"))
	var sum, m float64
	for i, a := range isAttack(v) {
		sum += float64(a * rank[i])
		m += a
	}
	n := float64(len(rank)) - m
	return (sum - m*(m+1)/2) / (m * n)
}

// uShape is how far the lower of the two ends lies above the lowest decile. A row
// is in the decile of its mean rank, so equal values stay together.
func uShape(s *Set) float64 {
	v := s.Test.Describe("finding")
	rank, _ := num.Ranks(v.Floats("src_bytes"))
	attack := isAttack(v)
	var hit, all [10]float64
	for i, r := range rank {
		d := min(9, int(10*(r-1)/float64(len(rank))))
		hit[d] += attack[i]
		all[d]++
	}
	var share []float64
	for d := range all {
		if all[d] > 0 {
			share = append(share, hit[d]/all[d])
		}
	}
	return min(share[0], share[len(share)-1]) - slices.Min(share)
}

// isAttack is 1 for an attack and 0 for normal.
func isAttack(v table.View) []float64 {
	out := make([]float64, v.Rows())
	for i, a := range v.Strings("attack") {
		if a != Normal {
			out[i] = 1
		}
	}
	return out
}

// attackShare is the share of attacks among rows with one of these levels.
func attackShare(v table.View, column string, levels ...string) float64 {
	var hit, n float64
	attack := isAttack(v)
	for i, l := range v.Strings(column) {
		if slices.Contains(levels, l) {
			hit += attack[i]
			n++
		}
	}
	return hit / n
}

// cramerV is Cramér's V of a category against attack or normal.
func cramerV(v table.View, column string) float64 {
	count := make(map[string]*[2]float64)
	var order []*[2]float64
	var total [2]float64
	attack := isAttack(v)
	for i, l := range v.Strings(column) {
		if count[l] == nil {
			count[l] = new([2]float64)
			order = append(order, count[l])
		}
		count[l][int(attack[i])]++
		total[int(attack[i])]++
	}
	n := total[0] + total[1]
	chi2 := 0.0
	for _, c := range order {
		for k := range c {
			e := (c[0] + c[1]) * total[k] / n
			chi2 += (c[k] - e) * (c[k] - e) / e
		}
	}
	return math.Sqrt(chi2 / n)
}

// oneRule is the accuracy of: an attack sends at most 28 bytes.
func oneRule(v table.View) float64 {
	attack := isAttack(v)
	right := 0.0
	for i, b := range v.Floats("src_bytes") {
		if (b <= 28) == (attack[i] == 1) {
			right++
		}
	}
	return right / float64(len(attack))
}

func constantColumn(s *Set) float64 {
	return max(slices.Max(s.Train.View().Floats("num_outbound_cmds")),
		slices.Max(s.Test.Describe("finding").Floats("num_outbound_cmds")))
}

func urgentTest(s *Set) float64  { return urgentAttacks(s.Test.Describe("finding")) }
func urgentTrain(s *Set) float64 { return urgentAttacks(s.Train.View()) }

// urgentAttacks is the share of attacks among rows with urgent packets.
func urgentAttacks(v table.View) float64 {
	attack := isAttack(v)
	var hit, n float64
	for i, u := range v.Floats("urgent") {
		if u > 0 {
			hit += attack[i]
			n++
		}
	}
	return hit / n
}
