import { databaseErrors } from './databaseErrors.ts'
import { entry, type ErrorEntry } from './errorEntry.ts'
import { hostErrors } from './hostErrors.ts'
import { kubernetesErrors } from './kubernetesErrors.ts'
import { machineErrors } from './machineErrors.ts'
import { playbookErrors } from './playbookErrors.ts'
import { postgresErrors } from './postgresErrors.ts'

/**
 * The error catalogue: every error a user can meet has one entry here, with what to do about it.
 * docs/errors.md is generated from this table and a test keeps both equal.
 */

export { exitCodes, type ExitName } from './errorEntry.ts'

export const catalogue = {
  internal: entry(
    'internal',
    500,
    'Slipway itself failed',
    'Please report it with the output of `slipway doctor` and the server log.',
  ),
  usage: entry(
    'usage',
    400,
    'The command or request is not understood',
    'Look at `--help` of the command, or at the API description.',
  ),
  'file-unreadable': entry(
    'usage',
    400,
    'A file that was named cannot be read',
    'Check that the path is right and readable for you.',
  ),
  'cluster-file-invalid': entry(
    'usage',
    422,
    'The cluster file is not valid',
    'Fix the lines that are named; `slipway validate -f FILE` checks without changing anything.',
  ),
  'cluster-conflict': entry(
    'usage',
    409,
    'The cluster clashes with what is already recorded',
    'Change the name or the address; or uninstall the other cluster where it is not needed any more: `slipway uninstall CLUSTER`.',
  ),
  'stored-state-refused': entry(
    'usage',
    409,
    'The stored desired state holds values that this version refuses',
    'Fix them in the cluster file and apply it: `slipway apply -f FILE` replaces what is stored.',
  ),
  'not-found': entry(
    'usage',
    404,
    'There is no such thing',
    'List what there is: `slipway status`, `slipway runs CLUSTER`.',
  ),
  'not-authorised': entry(
    'usage',
    401,
    'The request carries no valid token',
    'Use the token from the data folder of the server (SLIPWAY_HOME) or set SLIPWAY_TOKEN.',
  ),
  'server-unreachable': entry(
    'internal',
    503,
    'The Slipway server does not answer',
    'Start it with `slipway serve`, or check SLIPWAY_URL.',
  ),
  'preflight-failed': entry(
    'refused',
    412,
    'Something stands in the way of this: what it needs is not there, or would be harmed',
    'Fix every finding that is listed, or accept warnings by name with --accept NAME; then plan again.',
  ),
  'guard-refused': entry(
    'refused',
    409,
    'A guard refused: the cluster would be harmed',
    'Read the reason; nothing was changed.',
  ),
  'plan-changed': entry(
    'refused',
    409,
    'The plan is not the one that was approved',
    'Look at the new plan and approve its hash.',
  ),
  'approval-needed': entry(
    'refused',
    409,
    'The plan needs approval',
    'Approve it: `slipway apply --approve HASH`, or --yes to take it as it is.',
  ),
  'lease-held': entry(
    'busy',
    409,
    'A run of this cluster or machine has not ended yet',
    'Follow it with `slipway logs -f RUN`, cancel it with `slipway cancel RUN`, or, when nobody executes it, go on with it: `slipway resume RUN`.',
  ),
  'lease-lost': entry(
    'failed',
    409,
    'This worker no longer holds the cluster',
    'Another worker took over and goes on; follow the run there.',
  ),
  'folder-in-use': entry(
    'busy',
    409,
    'Another Slipway process holds the data folder',
    'Use that server, or stop it, or choose another SLIPWAY_HOME.',
  ),
  'folder-unusable': entry(
    'usage',
    500,
    'The data folder cannot be used',
    'Name a folder that you may write to in SLIPWAY_HOME, or fix that one.',
  ),
  'port-in-use': entry(
    'busy',
    409,
    'The port to listen on cannot be had',
    'Stop the process that is named, or choose another port with --port (0: any that is free).',
  ),
  'optional-failed': entry(
    'incomplete',
    409,
    'The run has done all but what may fail',
    'Fix what is listed, then apply again; or turn off what is not needed (enabled: false), or make it required.',
  ),
  'run-failed': entry(
    'failed',
    409,
    'The run failed',
    'Read the failed stage’s error and log, fix the cause, then `slipway resume`.',
  ),
  'run-cancelled': entry(
    'cancelled',
    409,
    'The run was cancelled',
    'Go on with `slipway resume`, or plan anew with `slipway apply`.',
  ),
  'run-state': entry('usage', 409, 'The run is not in a state that allows this', 'Look at `slipway runs CLUSTER`.'),
  'run-superseded': entry(
    'usage',
    409,
    'The desired state has moved since this run was planned',
    'Apply again, or resume with --as-planned to finish what was planned then.',
  ),
  'stage-unknown': entry(
    'failed',
    500,
    'A stored run names a stage that this version does not know',
    'Resume with the version that planned it, or plan anew with `slipway apply`.',
  ),
  'stage-timeout': entry(
    'failed',
    504,
    'A stage did not finish in its time',
    'Look at the host’s service log, fix the cause, then `slipway resume`.',
  ),
  ...hostErrors,
  'inventory-mismatch': entry(
    'internal',
    500,
    'Ansible read other hosts than were meant',
    'Nothing was run. Please report it with the names of the hosts.',
  ),
  'playbook-failed': entry(
    'failed',
    502,
    'A playbook failed on a host',
    'Read the task’s message and the log, fix the cause, then `slipway resume`.',
  ),
  'service-failed': entry(
    'failed',
    502,
    'The service does not become ready',
    'Read the journal lines that are shown, fix the cause, then `slipway resume`.',
  ),
  'vip-unanswered': entry(
    'failed',
    502,
    'Nobody serves at the virtual IP',
    'On a server, as root: journalctl -u slipway-vip (or the pod kube-vip) says who holds it; then `slipway resume`.',
  ),
  'vrrp-blocked': entry(
    'failed',
    502,
    'A server does not hear the one that holds the virtual IP, and would hold it as well',
    'Open IP protocol 112 (VRRP) between the servers, then `slipway resume`.',
  ),
  'release-missing': entry(
    'refused',
    424,
    'The release source does not have this version',
    'Check version and artifact_url; the source must hold the tarball and its sha256sum file.',
  ),
  'release-unreachable': entry(
    'failed',
    502,
    'The release source does not answer, or not in full',
    'Check artifact_url, the proxy and the network (curl -fI URL, on the host), or install from a folder (artifact_path); then `slipway resume`.',
  ),
  'release-damaged': entry(
    'failed',
    502,
    'The tarball of a release cannot be used',
    'It is as its list of checksums says, and still no whole release: bring the publisher’s tarball and list to the source; then `slipway resume`.',
  ),
  'checksum-mismatch': entry(
    'failed',
    502,
    'A downloaded file does not match its checksum',
    'Compare the two checksums with those of the release’s publisher: a mirror or proxy has changed or cut the file; then `slipway resume`.',
  ),
  'wrong-cluster': entry(
    'failed',
    409,
    'A machine has become a member of another cluster',
    'It was not taken into use. Look on it for what leads its service elsewhere, take that away, uninstall Kubernetes there, and apply again.',
  ),
  'bootstrap-spent': entry(
    'refused',
    409,
    'The right to bootstrap this cluster is used up',
    'The cluster exists already; starting it anew would split it. Put the disk of its first server back; or bring another server of the cluster back, and let the first one join anew: slipway node replace CLUSTER NAME NAME=ADDRESS.',
  ),
  'not-a-server': entry(
    'refused',
    409,
    'The machine is no server that tells who its cluster is',
    'Name a running server of an RKE2 cluster; a cluster of another kind is discovered by its kubeconfig: slipway discover NAME --kubeconfig FILE.',
  ),
  'other-cluster': entry(
    'refused',
    409,
    'The kubeconfig or the machine leads to another cluster than the one on record',
    'Name the one of this cluster, or discover the other cluster under a name of its own.',
  ),
  'nothing-to-record': entry(
    'refused',
    422,
    'What was found is no cluster that could be put on record',
    'Do what is named for each Node, then discover again.',
  ),
  ...kubernetesErrors,
  ...databaseErrors,
  ...postgresErrors,
  ...machineErrors,
  ...playbookErrors,
  'sealing-key-differs': entry(
    'usage',
    500,
    'The secrets of this database were sealed with another key',
    'Copy the file `sealing-key` from the data folder of the server that has used this database, or from where its copy is kept (it is in no backup of the database).',
  ),
  'tool-missing': entry(
    'usage',
    500,
    'A tool that is needed is not installed',
    'Run `slipway doctor`: it names what is missing and how to install it.',
  ),
  'machine-exhausted': entry(
    'failed',
    503,
    'The machine that runs Slipway starts no more processes',
    'Free memory there, or raise its limits of processes and open files (`ulimit -u`, `ulimit -n`); then `slipway resume`.',
  ),
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof catalogue

/** Own entries only: `toString` is in every object, and no code. */
export const isErrorCode = (code: unknown): code is ErrorCode =>
  typeof code === 'string' && Object.hasOwn(catalogue, code)
