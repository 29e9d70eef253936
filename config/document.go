package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
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
	content = normalize(content)
	if at, text := unreadable(content); at >= 0 {
		return nil, placeAt(path, content, at, text)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	var document yaml.Node
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, syntaxError(path, content, err)
	}
	if err := decoder.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: there is more than one YAML document; leave what follows --- out", path)
	}
	a := aliases{}
	size, problem := a.follow(&document)
	switch {
	case problem != nil:
		return nil, &placed{path, problem.Line, problem.Column, errors.New("an alias refers to a value that contains itself")}
	case size > maxValues:
		return nil, fmt.Errorf("%s: there are more than %d values, including those that aliases repeat; use fewer aliases or shorter lists", path, maxValues)
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

// pathPart matches a key or an index in the path of a key.
var pathPart = regexp.MustCompile(`[a-z_0-9]+`)

// locate returns the node at the path of a key below a node. If the path leads to a list, a
// mapping or a value in another line than its key, it returns the node of the key. If the document lacks a part of the path, it returns
// the node up to which it has it.
func locate(n *yaml.Node, path string) *yaml.Node {
	place := n
	for _, part := range pathPart.FindAllString(path, -1) {
		key, value := child(n, part)
		if value == nil {
			break
		}
		n, place = value, value
		if key != nil && (value.Kind != yaml.ScalarNode || value.Line != key.Line) {
			place = key
		}
	}
	return place
}

// child returns a value in a list or a mapping with its key. Values in mappings whose keys are not
// ours have numbers, in the order of their keys.
func child(n *yaml.Node, part string) (key, value *yaml.Node) {
	i, err := strconv.Atoi(part)
	if n.Kind == yaml.SequenceNode {
		if err == nil && i < len(n.Content) {
			value = n.Content[i]
		}
		return nil, value
	}
	if n.Kind != yaml.MappingNode {
		return nil, nil
	}
	var keys []*yaml.Node
	values := map[*yaml.Node]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Value == part {
			return k, v
		}
		if k.ShortTag() == mergeTag && value == nil {
			for _, merged := range append([]*yaml.Node{v}, v.Content...) {
				if merged.Kind == yaml.MappingNode && value == nil {
					key, value = child(merged, part)
				}
			}
		}
		keys, values[k] = append(keys, k), v
	}
	if err != nil || i >= len(keys) {
		return key, value
	}
	slices.SortFunc(keys, func(a, b *yaml.Node) int { return strings.Compare(a.Value, b.Value) })
	return keys[i], values[keys[i]]
}
