package engine

import (
	"context"
	"fmt"
	"slices"
)

// Selection is what a scrape is about. The zero value is everything.
type Selection struct {
	// Account limits it to one account.
	Account string
	// One limits it to the organization with the id Organization, which may be
	// the empty one of the account as a whole.
	One          bool
	Organization string
	// Collectors, if there are any, limit it to these.
	Collectors []string
}

func (s Selection) account(name string) bool    { return s.Account == "" || s.Account == name }
func (s Selection) organization(id string) bool { return !s.One || s.Organization == id }

// Includes reports whether a collector is selected.
func (s Selection) Includes(name string) bool {
	return len(s.Collectors) == 0 || slices.Contains(s.Collectors, name)
}

func (e *Engine) selected(s Selection) []*account {
	var selected []*account
	for _, a := range *e.accounts.Load() {
		if s.account(a.Name) {
			selected = append(selected, a)
		}
	}
	return selected
}

// UnknownError reports that what was asked for does not exist.
type UnknownError struct{ What, Name, Hint string }

func (e *UnknownError) Error() string {
	return fmt.Sprintf("unknown %s %q; %s", e.What, e.Name, e.Hint)
}

// UndiscoveredError reports that the organizations of an account are not known
// yet.
type UndiscoveredError struct {
	Account string
	Err     error // nil if the listing has not ended
}

func (e *UndiscoveredError) Error() string {
	text := fmt.Sprintf("the organizations of account %q are not known yet", e.Account)
	if e.Err != nil {
		return text + ": " + e.Err.Error()
	}
	return text + "; try again"
}

func (e *UndiscoveredError) Unwrap() error { return e.Err }

// One returns the Selection of one organization. Where an account's
// organizations are not known yet, or the one that is asked for is not among
// them, they are listed first, as far as the context and max-age allow.
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
	return id == "" || slices.ContainsFunc(a.currentOrganizations(), func(o organization) bool { return o.ID == id })
}

// Target is an organization that can be scraped by itself.
type Target struct {
	Account, Vendor, Organization, Name, Model, Region string
	// Unlisted is set for an account whose organizations could not be listed
	// yet, so that there may be more targets.
	Unlisted bool
}

// Targets lists the organizations of all accounts as far as they are known, and
// each account as a whole, with an empty Organization. It returns false as long
// as an account's organizations have not been asked for. Where they could not be
// listed yet, that is tried again in the background.
func (e *Engine) Targets() (targets []Target, tried bool) {
	tried = true
	for _, a := range *e.accounts.Load() {
		state := a.discovery.State()
		tried = tried && state.Tried
		unlisted := state.ValueEnded.IsZero()
		if unlisted {
			a.rediscover() // without targets, nothing else may ask for it
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
