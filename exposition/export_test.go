package exposition

// Cached returns the cached text of an organization, or nil if there is none.
func (e *Exposition) Cached(account, organization string) any {
	if c := e.cache(account).byOrganization[organization]; c != nil {
		return c
	}
	return nil
}

// CachedAccounts returns the number of accounts with cached texts.
func (e *Exposition) CachedAccounts() int { return len(e.caches) }
