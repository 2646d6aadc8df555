package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Two runs, one of them written by a program that means harm: every format holds its
// text as text, and JSON has lists where there is nothing.
func TestCompareFormats(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		at := filepath.Join(folder, name)
		if err := os.MkdirAll(at, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(at, "metrics.json"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return at
	}
	a := write("a", `{"schema":1,"experiment":"demo","measures":[{"id":"binary/forest/mcc/test","value":0.7,"low":0.6,"high":0.8,"level":0.95},{"id":"n","value":null}]}`)
	b := write("b", `{"schema":1,"experiment":"<script>alert(1)</script>|\u001b[31m\u202e","measures":[{"id":"binary/forest/mcc/test","value":0.5},{"id":"n","value":"Infinity"},{"id":"<b>|`+strings.Repeat("z", 5000)+`","value":1}]}`)
	for _, format := range []string{"markdown", "html", "json"} {
		code, stdout, stderr := call(t, "compare", a, b, "--format", format)
		if code != 0 {
			t.Fatalf("%s: exit %d: %s", format, code, stderr)
		}
		if strings.ContainsAny(stdout, "\u001b\u202e") || format != "json" && (strings.Contains(stdout, "<script>alert") || strings.Contains(stdout, "<b>|")) {
			t.Errorf("%s passes hostile text on", format)
		}
		if format == "json" {
			var got map[string]any
			if err := json.Unmarshal([]byte(stdout), &got); err != nil {
				t.Fatal(err)
			}
			if list, ok := got["only_a"].([]any); !ok || len(list) != 0 {
				t.Errorf("only_a is %v; want an empty list", got["only_a"])
			}
		} else if !strings.Contains(stdout, "worse") {
			t.Errorf("%s does not say that B is worse", format)
		}
	}
	for want, c := range map[string]struct {
		code int
		args []string
	}{
		"two report folders or more":             {exitUsage, []string{a}},
		`--format is "xml"`:                      {exitUsage, []string{a, b, "--format", "xml"}},
		"holds two runs":                         {exitUsage, []string{a, b, "nothing", "--format", "html"}},
		"no such file":                           {1, []string{a, filepath.Join(folder, "none")}},
		"another version":                        {1, []string{a, write("c", `{}`)}},
		"cannot unmarshal":                       {1, []string{a, write("d", `[]`)}},
		"no metric with a better side":           {1, []string{a, b, "--fail-if-worse", "n"}},
		"compare: worse: binary/forest/mcc/test": {1, []string{a, b, "--fail-if-worse", "binary/forest/mcc/test"}},
	} {
		if code, _, stderr := call(t, append([]string{"compare"}, c.args...)...); code != c.code || !strings.Contains(stderr, want) {
			t.Errorf("%v: exit %d, %s; want %d, %q", c.args, code, stderr, c.code, want)
		}
	}
}
