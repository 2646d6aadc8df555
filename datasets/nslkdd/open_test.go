package nslkdd

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"flowbook/datasets"
	"flowbook/internal/exhibit"
	"flowbook/internal/rng"
	"flowbook/internal/table"
)

// lay writes files below a new data folder and returns it.
func lay(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestErrors holds what a wrong file says: file, line, column, value and remedy.
func TestErrors(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(made(t)), "\n")
	with := func(field int, value string) string { // in line 3
		fields := strings.Split(lines[2], ",")
		fields[field] = value
		return strings.Join([]string{lines[0], lines[1], strings.Join(fields, ","), lines[3]}, "\n")
	}
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", `nslkdd: given.txt: the file is empty; want lines of 43 fields`},
		{"only line ends", "\n\r\n", `nslkdd: given.txt: the file is empty; want lines of 43 fields`},
		{"42 fields", with(41, "normal")[:len(with(41, "normal"))-3] + "\n", `nslkdd: given.txt:4: 42 fields; want 43, separated by commas: 41 features, the attack and the difficulty (KDD Cup 99 itself has 42: it lacks the difficulty)`},
		{"44 fields", with(42, "20,extra"), `nslkdd: given.txt:3: 44 fields; want 43`},
		{"an empty line", lines[0] + "\n\n" + lines[1], `nslkdd: given.txt:2: the line is empty; want 43`},
		{"gzip by another name", "\x1f\x8b\x08\x00\x00", `nslkdd: given.txt:1: 1 field; want 43, separated by commas: 41 features, the attack and the difficulty (is the file compressed, or separated otherwise?)`},
		{"a header", strings.Join(headerFields(), ",") + "\n" + lines[0], `nslkdd: given.txt:1: the first line is a header; remove it, the files have none`},
		{"a non-number", with(0, "abc"), `nslkdd: given.txt:3: column "duration": "abc" is not a number; want digits only, and no missing values`},
		{"a missing value", with(4, ""), `nslkdd: given.txt:3: column "src_bytes": "" is not a number; want digits only, and no missing values`},
		{"a fraction", with(4, "1.5"), `nslkdd: given.txt:3: column "src_bytes": "1.5" is not a whole number; want digits only`},
		{"a negative number", with(4, "-1"), `nslkdd: given.txt:3: column "src_bytes": "-1" is out of range; want at least 0`},
		{"an overflow", with(4, "99999999999999999999"), `nslkdd: given.txt:3: column "src_bytes": "99999999999999999999" is not a whole number; want digits only`},
		{"a flag of 2", with(11, "2"), `nslkdd: given.txt:3: column "logged_in": "2" is out of range; want 0 to 1`},
		{"a count of 512", with(22, "512"), `nslkdd: given.txt:3: column "count": "512" is out of range; want 0 to 511`},
		{"a percentage", with(24, "50"), `nslkdd: given.txt:3: column "serror_rate": "50" is out of range; want 0 to 1: rates are fractions, not percentages`},
		{"a rate above 1", with(24, "1.01"), `nslkdd: given.txt:3: column "serror_rate": "1.01" is out of range; want 0 to 1`},
		{"a rate of 2.00", with(40, "2.00"), `nslkdd: given.txt:3: column "dst_host_srv_rerror_rate": "2.00" is out of range; want 0 to 1`},
		{"a rate of NaN", with(24, "NaN"), `nslkdd: given.txt:3: column "serror_rate": "NaN" is not a number; want a fraction such as 0.25`},
		{"a hexadecimal rate", with(24, "0x1p-2"), `nslkdd: given.txt:3: column "serror_rate": "0x1p-2" is not a number; want a fraction such as 0.25`},
		{"an unknown protocol", with(1, "sctp"), `nslkdd: given.txt:3: column "protocol_type": "sctp" is unknown; want one of [icmp tcp udp]`},
		{"an unknown flag", with(3, "sf"), `nslkdd: given.txt:3: column "flag": "sf" is unknown; want one of [OTH REJ RSTO RSTOS0 RSTR S0 S1 S2 S3 SF SH]`},
		{"no service", with(2, ""), `nslkdd: given.txt:3: column "service": "" is not a service; want a name of 1 to 64 bytes`},
		{"an unknown attack", with(41, "zeroday"), `nslkdd: given.txt:3: column "attack": "zeroday" is not one of the 40 known attack types; correct the line, or add the type to attacks.go with its class`},
		{"a hostile attack", with(41, "\x1b[31m<script>"+strings.Repeat("x", 99)), `nslkdd: given.txt:3: column "attack": "\x1b[31m<script>` + strings.Repeat("x", 27) + `"… is not one of`},
		{"a difficulty of 22", with(42, "22"), `nslkdd: given.txt:3: column "difficulty": "22" is out of range; want 0 to 21`},
	} {
		dir := lay(t, map[string]string{"given.txt": c.text})
		_, _, err := Read(context.Background(), filepath.Join(dir, "given.txt"))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s:\n got %v\nwant %s", c.name, err, c.want)
		}
	}
	// A service beyond the 70 names a port, and is taken.
	dir := lay(t, map[string]string{"given.txt": with(2, "quic")})
	got, file, err := Read(context.Background(), filepath.Join(dir, "given.txt"))
	if err != nil || got.Column("service").Level("quic") == 0 || file.Rows != 4 || got.Name() != "given" {
		t.Errorf("%v %+v", err, file)
	}
}

