package gitlab

import (
	"context"
	"sync"

	"license_exporter/collector"
	"license_exporter/licensing"
)

// source lists what the configuration names: an instance, or groups.
type source struct {
	instance string
	groups   []string
	// names contains the full paths of groups that are configured by id, as GitLab last gave them.
	names *sync.Map
}

// Discover implements collector.Source. It sends no request.
func (s source) Discover(context.Context, *collector.Report) (collector.Discovery, error) {
	if len(s.groups) == 0 {
		return collector.Discovery{Organizations: []licensing.Organization{{ID: s.instance, Name: s.instance}}}, nil
	}
	var d collector.Discovery
	for _, g := range s.groups {
		name := g
		if known, ok := s.names.Load(g); ok {
			name = known.(string)
		}
		d.Organizations = append(d.Organizations, licensing.Organization{ID: g, Name: name})
	}
	return d, nil
}
