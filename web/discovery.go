package web

import (
	"encoding/json"
	"fmt"
	"net/http"

	"license_exporter/engine"
)

// targetGroup is an element of the list that Prometheus's http_sd_configs reads.
type targetGroup struct {
	Targets []string          `json:"targets"`
	Labels  map[string]string `json:"labels"`
}

// serviceDiscovery lists all organizations, and the accounts as a whole, as
// targets for /probe. Prometheus needs no relabelling to scrape them.
func (o *Options) serviceDiscovery(w http.ResponseWriter, r *http.Request) {
	targets, tried := o.Engine.Targets()
	if !tried {
		// On an error, Prometheus keeps its targets.
		http.Error(w, "the organizations are not known yet; try again", http.StatusServiceUnavailable)
		return
	}
	account, filtered := r.URL.Query().Get("account"), r.URL.Query().Has("account")
	groups, listed := []targetGroup{}, false
	for _, t := range targets {
		if !filtered || t.Account == account {
			groups = append(groups, targetGroup{[]string{r.Host}, targetLabels(t, r.TLS != nil)})
			listed = listed || !t.Unlisted
		}
	}
	if filtered && len(groups) == 0 {
		http.Error(w, fmt.Sprintf("unknown account %q; the configuration names the accounts", shorten(account, maxName)), http.StatusNotFound)
		return
	}
	if len(groups) > 0 && !listed {
		// The exporter may have restarted while the vendor is down. Prometheus
		// must not lose its targets then.
		http.Error(w, "the organizations could not be listed yet; /metrics and the log say why", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(groups) // fails only if the client has gone
}

func targetLabels(t engine.Target, tls bool) map[string]string {
	scheme, instance := "http", t.Account
	if tls {
		scheme = "https"
	}
	if t.Organization != "" {
		instance += "/" + t.Organization
	}
	return map[string]string{
		"__scheme__":              scheme,
		"__metrics_path__":        "/probe",
		"__param_account":         t.Account,
		"__param_organization_id": t.Organization,
		// All targets have the same address, but need different labels.
		"instance": instance,

		"__meta_license_exporter_account":           t.Account,
		"__meta_license_exporter_vendor":            t.Vendor,
		"__meta_license_exporter_organization_id":   t.Organization,
		"__meta_license_exporter_organization_name": t.Name,
		"__meta_license_exporter_licensing_model":   t.Model,
		"__meta_license_exporter_region":            t.Region,
	}
}
