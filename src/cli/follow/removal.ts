import type { Command } from 'commander'
import type { OperationRequest } from '../../contract/operations.ts'
import { collect } from '../output.ts'
import { type EvictionOptions, evictionOf, evictionWords, withEviction } from './eviction.ts'

/** What leaves the cluster when a file is applied. */
export interface RemovalOptions extends EvictionOptions {
  readonly remove: readonly string[]
}

export const withRemoval = (command: Command): Command =>
  withEviction(
    command.option(
      '--remove <node>',
      'take a node out of the cluster that the file no longer names (repeat it)',
      collect,
      [],
    ),
  )

export const applyOperationOf = (options: RemovalOptions): OperationRequest => ({
  operation: 'apply',
  remove: options.remove.length === 0 ? null : { nodes: [...options.remove], ...evictionOf(options) },
})

/** To be typed again. */
export const removalWords = (options: RemovalOptions): string[] =>
  options.remove.length === 0 ? [] : [...options.remove.map(node => `--remove ${node}`), ...evictionWords(options)]
