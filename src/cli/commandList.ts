import type { Command } from 'commander'

/** A command's own file: options, examples and action. Loaded only when the command is asked for. */
export interface CommandFile {
  define(command: Command): void
}

export interface CommandEntry {
  readonly name: string
  readonly group: 'Begin' | 'Clusters' | 'Runs' | 'Server'
  readonly summary: string
  readonly load: () => Promise<CommandFile>
}

/** Every command, in the order of `slipway --help`. */
export const commandList: readonly CommandEntry[] = [
  {
    name: 'init',
    group: 'Begin',
    summary: 'write a commented cluster.yaml',
    load: () => import('./commands/init.ts'),
  },
  {
    name: 'validate',
    group: 'Begin',
    summary: 'check a cluster file without changing anything',
    load: () => import('./commands/validate.ts'),
  },
  {
    name: 'explain',
    group: 'Begin',
    summary: 'say what an error code means and what to do',
    load: () => import('./commands/explain.ts'),
  },
]
