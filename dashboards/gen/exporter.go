package main

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// The scopes of the exporter's own metrics. Only those in chosenUnits have the label organization_id.
var (
	chosenAccounts = chosenJobs.with(`vendor=~"$vendor", account=~"$account"`)
	chosenUnits    = chosenAccounts.with(`organization_id=~"$organization"`)
	chosenJobs     = matching(`cluster=~"$cluster", job=~"$job"`)
)

const (
	perUnit      = perOrganization + ", collector"
	perCollector = perAccount + ", collector"
)

func exporter() board {
	return board{
		uid:   uidExporter,
		title: "License exporter",
		description: "The exporter itself: requests to the vendors and their limits, latency, errors, and how current the facts are. " +
			"Generated from dashboards/gen.",
		from: "6h",
		variables: []cog.Builder[dashboard.VariableModel]{
			dataSourceVariable(),
			clusterVariable(),
			// All selects the jobs of the list, not every job.
			chosen("job", "Job", `label_values(license_exporter_build_info{cluster=~"$cluster"}, job)`).AllValue(""),
			chosen("vendor", "Vendor", `label_values(license_up{cluster=~"$cluster", job=~"$job"}, vendor)`),
			chosen("account", "Account", `label_values(license_up{cluster=~"$cluster", job=~"$job", vendor=~"$vendor"}, account)`),
			organizationVariable(chosen("organization", "Organization", ""), chosenAll),
			filterVariable(),
		},
		rows: []row{
			{title: "At a glance", panels: exporterFigures()},
			{title: "Age of facts and errors", panels: exporterFreshness()},
			{title: "Requests to the vendors", panels: exporterRequests()},
			{title: "Collectors", panels: exporterCollectors()},
			{title: "Process", panels: exporterProcess()},
		},
	}
}

// The fetches of organizations that are not healthy.
var (
	success     = notHealthy(chosenUnits, chosenUnits.each(perUnit, "license_exporter_collector_success"))
	lastSuccess = notHealthy(chosenUnits, chosenUnits.each(perUnit, "license_exporter_collector_last_success_timestamp_seconds"))
)

// oldestSuccess is when each collector last succeeded for the organization that was fetched
// longest ago. Replicas have the same job. Other jobs may read other organizations. Probes
// show the fetches of each organization instead.
var oldestSuccess = least(perCollector, fmt.Sprintf("%s or %s",
	chosenAccounts.each("job, "+perCollector, "license_exporter_collector_oldest_success_timestamp_seconds"),
	least("job, "+perCollector, chosenUnits.each("job, "+perUnit, "license_exporter_collector_last_success_timestamp_seconds"))))

// rate is the increase of a counter per second, by labels.
func rate(labels, counter string, matchers ...string) string {
	return sum(labels, "rate("+chosenAccounts.of(counter, matchers...)+"[$__rate_interval])")
}

// orZero returns the rate of a rare event. It is 0 where there is a rate of a common event only, since a
// counter has no series before its first event.
func orZero(rare, common string) string { return rare + " or 0 * " + common }

// quantile is a quantile of a histogram, which may be scraped as a classic or as a native
// one. It has no value while nothing is counted.
func quantile(q float64, labels, histogram string) string {
	return fmt.Sprintf("histogram_quantile(%[1]v, sum by (%[2]s, le) (rate(%[3]s[$__rate_interval]))) >= 0"+
		" or histogram_quantile(%[1]v, sum by (%[2]s) (rate(%[4]s[$__rate_interval]))) >= 0",
		q, labels, chosenAccounts.of(histogram+"_bucket"), chosenAccounts.of(histogram))
}

