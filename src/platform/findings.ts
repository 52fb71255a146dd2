import { acceptable, error, note } from '../domain/findings/entry.ts'

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
    'A chart is to come after a chart or component that the cluster file does not have',
    'Name one of the charts or components of the cluster file.',
  ),
  'chart-circle': error('Charts wait for each other in a circle', 'Leave out one of the names in after.'),
  'definition-of-another': acceptable(
    'A chart brings another version of a CustomResourceDefinition that somebody else has brought to the cluster',
    'See who uses it, and whether the one of the chart serves them as well; then accept that it is changed.',
  ),
  'component-invalid': error(
    'A component of your own (SLIPWAY_COMPONENTS) cannot be read',
    'Put it right as docs/own-components.md says, or take its folder out.',
  ),
  'component-too-old': error(
    'A component that somebody else has installed is too old to be used',
    'Have it upgraded by whoever runs it; where an older one is known to do, set min_version of the component.',
  ),
  'component-unhealthy': error(
    'A component that somebody else has installed is not ready, and Slipway leaves it alone',
    'Have it put right by whoever runs it (kubectl describe shows why), then apply again.',
  ),
  'component-out-of-reach': error(
    'A component that somebody else has installed does not look after the namespaces it is needed in',
    'Have these namespaces added to those that it watches, or use a namespace that it watches.',
  ),
  'definition-missing': error(
    'The API does not know a kind of objects that a component or chart is made of, or not in this version',
    'Enable the operator that brings it, or have it installed; of another version the message says which one there is.',
  ),
  'object-of-another': error(
    'An object that a component or chart is made of is there already, and Slipway has not made it',
    'Give the component or chart another name or namespace; or mark the object as the message says, where it is to be taken over.',
  ),
  'job-of-another': acceptable(
    'A chart would make Jobs that are there already, left by an older installer or made by somebody else',
    'See whose they are and whether they are done; then accept that they are deleted with their pods, and made anew by the chart.',
  ),
  'object-denied': acceptable(
    'A rule of the cluster (an admission webhook, a policy, a quota, rights of the login) is against an object of a chart',
    'Make the chart as the rule wants it, or have the rule changed; accept it where it is met once the rest of the chart is there.',
  ),
  'namespace-terminating': error(
    'A namespace that is needed is being deleted',
    'See what is left in it and whose finalizers hold that up; when it is gone, apply again.',
  ),
  'pull-secret-invalid': error(
    'A file with logins of image registries holds none',
    'Name a config.json as docker login writes it.',
  ),
  'database-server-unknown': error(
    'Nothing says on which PostgreSQL server something is to be done',
    'Set connection of the component, or enable infra-postgres.',
  ),
  'database-user-unknown': error(
    'A role is named of whom no login is known',
    'Name a user of infra-postgres, or a role of database-init that logs in.',
  ),
  'storage-class-unknown': error(
    'The cluster does not have the storage class that is set',
    'Name one that it has, or install what brings it; kubectl get storageclasses shows them.',
  ),
  'storage-class-missing': error(
    'No storage class is set, and the cluster has no default one',
    'Name one in storage_class, or mark one as the default of the cluster.',
  ),
  'storage-class-ambiguous': error(
    'No storage class is set, and the cluster has several default ones',
    'Name one in storage_class, or leave one of them alone as the default.',
  ),
  'volume-shrinks': error(
    'Data would have to fit into less than it has',
    'A volume only grows: set the size that it has, or a larger one.',
  ),
  'volume-fixed': error(
    'Volumes of this storage class cannot grow',
    'Set the size that it has; or allow it where the provisioner can: allowVolumeExpansion of the storage class.',
  ),
  'volume-elsewhere': error(
    'Data is kept in another storage class than the one that is set',
    'Set the one that it has: data is not moved to another class.',
  ),
  'cluster-not-formed': error(
    'A platform is to be applied to a cluster that is not there yet',
    'Make the cluster first: slipway apply -f FILE, which then goes on with its platform.',
  ),
  'file-says-more': note(
    'A file of which only the platform is applied is another wish beside it as well',
    'slipway apply -f FILE does all that the file says.',
  ),
  'command-undone': acceptable(
    'A file would undo what slipway platform disable or upgrade has done since it was applied last',
    'Write that into the file as well; or accept that the file holds.',
  ),
  'component-unknown': error(
    'A component or chart is named that nothing knows',
    'Name one of the cluster file, or a component of Slipway; slipway platform components lists them.',
  ),
  'component-needed': error(
    'A component is to be taken out that another one needs, which is to stay',
    'Disable what needs it as well, or leave it where it is: disable it without --uninstall.',
  ),
  'component-holds-data': error(
    'A component is to be taken out whose data would go with its objects',
    'Disable it without --uninstall. Data is deleted by hand only; the message says how.',
  ),
  'release-ambiguous': error(
    'Several releases have the name of the one that is meant',
    'Say the namespace of the one that is meant: --namespace.',
  ),
  'volumes-would-go': error(
    'With a release, or with what a step back leaves out of it, data would be deleted',
    'Have the chart keep its volumes (annotation helm.sh/resource-policy: keep), or leave the release where it is.',
  ),
  'custom-resources-remain': error(
    'There are objects of kinds that an operator looks after, which is to go',
    'Delete them while the operator runs, where they are not needed any more; or leave the operator where it is.',
  ),
  'secrets-would-go': acceptable(
    'With a release passwords or keys would be deleted that what stays may need',
    'Keep a copy of them, or see that nothing needs them; then accept it.',
  ),
  'object-of-another-release': error(
    'An object that a release has made belongs to another release by now, or was made anew by somebody else',
    'See whose it is. Where it is to go on being the release’s, mark it as such, as the finding says; or leave the release where it is: disable it without --uninstall.',
  ),
  'nothing-to-roll-back': error(
    'A release has no earlier revision that it could go back to',
    'Take it out where it has never come about: slipway platform disable --uninstall; or bring another version of it.',
  ),
  'no-longer-named': note(
    'Something on the cluster is of this installation, and the cluster file no longer names it',
    'Name it in the cluster file again; or take it out: slipway platform disable CLUSTER NAME --uninstall.',
  ),
  'removal-broken-off': note(
    'A release was being taken out, and is half removed',
    'Go on with the same command: slipway platform disable CLUSTER NAME --uninstall; or name it in the cluster file again, and apply.',
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
