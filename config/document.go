package config

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"license_exporter/internal/document"
	"license_exporter/internal/textfile"
)

// maxFile is the maximum size of a configuration in bytes.
const maxFile = 16 << 20

// parse returns the root of a file, without aliases. It is nil if the file is empty.
func parse(path string, content []byte) (*yaml.Node, error) {
	root, err := document.Parse(content)
	if wrong := (*textfile.Error)(nil); errors.As(err, &wrong) && wrong.Line > 0 {
		return nil, &placed{path, wrong.Line, wrong.Column, errors.New(wrong.Text)}
	} else if err != nil {
		return nil, textfile.In(path, err)
	}
	return root, nil
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
