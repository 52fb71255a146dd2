import { recordGoes } from '../../../contract/forgetting.ts'
import type { Bootstrap } from '../../../clusters/session.ts'
import type { SnapshotReport } from '../../../domain/snapshots.ts'
import type { Stage } from '../../../engine/contract/stage.ts'
import type { UninstallArguments } from '../arguments.ts'
import type { Rke2Session } from '../session.ts'
import { findSnapshots } from '../snapshots.ts'
import { lossOf } from './loss.ts'
import { type Left, leftOnes, livesOn } from './stays.ts'

interface Observed {
  readonly bootstrap: Bootstrap
  /** Null: no cluster was made, and none is lost. */
  readonly snapshots: SnapshotReport | null
  /** Machines that stay as they are. */
  readonly left: readonly Left[]
}

/**
 * Takes the cluster off the record when nothing is left of it on any machine: with the end of the run, in one step. What
 * is lost with it is told here, since it concerns no machine alone.
 */
export function forget(stage: UninstallArguments, session: Rke2Session): Stage<Observed> {
  const { nodes, cluster, accepted } = stage
  const lost = ({ bootstrap, snapshots, left }: Observed) => snapshots && lossOf(stage, bootstrap, snapshots, left)
  return {
    timeout: 60_000,
    touches: [],
    records: { runCompleted: [{ type: 'cluster-removed' }] },
    async observe(context) {
      const bootstrap = await session.bootstrap()
      if (bootstrap.state === 'unused') return { bootstrap, snapshots: null, left: [] }
      const left = await leftOnes(stage, session, bootstrap, context)
      const stays = new Set(left.map(({ hostname }) => hostname))
      const servers = nodes.filter(({ role, hostname }) => role !== 'worker' && !stays.has(hostname))
      const names = servers.map(({ hostname }) => hostname)
      const wanted = { ...cluster, nodes: [...nodes] }
      return { bootstrap, snapshots: await findSnapshots(session, wanted, names, context.signal), left }
    },
    checkPrerequisites(observed) {
      const loss = lost(observed)
      const goesOn = livesOn(stage, observed.left)
      if (loss === null || accepted.includes('data-loss')) return goesOn
      return [
        ...goesOn,
        {
          name: 'data-loss',
          severity: 'warning',
          about: `cluster ${cluster.name}`,
          message: loss,
          remedy: `${saving(stage)} Then accept it: --accept data-loss.`,
        },
      ]
    },
    shouldRun: observed => ({
      kind: 'run',
      reason: lost(observed) ?? 'no cluster was made of the machines yet: no data is lost',
      changes: [
        {
          ...recordGoes,
          summary: `forget ${cluster.name}, its secrets and its pinned host keys: its name is free; its runs can still be read`,
        },
      ],
    }),
    // With the end of the run, in one transaction: until then a run that is resumed finds all that it needs.
    async execute() {},
    async waitForReady() {},
  }
}

const saving = ({ keep_snapshots }: UninstallArguments): string =>
  keep_snapshots
    ? 'Save what else is needed first.'
    : 'Save what is needed first: copy a snapshot away, with server/token of its server; or leave them on the servers with --keep-snapshots.'
