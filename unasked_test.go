package main

import (
	stdlog "log"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"license_exporter/internal/enginetest"
	"license_exporter/internal/faults"
)

// What a vendor sends after the end of an answer is not logged. net/http would log its
// beginning, which has license keys.
func TestDataAfterAnAnswerAreNotLogged(t *testing.T) {
	kind, ok := faults.Find("longer than Content-Length")
	if !ok {
		t.Fatal("there is no such kind")
	}
	var standard enginetest.Buffer
	before := stdlog.Writer()
	stdlog.SetOutput(&standard)
	defer stdlog.SetOutput(before)
	for _, v := range vendors {
		f := newFronted(t, v, matrixOrganizations, nil)
		f.Set(kind, 0, func(r *http.Request) bool { return !isToken(r) })
		file := filepath.Join(t.TempDir(), "config.yml")
		writeAccounts(t, file, time.Second, f)
		p := launch(t, vendors, "--config.file="+file)
		p.wait("/metrics", "license_up{")
		p.stop()
		if f.Count() == 0 {
			t.Errorf("%s: no answer was too long", v.Name)
		}
	}
	if text := standard.String(); text != "" {
		t.Errorf("the standard log has %q", text)
	}
}
