package reports

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"html"
	"io"
	"strings"
)

// SVG elements that may stand in the page. Scripts, foreign objects, animation
// and style sheets (which would leak into the page) are left out.
var svgElements = map[string]bool{
	"svg": true, "g": true, "defs": true, "symbol": true, "use": true, "title": true, "desc": true,
	"path": true, "rect": true, "circle": true, "ellipse": true, "line": true, "polyline": true, "polygon": true,
	"text": true, "tspan": true, "textPath": true, "image": true, "clipPath": true, "mask": true, "marker": true,
	"pattern": true, "linearGradient": true, "radialGradient": true, "stop": true, "switch": true, "a": true,
}

// inlineSVG rewrites an SVG document so that it can stand in an HTML page: only
// known elements, no event handlers, no links but to itself and to images that it
// carries, and ids under a prefix so that two figures cannot meet. An error says
// that the document is not well-formed.
func inlineSVG(doc []byte, prefix, label string) (string, error) {
	d := xml.NewDecoder(bytes.NewReader(doc))
	d.Strict = true
	var b strings.Builder
	var open []string
	skip, root := 0, false
	for {
		token, err := d.RawToken()
		if err == io.EOF {
			break
		}
		if err != nil {
			return "", fmt.Errorf("reports: figure is not well-formed SVG: %w", err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			open = append(open, t.Name.Local)
			if skip > 0 || !svgElements[t.Name.Local] || t.Name.Space != "" && t.Name.Space != "svg" {
				skip++
				continue
			}
			b.WriteString("<" + t.Name.Local)
			if !root {
				root = true
				fmt.Fprintf(&b, ` role="img" aria-label="%s"`, html.EscapeString(label))
				if t.Name.Local != "svg" {
					return "", fmt.Errorf("reports: figure begins with <%s>; want <svg>", t.Name.Local)
				}
				t.Attr = withViewBox(t.Attr)
			}
			for _, a := range t.Attr {
				if name, value, ok := svgAttribute(a, prefix); ok {
					fmt.Fprintf(&b, ` %s="%s"`, name, html.EscapeString(value))
				}
			}
			b.WriteString(">")
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1] != t.Name.Local {
				return "", fmt.Errorf("reports: figure is not well-formed SVG: </%s> closes nothing", t.Name.Local)
			}
			open = open[:len(open)-1]
			if skip > 0 {
				skip--
				continue
			}
			b.WriteString("</" + t.Name.Local + ">")
		case xml.CharData:
			if skip == 0 && root {
				b.WriteString(escapeText(string(t)))
			}
		}
	}
	if !root || len(open) > 0 {
		return "", fmt.Errorf("reports: figure is not a whole SVG document")
	}
	return strings.TrimSpace(b.String()), nil
}

// svgAttribute returns what an attribute becomes in the page.
func svgAttribute(a xml.Attr, prefix string) (name, value string, ok bool) {
	name, value = a.Name.Local, a.Value
	if a.Name.Space == "xml" {
		name = "xml:" + name
	} else if a.Name.Space != "" && !(a.Name.Space == "xlink" && name == "href") {
		return "", "", false
	}
	lower := strings.ToLower(name)
	switch {
	case strings.HasPrefix(lower, "on"), name == "xmlns", strings.HasPrefix(name, "role"), strings.HasPrefix(name, "aria-"):
		return "", "", false
	case name == "id":
		return name, prefix + value, true
	case name == "href":
		switch {
		case strings.HasPrefix(value, "#"):
			return name, "#" + prefix + value[1:], true
		case strings.HasPrefix(value, "data:image/png"), strings.HasPrefix(value, "data:image/jpeg"):
			return name, value, true
		}
		return "", "", false
	case strings.Contains(lower, "javascript:"), strings.Contains(value, "javascript:"):
		return "", "", false
	}
	if strings.Contains(value, "url(") {
		if strings.Count(value, "url(") != strings.Count(value, "url(#") {
			return "", "", false
		}
		value = strings.ReplaceAll(value, "url(#", "url(#"+prefix)
	}
	return name, value, true
}

// withViewBox gives a root without viewBox one from its width and height, so that
// it can be scaled.
func withViewBox(attrs []xml.Attr) []xml.Attr {
	var w, h string
	for _, a := range attrs {
		switch a.Name.Local {
		case "viewBox":
			return attrs
		case "width":
			w = strings.TrimRight(a.Value, "ptx")
		case "height":
			h = strings.TrimRight(a.Value, "ptx")
		}
	}
	if w == "" || h == "" {
		return attrs
	}
	return append(attrs, xml.Attr{Name: xml.Name{Local: "viewBox"}, Value: "0 0 " + w + " " + h})
}

// escapeText escapes what ends text in HTML, and leaves quotes alone.
func escapeText(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// htmlText escapes text for the page.
func htmlText(s string) string { return html.EscapeString(s) }
