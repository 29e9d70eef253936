package config

import "testing"

// All problems of a file are reported at once, each with the place of the key that is wrong.
func TestAllProblemsAtOnce(t *testing.T) {
	_, err := loadFile(t, `max_age: 5m
accounts:
  - name: a
    vendor: meraki
    max_agee: 5m
    credentials_file: nowhere
    include: ["1"]
    organization: 5
    http_client_config:
      base_url: https://api.example.com
      credentials_file: nowhere
      tls_confg: {}
  - name: b
    vendor: meraki
    base_url: nonsense
    http_client_config:
      authorization:
        credentials_file: nowhere
      tls_config:
        ca_file: nowhere
  - &c
    name: c
    vendor: meraki
    rate_limit: {source: -1}
    organizations:
      include:
        - "1"
        - ""
    http_client_config: {authorization: {credentials: k}}
  - <<: *c
    individual_licenses_limit: -1
policies:
  - vendor: meraki
    owner: a
    max_age: 5m
  - match: {account: nobody, ownr: x}
    muted: true
policy_files: [p.csv, p.yml]
`, map[string]string{"p.csv": "ownr\na\n", "p.yml": "- match: {muted: true}\n"})
	const ends = "; docs/configuration.md lists all keys"
	wantError(
		t, err,
		"file.yml:1:1: key max_age belongs to an account"+ends,
		`file.yml:5:5: account "a": key max_agee is not known; did you mean max_age? docs/configuration.md lists all keys`,
		`file.yml:6:5: account "a": key credentials_file belongs to http_client_config.authorization of an account`+ends,
		`file.yml:7:5: account "a": key include belongs to organizations of an account`+ends,
		`file.yml:8:5: account "a": key organization is not known; did you mean organizations? docs/configuration.md lists all keys`,
		`file.yml:10:7: account "a": key base_url belongs to an account`+ends,
		`file.yml:11:7: account "a": key credentials_file belongs to http_client_config.authorization of an account`+ends,
		`file.yml:12:7: account "a": key tls_confg of http_client_config is not known; did you mean tls_config? docs/configuration.md lists all keys`,
		`file.yml:15:15: account "b": base_url must be an address with a host and without query, like https://api.example.com/api/v1`,
		`file.yml:18:27: account "b": http_client_config.authorization.credentials_file: no such file or directory`,
		`file.yml:20:18: account "b": http_client_config.tls_config.ca_file: no such file or directory`,
		`file.yml:24:26: account "c": rate_limit.source must be above 0 requests per second`,
		`file.yml:28:11: account "c": organizations.include[1]: an organization's id is empty; write ids in quotes`,
		`file.yml:30:5: account "c": the name is taken by an account above; names must be unique, because they become the label account`,
		`file.yml:31:32: account "c": individual_licenses_limit must be above 0`,
		`file.yml:33:5: policy 1 of the list: key vendor belongs to match of a policy`+ends,
		`file.yml:35:5: policy 1 of the list: key max_age belongs to an account`+ends,
		`file.yml:36:30: policy 2 of the list: key ownr of match is not known; did you mean owner, which belongs to a policy? docs/configuration.md lists all keys`,
		"p.csv:1: column 1: key ownr is not known; did you mean owner? docs/configuration.md lists all columns",
		"p.yml:1:11: policy 1 of the list: key muted belongs to a policy"+ends,
	)
}
