package datasets

// registry lists the sets in the order of the experiments. The sums are those of
// the published files, decompressed.
var registry = []Info{downtime, lanl, nslkdd, sshflows, cicids}

var downtime = Info{
	Name: "downtime", Folder: "computer-network-traffic",
	Title: "Computer Network Traffic (Stanford CS448b)",
	Task:  "do daily flow counts per host and remote AS warn before a host is found compromised?",
	Rows:  20803, Columns: 4,
	Source:   "https://www.kaggle.com/datasets/crawford/computer-network-traffic",
	Licence:  "none stated on the original page",
	Citation: "Stanford CS448b, listed by C. Sabatti, http://statweb.stanford.edu/~sabatti/data.html",
	Files: []File{{
		Name: "cs448b_ipasn.csv", Rows: 20803, Bytes: 429945,
		SHA256: "1fb43b54670d6ef31ccaf48534f1603407b974ef51f1296d852102abaa9c89ce",
		URLs: []string{
			"http://hci.stanford.edu/courses/cs448b/data/ipasn/cs448b_ipasn.csv",
			"https://raw.githubusercontent.com/loudgazelle/python_experiments/main/arrays/cs448b_ipasn.csv",
		},
	}},
}

const (
	lanlBase   = "https://csr.lanl.gov/data/cyber1/"
	lanlDays   = "https://raw.githubusercontent.com/NathanLaird/NetworkTrafficAnalysis/master/Data/"
	lanlMirror = "https://raw.githubusercontent.com/mariia-dream/lanl_data/main/"
)

// The four large files of LANL publish no sums. The slices are declared parts of
// them; their publishers cut them differently, so Fetch knows no address.
var lanl = Info{
	Name: "lanl", Folder: "lanl-cyber1",
	Title: "LANL Comprehensive, Multi-Source Cyber-Security Events",
	Task:  "do compromised computers move data differently?",
	Rows:  1648275307, Columns: 9,
	Source:   "https://csr.lanl.gov/data/cyber1/",
	Licence:  "CC0 1.0 (public domain)",
	Citation: "A. D. Kent, \"Comprehensive, Multi-Source Cybersecurity Events\", Los Alamos National Laboratory, 2015, doi:10.17021/1179829; A. D. Kent, \"Cybersecurity Data Sources for Dynamic Network Research\", Dynamic Networks in Cybersecurity, 2015",
	Files: []File{
		{Name: "redteam.txt", Rows: 749, Bytes: 22986, SHA256: "6bbc0c7dff64e476efb08fef260822b058fd09d44d17ec488a16e80474d1e532",
			URLs: []string{lanlBase + "redteam.txt.gz", lanlMirror + "redteam.txt.gz"}},
		{Name: "computer-days.all.csv", Rows: 17399, Bytes: 873748, SHA256: "9f2dae55f16c90d138fe0dafc6e603191981b4e7470745b7bafeaaa7ccf26285",
			URLs: []string{lanlDays + "flow_time_series.csv"}},
		{Name: "computer-days.redteam.csv", Rows: 202, Bytes: 10559, SHA256: "dcea32901dab6682219e7e8d7c80515968120a40afceeff7eb811bc5a2393cd5",
			URLs: []string{lanlDays + "red_time_series.csv"}},
		{Name: "auth.head20000.txt", Rows: 20000, Bytes: 1259632, SHA256: "0976720573326ebc2ffa650e8fc347bbaf48520502bc93e472bca4cca09f81d8", Optional: true},
		{Name: "auth.head20000.utf16le-crlf.txt", Rows: 20000, Bytes: 2559266, SHA256: "d816490401bdf2a427274caef6406f7cc336e527c0116926bbea7760aca702f2", Optional: true},
		{Name: "auth.time150prefix20000.txt", Rows: 20000, Bytes: 1326471, SHA256: "c94fcf636903d4ba64bf54993c6ab19beccff4893cc96412c442c15e59eaa051", Optional: true},
		{Name: "auth.users-day0-1-2.15000.txt", Rows: 15000, Bytes: 910948, SHA256: "5a03ba2c9991a8070f406ea13859a777949813614148c4d1e3bd00e6f0e8aa26", Optional: true},
		{Name: "dns.head20000.txt", Rows: 20000, Bytes: 351695, SHA256: "d1fce5d5d530892f5123826a687c5106fed9db8ddb4dc746a9e58d4a64d10896", Optional: true},
		{Name: "flows.head20000.txt", Rows: 20000, Bytes: 723834, SHA256: "f02dde7cee0360955ad22d4047e816453ca0bb3e60d903fdf36286822955eb2a", Optional: true},
		{Name: "proc.head20000.txt", Rows: 20000, Bytes: 603361, SHA256: "80869d70251737523dc5513f6630d9efc04950f67b40e34658b7575d28e7722e", Optional: true},
		{Name: "auth.txt", Rows: 1051430459, URLs: []string{lanlBase + "auth.txt.gz"}, Optional: true},
		{Name: "flows.txt", Rows: 129977412, URLs: []string{lanlBase + "flows.txt.gz"}, Optional: true},
		{Name: "proc.txt", Rows: 426045096, URLs: []string{lanlBase + "proc.txt.gz"}, Optional: true},
		{Name: "dns.txt", Rows: 40821591, URLs: []string{lanlBase + "dns.txt.gz"}, Optional: true},
	},
}

