// Checks that the mixin renders to the rule files, and renders it with other values for
// changed_test.yml: jsonnet -m FOLDER mixin.jsonnet.
local mixin = import '../mixin.libsonnet';

local files = [
  importstr '../../license_exporter.rules.yml',
  importstr '../../license_exporter_itself.rules.yml',
];
local groups(mixin) = std.sort(mixin.prometheusRules.groups + mixin.prometheusAlerts.groups, function(group) group.name);
local shipped = std.sort(std.flattenArrays([std.parseYaml(file).groups for file in files]), function(group) group.name);

local changed(labels) = {
  groups: groups(mixin {
    _config+:: {
      thresholds+: { notice_days: 45, throttled_ratio: 0.1 },
      externalLabels: labels,
      licenseExporterSelector: 'job="licenses"',
      runbookURL: 'https://runbooks.example.org/licenses/',
    },
  }),
};

assert std.assertEqual(groups(mixin), shipped);
assert std.length([board for board in std.objectValues(mixin.grafanaDashboards) if std.objectHas(board, 'panels')]) == 4;
{
  'one_label.rules.yml': changed(['datacenter']),
  'no_label.rules.yml': changed([]),
}
