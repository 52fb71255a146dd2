import type { Command } from 'commander'
import type { Surroundings } from './surroundings.ts'

/** A command's own file: options, examples and action. Loaded only when the command is asked for. */
export interface CommandFile {
  define(command: Command, surroundings: Surroundings): void
}

export interface CommandEntry {
  readonly name: string
  readonly group: 'Begin' | 'Machines' | 'Clusters' | 'Runs' | 'Server'
  readonly summary: string
  readonly load: () => Promise<CommandFile>
}

const entry = (
  group: CommandEntry['group'],
  name: string,
  summary: string,
  load: CommandEntry['load'],
): CommandEntry => ({ name, group, summary, load })

/** Every command, in the order of `slipway --help`. */
export const commandList: readonly CommandEntry[] = [
  entry('Begin', 'init', 'write a commented cluster.yaml', () => import('./commands/init.ts')),
  entry('Begin', 'validate', 'check a cluster file without changing anything', () => import('./commands/validate.ts')),
  entry('Begin', 'plan', 'look at the machines and show what would be done', () => import('./commands/plan.ts')),
  entry('Begin', 'apply', 'make a cluster as its file says, after approval', () => import('./commands/apply.ts')),
  entry('Begin', 'discover', 'put a cluster of others on record', () => import('./commands/discover.ts')),
  entry('Machines', 'machine', 'make machines, show them and take them away', () => import('./commands/machine.ts')),
  entry('Clusters', 'status', 'clusters at a glance, or one in detail', () => import('./commands/status.ts')),
  entry('Clusters', 'nodes', 'the nodes of a cluster', () => import('./commands/nodes.ts')),
  entry('Clusters', 'scale', 'bring nodes into a cluster, or take them out', () => import('./commands/scale.ts')),
  entry('Clusters', 'node', 'put a machine in the place of a node', () => import('./commands/node.ts')),
  entry('Clusters', 'drain', 'move the pods off nodes, and keep new ones away', () => import('./commands/drain.ts')),
  entry('Clusters', 'uncordon', 'let pods come to nodes again', () => import('./commands/uncordon.ts')),
  entry(
    'Clusters',
    'platform',
    'what runs on a cluster: components and charts',
    () => import('./commands/platform.ts'),
  ),
  entry('Clusters', 'export', 'write the cluster file of a cluster', () => import('./commands/export.ts')),
  entry('Clusters', 'uninstall', 'take a whole cluster off its machines', () => import('./commands/uninstall.ts')),
  entry('Clusters', 'kubeconfig', 'print the kubeconfig of a cluster', () => import('./commands/kubeconfig.ts')),
  entry('Clusters', 'inventory', 'the cluster as an Ansible inventory', () => import('./commands/inventory.ts')),
  entry('Runs', 'runs', 'the runs of a cluster, or the stages of one', () => import('./commands/runs.ts')),
  entry('Runs', 'logs', 'the log of a run', () => import('./commands/logs.ts')),
  entry('Runs', 'events', 'what happened, in all runs or in those of a cluster', () => import('./commands/events.ts')),
  entry('Runs', 'resume', 'go on with a failed or cancelled run', () => import('./commands/resume.ts')),
  entry('Runs', 'approve', 'approve what a paused run would do now', () => import('./commands/approve.ts')),
  entry('Runs', 'cancel', 'end a run in good order', () => import('./commands/cancel.ts')),
  entry('Server', 'serve', 'run the server: API and worker', () => import('./commands/serve.ts')),
  entry('Server', 'db', 'back up, restore, copy or migrate the database', () => import('./commands/db.ts')),
  entry('Server', 'doctor', 'check what Slipway needs on this machine', () => import('./commands/doctor.ts')),
  entry('Server', 'explain', 'say what an error code means and what to do', () => import('./commands/explain.ts')),
]
