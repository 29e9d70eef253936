package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

const (
	// maxFile is the maximum size of a configuration in bytes.
	maxFile = 16 << 20
	// maxValues is the maximum number of values in a configuration, with the
	// values that aliases repeat. A short file of nested aliases could otherwise
	// fill the memory.
	maxValues = 2_000_000
)

// parse returns the root of the YAML document, without aliases. It is nil if the
// document is empty.
func parse(path string, content []byte) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	var document yaml.Node
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, syntaxError(path, err)
	}
	if err := decoder.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: there is more than one YAML document; leave what follows --- out", path)
	}
	a := aliases{}
	size, problem := a.follow(&document)
	switch {
	case problem != nil:
		return nil, fmt.Errorf("%s:%d:%d: an alias stands for something that contains itself", path, problem.Line, problem.Column)
	case size > maxValues:
		return nil, fmt.Errorf("%s: there are more than %d values, with those that aliases repeat; use fewer aliases or shorter lists", path, maxValues)
	}
	return document.Content[0], nil
}

var (
	lineOf        = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)
	unknownAnchor = regexp.MustCompile(`unknown anchor '[^']*`) // up to the name's end or a quote in it
)

// syntaxError rewrites an error of the YAML parser. All its texts are constant,
// except for one that repeats an alias, which may be a secret that begins with *.
func syntaxError(path string, err error) error {
	text := err.Error()
	where := path + ": "
	if found := lineOf.FindStringSubmatch(text); found != nil {
		text = strings.TrimPrefix(text, found[0])
		if found[1] != "" {
			where = path + ":" + found[1] + ": "
		}
	}
	if unknownAnchor.MatchString(text) {
		text = "an alias has no anchor; write values that begin with * in quotes"
	}
	return errors.New(where + text)
}

// aliases replaces aliases by what they stand for. The YAML library would refuse
// many of them in one document. It holds the number of values below each node, or
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
