package config

import (
	"fmt"
	"strings"

	commonconfig "github.com/prometheus/common/config"
)

// FromEnvironment makes a Config of the variables of the quick start: an
// account for each vendor whose credential is set. It is nil if none is.
func FromEnvironment(getenv func(string) string) (*Config, error) {
	get := func(name string) string { return strings.TrimSpace(getenv(name)) }
	var accounts []Account
	if key := get("MERAKI_DASHBOARD_API_KEY"); key != "" {
		accounts = append(accounts, Account{
			Name: VendorMeraki, Vendor: VendorMeraki,
			BaseURL:          get("MERAKI_BASE_URL"),
			HTTPClientConfig: BearerToken(key),
		})
	}
	id, secret := get("SNOW_CLIENT_ID"), get("SNOW_CLIENT_SECRET")
	switch {
	case id != "" && secret != "":
		accounts = append(accounts, Account{
			Name: VendorSnow, Vendor: VendorSnow,
			BaseURL:          get("SNOW_BASE_URL"),
			Snow:             Snow{Region: get("SNOW_REGION"), TokenURL: get("SNOW_TOKEN_URL")},
			HTTPClientConfig: ClientCredentials(id, secret),
		})
	case id != "":
		return nil, fmt.Errorf("environment: SNOW_CLIENT_ID is set and SNOW_CLIENT_SECRET is not; set both")
	case secret != "":
		return nil, fmt.Errorf("environment: SNOW_CLIENT_SECRET is set and SNOW_CLIENT_ID is not; set both")
	}
	if len(accounts) == 0 {
		return nil, nil
	}
	c, err := New(accounts...)
	if err != nil {
		return nil, fmt.Errorf("environment: %w", err)
	}
	return c, nil
}

// BearerToken returns a configuration that sends a token.
func BearerToken(token string) HTTPClient {
	h := HTTPClient(commonconfig.DefaultHTTPClientConfig)
	h.Authorization = &commonconfig.Authorization{Credentials: commonconfig.Secret(token)}
	return h
}

// ClientCredentials returns a configuration that gets its tokens for a
// client's id and secret.
func ClientCredentials(id, secret string) HTTPClient {
	h := HTTPClient(commonconfig.DefaultHTTPClientConfig)
	h.OAuth2 = &commonconfig.OAuth2{ClientID: id, ClientSecret: commonconfig.Secret(secret)}
	return h
}
