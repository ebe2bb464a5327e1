package springlayout

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// parseXML returns the only document of a file in the XML form of Java's properties. Such a file starts with a
// DOCTYPE for Java's own properties.dtd, and defines no entities.
func parseXML(path string, content []byte) ([]*values, error) {
	malformed := func(err error) error {
		line := 1
		if syntax, is := errors.AsType[*xml.SyntaxError](err); is {
			line = syntax.Line
		}
		return fmt.Errorf("%s:%d: found XML that is not in the form of Java's properties; expected <!DOCTYPE properties SYSTEM %q> and <properties> with <entry key=\"NAME\">", path, line, propertiesDTD)
	}
	decoder := xml.NewDecoder(bytes.NewReader(content))
	declared := false
	for {
		token, err := decoder.Token()
		if err != nil {
			return nil, malformed(err)
		}
		switch token := token.(type) {
		case xml.Directive:
			declared = strings.HasPrefix(string(token), "DOCTYPE properties ") && strings.Contains(string(token), propertiesDTD) && !strings.Contains(string(token), "[")
		case xml.StartElement:
			if !declared || token.Name.Local != "properties" {
				return nil, malformed(nil)
			}
			entries, err := xmlEntries(decoder)
			if err == nil {
				_, err = decoder.Token()
			}
			if err != nil && !errors.Is(err, io.EOF) {
				return nil, malformed(err)
			}
			return []*values{entries}, nil
		}
	}
}

const propertiesDTD = "http://java.sun.com/dtd/properties.dtd"

// xmlEntries reads until the end of <properties>.
func xmlEntries(decoder *xml.Decoder) (*values, error) {
	entries := newValues()
	for {
		token, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.EndElement:
			return entries, nil
		case xml.StartElement:
			var text struct {
				Key  *string `xml:"key,attr"`
				Text string  `xml:",chardata"`
			}
			if err := decoder.DecodeElement(&text, &token); err != nil {
				return nil, err
			}
			switch {
			case token.Name.Local == "entry" && text.Key != nil:
				entries.put(*text.Key, text.Text)
			case token.Name.Local != "comment":
				return nil, errors.New("another element")
			}
		}
	}
}
