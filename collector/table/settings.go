package table

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"

	api "license_exporter/client/table"
	"license_exporter/collector"
)

// settings contains the configuration keys of table accounts.
type settings struct {
	sourceKeys `yaml:",inline"`
	// Preset is the name of a preset. It has a value for most of the other keys.
	Preset string `yaml:"preset"`
	// Columns says which column, or which expression, is which field of a license.
	Columns api.Fields `yaml:"columns"`
	// If is an expression that decides which records are licenses.
	If string `yaml:"if"`
	// Dates are further layouts of dates, and Never further words for no end.
	Dates []string `yaml:"dates"`
	Never []string `yaml:"never"`
	// Decimal is the decimal mark of numbers with groups of digits.
	Decimal string `yaml:"decimal"`
	// Timezone is the time zone of dates without one.
	Timezone string `yaml:"timezone"`
	// AllowColumns are the names of columns that may be read although they look like secrets.
	AllowColumns []string `yaml:"allow_columns"`

	// optional are the columns of a preset that the table may lack.
	optional api.Fields
}

// sourceKeys contains the keys that say where the records are.
type sourceKeys struct {
	// File is the path of a file, URL an address, and Licenses a list. Only one is set.
	File     string       `yaml:"file"`
	URL      string       `yaml:"url"`
	Licenses []api.Fields `yaml:"licenses"`
	// Format is csv, json or yaml. It is empty if it follows from the name or the content.
	Format string `yaml:"format"`
	// Records is an expression for the list in a JSON or YAML document.
	Records string `yaml:"records"`
	Pages   pages  `yaml:"pages"`
}

// pages says how the pages of a list are requested. See api.Pages.
type pages struct {
	Next   string `yaml:"next"`
	Offset string `yaml:"offset"`
	Page   string `yaml:"page"`
	First  *int   `yaml:"first"`
	Limit  string `yaml:"limit"`
	Size   int    `yaml:"size"`
	Total  string `yaml:"total"`
}

// own returns the table settings of an account.
func own(a *collector.AccountConfig) *settings { return a.Settings.(*settings) }

//go:embed presets/*.yaml
var presetFiles embed.FS

// presets contains the settings of the presets by name.
var presets = sync.OnceValue(func() map[string]*settings {
	entries, err := presetFiles.ReadDir("presets")
	if err != nil {
		panic(err) // it is in the binary
	}
	all := map[string]*settings{}
	for _, entry := range entries {
		content, err := presetFiles.ReadFile(path.Join("presets", entry.Name()))
		if err != nil {
			panic(err)
		}
		s := &settings{}
		decoder := yaml.NewDecoder(bytes.NewReader(content))
		decoder.KnownFields(true)
		if err := decoder.Decode(s); err != nil {
			panic(fmt.Sprintf("preset %s: %v", entry.Name(), err))
		}
		all[strings.TrimSuffix(entry.Name(), ".yaml")] = s
	}
	return all
})

// presetOf returns the settings of a preset, or nil if there is none with this name.
func presetOf(name string) *settings {
	if name == "" { // as usual: there is no need to read the presets
		return nil
	}
	return presets()[name]
}

// SetDirectory implements collector.WithFiles.
func (s *settings) SetDirectory(dir string) {
	if s.File != "" && !filepath.IsAbs(s.File) {
		s.File = filepath.Join(dir, s.File)
	}
}

// DefaultMaxAge implements collector.WithMaxAge. A file is cheap to look at.
func (s *settings) DefaultMaxAge() time.Duration {
	if s.URL != "" {
		return time.Hour
	}
	return 10 * time.Second
}

// SetDefaults implements collector.Settings.
func (s *settings) SetDefaults(a *collector.AccountConfig) {
	if known := presetOf(s.Preset); known != nil && s.Licenses == nil {
		preset := *known
		s.optional, preset.Columns = preset.Columns, api.Fields{}
		if s.File != "" { // such as what was exported there
			preset.URL, preset.Pages = "", pages{}
		} else {
			preset.Columns, s.optional = splitFields(s.optional)
		}
		fill(reflect.ValueOf(s).Elem(), reflect.ValueOf(&preset).Elem())
	}
	s.Timezone = cmp.Or(s.Timezone, "UTC")
	if u, err := url.Parse(s.URL); err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && a.BaseURL == "" {
		a.BaseURL = u.Scheme + "://" + u.Host
	}
}

// splitFields splits the fields of a preset into those that name a column, which the vendor documents, and
// expressions, whose columns may be missing in some versions.
func splitFields(all api.Fields) (named, expressions api.Fields) {
	expressions = all
	for _, key := range api.Keys() {
		if text := all.Get(key); !strings.HasPrefix(text, "=") {
			named.Set(key, text)
			expressions.Set(key, "")
		}
	}
	return named, expressions
}

// fill sets the values that are not set to those of a preset.
func fill(v, preset reflect.Value) {
	for i := range v.NumField() {
		switch f, from := v.Field(i), preset.Field(i); {
		case f.Kind() == reflect.Struct && f.Type() != reflect.TypeFor[pages]():
			fill(f, from)
		case f.IsZero() && f.CanSet():
			f.Set(from)
		}
	}
}

