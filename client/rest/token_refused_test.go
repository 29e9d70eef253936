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

// If the API refuses every token, each call sends at most two requests, and
// tokens are renewed less and less often.
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
		time.Sleep(tokenRenewInterval)
		refused(2, 4)
		time.Sleep(tokenRenewInterval)
		refused(3, 6)
		for range 120 { // a call each minute for two hours
			time.Sleep(time.Minute)
			if _, err := callWithToken(t, transport); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(v.forms); n > 15 {
			t.Errorf("%d tokens in two hours", n)
		}
	})
}

// If the API refuses every token for a day, tokens are still renewed every
// tokenRenewMax, so that requests succeed again within that time.
func TestTokenBackoffIsCapped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &tokenVendor{answer: grantTokens(0), refuses: func(string) bool { return true }}
		transport := v.transport()
		callForMinutes := func(n int) (tokens int) {
			before := len(v.forms)
			for range n {
				if status, err := callWithToken(t, transport); status != http.StatusUnauthorized || err != nil {
					t.Fatal(status, err)
				}
				time.Sleep(time.Minute)
			}
			return len(v.forms) - before
		}
		callForMinutes(24 * 60)
		if n := callForMinutes(10 * int(tokenRenewMax.Minutes())); n != 10 {
			t.Errorf("%d tokens in ten times %s, want 10", n, tokenRenewMax)
		}
	})
}

// If the API refuses the new token to 20 concurrent requests, the interval between
// renewals is doubled once.
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
		if took := time.Since(start) - 2*time.Second; took != 2*tokenRenewInterval {
			t.Errorf("the next token was fetched after %s, want %s", took, 2*tokenRenewInterval)
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
			time.Sleep(tokenRenewMax)
		}
		for range 2 {
			old := fmt.Sprintf("t%d", len(v.forms))
			v.refuses = func(token string) bool { return token == old }
			call(http.StatusOK)
			time.Sleep(tokenRenewInterval)
		}
	})
}
