package simulator

import (
	"net/http"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestListenStops(t *testing.T) {
	base, stop, err := Listen(http.NotFoundHandler())
	if err != nil {
		t.Fatal(err)
	}
	stop()
	stop()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base, nil)
	if err != nil {
		t.Fatal(err)
	}
	if response, err := http.DefaultClient.Do(request); err == nil {
		_ = response.Body.Close()
		t.Error("still served")
	}
}
