package dashboards

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"strings"
)

//go:embed *.json
var files embed.FS

// Board is a dashboard. It has only the fields that tests read.
type Board struct {
	File          string `json:"-"`
	UID           string
	Title         string
	Description   string
	Tags          []string
	SchemaVersion int
	Refresh       string
	Links         []Link
	Templating    struct{ List []Variable }
	Panels        []Panel
}

// Link is a link to the boards with these tags.
type Link struct {
	Type        string
	Tags        []string
	IncludeVars bool
	KeepTime    bool
}

// Variable is a variable of a board.
type Variable struct {
	Name, Type, Regex, AllValue string
	IncludeAll                  bool
	// Query is an object with the query, or a string if the variable is the data
	// source.
	Query json.RawMessage
}

// Expr returns the query of a variable in the syntax of Grafana's Prometheus data
// source. It returns "" if the variable is not a query.
func (v Variable) Expr() string {
	var q struct{ Query string }
	if v.Type != "query" || json.Unmarshal(v.Query, &q) != nil {
		return ""
	}
	return q.Query
}

// Panel is a panel or a row. A row that is collapsed has the panels below it.
type Panel struct {
	Collapsed       bool
	Panels          []Panel
	ID              int
	Type            string
	Title           string
	Description     string
	Datasource      struct{ Type, UID string }
	GridPos         struct{ X, Y, W, H int }
	Targets         []Target
	Transformations []Transformation
	Options         struct {
		SortBy []struct{ DisplayName string }
	}
	FieldConfig struct {
		Defaults struct {
			Unit, NoValue string
			Min           *float64
			Mappings      []Mapping
		}
		Overrides []struct {
			Matcher    struct{ ID, Options string }
			Properties []struct {
				ID    string
				Value json.RawMessage
			}
		}
	}
}

// Mapping replaces a value by a text. It has only the fields of a special value, such as null.
type Mapping struct {
	Type    string
	Options struct {
		Match  string
		Result struct{ Text, Color string }
	}
}

// Target is a query of a panel.
type Target struct {
	RefID, Expr, LegendFormat string
	Instant, Range            bool
	Datasource                struct{ Type, UID string }
}

// Transformation is a transformation of query results.
type Transformation struct {
	ID      string
	Options struct {
		Include                           struct{ Names []string }
		RenameByName                      map[string]string
		RowField, ColumnField, ValueField string
		Sort                              []struct{ Field string }
	}
}

// Load reads all boards. Panels of collapsed rows come after their row, like those of others.
func Load() ([]Board, error) {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil, err
	}
	boards := make([]Board, 0, len(entries))
	for _, entry := range entries {
		content, err := files.ReadFile(entry.Name())
		if err != nil {
			return nil, err
		}
		b := Board{File: strings.TrimSuffix(entry.Name(), path.Ext(entry.Name()))}
		if err := json.Unmarshal(content, &b); err != nil {
			return nil, fmt.Errorf("%s: %w", entry.Name(), err)
		}
		var panels []Panel
		for _, p := range b.Panels {
			panels = append(append(panels, p), p.Panels...)
		}
		b.Panels = panels
		boards = append(boards, b)
	}
	return boards, nil
}
