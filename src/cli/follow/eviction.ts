import { type Command, InvalidArgumentError } from 'commander'

/** How pods are moved away, as it is typed. */
export interface EvictionOptions {
  readonly deleteEmptydirData?: boolean
  readonly deleteUnmanaged?: boolean
  readonly timeout: number
}

const defaultTimeout = 600

/** The options of every command that drains nodes. */
export const withEviction = (command: Command): Command =>
  command
    .option('--delete-emptydir-data', 'also evict pods whose emptyDir volumes are lost with them')
    .option('--delete-unmanaged', 'also evict pods that no controller makes anew (--force of kubectl)')
    .option('--timeout <seconds>', 'how long the pods of one node may take to be gone', seconds, defaultTimeout)

/** As the API takes them. */
export const evictionOf = ({ deleteEmptydirData, deleteUnmanaged, timeout }: EvictionOptions) => ({
  delete_emptydir_data: deleteEmptydirData ?? false,
  delete_unmanaged: deleteUnmanaged ?? false,
  timeout_s: timeout,
})

/** To be typed again. */
export const evictionWords = ({ deleteEmptydirData, deleteUnmanaged, timeout }: EvictionOptions): string[] => [
  ...(deleteEmptydirData ? ['--delete-emptydir-data'] : []),
  ...(deleteUnmanaged ? ['--delete-unmanaged'] : []),
  ...(timeout === defaultTimeout ? [] : [`--timeout ${timeout}`]),
]

function seconds(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < 1 || value > 86_400)
    throw new InvalidArgumentError('a number of seconds from 1 to 86400 is needed')
  return value
}
