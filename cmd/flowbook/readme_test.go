package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestReadmeCommands holds the README's commands to the program: each command and
// flag exists (they are called with --help), and each make target too.
func TestReadmeCommands(t *testing.T) {
	root := filepath.Join("..", "..")
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	commands := 0
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(readme), -1) {
		for _, line := range strings.Split(block[1], "\n") {
			line, _, _ = strings.Cut(line, "#")
			words := strings.Fields(line)
			switch {
			case len(words) == 0:
				continue
			case words[0] == "bin/flowbook":
				if code, _, stderr := call(t, append(words[1:], "--help")...); code != 0 {
					t.Errorf("README: %s: exit %d: %s", line, code, stderr)
				}
			case words[0] == "make" && len(words) == 2:
				if !regexp.MustCompile(`(?m)^` + words[1] + `:`).Match(makefile) {
					t.Errorf("README: the Makefile has no target %q", words[1])
				}
			default:
				t.Errorf("README: nobody checks the command %q", line)
			}
			commands++
		}
	}
	if commands < 10 {
		t.Errorf("only %d commands were found", commands)
	}
}
