import type { Command } from 'commander'
import type { OperationRequest } from '../../contract/operations.ts'
import { collect } from '../output.ts'
import { type EvictionOptions, evictionOf, evictionWords, withEviction } from './eviction.ts'

/** What leaves the cluster when a file is applied. */
export interface RemovalOptions extends EvictionOptions {
  readonly remove: readonly string[]
  readonly prune?: boolean
  readonly destroyMachines?: boolean
}

export const destroyMachinesHelp = 'also destroy the machines of the nodes that leave, where Slipway has made them'

/** As the API takes it. */
export const machinesOf = ({ destroyMachines }: { readonly destroyMachines?: boolean }) => ({
  destroy_machines: destroyMachines ?? false,
})

/** To be typed again. */
export const machineWords = ({ destroyMachines }: { readonly destroyMachines?: boolean }): string[] =>
  destroyMachines ? ['--destroy-machines'] : []

export const withRemoval = (command: Command): Command =>
  withEviction(
    command
      .option(
        '--remove <node>',
        'take a node out of the cluster that the file no longer names (repeat it)',
        collect,
        [],
      )
      .option('--prune', 'take every node out of the cluster that the file no longer names')
      .option('--destroy-machines', destroyMachinesHelp),
  )

export const applyOperationOf = (options: RemovalOptions): OperationRequest => ({
  operation: 'apply',
  remove: removesNobody(options)
    ? null
    : { nodes: [...options.remove], prune: options.prune ?? false, ...machinesOf(options), ...evictionOf(options) },
})

/** To be typed again. */
export const removalWords = (options: RemovalOptions): string[] =>
  removesNobody(options)
    ? []
    : [
        ...options.remove.map(node => `--remove ${node}`),
        ...(options.prune ? ['--prune'] : []),
        ...machineWords(options),
        ...evictionWords(options),
      ]

const removesNobody = ({ remove, prune }: RemovalOptions): boolean => remove.length === 0 && !prune
