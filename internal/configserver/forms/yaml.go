package forms

import "encoding/base64"

// dump writes an object as SnakeYAML's Yaml.dumpAsMap does: block style, indented by two blanks, lists no deeper
// than their key.
func dump(root *object) []byte {
	d := dumper{}
	d.object(root, 0)
	return d.end()
}

// dumpDocument writes a document that is a list or text instead of an object.
func dumpDocument(document any) []byte {
	d := dumper{}
	switch document := document.(type) {
	case *list:
		d.list(document, 0)
	case *object:
		d.write("!!str\n")
		d.object(document, 0)
	default:
		d.document(text(document))
	}
	return d.end()
}

// document writes a scalar that is text, whatever it looks like.
func (d *dumper) document(text string) {
	if isPrintable(text) {
		d.string(text, 2)
		return
	}
	d.literal(base64.StdEncoding.EncodeToString([]byte(text)), 2)
}

func (d *dumper) object(o *object, indent int) {
	if len(o.keys) == 0 {
		d.write("{}")
	}
	for _, key := range o.keys {
		d.indent(indent)
		if isSimpleKey(key) {
			d.key(key)
			d.write(":")
			d.value(o.values[key], indent)
			continue
		}
		d.write("? ")
		d.string(key, indent+2)
		d.indent(indent)
		d.write(":")
		d.item(o.values[key], indent+2)
	}
}

// value writes what follows the colon of a simple key.
func (d *dumper) value(value any, indent int) {
	switch value := value.(type) {
	case *object:
		d.write("\n")
		d.object(value, indent+2)
	case *list:
		d.write("\n")
		d.list(value, indent)
	default:
		d.write(" ")
		d.any(value, indent+2)
	}
}

func (d *dumper) list(l *list, indent int) {
	for _, item := range l.items {
		d.indent(indent)
		d.write("-")
		d.item(item, indent+2)
	}
}

// item writes what follows "- " or ": " at the start of a line.
func (d *dumper) item(item any, indent int) {
	switch item := item.(type) {
	case *object:
		d.write(" ")
		d.object(item, indent)
	case *list:
		d.write(" ")
		d.list(item, indent)
	default:
		d.write(" ")
		d.any(item, indent)
	}
}

func (d *dumper) any(value any, indent int) {
	if s, ok := value.(string); ok {
		d.string(s, indent)
		return
	}
	d.write(text(value)) // null, bools and numbers, whose plain form has the right type
}
