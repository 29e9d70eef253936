package engine

import (
	"context"
	"fmt"
	"slices"
)

// Selection selects facts. The zero value selects all.
type Selection struct {
	// Account, if not empty, selects one account.
	Account string
	// One selects the organization with the id Organization. An empty id is the
	// account as a whole.
	One          bool
	Organization string
	// Collectors, if not empty, selects these collectors.
	Collectors []string
}

func (s Selection) includesAccount(name string) bool    { return s.Account == "" || s.Account == name }
func (s Selection) includesOrganization(id string) bool { return !s.One || s.Organization == id }

// IncludesCollector reports whether a collector is selected.
func (s Selection) IncludesCollector(name string) bool {
	return len(s.Collectors) == 0 || slices.Contains(s.Collectors, name)
}

func (e *Engine) selected(s Selection) []*account {
	var selected []*account
	for _, a := range *e.accounts.Load() {
		if s.includesAccount(a.Name) {
			selected = append(selected, a)
		}
	}
	return selected
}

// AccountNames returns the names of all accounts.
func (e *Engine) AccountNames() []string {
	var names []string
	for _, a := range *e.accounts.Load() {
		names = append(names, a.Name)
	}
	return names
}

// UnknownError means that an account, organization or collector does not exist.
type UnknownError struct{ What, Name, Hint string }

func (e *UnknownError) Error() string {
	return fmt.Sprintf("unknown %s %q; %s", e.What, e.Name, e.Hint)
}

// UndiscoveredError means that the organizations of an account are not known yet.
type UndiscoveredError struct {
	Account string
	Err     error // nil if no listing has ended
}

func (e *UndiscoveredError) Error() string {
	text := fmt.Sprintf("the organizations of account %q are not known yet", e.Account)
	if e.Err != nil {
		return text + ": " + e.Err.Error()
	}
	return text + "; try again"
}

func (e *UndiscoveredError) Unwrap() error { return e.Err }

// One returns the Selection of one organization. If the account does not know the
// organization, One first lists the organizations, provided that the list is due.
// It returns an UnknownError or UndiscoveredError if that does not help.
func (e *Engine) One(ctx context.Context, account, organization string) (Selection, error) {
	s := Selection{Account: account, One: true, Organization: organization}
	accounts := e.selected(s)
	if account == "" || len(accounts) == 0 {
		return s, &UnknownError{"account", account, "the configuration names the accounts, and /sd lists them"}
	}
	a := accounts[0]
	if a.knows(organization) {
		return s, nil
	}
	a.discoverNow(ctx)
	if a.knows(organization) {
		return s, nil
	}
	if state := a.discovery.State(); !state.Valid {
		return s, &UndiscoveredError{account, state.Err}
	}
	return s, &UnknownError{"organization", organization, "the account does not see it, or the configuration leaves it out; /sd lists those that there are"}
}

func (a *account) knows(id string) bool {
	_, found := a.organization(id)
	return found || id == ""
}

// Target is an organization that can be scraped separately.
type Target struct {
	Account, Vendor, Organization, Name, Model, Region string
	// Unlisted is set for an account whose organizations could not be listed
	// yet. There may be more targets.
	Unlisted bool
}

// Targets returns the known organizations of all accounts, and each account as a
// whole with an empty Organization. tried is false until each account has tried
// to list its organizations. If an account could not list them yet, Targets
// starts another attempt in the background.
func (e *Engine) Targets() (targets []Target, tried bool) {
	tried = true
	for _, a := range *e.accounts.Load() {
		state := a.discovery.State()
		tried = tried && state.Tried
		unlisted := state.ValueEnded.IsZero()
		if unlisted {
			a.rediscover() // without targets, there may be no scrape to start it
		}
		targets = append(targets, Target{Account: a.Name, Vendor: a.Vendor.Name, Unlisted: unlisted})
		for _, o := range a.currentOrganizations() {
			if o.ID != "" {
				targets = append(targets, Target{a.Name, a.Vendor.Name, o.ID, o.Name, o.Model, o.Region, false})
			}
		}
	}
	return targets, tried
}
