package rest

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// 20 concurrent requests with a token that the API refuses cause one renewal.
func TestTokenRefusedByManyIsRenewedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &tokenVendor{answer: grantTokens(3600), delay: time.Second}
		transport := v.transport()
		if _, err := callWithToken(t, transport); err != nil {
			t.Fatal(err)
		}
		v.refuses = func(token string) bool { return token == "t1" }
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if status, err := callWithToken(t, transport); status != http.StatusOK || err != nil {
					t.Error(status, err)
				}
			})
		}
		wg.Wait()
		if len(v.forms) != 2 || len(v.calls) != 1+20+20 {
			t.Errorf("%d tokens and %d calls, want 2 and 41", len(v.forms), len(v.calls))
		}
	})
}

// If the API refuses every token, each call sends at most two requests, and tokens are
// renewed every tokenRenewInterval at most. So requests succeed again within that time.
func TestTokenRefusedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &tokenVendor{answer: grantTokens(3600), refuses: func(string) bool { return true }}
		transport := v.transport()
		refused := func(tokens, calls int) {
			t.Helper()
			if status, err := callWithToken(t, transport); status != http.StatusUnauthorized || err != nil {
				t.Fatal(status, err)
			}
			if len(v.forms) != tokens || len(v.calls) != calls {
				t.Errorf("%d tokens and %d calls, want %d and %d", len(v.forms), len(v.calls), tokens, calls)
			}
		}
		refused(2, 2)
		refused(2, 3)
		time.Sleep(tokenRenewInterval - time.Second)
		refused(2, 4)
		time.Sleep(time.Second)
		refused(3, 6)
		for range 3600 { // a call each second for an hour
			time.Sleep(time.Second)
			if _, err := callWithToken(t, transport); err != nil {
				t.Fatal(err)
			}
		}
		if n, most := len(v.forms)-3, int(time.Hour/tokenRenewInterval); n > most {
			t.Errorf("%d tokens in an hour, want at most %d", n, most)
		}
		newest := fmt.Sprintf("t%d", len(v.forms))
		v.refuses = func(token string) bool { return token == newest } // it heals, for new tokens
		time.Sleep(tokenRenewInterval)
		if status, err := callWithToken(t, transport); status != http.StatusOK || err != nil {
			t.Errorf("%d, %v after the API healed", status, err)
		}
	})
}

// If the API refuses the new token to 20 concurrent requests, the next one is requested
// after tokenRenewInterval.
func TestTokenRefusedAgainByMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &tokenVendor{answer: grantTokens(0), refuses: func(string) bool { return true }, delay: time.Second}
		transport := v.transport()
		call := func() {
			if status, err := callWithToken(t, transport); status != http.StatusUnauthorized || err != nil {
				t.Error(status, err)
			}
		}
		start := time.Now()
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(call)
		}
		wg.Wait()
		if len(v.forms) != 2 {
			t.Fatalf("%d tokens, want 2", len(v.forms))
		}
		for len(v.forms) == 2 && time.Since(start) < time.Hour {
			time.Sleep(time.Second)
			call()
		}
		// The second token was fetched after a second.
		if took := time.Since(start) - 2*time.Second; took != tokenRenewInterval {
			t.Errorf("the next token was fetched after %s, want %s", took, tokenRenewInterval)
		}
	})
}

// Once the API has accepted a token again, the next one that it refuses is renewed
// without delay.
func TestTokenIsRenewedAtOnceAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &tokenVendor{answer: grantTokens(0), refuses: func(string) bool { return true }}
		transport := v.transport()
		call := func(want int) {
			t.Helper()
			if status, err := callWithToken(t, transport); status != want || err != nil {
				t.Fatal(status, err)
			}
		}
		for range 6 {
			call(http.StatusUnauthorized)
			time.Sleep(tokenRenewInterval)
		}
		for range 2 {
			old := fmt.Sprintf("t%d", len(v.forms))
			v.refuses = func(token string) bool { return token == old }
			call(http.StatusOK)
			time.Sleep(tokenRenewInterval)
		}
	})
}
