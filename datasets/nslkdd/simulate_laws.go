package nslkdd

import (
	"math"
	"slices"
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
	// same_srv_rate is srv_count / count, at most 1 (1,064 rows differ).
	if count := *at(recentCount); count > 0 {
		if rate := *at(sameService); rate < 1 && count > 1 {
			*at(recentService) = max(1, math.Round(rate*count))
		} else {
			*at(recentService) = max(count, *at(recentService))
		}
		*at(sameService) = twoDecimals(min(1, *at(recentService)/count))
	}
	// One service means no other (637 rows differ), and more than one means some (29).
	if *at(sameService) == 1 {
		*at(otherService) = 0
	} else {
		*at(otherService) = max(.01, *at(otherService))
	}
	if *at(recentService) == 1 {
		*at(serviceOtherHost) = 0
	}
	// With 255 connections to the host the share of the service is exact.
	if *at(hostCount) == 255 {
		*at(hostSameService) = twoDecimals(*at(hostServiceCount) / 255)
	}
	if *at(hostSameService) < 1 {
		*at(hostOtherService) = max(.01, *at(hostOtherService)) // 4 rows differ
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

func twoDecimals(v float64) float64 { return math.Round(v*100) / 100 }