func headerFields() []string {
	var names []string
	for i := range fieldCount {
		names = append(names, fieldName(i))
	}
	return names
}

// TestFileErrors holds what a broken file below the data folder says.
func TestFileErrors(t *testing.T) {
	text := made(t)
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	z.Write([]byte(strings.Repeat(text, 20)))
	z.Close()
	info, _ := datasets.Lookup("nslkdd")
	for _, c := range []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"missing", nil, []string{`nslkdd: datasets: KDDTrain+.txt: file does not exist in `, `KDDTest+.txt`, `KDDTest-21.txt`, `get it with "flowbook data fetch nslkdd"`}},
		{"a folder", map[string]string{"nslkdd/KDDTrain+.txt/x": ""}, []string{`nslkdd: datasets: KDDTrain+.txt: is a folder; want a file`}},
		{"cut", map[string]string{"nslkdd/KDDTest+.txt.gz": zipped.String()[:zipped.Len()/2]}, []string{`nslkdd: datasets: KDDTest+.txt.gz: the gzip stream ends early, after `, `fetch`}},
		{"not gzip", map[string]string{"nsl-kdd/KDDTest+.txt.gz": text}, []string{`KDDTest+.txt.gz: is not gzip although its name ends in .gz`}},
		{"empty", map[string]string{"nslkdd/KDDTrain+.txt": ""}, []string{`nslkdd: KDDTrain+.txt: the file is empty`, `sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855, want ` + info.Files[0].SHA256}},
		{"altered", map[string]string{"nslkdd/KDDTrain+.txt": text}, []string{`nslkdd: KDDTrain+.txt: sha256 `, `, want ` + info.Files[0].SHA256, `fetch it again with "flowbook data fetch nslkdd"`}},
		{"altered and wrong", map[string]string{"nslkdd/KDDTest-21.txt": text + "0,tcp"}, []string{`nslkdd: KDDTest-21.txt:13: 2 fields; want 43`, `nslkdd: KDDTest-21.txt: sha256 `, `, want ` + info.Files[3].SHA256}},
		{"too long", map[string]string{"nslkdd/KDDTest-21.txt": strings.Repeat(text, 2000)}, []string{`nslkdd: KDDTest-21.txt: sha256 `, `, want ` + info.Files[3].SHA256}},
		{"longer and wrong", map[string]string{"nslkdd/KDDTest-21.txt": "0,sctp" + strings.TrimPrefix(strings.Repeat(text, 1200), "0,tcp")}, []string{`nslkdd: KDDTest-21.txt:1: column "protocol_type": "sctp" is unknown`, `, want ` + info.Files[3].SHA256}},
		{"Windows", map[string]string{"nslkdd/KDDTest-21.txt": strings.ReplaceAll(text, "\n", "\r\n")}, []string{`its lines end in CRLF`}},
		{"altered 20 %", map[string]string{"nslkdd/KDDTrain+_20Percent.txt": text}, []string{`nslkdd: KDDTrain+_20Percent.txt: sha256 `}},
	} {
		dir := lay(t, c.files)
		_, err := Open(context.Background(), dir)
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v\nwant %s", c.name, err, want)
			}
		}
	}
}

