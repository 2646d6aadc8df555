package nslkdd

import (
	"math"
	"strconv"

	"flowbook/internal/exhibit"
	"flowbook/internal/table"
)

// Feature is one of the 41 features of a connection, as KDD Cup 99 defined them
// and NSL-KDD kept them.
type Feature struct {
	Name    string
	Kind    table.Kind // IntKind, FloatKind (the 15 rates) or CodeKind (protocol_type, service, flag)
	Unit    string     // "s", "bytes", "connections", "fraction", …; "" for flags and categories
	Low     float64    // smallest value that the definition allows; NaN for a category
	High    float64    // largest; +Inf where the definition sets none, NaN for a category
	Group   Group
	Meaning string
}

// Group says which part of the KDD feature extraction a feature comes from.
type Group string

const (
	Basic   Group = "basic"       // of the connection itself
	Content Group = "content"     // read from the payload by hand-written rules
	Recent  Group = "two seconds" // over connections of the past two seconds
	Host    Group = "per host"    // over a window of past connections to the same host
)

// FeatureCount is the number of features; a line of a file has two fields more,
// the attack's name and the difficulty.
const FeatureCount = 41

// Positions of the three categories and of the fields after the features.
const (
	protocolField   = 1
	serviceField    = 2
	flagField       = 3
	attackField     = 41
	difficultyField = 42
	fieldCount      = 43
)

var unbounded = math.Inf(1)

// category, flag01, number and rate keep the list below readable.
func category(name, meaning string) Feature {
	return Feature{name, table.CodeKind, "", math.NaN(), math.NaN(), Basic, meaning}
}

func flag01(name string, g Group, meaning string) Feature {
	return Feature{name, table.IntKind, "", 0, 1, g, meaning}
}

func number(name, unit string, high float64, g Group, meaning string) Feature {
	return Feature{name, table.IntKind, unit, 0, high, g, meaning}
}

func rate(name string, g Group, meaning string) Feature {
	return Feature{name, table.FloatKind, "fraction", 0, 1, g, meaning}
}

// features in the order of the files. The meanings follow Lee, Stolfo (2000),
// "A framework for constructing features and models for intrusion detection
// systems", ACM TISSEC 3(4), tables of appendix A, and the KDD Cup 99 task page,
// corrected where the files say otherwise: the task page calls the rates
// percentages (they are fractions of 1), and gives no upper ends (count stops at
// 511, dst_host_count at 255).
var features = [FeatureCount]Feature{
	number("duration", "s", unbounded, Basic, "length of the connection, whole seconds; 0 for most"),
	category("protocol_type", "icmp, tcp or udp"),
	category("service", "service by destination port (http, telnet, …; for icmp the message type: eco_i, ecr_i, …); private and other collect the rest"),
	category("flag", "how the connection ended: SF established and closed, S0 no answer to the SYN, REJ refused, RST… reset, SH and S1-S3 half-way, OTH seen only in the middle"),
	number("src_bytes", "bytes", unbounded, Basic, "bytes sent by the originator"),
	number("dst_bytes", "bytes", unbounded, Basic, "bytes sent by the responder"),
	flag01("land", Basic, "1 if both ends have the same address and port"),
	number("wrong_fragment", "fragments", unbounded, Basic, "fragments with a wrong checksum or place; 0, 1 or 3 in all files"),
	number("urgent", "packets", unbounded, Basic, "packets with the urgent bit; almost always 0"),
	number("hot", "indicators", unbounded, Content, "\"hot\" indicators in the payload: system directories entered, programs made and run"),
	number("num_failed_logins", "logins", unbounded, Content, "failed logins; at most 5 in all files"),
	flag01("logged_in", Content, "1 if a login succeeded"),
	number("num_compromised", "conditions", unbounded, Content, "\"compromised\" conditions; rises and falls with num_root"),
	flag01("root_shell", Content, "1 if a root shell was obtained"),
	number("su_attempted", "", 2, Content, "1 if \"su root\" was tried; dictionaries call it 0 or 1, the files hold 0, 1 and 2, and nobody says what 2 means"),
	number("num_root", "accesses", unbounded, Content, "accesses as root"),
	number("num_file_creations", "operations", unbounded, Content, "file creations"),
	number("num_shells", "prompts", unbounded, Content, "shell prompts seen"),
	number("num_access_files", "operations", unbounded, Content, "operations on access-control files"),
	number("num_outbound_cmds", "commands", unbounded, Content, "outbound commands in an ftp session; 0 in every row of every file, so it says nothing"),
	flag01("is_host_login", Content, "1 if the login is on the \"hot\" list (root, adm); often misprinted is_hot_login. 1 in a single row of KDDTrain+"),
	flag01("is_guest_login", Content, "1 if the login is guest or anonymous"),
	number("count", "connections", 511, Recent, "connections to the same host in the past two seconds; stops at 511"),
	number("srv_count", "connections", 511, Recent, "connections to the same service in the past two seconds; stops at 511"),
	rate("serror_rate", Recent, "of count: share with a SYN error (S0 and its like)"),
	rate("srv_serror_rate", Recent, "of srv_count: share with a SYN error"),
	rate("rerror_rate", Recent, "of count: share refused or reset (REJ and its like)"),
	rate("srv_rerror_rate", Recent, "of srv_count: share refused or reset"),
	rate("same_srv_rate", Recent, "of count: share to the same service"),
	rate("diff_srv_rate", Recent, "of count: share to different services; not 1 - same_srv_rate"),
	rate("srv_diff_host_rate", Recent, "of srv_count: share to different hosts"),
	number("dst_host_count", "connections", 255, Host, "connections to the same destination host in a window of past connections; stops at 255"),
	number("dst_host_srv_count", "connections", 255, Host, "connections to the same service of that host; stops at 255"),
	rate("dst_host_same_srv_rate", Host, "of dst_host_count: share to the same service"),
	rate("dst_host_diff_srv_rate", Host, "of dst_host_count: share to different services"),
	rate("dst_host_same_src_port_rate", Host, "of dst_host_count: share from the same source port"),
	rate("dst_host_srv_diff_host_rate", Host, "of dst_host_srv_count: share from different source hosts"),
	rate("dst_host_serror_rate", Host, "of dst_host_count: share with a SYN error"),
	rate("dst_host_srv_serror_rate", Host, "of dst_host_srv_count: share with a SYN error"),
	rate("dst_host_rerror_rate", Host, "of dst_host_count: share refused or reset"),
	rate("dst_host_srv_rerror_rate", Host, "of dst_host_srv_count: share refused or reset"),
}

