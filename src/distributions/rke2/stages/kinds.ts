import { stageKey } from '../../../engine/contract/defineStage.ts'
import type { NodeArguments } from '../arguments.ts'

/** The names that the stages are stored with. */
export const kinds = {
  adopt: 'rke2/adopt',
  prepare: 'rke2/prepare',
  initialMaster: 'rke2/initial-master',
  join: 'rke2/join',
  workers: 'rke2/workers',
  vip: 'rke2/vip',
  giveUpVip: 'rke2/give-up-vip',
  finish: 'rke2/finish',
  leave: 'rke2/leave',
  leaveServer: 'rke2/leave-server',
  uninstall: 'rke2/uninstall',
  forget: 'rke2/forget',
} as const

/** A batch of agents is called by its first one. */
export const batchName = ([first]: readonly Pick<NodeArguments, 'hostname'>[]): string => first?.hostname ?? ''

/** The stage that brings these nodes the release: one for all servers, one for each batch of agents. */
export const prepareKey = (nodes: readonly Pick<NodeArguments, 'hostname' | 'role'>[]): string =>
  stageKey(kinds.prepare, nodes[0]?.role === 'worker' ? batchName(nodes) : undefined)