func exporterFigures() []*panelBuilder {
	const none = "No exporter is scraped"
	return []*panelBuilder{
		figure(about{"Exporters up", "Exporters that Prometheus can scrape.", none},
			total(chosenJobs.of("up")), unitCount, oneIsOK),
		figure(about{"Collectors failing", "Collectors of organizations whose latest fetch failed. Their last good facts are still shown.", "No collectors"},
			fmt.Sprintf("count(%s == 0) or 0 * group(%s)", success, oldestSuccess), unitCount, noneIsOK),
		figure(about{"Oldest fetch", "How long ago the collector with the oldest facts succeeded.", "Nothing has been fetched yet"},
			"time() - min("+oldestSuccess+")", unitSeconds, age),
		figure(about{"Errors in a day", "Fetches that failed in the last 24 hours.", "No collectors"},
			"sum(increase("+chosenAccounts.of("license_exporter_collector_errors_total")+"[1d]))", unitCount, noneIsOK),
		figure(about{"Unreadable values", "Dates and enumerated values that could not be read in the last 24 hours.", "No exporter counts unreadable values"},
			"sum(increase("+chosenAccounts.of("license_exporter_parse_errors_total")+"[1d]))", unitCount, noneIsOK),
		figure(about{"Licenses left out", "Licenses without their own series, because of individual_licenses_limit.", "No limit applies"},
			total(chosenAccounts.each(perAccount+", collector", "license_exporter_series_dropped")), unitCount, fewIsOK),
	}
}

func exporterFreshness() []*panelBuilder {
	stale := most("topk", fmt.Sprintf("time() - (%s or %s)", lastSuccess, oldestSuccess))
	latest := fmt.Sprintf("(%s or 0 * %s or %s)", success, group(perCollector, success+" == 0"), group(perCollector, oldestSuccess))
	return []*panelBuilder{
		rows(about{"How current the facts are", fmt.Sprintf("How long ago each collector last succeeded, and whether its latest fetch succeeded. A row is about an organization whose facts are not current, "+
			"or about an account, by its organization with the oldest facts. The %d oldest rows are shown.", mostRows),
			"Nothing has been fetched yet"}, 12, 10, "-Age",
			withColumns(organizationColumns, label("collector", "Collector", width(150))),
			names(named(group(perUnit, stale), organizationName)),
			values("Age", stale, looks(unit(unitSeconds), integral, width(100), coloured(age))),
			values("Latest", among(perUnit, latest, stale),
				looks(width(90), worded(freshness)))),
		lines(about{"Age of facts by collector", "The age of the oldest facts that each collector has of any organization.", "Nothing has been fetched yet"},
			unitSeconds, 12, expr{"time() - min by (account, collector) (" + oldestSuccess + ")", "{{account}} {{collector}}"}).Height(10).Interval("5m"), // with probes, each point reads all organizations
		lines(about{"Errors by reason", "Failed fetches by reason, over all collectors. auth: the credential was refused. forbidden: the credential lacks a permission. rate_limited: the vendor asks to wait, or the exporter's own rate limit applies. decode: the answer could not be read.",
			"No collectors"},
			unitCount, 8, expr{sum("account, reason", "increase("+chosenAccounts.of("license_exporter_collector_errors_total")+"[$__rate_interval])"), "{{account}} {{reason}}"}),
		lines(about{"Unreadable values by field", "Dates and enumerated values that could not be read, by field.", "No exporter counts unreadable values"},
			unitCount, 8, expr{sum("account, field", "increase("+chosenAccounts.of("license_exporter_parse_errors_total")+"[$__rate_interval])"), "{{account}} {{field}}"}),
		lines(about{"Records and objects left out", "Records, and objects such as agreements, that the latest fetch could not read. It read the rest.", "Everything could be read"},
			unitCount, 8, expr{sum("account, collector, reason", chosenAccounts.each(perAccount+", collector, reason", "license_exporter_records_skipped")), "{{account}} {{collector}} {{reason}}"}),
	}
}

