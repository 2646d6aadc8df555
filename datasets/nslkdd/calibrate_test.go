package nslkdd

import (
	"bytes"
	"context"
	"flag"
	"os"
	"sync"
	"testing"
)

var update = flag.Bool("update-calibration", false, "write calibration.json.gz anew from the real files")

// realSet opens the published files once, or skips the test.
func realSet(t *testing.T) *Set {
	t.Helper()
	dir := os.Getenv("FLOWBOOK_DATA")
	if dir == "" {
		t.Skip("FLOWBOOK_DATA is not set: no published files to compare with")
	}
	set, err := openOnce(dir)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

var openOnce = func() func(dir string) (*Set, error) {
	var once sync.Once
	var set *Set
	var err error
	return func(dir string) (*Set, error) {
		once.Do(func() { set, err = Open(context.Background(), dir) })
		return set, err
	}
}()

// TestCalibrationIsCurrent holds the committed file to what Calibrate finds in the
// published set.
func TestCalibrationIsCurrent(t *testing.T) {
	c, err := Calibrate(context.Background(), realSet(t))
	if err != nil {
		t.Fatal(err)
	}
	want, err := c.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		var b bytes.Buffer
		if err := c.Write(&b); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("calibration.json.gz", b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		t.Logf("calibration.json.gz: %d bytes, %d of JSON", b.Len(), len(want))
		return
	}
	committed, err := builtin()
	if err != nil {
		t.Fatal(err)
	}
	got, err := committed.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("calibration.json.gz is not what Calibrate finds; write it anew with \"flowbook data calibrate nslkdd\"")
	}
}
