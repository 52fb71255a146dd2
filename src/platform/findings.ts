import { acceptable, error } from '../domain/findings/entry.ts'

/** What is found about the platform on a cluster. */
export const platformFindings = {
  'chart-no-archive': error(
    'A file that is named as a packed chart is none',
    'Pack the chart: helm package FOLDER writes NAME-VERSION.tgz, which is what to name.',
  ),
  'chart-source': error(
    'Where a chart comes from is not said in a way that can be followed',
    'Name a packed chart as a file, an oci:// reference with its version, or a name with repository and version.',
  ),
  'chart-values-invalid': error(
    'A file with values of a chart holds none',
    'Write it like the values.yaml of a chart: one map of YAML.',
  ),
  'chart-twice': error('Two charts have the same name', 'Give each chart a name of its own.'),
  'chart-unknown': error(
    'A chart is to come after one that the cluster file does not have',
    'Name one of the charts of the cluster file.',
  ),
  'chart-circle': error('Charts wait for each other in a circle', 'Leave out one of the names in after.'),
  'definition-of-another': acceptable(
    'A chart brings another version of a CustomResourceDefinition that somebody else has brought to the cluster',
    'See who uses it, and whether the one of the chart serves them as well; then accept that it is changed.',
  ),
  'release-of-another': error(
    'In the namespace of a chart there is a release of its name that Slipway has not made',
    'Give the chart another name or namespace; the other release is left as it is.',
  ),
}

type PlatformFindings = typeof platformFindings
declare module '../domain/findingCatalogue.ts' {
  interface DeclaredFindings extends PlatformFindings {}
}
