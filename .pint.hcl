# pint lints the rules without a Prometheus: make alerts.
parser {
  include = ["alerts/.*\\.rules\\.yml"]
  schema  = "prometheus"
}

# The conditions of alerts are in the license_problem:… rules, which record only what is wrong, so an alert on one needs
# no comparison of its own. All rules join on the same labels, also where one is always empty, which pint calls impossible.
checks {
  disabled = ["alerts/comparison", "promql/impossible"]
}

# Every alert tells what it is, what to do and where that is explained.
rule {
  match {
    kind = "alerting"
  }
  annotation "summary" {
    severity = "bug"
    required = true
  }
  annotation "description" {
    severity = "bug"
    required = true
  }
  annotation "runbook_url" {
    severity = "bug"
    value    = "https?://.+/License.+\\.md"
    required = true
  }
}
