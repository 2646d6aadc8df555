package nslkdd

import (
	"math"
	"slices"
	"strings"

	"flowbook/internal/table"
)

// Columns that the laws speak of.
var (
	srcBytes         = columnIndex["src_bytes"]
	dstBytes         = columnIndex["dst_bytes"]
	landFlag         = columnIndex["land"]
	wrongFragment    = columnIndex["wrong_fragment"]
	loggedIn         = columnIndex["logged_in"]
	rootShell        = columnIndex["root_shell"]
	rootAccesses     = columnIndex["num_root"]
	compromised      = columnIndex["num_compromised"]
	urgentColumn     = columnIndex["urgent"]
	outboundCommands = columnIndex["num_outbound_cmds"]
	recentCount      = columnIndex["count"]
	recentService    = columnIndex["srv_count"]
	sameService      = columnIndex["same_srv_rate"]
	otherService     = columnIndex["diff_srv_rate"]
	serviceOtherHost = columnIndex["srv_diff_host_rate"]
	hostCount        = columnIndex["dst_host_count"]
	hostServiceCount = columnIndex["dst_host_srv_count"]
	hostSameService  = columnIndex["dst_host_same_srv_rate"]
	hostOtherService = columnIndex["dst_host_diff_srv_rate"]
	hostServiceOther = columnIndex["dst_host_srv_diff_host_rate"]
)

// errorPairs are rates of two kinds of error out of the same connections.
var errorPairs = [4][2]int{
	{columnIndex["serror_rate"], columnIndex["rerror_rate"]},
	{columnIndex["srv_serror_rate"], columnIndex["srv_rerror_rate"]},
	{columnIndex["dst_host_serror_rate"], columnIndex["dst_host_rerror_rate"]},
	{columnIndex["dst_host_srv_serror_rate"], columnIndex["dst_host_srv_rerror_rate"]},
}

var (
	landAttack = uint8(slices.Index(attacks, "land"))
	normalCode = uint8(slices.Index(attacks, Normal))
	tcp        = float64(slices.Index(protocols, "tcp"))
	flagS0     = float64(slices.Index(flags, "S0"))
	flagREJ    = float64(slices.Index(flags, "REJ"))
	finger     = float64(slices.Index(services, "finger"))
)

// obey puts row i under the laws that hold in the real files, in all 148,517 rows
// unless a number says in how many they do not. A copula knows nothing of them.
func (s *sheet) obey(i int) {
	at := func(k int) *float64 { return &s.column[k][i] }
	zero := func(columns ...int) {
		for _, k := range columns {
			*at(k) = 0
		}
	}
	for k := range FeatureCount {
		if f := &features[k]; categories[k] == nil {
			*at(k) = max(f.Low, min(*at(k), f.High))
		}
	}
	*at(difficultyColumn) = max(0, min(*at(difficultyColumn), hardest))
	zero(outboundCommands)

	// A land attack is a SYN to one's own address (CERT CA-1997-28); the type is too
	// rare to calibrate. Of the other types only normal shows land, 7 rows in all.
	switch s.attack[i] {
	case landAttack:
		*at(protocolField), *at(serviceField), *at(flagField), *at(landFlag) = tcp, finger, flagS0, 1
	case normalCode:
		if *at(flagField) != flagS0 {
			zero(landFlag)
		}
	default:
		zero(landFlag)
	}

	// Only TCP logs in and only datagrams come in wrong fragments.
	if *at(protocolField) == tcp {
		zero(wrongFragment)
	} else {
		zero(loggedIn)
	}
	if *at(loggedIn) == 0 {
		zero(rootShell, rootAccesses, compromised)
	}
	// No answer or a refusal: nothing was sent (4 rows of S0 differ).
	switch *at(flagField) {
	case flagREJ, flagS0:
		zero(srcBytes, dstBytes)
	}

	s.obeyRates(i)
}

// obeyRates ties rates to the counts that they are of.
func (s *sheet) obeyRates(i int) {
	at := func(k int) *float64 { return &s.column[k][i] }
	s.tie(i, recentCount, recentService, sameService, otherService, serviceOtherHost)
	// With 255 connections to the host none of the service's are to others.
	if *at(hostCount) == features[hostCount].High {
		*at(hostServiceOther) = 0
	}
	s.tie(i, hostCount, hostServiceCount, hostSameService, hostOtherService, hostServiceOther)
	// A rate is a whole number of connections over the count that it is of (all but
	// 0.3 % of the rows of any column), with two decimals.
	for _, r := range rates {
		if n := *at(r.of); n > 0 {
			*at(r.rate) = twoDecimals(math.Round(*at(r.rate)*n) / n)
		}
	}
	if *at(sameService) == 1 {
		*at(otherService) = 0 // 637 rows differ
	}
	// Shares of different errors sum to 1 at most: the smaller gives way.
	for _, p := range errorPairs {
		a, b := at(p[0]), at(p[1])
		if *a < *b {
			a, b = b, a
		}
		*b = twoDecimals(min(*b, 1-*a))
	}
}

// tie makes two counts and three rates of row i agree. count is over connections
// to this host, service over those to this service; the ones in both are
// same = sameRate × count, and service - same of the second are to other hosts. So
// service = same exactly where otherHost is 0 (all rows but 6), and above otherwise.
func (s *sheet) tie(i, count, service, sameRate, otherRate, otherHost int) {
	at := func(k int) *float64 { return &s.column[k][i] }
	n := max(1, *at(count)) // 0 in 9 rows
	most := features[service].High
	*at(count) = n
	same := math.Round(*at(sameRate) * n)
	if *at(sameRate) < 1 && *at(otherHost) == 0 {
		same = min(*at(service), n-1)
	}
	same = max(1, min(same, n))
	if *at(otherHost) == 0 || same == most {
		*at(service), *at(otherHost) = same, 0
	} else {
		*at(service) = max(same+1, min(*at(service), most))
		*at(otherHost) = max(*at(otherHost), 1 / *at(service))
	}
	*at(sameRate) = same / n
	// More than one service means some to another (33 rows differ).
	if same < n {
		*at(otherRate) = max(1/n, *at(otherRate))
	}
}

func twoDecimals(v float64) float64 { return math.Round(v*100) / 100 }

// rates names the count that each of the 15 rates is of.
var rates = func() (out []struct{ rate, of int }) {
	of := 0
	for k, f := range features {
		if f.Kind != table.FloatKind {
			continue
		}
		switch {
		case f.Group == Recent && strings.HasPrefix(f.Name, "srv_"):
			of = recentService
		case f.Group == Recent:
			of = recentCount
		case strings.HasPrefix(f.Name, "dst_host_srv_"):
			of = hostServiceCount
		default:
			of = hostCount
		}
		out = append(out, struct{ rate, of int }{k, of})
	}
	return out
}()