// Check implements collector.Settings.
func (s *settings) Check(a *collector.AccountConfig) []error {
	var problems []error
	add := func(errs ...error) { problems = append(problems, errs...) }
	if s.Preset != "" && presetOf(s.Preset) == nil {
		return []error{fmt.Errorf("preset is not known; use one of %s", strings.Join(slices.Sorted(maps.Keys(presets())), ", "))}
	}
	add(s.checkSource(a)...)
	mapping, errs := s.mapping()
	add(errs...)
	_, _, _, errs = s.expressions()
	add(errs...)
	if mapping != nil && len(s.Licenses) > 0 {
		add(s.checkLicenses(mapping)...)
	}
	return problems
}

func (s *settings) checkSource(a *collector.AccountConfig) []error {
	var sources []string
	for key, set := range map[string]bool{"file": s.File != "", "url": s.URL != "", "licenses": s.Licenses != nil} {
		if set {
			sources = append(sources, key)
		}
	}
	slices.Sort(sources)
	if len(sources) > 1 {
		return []error{fmt.Errorf("%s exclude each other; leave one out", strings.Join(sources, " and "))}
	}
	var problems []error
	add := func(text string) { problems = append(problems, errors.New(text)) }
	switch {
	case len(sources) == 0:
		add("there is no table; set file, url or licenses")
	case s.Licenses != nil && len(s.Licenses) == 0:
		add("licenses is empty; add licenses, or leave the account out")
	case s.Licenses != nil && s.Columns != api.Fields{}:
		add("columns is not for licenses, whose keys are the fields; leave it out")
	case s.URL == "" && s.Pages != pages{}:
		add("pages is only for url; leave it out")
	case s.URL == "" && a.BaseURL != "":
		add("base_url is only for url; leave it out")
	case s.Preset != "" && s.Licenses != nil:
		add("preset is not for licenses; leave it out")
	case s.URL != "" && s.Columns == api.Fields{}:
		add("columns is missing; say which column is which, such as columns: {product: name, end: expires}")
	}
	if s.URL != "" {
		problems = append(problems, s.checkURL(a))
	}
	if !slices.Contains([]string{"", "csv", "json", "yaml"}, s.Format) || s.URL != "" && s.Format == "yaml" {
		add("format must be csv or json, or yaml for a file")
	}
	if s.Records != "" && s.Licenses != nil {
		add("records is only for file and url; leave it out")
	}
	return append(problems, s.checkPages()...)
}

// checkURL returns an error if no request can be made of url and base_url.
func (s *settings) checkURL(a *collector.AccountConfig) error {
	u, err := url.Parse(s.URL)
	switch {
	case err != nil || u.Fragment != "" || u.Opaque != "":
		return errors.New("url is not a valid address; write it like https://assets.example.com/api/licenses?limit=100")
	case u.User != nil:
		return errors.New("url contains a user or password; put credentials in http_client_config")
	case u.IsAbs() || u.Host != "":
		base, err := url.Parse(a.BaseURL)
		if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return errors.New("url must be an address with a host, like https://assets.example.com/api/licenses, or a path below base_url")
		}
		if err == nil && (base.Scheme != u.Scheme || base.Host != u.Host || !strings.HasPrefix(u.Path, base.Path)) {
			return errors.New("url is not below base_url; leave one of them out, or make url a path")
		}
	case a.BaseURL == "":
		return errors.New("base_url is missing; set it to the address of the server, such as https://assets.example.com")
	}
	return nil
}

func (s *settings) checkPages() []error {
	var problems []error
	p := s.Pages
	ways := 0
	for _, way := range []string{p.Next, p.Offset, p.Page} {
		if way != "" {
			ways++
		}
	}
	if ways > 1 {
		problems = append(problems, errors.New("pages: next, offset and page exclude each other; leave two out"))
	}
	if p.First != nil && (p.Page == "" || *p.First < 0) {
		problems = append(problems, errors.New("pages.first must be the number of the first page, 0 or above, beside pages.page"))
	}
	if p.Size < 0 || p.Size > 0 && p.Limit == "" {
		problems = append(problems, errors.New("pages.size must be above 0, beside pages.limit, the name of its query parameter"))
	}
	if p.Limit != "" && p.Size == 0 {
		problems = append(problems, errors.New("pages.size is missing; set it to the number of records of a page"))
	}
	return problems
}

// CheckCredential implements collector.Settings. Some addresses need no credential.
func (s *settings) CheckCredential(a *collector.AccountConfig) error {
	has := a.HTTPClientConfig.HasCredential()
	switch {
	case s.URL == "" && has:
		return errors.New("http_client_config is only for url; leave it out")
	case s.URL != "" && s.Preset != "" && !has:
		return fmt.Errorf("http_client_config has no credential; preset %s needs one: docs/vendors/table-presets.md", s.Preset)
	}
	return nil
}

// FactsKey implements collector.Settings. Each key may change what the facts mean.
func (s *settings) FactsKey(*collector.AccountConfig) string {
	text, err := yaml.Marshal(s)
	if err != nil {
		panic(err) // it was YAML
	}
	return fmt.Sprintf("%x", sha256.Sum256(text))
}