const (
	kddBase   = "https://raw.githubusercontent.com/jmnwong/NSL-KDD-Dataset/master/"
	kddSecond = "https://raw.githubusercontent.com/defcom17/NSL_KDD/master/"
)

var nslkdd = Info{
	Name: "nslkdd", Folder: "nsl-kdd",
	Title: "NSL-KDD",
	Task:  "does a detector trained on NSL-KDD catch attacks it has never seen?",
	Rows:  125973 + 22544, Columns: 43, Classes: 5,
	Source:   "https://www.unb.ca/cic/datasets/nsl.html",
	Licence:  "may be redistributed and mirrored with citation",
	Citation: "M. Tavallaee, E. Bagheri, W. Lu, A. Ghorbani, \"A Detailed Analysis of the KDD CUP 99 Data Set\", CISDA 2009",
	Files: []File{
		{Name: "KDDTrain+.txt", Rows: 125973, Bytes: 19109424, SHA256: "1b86d2f957b33082081bba410fe129b475efebcc13c9014c3f447c8271aadf95",
			URLs: []string{kddBase + "KDDTrain%2B.txt", kddSecond + "KDDTrain%2B.txt"}},
		{Name: "KDDTrain+_20Percent.txt", Rows: 25192, Bytes: 3822033, SHA256: "7ea86479faab5ca2190b7f18b4982fb058ce5bf2b46e0e1017d0d9ef90f9c16e",
			URLs: []string{kddBase + "KDDTrain%2B_20Percent.txt", kddSecond + "KDDTrain%2B_20Percent.txt"}},
		{Name: "KDDTest+.txt", Rows: 22544, Bytes: 3441513, SHA256: "fa46b0935342616aa83b7c2578db355b6a7aaabbc492248172c7a1e8b7ab8f84",
			URLs: []string{kddBase + "KDDTest%2B.txt", kddSecond + "KDDTest%2B.txt"}},
		{Name: "KDDTest-21.txt", Rows: 11850, Bytes: 1814092, SHA256: "746993ac9e25868827cacf09eab450050a2a1056e1ce48a1ad39f5dc801d531d",
			URLs: []string{kddBase + "KDDTest-21.txt", kddSecond + "KDDTest-21.txt"}},
	},
}

// sshflows has no licence, so no copy travels with the project and no copy on
// somebody's page is fetched: the user brings the file of the course.
var sshflows = Info{
	Name: "sshflows", Folder: "sshflows",
	Title: "Find hacking attempts from network data (Udacity ud919)",
	Task:  "which sources hammer port 22?",
	Rows:  337940, Columns: 10,
	Source:   "https://classroom.udacity.com/courses/ud919",
	Licence:  "none stated; do not redistribute",
	Citation: "Udacity and AT&T, Model Building and Validation (ud919), final project, ds_1_with_fields.csv",
	Files: []File{
		{Name: "ds_1_with_fields.csv", Rows: 337940},
		{Name: "network_data.csv", Rows: 337940, Optional: true}, // the same bytes under the name that notebooks use
	},
}

