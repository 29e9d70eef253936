// The mixin of license_exporter. README.md says how to use it.
(import 'rules.libsonnet') + {
  _config+:: {
    // Selects the metrics of the exporter itself.
    licenseExporterSelector: 'job=~"license_exporter.*"',
    // The external labels of each Prometheus. Rules that are evaluated centrally keep them.
    // Empty if there is only one Prometheus.
    externalLabels: ['cluster', 'region'],
    // The URL at which people on call can open the runbooks: that of the exporter, or of a copy of docs/runbooks.
    runbookURL: 'http://localhost:10190/docs/runbooks',
  },

  grafanaDashboards+:: {
    'license-exporter.json': import '../../dashboards/license-exporter.json',
    'license-organization.json': import '../../dashboards/license-organization.json',
    'license-overview.json': import '../../dashboards/license-overview.json',
    'license-software-assets.json': import '../../dashboards/license-software-assets.json',
  },
}
