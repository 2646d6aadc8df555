package exhibit

import "fmt"

// OriginKind says where the data of a run come from.
type OriginKind string

const (
	Real      OriginKind = "real"      // the published files, their checksums known and verified
	Sample    OriginKind = "sample"    // a declared part of the real set
	Given     OriginKind = "given"     // the user's own file
	Simulated OriginKind = "simulated" // made by a simulator: never evidence
)

// Origin is the first line of every report, a part of each figure's caption, and
// a member of metrics.json.
type Origin struct {
	Kind  OriginKind `json:"kind"`
	Set   string     `json:"set"` // "nslkdd"
	Files []File     `json:"files"`
	Note  string     `json:"note,omitempty"` // how a sample was cut, a simulator's seed and sizes
}

// File is one file that was read, by its decompressed content.
type File struct {
	Name   string `json:"name"`
	Rows   int    `json:"rows"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Published reports whether a run on these data may write to the committed reports.
func (o Origin) Published() bool { return o.Kind == Real || o.Kind == Sample }

// Label is the short form that captions carry: "nslkdd, real".
func (o Origin) Label() string { return fmt.Sprintf("%s, %s", o.Set, o.Kind) }
