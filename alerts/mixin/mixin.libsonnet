// The mixin of license_exporter. README.md says how to use it.
(import 'rules.libsonnet') + {
  _config+:: {
    // Selects the metrics of the exporter itself.
    licenseExporterSelector: 'job=~"license_exporter.*"',
    // The labels that a Prometheus adds to all that it sends away. Rules that are evaluated
    // centrally keep them. Empty where there is only one Prometheus.
    externalLabels: ['cluster', 'region'],
    // Where people on call can open the runbooks: an address of the exporter, or a copy of docs/runbooks.
    runbookURL: 'http://localhost:10190/docs/runbooks',
  },

  grafanaDashboards+:: {
    'license-exporter.json': import '../../dashboards/license-exporter.json',
    'license-organization.json': import '../../dashboards/license-organization.json',
    'license-overview.json': import '../../dashboards/license-overview.json',
    'license-software-assets.json': import '../../dashboards/license-software-assets.json',
  },
}
