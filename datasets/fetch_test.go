package datasets

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"flowbook/internal/par"
)

// shop serves files by path and counts the requests.
type shop struct {
	files map[string][]byte
	asked atomic.Int32
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.asked.Add(1)
	if strings.HasPrefix(r.URL.Path, "/moved/") {
		http.Redirect(w, r, "/"+strings.TrimPrefix(r.URL.Path, "/moved/"), http.StatusFound)
		return
	}
	content, ok := s.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Write(content)
}

func served(t *testing.T, files map[string][]byte) (*shop, string) {
	t.Helper()
	s := &shop{files: files}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, server.URL
}

func toy(content string) Info {
	return Info{Name: "toy", Folder: "toy-set", Source: "https://toy.example", Files: []File{
		{Name: "a+b.txt", Bytes: int64(len(content)), SHA256: fmt.Sprintf("%x", sha256.Sum256([]byte(content)))},
		{Name: "large.txt", Optional: true},
	}}
}

func listing(t *testing.T, dir string) string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, strings.TrimPrefix(path, dir+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(names, " ")
}

func TestFetch(t *testing.T) {
	const content = "one\ntwo\n"
	for _, c := range []struct{ name, path, want string }{
		{"plain", "/toy-set/a+b.txt", "toy/a+b.txt"},
		{"gzip", "/toy-set/a+b.txt.gz", "toy/a+b.txt.gz"},
		{"redirected", "/toy-set/a+b.txt", "toy/a+b.txt"},
	} {
		t.Run(c.name, func(t *testing.T) {
			body := []byte(content)
			if strings.HasSuffix(c.path, ".gz") {
				body = zipped(t, content)
			}
			shop, base := served(t, map[string][]byte{c.path: body})
			if c.name == "redirected" {
				base += "/moved"
			}
			t.Setenv("FLOWBOOK_MIRROR", base)
			dir := t.TempDir()
			if err := Fetch(context.Background(), toy(content), dir, ""); err != nil {
				t.Fatal(err)
			}
			if got := listing(t, dir); got != c.want {
				t.Errorf("left %q, want %q", got, c.want)
			}
			if s := Status(context.Background(), toy(content), dir); s[0].State != Right || s[1].State != Absent {
				t.Errorf("status %+v", s)
			}
			asked := shop.asked.Load()
			if err := Fetch(context.Background(), toy(content), dir, ""); err != nil || shop.asked.Load() != asked {
				t.Errorf("a right file was asked for again (%v)", err)
			}
		})
	}
}

func TestFetchRefusesAWrongSum(t *testing.T) {
	_, base := served(t, map[string][]byte{"/toy-set/a+b.txt": []byte("something else")})
	dir := t.TempDir()
	info := toy("one\n")
	err := Fetch(context.Background(), info, dir, base)
	got := fmt.Sprintf("%x", sha256.Sum256([]byte("something else")))
	if err == nil || !strings.Contains(err.Error(), "sha256 "+got+", want "+info.Files[0].SHA256) {
		t.Errorf("both sums are wanted: %v", err)
	}
	if left := listing(t, dir); left != "" {
		t.Errorf("left %q", left)
	}
}

func TestFetchPutsAnAlteredCopyAside(t *testing.T) {
	_, base := served(t, map[string][]byte{"/toy-set/a+b.txt": []byte("one\n")})
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "toy-set"), 0o755); err != nil {
		t.Fatal(err)
	}
	old := filepath.Join(dir, "toy-set", "a+b.txt")
	if err := os.WriteFile(old, []byte("edited by hand\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	info := toy("one\n")
	if s := Status(context.Background(), info, dir)[0]; s.State != Wrong || s.Path != old || s.Size != 15 {
		t.Errorf("status %+v", s)
	}
	if err := Fetch(context.Background(), info, dir, base); err != nil {
		t.Fatal(err)
	}
	if left := listing(t, dir); left != "toy-set/a+b.txt toy-set/a+b.txt.altered" {
		t.Errorf("left %q", left)
	}
	if kept, _ := os.ReadFile(old + ".altered"); string(kept) != "edited by hand\n" {
		t.Errorf("the user's copy became %q", kept)
	}
}

func TestFetchSweeps(t *testing.T) {
	_, base := served(t, map[string][]byte{"/toy-set/a+b.txt": []byte("one\n")})
	dir := t.TempDir()
	os.Mkdir(filepath.Join(dir, "toy"), 0o755)
	for name, age := range map[string]time.Duration{".fetch-1": 25 * time.Hour, ".fetch-2.gz": time.Hour} {
		path := filepath.Join(dir, "toy", name)
		os.WriteFile(path, []byte("half"), 0o644)
		os.Chtimes(path, time.Time{}, time.Now().Add(-age))
	}
	if err := Fetch(context.Background(), toy("one\n"), dir, base); err != nil {
		t.Fatal(err)
	}
	if left := listing(t, dir); left != "toy/.fetch-2.gz toy/a+b.txt" {
		t.Errorf("left %q", left)
	}
}

func TestFetchTriesTheNextAddress(t *testing.T) {
	_, base := served(t, map[string][]byte{"/bad": []byte("altered"), "/good": []byte("one\n")})
	info := toy("one\n")
	info.Files[0].URLs = []string{base + "/none", base + "/bad", base + "/good"}
	dir := t.TempDir()
	t.Setenv("FLOWBOOK_MIRROR", "")
	if err := Fetch(context.Background(), info, dir, ""); err != nil {
		t.Fatal(err)
	}
	info.Files[0].URLs = info.Files[0].URLs[:2]
	err := Fetch(context.Background(), info, t.TempDir(), "")
	if err == nil || !strings.Contains(err.Error(), "404 Not Found; want 200 OK") || !strings.Contains(err.Error(), "nothing was kept") {
		t.Errorf("each address has its error: %v", err)
	}
	info.Files[0].URLs = nil
	err = Fetch(context.Background(), info, t.TempDir(), "")
	if err == nil || !strings.Contains(err.Error(), "no address is published for it; see https://toy.example") {
		t.Error(err)
	}
}

func TestFetchCutShort(t *testing.T) {
	whole := zipped(t, strings.Repeat("one\n", 1000))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(whole)))
		w.Write(whole[:len(whole)/2]) // and the connection is closed
	}))
	defer server.Close()
	dir := t.TempDir()
	if err := Fetch(context.Background(), toy("one\n"), dir, server.URL); err == nil || !strings.Contains(err.Error(), "broken off after") {
		t.Errorf("got %v", err)
	}
	if left := listing(t, dir); left != "" {
		t.Errorf("left %q", left)
	}
}

func TestFetchCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write(bytes.Repeat([]byte("x"), 100000))
		w.(http.Flusher).Flush()
		cancel()
		<-r.Context().Done()
	}))
	defer server.Close()
	dir := t.TempDir()
	if err := Fetch(ctx, toy("one\n"), dir, server.URL); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if left := listing(t, dir); left != "" {
		t.Errorf("left %q", left)
	}
}

func TestFirstSight(t *testing.T) {
	shop, base := served(t, map[string][]byte{"/toy-set/new.txt.gz": zipped(t, "first\n")})
	info := Info{Name: "toy", Folder: "toy-set", Files: []File{{Name: "new.txt"}}}
	dir := t.TempDir()
	if err := Fetch(context.Background(), info, dir, base); err != nil {
		t.Fatal(err)
	}
	if left := listing(t, dir); left != "toy/flowbook-seen.json toy/new.txt.gz" {
		t.Errorf("left %q", left)
	}
	if s := Status(context.Background(), info, dir)[0]; s.State != Recorded || s.Size != 6 || s.Sum != s.Want {
		t.Errorf("after the first fetch: %+v", s)
	}
	// The file changes on disk: noticed. The publisher serves another one: refused.
	if err := os.WriteFile(filepath.Join(dir, "toy", "new.txt.gz"), zipped(t, "second\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if s := Status(context.Background(), info, dir)[0]; s.State != Changed {
		t.Errorf("after a change: %+v", s)
	}
	shop.files["/toy-set/new.txt.gz"] = zipped(t, "third\n")
	if err := Fetch(context.Background(), info, dir, base); err == nil || !strings.Contains(err.Error(), "nothing was kept") {
		t.Errorf("got %v", err)
	}
	// A file that the user brought has no note until somebody makes one.
	path := filepath.Join(t.TempDir(), "toy", "new.txt")
	os.Mkdir(filepath.Dir(path), 0o755)
	os.WriteFile(path, []byte("own\n"), 0o644)
	if s := Status(context.Background(), info, filepath.Dir(filepath.Dir(path)))[0]; s.State != Unrecorded {
		t.Errorf("the user's file: %+v", s)
	}
	if err := Fetch(context.Background(), info, filepath.Dir(filepath.Dir(path)), base); err != nil {
		t.Fatal(err)
	}
	own := fmt.Sprintf("%x", sha256.Sum256([]byte("own\n")))
	if s := Status(context.Background(), info, filepath.Dir(filepath.Dir(path)))[0]; s.State != Recorded || s.Want != own {
		t.Errorf("the user's file, fetched: %+v", s)
	}
	if was, err := Record(path, Seen{5, "bb"}); err != nil || was.SHA256 != own {
		t.Errorf("a second sight replaced the first: %v %v", was, err)
	}
}

// tally is a par.Progress that adds up steps.
type tally struct {
	mu    sync.Mutex
	steps map[string]int
}

func (y *tally) Start(task string, total int) par.Task { return &tallyTask{y, task} }

type tallyTask struct {
	y    *tally
	name string
}

func (k *tallyTask) Add(n int) { k.y.mu.Lock(); k.y.steps[k.name] += n; k.y.mu.Unlock() }
func (k *tallyTask) Done()     {}

func TestFetchShowsProgress(t *testing.T) {
	content := strings.Repeat("one\n", 50000)
	_, base := served(t, map[string][]byte{"/toy-set/a+b.txt": []byte(content)})
	y := &tally{steps: map[string]int{}}
	if err := Fetch(par.WithProgress(context.Background(), y), toy(content), t.TempDir(), base); err != nil {
		t.Fatal(err)
	}
	if y.steps["fetch a+b.txt"] != len(content) || y.steps["verify a+b.txt"] != len(content) {
		t.Errorf("steps %v, want %d each", y.steps, len(content))
	}
}
