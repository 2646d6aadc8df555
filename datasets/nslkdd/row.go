package nslkdd

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"
)

// parser fills rows from the lines of one block.
type parser struct {
	name  string
	rows  *rows
	extra []string // services that are not among the 70, in order of appearance
}

// block parses whole lines; row is the number of the first.
func (p *parser) block(text []byte, row int) error {
	for ; len(text) > 0; row++ {
		line, rest, _ := bytes.Cut(text, []byte{'\n'})
		text = rest
		if n := len(line); n > 0 && line[n-1] == '\r' {
			line = line[:n-1]
		}
		if p.fast(line, row) {
			continue
		}
		if err := p.slow(line, row); err != nil {
			return err
		}
	}
	return nil
}

// fast parses a line as the published files write it: plain digits, rates with
// two decimals, known levels. It reports false for anything else, which may be
// right or wrong: slow decides. What it has stored by then is stored again.
func (p *parser) fast(line []byte, row int) bool {
	i := 0
	for f := range fieldCount {
		start := i
		switch kindOf[f] {
		case intField:
			v := int64(0)
			for i < len(line) && line[i]-'0' < 10 {
				v = v*10 + int64(line[i]-'0')
				i++
			}
			if i == start || i-start > 18 || v > highest[f] {
				return false
			}
			p.rows.ints[f][row] = v
		case rateField:
			// "d.dd": a whole number below 2^53 divided by 100 is rounded once and
			// so is the nearest float64, as strconv gives it.
			if i+4 > len(line) || line[i+1] != '.' {
				return false
			}
			a, b, c := line[i]-'0', line[i+2]-'0', line[i+3]-'0'
			v := int(a)*100 + int(b)*10 + int(c)
			if b > 9 || c > 9 || v > 100 { // v also of an a that is no digit
				return false
			}
			p.rows.rates[f][row] = hundredths[v]
			i += 4
		default:
			for i < len(line) && line[i] != ',' {
				i++
			}
			c := vocabularyOf[f].code[string(line[start:i])]
			if c == 0 {
				return false
			}
			p.rows.codes[f][row] = c
		}
		if f < fieldCount-1 {
			if i >= len(line) || line[i] != ',' {
				return false
			}
			i++
		}
	}
	return i == len(line)
}

// hundredths are 0.00, 0.01, … 1.00.
var hundredths = func() (h [101]float64) {
	for i := range h {
		h[i] = float64(i) / 100
	}
	return h
}()

// slow parses any line that the format allows and says what is wrong with the others.
func (p *parser) slow(line []byte, row int) error {
	fields := bytes.Split(line, []byte{','})
	if len(fields) != fieldCount {
		return fmt.Errorf("nslkdd: %s:%d: %s; want %d, separated by commas: 41 features, the attack and the difficulty%s",
			p.name, row+1, count(len(fields), line), fieldCount, hint(len(fields)))
	}
	for f, text := range fields {
		if err := p.field(f, string(text), row); err != nil {
			if row == 0 && string(fields[0]) == "duration" {
				return fmt.Errorf("nslkdd: %s:1: the first line is a header; remove it, the files have none", p.name)
			}
			return fmt.Errorf("nslkdd: %s:%d: column %q: %w", p.name, row+1, fieldName(f), err)
		}
	}
	return nil
}

func (p *parser) field(f int, text string, row int) error {
	switch kindOf[f] {
	case intField:
		v, err := strconv.ParseInt(text, 10, 64)
		if err != nil || text[0] == '+' {
			return fmt.Errorf("%s is not a %s", quote(text), numberWanted(text))
		}
		if v < 0 || v > highest[f] {
			return fmt.Errorf("%s is out of range; want %s", quote(text), rangeOf(f))
		}
		p.rows.ints[f][row] = v
	case rateField:
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || !decimal(text) {
			return fmt.Errorf("%s is not a number; want a fraction such as 0.25", quote(text))
		}
		if !(v >= 0 && v <= 1) {
			return fmt.Errorf("%s is out of range; want 0 to 1: rates are fractions, not percentages", quote(text))
		}
		p.rows.rates[f][row] = v + 0 // -0 becomes 0
	default:
		c := vocabularyOf[f].code[text]
		if c == 0 && f == serviceField && text != "" && len(text) <= 64 && utf8.ValidString(text) {
			c = p.service(text)
		}
		if c == 0 {
			return unknownLevel(f, text)
		}
		p.rows.codes[f][row] = c
	}
	return nil
}

// service returns the code of a service beyond the 70.
func (p *parser) service(name string) int32 {
	k := slices.Index(p.extra, name)
	if k < 0 {
		k = len(p.extra)
		p.extra = append(p.extra, name)
	}
	return int32(len(services) + k + 1)
}

// decimal reports whether text is a plain decimal number: no NaN, Inf, hexadecimal
// or underscore, which ParseFloat would take.
func decimal(text string) bool {
	for _, c := range []byte(text) {
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != 'e' && c != 'E' {
			return false
		}
	}
	return true
}

func unknownLevel(f int, text string) error {
	switch f {
	case attackField:
		return fmt.Errorf("%s is not one of the %d known attack types; correct the line, or add the type to attacks.go with its class", quote(text), len(attacks))
	case serviceField:
		return fmt.Errorf("%s is not a service; want a name of 1 to 64 bytes", quote(text))
	}
	return fmt.Errorf("%s is unknown; want one of %v", quote(text), vocabularyOf[f].levels)
}

func fieldName(f int) string {
	switch f {
	case attackField:
		return "attack"
	case difficultyField:
		return "difficulty"
	}
	return features[f].Name
}

func rangeOf(f int) string {
	if f == difficultyField {
		return "0 to 21"
	}
	return features[f].Range()
}

// numberWanted names what an int field wants, by what came instead.
func numberWanted(text string) string {
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		return "whole number; want digits only"
	}
	return "number; want digits only, and no missing values"
}

func count(n int, line []byte) string {
	if len(line) == 0 {
		return "the line is empty"
	}
	if n == 1 {
		return "1 field"
	}
	return fmt.Sprintf("%d fields", n)
}

func hint(n int) string {
	switch n {
	case 42:
		return " (KDD Cup 99 itself has 42: it lacks the difficulty)"
	case 1:
		return " (is the file compressed, or separated otherwise?)"
	}
	return ""
}

// quote shows a value of the file, cut to 40 bytes, control characters escaped.
func quote(text string) string {
	if len(text) > 40 {
		return strconv.Quote(text[:40]) + "…"
	}
	return strconv.Quote(text)
}
