package table

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"go.yaml.in/yaml/v3"

	"license_exporter/client/rest"
	"license_exporter/internal/document"
)

// maxYAML bounds a YAML file in bytes. It is parsed at once.
const maxYAML = 4 << 20

// yamlFormat returns the format YAML. list says where the records are. If it is nil, the document must
// be a list.
func yamlFormat(list *Expression) format {
	return objectFormat{func(r io.Reader) iter.Seq2[located, error] {
		return func(yield func(located, error) bool) {
			root, err := yamlRoot(r)
			if err != nil {
				yield(located{}, err)
				return
			}
			path, isPath := list.Path()
			if !isPath {
				evaluated(list, yamlValue(root))(yield)
				return
			}
			n := root
			for _, name := range path {
				n = yamlMember(n, name)
			}
			if n.Kind != yaml.SequenceNode {
				yield(located{}, noList(path, list != nil, yamlLists(root)))
				return
			}
			for _, entry := range n.Content {
				if !yield(located{yamlValue(entry), entry.Line}, nil) {
					return
				}
			}
		}
	}}
}

// noList says that there is no list at a path. names are those of lists at the top.
func noList(path []string, isNamed bool, names []string) error {
	switch {
	case isNamed:
		return fmt.Errorf("records: there is no list at %s", strings.Join(append([]string{"body"}, path...), "."))
	case names != nil:
		return fmt.Errorf("the table is not a list; say where it has one, for example records: body.%s", rest.Clip(names[0]))
	}
	return errors.New("the table is not a list of records")
}

func yamlRoot(r io.Reader) (*yaml.Node, error) {
	content, err := io.ReadAll(io.LimitReader(r, maxYAML+1))
	if err != nil {
		return nil, err
	}
	if len(content) > maxYAML {
		return nil, fmt.Errorf("the file has more than %d MiB, the limit for YAML; use JSON or CSV", maxYAML>>20)
	}
	root, err := document.Parse(content)
	if err == nil && root == nil {
		err = errors.New("the file is empty")
	}
	return root, err
}

// yamlMember returns a member of a mapping. Without it, it returns null.
func yamlMember(n *yaml.Node, name string) *yaml.Node {
	found := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"}
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if strings.TrimSpace(n.Content[i].Value) == name {
			found = n.Content[i+1]
		}
	}
	return found
}

// yamlLists returns the names of the members that are lists.
func yamlLists(n *yaml.Node) (names []string) {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if name := n.Content[i].Value; n.Content[i+1].Kind == yaml.SequenceNode && !likeData(name) {
			names = append(names, name)
		}
	}
	return names
}

// yamlValue returns a value as valueOf takes it.
func yamlValue(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		members := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if key := n.Content[i]; key.ShortTag() == "!!merge" {
				merge(members, n.Content[i+1])
			}
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if key := n.Content[i]; key.Kind == yaml.ScalarNode && key.ShortTag() != "!!merge" {
				members[key.Value] = yamlValue(n.Content[i+1])
			}
		}
		return members
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, entry := range n.Content {
			list[i] = yamlValue(entry)
		}
		return list
	}
	return yamlScalar(n)
}

// merge adds the members of a mapping, or of a list of mappings of which the first one counts.
func merge(members map[string]any, n *yaml.Node) {
	if n.Kind == yaml.SequenceNode {
		for _, entry := range n.Content {
			merge(members, entry)
		}
		return
	}
	merged, _ := yamlValue(n).(map[string]any) // nothing else can be merged
	for name, value := range merged {
		if _, known := members[name]; !known {
			members[name] = value
		}
	}
}

func yamlScalar(n *yaml.Node) any {
	switch n.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		var value bool
		if n.Decode(&value) == nil {
			return value
		}
	case "!!int", "!!float":
		if strings.Trim(n.Value, "+-.0123456789eE") == "" {
			return json.Number(n.Value)
		}
		var value int64 // such as 1_000
		if n.Decode(&value) == nil {
			return value
		}
	}
	return n.Value
}