const cicBase = "https://cse-cic-ids2018.s3.ca-central-1.amazonaws.com/Processed%20Traffic%20Data%20for%20ML%20Algorithms/"

// The ten day files of CSE-CIC-IDS2018 are 6 GB and publish no sums (that of 14
// February is known); the samples are declared parts.
var cicids = Info{
	Name: "cicids", Folder: "cse-cic-ids2018",
	Title: "CSE-CIC-IDS2018",
	Task:  "can a model tell benign from malicious flows, and does it hold on another day?",
	Rows:  16232943, Columns: 80, Classes: 15,
	Source:   "https://www.unb.ca/cic/datasets/ids-2018.html",
	Licence:  "may be redistributed and mirrored with citation",
	Citation: "I. Sharafaldin, A. Habibi Lashkari, A. A. Ghorbani, \"Toward Generating a New Intrusion Detection Dataset and Intrusion Traffic Characterization\", ICISSP 2018; corrected edition: L. Liu, G. Engelen, T. Lynar, D. Essam, W. Joosen, \"Error Prevalence in NIDS datasets\", IEEE CNS 2022",
	Files: []File{
		{Name: "Wednesday-14-02-2018_TrafficForML_CICFlowMeter.sample5594.csv", Rows: 5594, Bytes: 1778814, SHA256: "e4121041663b19c45849ef54de0efc7e930bb06b7ffbe1cdb112dee680b5168f",
			URLs: []string{"https://raw.githubusercontent.com/ahlashkari/CICFlowMeter/f9e4154d06b455bfa68f123437ec8db81699ff02/src/main/java/susman/cs/ncat/edu/data/test.csv"}},
		{Name: "Bruteforce-Wednesday-14-02-2018_TrafficForML_CICFlowMeter.sample6053.csv", Rows: 6053, Bytes: 2185955, SHA256: "beb9fce36bb05675aa1ede1b8180e4241ae1033e44e8253ab12513ce7939f3f9", Optional: true},
		{Name: "Bruteforce-Wednesday-14-02-2018_TrafficForML_CICFlowMeter.sample6053.parquet", Rows: 6053, Bytes: 892412, SHA256: "8174a2b47e952d57004231be574f119aa682eb559b5d73228127d272cc872453", Optional: true,
			URLs: []string{"https://raw.githubusercontent.com/Houssaynimaryame/cloud-intrusion-detection-cicids2018/main/data/raw/Bruteforce-Wednesday-14-02-2018_TrafficForML_CICFlowMeter.parquet"}},
		{Name: "CSECICIDS2018_improved.sample.eight-days.csv", Rows: 3613, Bytes: 2131432, SHA256: "f0fb466b197d776fb083fe515a2f9a133ff79485e0c9edfb9b4afd926137475c", Optional: true},
		{Name: "all-days.10-per-label.180rows.csv", Rows: 180, Bytes: 76512, SHA256: "0ecd1506788ef4408c58d3fa8beca29c76a728345c06eeacf9b5d7ef4e69cb19", Optional: true},
		day("Wednesday-14-02", 358223333, "acff8bc61376ee031d80878ee6099e0b1a87a1bd711d8068298421418c9f8147"),
		day("Thursday-15-02", 0, ""), day("Friday-16-02", 0, ""), day("Thuesday-20-02", 0, ""), day("Wednesday-21-02", 0, ""),
		day("Thursday-22-02", 0, ""), day("Friday-23-02", 0, ""), day("Wednesday-28-02", 0, ""), day("Thursday-01-03", 0, ""), day("Friday-02-03", 0, ""),
	},
}

// day is one of the ten files of CSE-CIC-IDS2018; the spelling Thuesday is the publisher's.
func day(name string, bytes int64, sum string) File {
	name += "-2018_TrafficForML_CICFlowMeter.csv"
	return File{Name: name, Bytes: bytes, SHA256: sum, URLs: []string{cicBase + name}, Optional: true}
}