func TestOpenCancelled(t *testing.T) {
	dir := lay(t, map[string]string{"nslkdd/KDDTrain+.txt": made(t), "nslkdd/KDDTest+.txt": made(t), "nslkdd/KDDTest-21.txt": made(t)})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Open(ctx, dir); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestOpenGiven(t *testing.T) {
	dir := lay(t, map[string]string{"mine.txt": made(t), "test.txt": strings.ReplaceAll(made(t), "smurf", "mscan")})
	s, err := OpenGiven(context.Background(), filepath.Join(dir, "mine.txt"), filepath.Join(dir, "test.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if s.Origin.Kind != exhibit.Given || s.Origin.Files[0].Name != "mine.txt" || s.Origin.Files[1].Rows != 12 || s.Origin.Published() {
		t.Errorf("origin %+v", s.Origin)
	}
	// By hand: three of the twelve rows, lines 1, 2 and 5, have difficulty 21.
	if s.Train.Rows() != 12 || s.Train20.Rows() != 12 || s.Test.Rows() != 12 || s.Test21.Rows() != 9 {
		t.Errorf("%d %d %d %d rows", s.Train.Rows(), s.Train20.Rows(), s.Test.Rows(), s.Test21.Rows())
	}
	if s.Ledger.TestInTrain != 12 || fmt.Sprint(s.UnseenTypes()) != "[mscan]" || s.Ledger.UnseenRows() != 1 || s.Ledger.Gone[0].Name != "smurf" {
		t.Errorf("%+v", s.Ledger)
	}
	// The ledger's look is on record, and no model may see the test set before it is opened.
	looks := s.Test.Looks()
	if len(looks) != 1 || looks[0].Kind != table.Described || s.Test.Describe("test").Unsealed() == nil {
		t.Errorf("looks %v", looks)
	}
	if _, err := OpenGiven(context.Background(), filepath.Join(dir, "mine.txt"), filepath.Join(dir, "none.txt")); err == nil || !strings.Contains(err.Error(), "none.txt") {
		t.Errorf("got %v", err)
	}
}

func TestOpenOrSimulate(t *testing.T) {
	dir := lay(t, map[string]string{"nsl-kdd/KDDTrain+.txt": made(t)})
	_, err := OpenOrSimulate(context.Background(), dir, rng.New(1), Small)
	if err == nil || !strings.Contains(err.Error(), "KDDTest+.txt, KDDTest-21.txt are absent") || !strings.Contains(err.Error(), "flowbook data fetch nslkdd") {
		t.Errorf("got %v", err)
	}
	dir = lay(t, map[string]string{"nslkdd/KDDTrain+_20Percent.txt": made(t)})
	if _, err := OpenOrSimulate(context.Background(), dir, rng.New(1), Small); err == nil {
		t.Error("a lone 20 % file went unnoticed")
	}
	dir = lay(t, map[string]string{"nslkdd/KDDTrain+.txt": made(t), "nslkdd/KDDTest+.txt": made(t), "nslkdd/KDDTest-21.txt": made(t)})
	if _, err := OpenOrSimulate(context.Background(), dir, rng.New(1), Small); err == nil || !strings.Contains(err.Error(), "is not the published file") {
		t.Errorf("got %v", err)
	}
	s, err := OpenOrSimulate(context.Background(), t.TempDir(), rng.New(1), Small)
	if err != nil {
		t.Fatal(err)
	}
	if s.Origin.Kind != exhibit.Simulated || s.Origin.Published() {
		t.Errorf("origin %+v", s.Origin)
	}
}
