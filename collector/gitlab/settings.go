package gitlab

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	api "license_exporter/client/gitlab"
	"license_exporter/collector"
)

// settings contains the configuration keys of GitLab accounts.
type settings struct {
	// Groups are the paths or ids of top-level groups on GitLab.com. If there are none, the license of the
	// instance at BaseURL is read.
	Groups []string `yaml:"groups"`
}

// own returns the GitLab settings of an account.
func own(a *collector.AccountConfig) *settings { return a.Settings.(*settings) }

// SetDefaults implements collector.Settings.
func (s *settings) SetDefaults(a *collector.AccountConfig) {
	if len(s.Groups) > 0 {
		a.BaseURL = cmp.Or(a.BaseURL, api.DefaultURL)
	}
	a.BaseURL = strings.TrimRight(strings.TrimSuffix(strings.TrimRight(a.BaseURL, "/"), api.APIPath), "/")
}

// group matches the path or the id of a top-level group.
var group = regexp.MustCompile(`^\w[\w.-]*$`)

// Check implements collector.Settings.
func (s *settings) Check(a *collector.AccountConfig) []error {
	var problems []error
	switch {
	case a.BaseURL == "":
		problems = append(problems, errors.New("base_url is missing; set it to the address of the GitLab instance, or set groups for groups on GitLab.com"))
	case len(s.Groups) == 0 && strings.EqualFold(hostOf(a.BaseURL), "gitlab.com"):
		problems = append(problems, errors.New("groups is missing; GitLab.com shows its license to nobody, so list your top-level groups"))
	}
	first := map[string]int{}
	for i, g := range s.Groups {
		before, again := first[g]
		switch {
		case strings.Contains(g, "/"):
			problems = append(problems, fmt.Errorf("groups[%d] is not a top-level group; write only its first part, like contoso, because subscriptions belong to top-level groups", i))
		case !group.MatchString(g):
			problems = append(problems, fmt.Errorf("groups[%d] is not the path or id of a group; write it like contoso or \"9970\"", i))
		case again:
			problems = append(problems, fmt.Errorf("groups[%d] is the same as groups[%d]; leave one out", i, before))
		default:
			first[g] = i
		}
	}
	if len(a.Organizations.Include)+len(a.Organizations.Exclude) > 0 {
		problems = append(problems, errors.New("organizations cannot be set for vendor gitlab, because groups, or base_url without groups, says what to read; leave it out"))
	}
	return problems
}

// CheckCredential implements collector.Settings.
func (s *settings) CheckCredential(a *collector.AccountConfig) error {
	if a.HTTPClientConfig.HasCredential() {
		return nil
	}
	whose := "an administrator"
	if len(s.Groups) > 0 {
		whose = "an Owner of the groups"
	}
	return fmt.Errorf("http_client_config has no credential; set authorization.credentials_file to a file with a personal access token of %s", whose)
}

// FactsKey implements collector.Settings. Licenses and groups are different facts. Which groups are read is not: the
// facts of those that stay are kept.
func (s *settings) FactsKey(*collector.AccountConfig) string {
	return strconv.FormatBool(len(s.Groups) > 0)
}