// Features returns the 41 features in the order of the files.
func Features() []Feature { f := features; return f[:] }

// Protocols and Flags are the levels that the format allows, sorted.
var (
	protocols = []string{"icmp", "tcp", "udp"}
	flags     = []string{"OTH", "REJ", "RSTO", "RSTOS0", "RSTR", "S0", "S1", "S2", "S3", "SF", "SH"}
)

// services are the 70 levels of the published files, sorted. A file of the user's
// own may hold others: the list grew with the sites that KDD was recorded at.
var services = []string{
	"IRC", "X11", "Z39_50", "aol", "auth", "bgp", "courier", "csnet_ns", "ctf", "daytime", "discard", "domain",
	"domain_u", "echo", "eco_i", "ecr_i", "efs", "exec", "finger", "ftp", "ftp_data", "gopher", "harvest", "hostnames",
	"http", "http_2784", "http_443", "http_8001", "imap4", "iso_tsap", "klogin", "kshell", "ldap", "link", "login",
	"mtp", "name", "netbios_dgm", "netbios_ns", "netbios_ssn", "netstat", "nnsp", "nntp", "ntp_u", "other", "pm_dump",
	"pop_2", "pop_3", "printer", "private", "red_i", "remote_job", "rje", "shell", "smtp", "sql_net", "ssh", "sunrpc",
	"supdup", "systat", "telnet", "tftp_u", "tim_i", "time", "urh_i", "urp_i", "uucp", "uucp_path", "vmnet", "whois",
}

// Dictionary is the list of features with unit, range and meaning, as the files
// have them.
func Dictionary() exhibit.Grid {
	g := exhibit.Grid{
		Title:   "The 41 features of NSL-KDD",
		Caption: "Unit, range and meaning, corrected against the files: rates are fractions of 1, not percentages; count stops at 511 and dst_host_count at 255.",
		Columns: []string{"#", "feature", "group", "kind", "unit", "range", "meaning"},
		Folded:  true,
	}
	for i, f := range features {
		g.Rows = append(g.Rows, []exhibit.Cell{
			exhibit.Count(i + 1), exhibit.Text(f.Name), exhibit.Text(string(f.Group)), exhibit.Text(f.Kind.String()),
			exhibit.Text(f.Unit), exhibit.Text(f.Range()), exhibit.Text(f.Meaning),
		})
	}
	return g
}

// Range is the feature's range as text: "0 to 511", "at least 0", or "" for a category.
func (f Feature) Range() string {
	switch {
	case f.Kind == table.CodeKind:
		return ""
	case math.IsInf(f.High, 1):
		return "at least " + strconv.FormatFloat(f.Low, 'f', -1, 64)
	}
	return strconv.FormatFloat(f.Low, 'f', -1, 64) + " to " + strconv.FormatFloat(f.High, 'f', -1, 64)
}