func exporterRequests() []*panelBuilder {
	const requests = "license_exporter_api_requests_total"
	const none = "No requests in this time range. The exporter sends none without scrapes."
	const throttled = "license_exporter_api_throttled_seconds_total"
	all := rate("account", requests)
	return []*panelBuilder{
		lines(about{"Requests by code", "Answers of the vendors by HTTP status.", none},
			unitRate, 12, expr{rate("account, code", requests), "{{account}} {{code}}"}),
		lines(about{"Requests by operation", "Answers of the vendors by operation of their API.", none},
			unitRate, 12, expr{rate("account, operation", requests), "{{account}} {{operation}}"}),
		lines(about{"Latency", "How long the vendors took to answer: median, 95th and 99th percentile.", none},
			unitSeconds, 12,
			expr{quantile(0.5, "account", "license_exporter_api_request_duration_seconds"), "{{account}} median"},
			expr{quantile(0.95, "account", "license_exporter_api_request_duration_seconds"), "{{account}} 95%"},
			expr{quantile(0.99, "account", "license_exporter_api_request_duration_seconds"), "{{account}} 99%"}),
		lines(about{"Latency by operation", "How long the vendors took to answer each operation: 95th percentile.", none},
			unitSeconds, 12,
			expr{quantile(0.95, "account, operation", "license_exporter_api_request_duration_seconds"), "{{account}} {{operation}}"}),
		lines(about{"Requests refused with 429", "Answers with status 429 (too many requests). Other clients share the vendor's limit.", none},
			unitRate, 8, expr{orZero(rate("account", requests, `code="429"`), all), "{{account}}"}),
		lines(about{"Time spent waiting for rate limits", "Seconds per second that requests waited for the exporter's own rate limit, or because the vendor asked to wait (429, 503). Above 1, requests queue.", none},
			unitSeconds, 8,
			expr{rate("account", throttled, `code=""`), "{{account}} own limit"},
			expr{orZero(rate("account", throttled, `code!=""`), all), "{{account}} asked by the vendor"}),
		lines(about{"Retries", "Requests that failed and may be sent again, by status. Without a status, there was no answer.", none},
			unitRate, 8, expr{orZero(rate("account, code", "license_exporter_api_retries_total"), all), "{{account}} {{code}}"}),
	}
}

func exporterCollectors() []*panelBuilder {
	const none = "No fetches in this time range"
	return []*panelBuilder{
		lines(about{"Duration of fetches", "How long fetches of each collector took: 95th percentile, including failed ones.", none},
			unitSeconds, 12,
			expr{quantile(0.95, "account, collector", "license_exporter_collector_duration_seconds"), "{{account}} {{collector}}"}),
		lines(about{"Fetches", "Fetches by collector. Scrapes within max_age of each other share a fetch.", none},
			unitRate, 12,
			expr{rate("account, collector", "license_exporter_collector_duration_seconds_count") +
				" or " + fmt.Sprintf("histogram_count(%s)", rate("account, collector", "license_exporter_collector_duration_seconds")),
				"{{account}} {{collector}}"}),
	}
}

func exporterProcess() []*panelBuilder {
	const none = "No exporter is scraped"
	process := func(metric string) string { return chosenJobs.of(metric) + ofExporters }
	return []*panelBuilder{
		rows(about{"Exporters", "The exporters with their versions, and whether Prometheus can scrape them.", none},
			12, 8, "Instance",
			[]column{
				label("job", "Job", width(150)), label("instance", "Instance"), label("version", "Version", width(100)),
				label("revision", "Revision", width(110)), label("goversion", "Go", width(90)),
			},
			values("Reached", chosenJobs.of("up")+" * on (cluster, job, instance) group_left (version, revision, goversion) "+
				`max by (cluster, job, instance, version, revision, goversion) (last_over_time(`+chosenJobs.of("license_exporter_build_info")+`[1h]))`,
				looks(width(90), worded(yesNo)))),
		lines(about{"Duration of scrapes", "How long Prometheus took to scrape the exporter. Slow vendors delay a scrape at most until its timeout.", none},
			unitSeconds, 12, expr{chosenJobs.of("scrape_duration_seconds"), "{{instance}}"}),
		lines(about{"Series", "Samples in a scrape, including the exporter's own metrics.", none},
			unitCount, 6, expr{chosenJobs.of("scrape_samples_scraped"), "{{instance}}"}),
		lines(about{"Memory", "Resident memory of the process, and the heap in use.", none},
			unitBytes, 6,
			expr{process("process_resident_memory_bytes"), "{{instance}} resident"},
			expr{process("go_memstats_heap_inuse_bytes"), "{{instance}} heap"}),
		lines(about{"CPU", "CPU time per second, as a share of one core.", none},
			unitShare, 6, expr{"rate(" + chosenJobs.of("process_cpu_seconds_total") + "[$__rate_interval])" + ofExporters, "{{instance}}"}),
		lines(about{"Goroutines", "Goroutines of the process. The number grows during fetches.", none},
			unitCount, 6, expr{process("go_goroutines"), "{{instance}}"}),
	}
}

// ofExporters restricts metrics of processes to exporters. The job may have other processes.
const ofExporters = ` and on (cluster, job, instance) license_exporter_build_info`
