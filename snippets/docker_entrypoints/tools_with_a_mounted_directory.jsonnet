// The files that the tool reads.

// effect: changes
// file: ~/chart/chart.jsonnet
// --8<-- [start:chart]
{ name: 'shop', version: std.extVar('version'), debug: 'no' }
// --8<-- [end:chart]

// effect: changes
// file: ~/chart/yaml.jsonnet
// --8<-- [start:yaml]
std.manifestYamlDoc(import 'chart.jsonnet')
// --8<-- [end:yaml]
