package snow

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/go-kit/log"
	"github.com/prometheus/common/config"
	"go.uber.org/goleak"

	"license_exporter/client/rest"
	"license_exporter/internal/enginetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	// basePath is that of the simulated vendor, to see that none is lost.
	basePath   = "/behind/a/proxy"
	testSecret = "do-not-tell"
)

// server is the vendor: a token endpoint and an API.
type server struct {
	*httptest.Server
	metrics rest.Metrics

	mu       sync.Mutex
	tokens   int
	uris     []string // of the API, without the base path
	api      http.HandlerFunc
	rejected string // the token that the API refuses
	refusal  string // the token endpoint's, instead of a token
}

func serve(t testing.TB, api http.HandlerFunc) *server {
	t.Helper()
	s := &server{api: api, metrics: enginetest.ClientMetrics()}
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+basePath+"/idp/api/connect/token", s.token)
	mux.HandleFunc("GET "+basePath+"/", s.call)
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *server) token(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens++
	w.Header().Set("Content-Type", "application/json")
	_, _, basic := r.BasicAuth()
	if basic || r.PostFormValue("client_secret") != testSecret || s.refusal != "" {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error": "invalid_client", "error_description": %q}`, s.refusal)
		return
	}
	fmt.Fprintf(w, `{"access_token": "token%d", "token_type": "Bearer", "expires_in": 3600}`, s.tokens)
}

func (s *server) answerWith(api http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.api = api
}

func (s *server) call(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.uris = append(s.uris, r.URL.RequestURI()[len(basePath):])
	current, rejected, api := fmt.Sprint("Bearer token", s.tokens), s.rejected, s.api
	s.mu.Unlock()
	given := r.Header.Get("Authorization")
	if given != current || given == "Bearer "+rejected {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	api(w, r)
}

// client returns a client of the server.
func (s *server) client(t testing.TB, change ...func(*Options)) *Client {
	t.Helper()
	o := Options{Options: rest.Options{
		BaseURL: s.URL + basePath,
		HTTP: config.HTTPClientConfig{OAuth2: &config.OAuth2{
			ClientID: "client", ClientSecret: testSecret,
		}},
		Budgets: rest.NewBudgets(rest.NewLimiter(0), 0),
		Metrics: s.metrics,
		Logger:  log.NewNopLogger(),
	}}
	for _, f := range change {
		f(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func (s *server) seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.uris
}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// answer answers all requests with the same.
func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

// collect reads a listing up to its end or error.
func collect[T any](records iter.Seq2[T, error]) ([]T, error) {
	var all []T
	for record, err := range records {
		if err != nil {
			return all, err
		}
		all = append(all, record)
	}
	return all, nil
}

// caller is an operation, bound to its parameters; it returns what collect or
// the operation does.
type caller func(ctx context.Context, c *Client) (any, error)

// Identifiers by the name of their field, as testdata/README.md has it.
var (
	idSelf          = id(1)
	idLicense       = id(2)
	idOrganization  = OrganizationID(id(3))
	idApplication   = id(4)
	idMetric        = id(5)
	idContract      = id(6)
	idAgreement     = id(7)
	idUpgraded      = id(11)
	idComputer      = Opaque(id(12).Hash())
	idUser          = Opaque(id(13).Hash())
	idCustomValue   = id(15)
	idFrom          = id(16)
	idTo            = id(17)
	idState         = id(18)
	idCovered       = id(21)
	idLicenseMetric = id(22)
	idType          = id(24)
	idOfMetric      = id(30)
)

func id(n int) ID { return ID(fmt.Sprintf("%08d-0000-4000-8000-000000000000", n)) }
