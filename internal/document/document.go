// Package document parses YAML that people write, with errors that say what to do.
package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"

	"license_exporter/internal/textfile"
)

// maxValues is the maximum number of values in a document, with the
// values that aliases repeat. A short file of nested aliases could otherwise
// fill the memory.
const maxValues = 2_000_000

// Parse returns the root of a YAML document, without aliases. It is nil if the document is empty.
// Errors are of type *textfile.Error.
func Parse(content []byte) (*yaml.Node, error) {
	content = normalize(content)
	if at, text := unreadable(content); at >= 0 {
		return nil, placeAt(content, at, text)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	var document yaml.Node
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, syntaxError(content, err)
	}
	if err := decoder.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return nil, &textfile.Error{Text: "there is more than one YAML document; leave what follows --- out"}
	}
	a := aliases{}
	size, problem := a.follow(&document)
	switch {
	case problem != nil:
		return nil, &textfile.Error{Line: problem.Line, Column: problem.Column, Text: "an alias refers to a value that contains itself"}
	case size > maxValues:
		return nil, &textfile.Error{Text: fmt.Sprintf("there are more than %d values, including those that aliases repeat; use fewer aliases or shorter lists", maxValues)}
	}
	return document.Content[0], nil
}

// aliases replaces aliases by what they stand for. The YAML library would refuse
// many of them in one document. It contains the number of values below each node, or
// 0 while they are counted.
type aliases map[*yaml.Node]int

// follow replaces all aliases below a node. It returns the number of values, but
// not much more than maxValues, or a node that contains itself.
func (a aliases) follow(n *yaml.Node) (size int, problem *yaml.Node) {
	if size, known := a[n]; known {
		if size == 0 {
			return 0, n
		}
		return size, nil
	}
	a[n] = 0
	size = 1
	for i, child := range n.Content {
		use := child
		if child.Kind == yaml.AliasNode {
			child = child.Alias
		}
		below, problem := a.follow(child)
		if problem != nil {
			return 0, problem
		}
		if use != child {
			// Share what is below, but keep the place of the alias for errors.
			same := *child
			same.Line, same.Column = use.Line, use.Column
			n.Content[i] = &same
		}
		size = min(size+below, maxValues+1)
	}
	a[n] = size
	return size, nil
}
