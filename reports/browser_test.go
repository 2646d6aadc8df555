//go:build browser

package reports_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	_ "image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestPageInABrowser opens the demo's page and every published report, or only
// the page of FLOWBOOK_PAGE, in a headless Chromium. FLOWBOOK_SHOTS names a folder
// that keeps what it saw, one folder a page.
//
//	FLOWBOOK_PAGE=reports/nslkdd/index.html go test -tags browser -run Browser ./reports
func TestPageInABrowser(t *testing.T) {
	if page := os.Getenv("FLOWBOOK_PAGE"); page != "" {
		if _, err := os.Stat(page); err != nil && !filepath.IsAbs(page) {
			page = filepath.Join("..", page) // the test runs in its own folder, whoever calls it stands above
		}
		inABrowser(t, page)
		return
	}
	t.Run("demo", func(t *testing.T) {
		dir := t.TempDir()
		for name, text := range runDemo(t) {
			target := filepath.Join(dir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(target, text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		inABrowser(t, filepath.Join(dir, "reports", "demo", "index.html"))
	})
	published, err := filepath.Glob("*/index.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range published {
		t.Run(filepath.Dir(page), func(t *testing.T) { inABrowser(t, page) })
	}
}

// inABrowser holds one page to what every report promises.
func inABrowser(t *testing.T, file string) {
	file, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil {
		t.Fatal(err)
	} else if info.Size() > 2000000 {
		t.Errorf("the page has %d bytes; want under 2 MB", info.Size())
	}
	url := "file://" + file
	b := openBrowser(t)
	if b.shots != "" {
		b.shots = filepath.Join(b.shots, filepath.Base(filepath.Dir(file)))
	}

	for _, s := range []struct {
		name          string
		width, height int64
		scheme        string
	}{{"desktop-light", 1280, 900, "light"}, {"desktop-dark", 1280, 900, "dark"}, {"phone-light", 375, 800, "light"}, {"phone-dark", 375, 800, "dark"}, {"tablet-light", 820, 1180, "light"}} {
		t.Run(s.name, func(t *testing.T) {
			b.open(t, url, s.width, s.height, s.scheme)
			wide := eval[struct {
				Page, Window float64
				Over         []string
			}](t, b, overflow)
			if wide.Page > wide.Window || len(wide.Over) > 0 {
				t.Errorf("the page is %v wide in a window of %v; beyond it: %q", wide.Page, wide.Window, wide.Over)
			}
			if low := eval[[]string](t, b, contrast); len(low) > 0 {
				t.Errorf("text that is hard to read (contrast under 4.5): %q", low)
			}
			b.shot(t, s.name)
			b.shotAll(t, s.name+"-whole")
		})
	}
	t.Run("toggle", func(t *testing.T) { b.toggle(t, url) })
	t.Run("sort", func(t *testing.T) { b.sort(t, url) })
	t.Run("wide", func(t *testing.T) { b.wide(t, url) })
	t.Run("print", func(t *testing.T) { b.print(t, url) })

	b.mu.Lock()
	defer b.mu.Unlock()
	for _, said := range b.console {
		t.Errorf("the console says: %s", said)
	}
	for _, asked := range b.requests {
		if !strings.HasPrefix(asked, "file://"+filepath.Dir(file)) && !strings.HasPrefix(asked, "data:") || strings.Count(asked, ".html") == 0 && !strings.HasPrefix(asked, "data:") {
			t.Errorf("the page asks for %s", asked)
		}
	}
}

// overflow measures the page and lists what sticks out of it, but for what lies
// in a box that scrolls by itself.
const overflow = `(() => {
	const w = document.documentElement.clientWidth, over = [];
	const boxed = e => { for (let p = e.parentElement; p; p = p.parentElement) if (["auto", "scroll", "hidden"].includes(getComputedStyle(p).overflowX) && p !== document.body && p !== document.documentElement) return true; return false };
	for (const e of document.querySelectorAll("body *")) {
		const r = e.getBoundingClientRect();
		if (r.width > 0 && r.right > w + 1 && !boxed(e) && over.length < 5) over.push(e.tagName + "." + e.className + " " + Math.round(r.right));
	}
	return {Page: document.documentElement.scrollWidth, Window: w, Over: over};
})()`

// contrast lists texts whose colour is too near to the colour behind them (WCAG 2.1, 1.4.3).
const contrast = `(() => {
	const rgb = s => s.match(/[\d.]+/g).map(Number);
	const lum = c => { const f = c.slice(0, 3).map(v => { v /= 255; return v <= 0.03928 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4) }); return 0.2126 * f[0] + 0.7152 * f[1] + 0.0722 * f[2] };
	const behind = e => { for (let p = e; p; p = p.parentElement) { const c = rgb(getComputedStyle(p).backgroundColor); if (c.length < 4 || c[3] > 0.5) return c } return [255, 255, 255] };
	const low = new Set();
	for (const e of document.querySelectorAll("body *:not(svg):not(svg *):not(script)")) {
		if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
		const r = e.getBoundingClientRect(); if (r.width === 0) continue;
		const a = lum(rgb(getComputedStyle(e).color)), b = lum(behind(e));
		if ((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5) low.add(e.tagName + "." + e.className + ": " + e.textContent.trim().slice(0, 30));
	}
	return [...low].slice(0, 8);
})()`

// browser is a tab, and what it said and asked for.
type browser struct {
	ctx      context.Context
	shots    string
	mu       sync.Mutex
	console  []string
	requests []string
}

func openBrowser(t *testing.T) *browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU)
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, stop := chromedp.NewContext(alloc)
	t.Cleanup(stop)
	b := &browser{ctx: ctx, shots: os.Getenv("FLOWBOOK_SHOTS")}
	err := chromedp.Listen(ctx, func(event any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			b.requests = append(b.requests, e.Request.URL)
		case *log.EventEntryAdded:
			b.console = append(b.console, e.Entry.Text)
		case *runtime.EventExceptionThrown:
			b.console = append(b.console, e.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			b.console = append(b.console, fmt.Sprint(e.Type))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *browser) do(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, time.Minute)
	defer stop()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// eval runs a script in the page and returns its value.
func eval[T any](t *testing.T, b *browser, script string) T {
	t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// open loads the page in a window of that size on a system of that scheme.
func (b *browser) open(t *testing.T, url string, width, height int64, scheme string) {
	t.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	if err != nil {
		t.Fatal(err)
	}
	var phone []chromedp.EmulateViewportOption
	if width < 500 {
		phone = append(phone, chromedp.EmulateMobile, chromedp.EmulatePortrait)
	}
	b.do(t, chromedp.EmulateViewport(width, height, phone...), chromedp.Navigate(url), chromedp.WaitReady(chromedp.CSS("footer")))
}

// shot captures the window and fails if nothing was drawn in it.
func (b *browser) shot(t *testing.T, name string) {
	t.Helper()
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	picture, _, err := image.Decode(bytes.NewReader(png))
	if err != nil {
		t.Fatal(err)
	}
	colours := map[any]bool{}
	for y := 0; y < picture.Bounds().Dy(); y += 3 {
		for x := 0; x < picture.Bounds().Dx(); x += 3 {
			colours[picture.At(x, y)] = true
		}
	}
	if len(colours) < 8 {
		t.Errorf("%s shows %d colours: it is blank", name, len(colours))
	}
	b.keep(t, name+".png", png)
}

// shotAll captures the whole page for people to look at.
func (b *browser) shotAll(t *testing.T, name string) {
	t.Helper()
	if b.shots == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	b.keep(t, name+".png", png)
}

func (b *browser) keep(t *testing.T, name string, text []byte) {
	t.Helper()
	if b.shots == "" {
		return
	}
	if err := os.MkdirAll(b.shots, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(b.shots, name), text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// toggle turns the theme round and opens all code.
func (b *browser) toggle(t *testing.T, url string) {
	b.open(t, url, 1280, 900, "light")
	background := func() string {
		return eval[string](t, b, `getComputedStyle(document.body).backgroundColor`)
	}
	press := func(id string) { b.do(t, chromedp.Focus(chromedp.CSS(id)), chromedp.KeyEvent(kb.Enter)) }
	first := background()
	press("#theme") // light
	if got := background(); got != first {
		t.Errorf("light is %s, auto in a light system %s", got, first)
	}
	press("#theme") // dark
	if got := background(); got == first {
		t.Error("dark looks like light")
	}
	b.shot(t, "toggled-dark")
	press("#theme") // auto
	if got := background(); got != first {
		t.Errorf("after a round the page is %s, was %s", got, first)
	}
	count := `(n => [document.querySelectorAll("details.code").length, n])(document.querySelectorAll("details.code[open]").length)`
	press("#code")
	open := eval[[]int](t, b, count)
	if open[0] == 0 || open[0] != open[1] {
		t.Errorf("%d of %d listings are open", open[1], open[0])
	}
	b.shotAll(t, "all-code")
	press("#code")
	open = eval[[]int](t, b, count)
	if open[1] != 0 {
		t.Errorf("%d listings are still open", open[1])
	}
}

// sort presses each heading of the first tables, by mouse and by keyboard, and
// compares the order of the rows with the numbers they carry.
func (b *browser) sort(t *testing.T, url string) {
	b.open(t, url, 1280, 900, "light")
	tables := eval[int](t, b, `[...document.querySelectorAll("table.sortable")].filter(t => t.tHead.querySelector("button") && t.checkVisibility()).map((t, i) => t.id = "sorted-" + i).length`)
	if tables == 0 {
		t.Fatal("no table can be sorted")
	}
	for i := range min(tables, 4) {
		at := fmt.Sprintf("#sorted-%d", i)
		columns := eval[int](t, b, fmt.Sprintf(`document.querySelector(%q).tHead.rows[0].cells.length`, at))
		rows := fmt.Sprintf(`[...document.querySelector(%q).tBodies[0].rows].map(r => r.textContent)`, at)
		before := eval[[]string](t, b, rows)
		for k := range columns {
			button := fmt.Sprintf("%s th:nth-child(%d) button", at, k+1)
			for n, way := range []string{"ascending", "descending", "none"} {
				if n == 0 {
					b.do(t, chromedp.Click(chromedp.CSS(button)))
				} else {
					b.do(t, chromedp.Focus(chromedp.CSS(button)), chromedp.KeyEvent(kb.Enter))
				}
				got := eval[struct {
					Way    string
					Sorted bool
				}](t, b, fmt.Sprintf(`(() => {
					const t = document.querySelector(%q), c = [...t.tBodies[0].rows].map(r => r.cells[%d]).filter(c => c.dataset.v !== "" && c.dataset.v !== undefined).map(c => Number(c.dataset.v));
					const s = %q === "descending" ? -1 : 1;
					return {Way: t.tHead.rows[0].cells[%d].getAttribute("aria-sort"), Sorted: c.every((v, i) => i === 0 || s * (c[i-1] - v) <= 0)};
				})()`, at, k, way, k))
				if got.Way != way || way != "none" && !got.Sorted {
					t.Errorf("table %d, column %d: aria-sort %q, want %q; rows in order: %v", i, k, got.Way, way, got.Sorted)
				}
			}
			after := eval[[]string](t, b, rows)
			if strings.Join(before, "\x00") != strings.Join(after, "\x00") {
				t.Errorf("table %d: the third press on column %d does not restore the order", i, k)
			}
		}
	}
}

// wide scrolls tables of many columns to their end, on a phone: the first column
// stays in sight, and half of the box is left to the others.
func (b *browser) wide(t *testing.T, url string) {
	b.open(t, url, 375, 800, "light")
	hidden := eval[[]string](t, b, `[...document.querySelectorAll("figure.many .scroll")].filter(s => s.checkVisibility() && s.scrollWidth > s.clientWidth).filter(s => {
		s.scrollLeft = s.scrollWidth;
		const first = s.querySelector("tbody td").getBoundingClientRect(), box = s.getBoundingClientRect();
		return Math.abs(first.left - box.left) > 3 || first.width > box.width / 2;
	}).map(s => s.getAttribute("aria-label"))`)
	if len(hidden) > 0 {
		t.Errorf("these tables lose their first column, or are covered by it: %q", hidden)
	}
	anchors := eval[int](t, b, `[...document.querySelectorAll("main :is(h2, h3)[id]")].filter(h => !h.querySelector("a.anchor[href='#" + h.id + "']")).length`)
	if anchors > 0 {
		t.Errorf("%d headings do not give their address", anchors)
	}
}

// print makes a PDF and reads it: figures and captions are there, code is not.
func (b *browser) print(t *testing.T, url string) {
	b.open(t, url, 1280, 900, "dark")
	pdf, err := chromedp.Run(b.ctx, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4), chromedp.PDFPreferCSSPageSize()))
	if err != nil {
		t.Fatal(err)
	}
	b.keep(t, "page.pdf", pdf)
	name := filepath.Join(t.TempDir(), "page.pdf")
	if err := os.WriteFile(name, pdf, 0o644); err != nil {
		t.Fatal(err)
	}
	text, err := exec.Command("pdftotext", "-layout", name, "-").Output()
	if err != nil {
		t.Skipf("pdftotext: %v", err)
	}
	for _, want := range []string{"Checks", "How this report was made"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the PDF lacks %q", want)
		}
	}
	if pages := strings.Count(string(text), "\f"); pages > 8 && strings.Count(strings.Join(strings.Fields(string(text)), " "), "Result Check Number Limit Found") < 2 {
		t.Error("the table of checks runs over pages that do not repeat its headings")
	}
	for _, bad := range []string{"Show all code", "Theme:", "func main()"} {
		if strings.Contains(string(text), bad) {
			t.Errorf("the PDF holds %q", bad)
		}
	}
}
