import { existsSync } from 'node:fs'
import { dataFolder } from '../../../api/access/home.ts'
import { say } from '../../terminal.ts'

/** What is told of a database that was restored or copied. */
export interface Told {
  readonly header: { readonly taken: string; readonly version: string; readonly sealing_key: string | null }
  readonly rows: number
  readonly cancelled: readonly string[]
}

export function tellRestored({ header, rows, cancelled }: Told, done: 'Restored' | 'Copied' = 'Restored'): void {
  say(`${done}: ${rows} rows, as of ${header.taken}, written by Slipway ${header.version}.`)
  for (const run of cancelled)
    say(
      `Run ${run} was under way then and is cancelled now: look at its cluster (slipway plan), then slipway resume ${run}.`,
    )
  const { keyFile } = dataFolder()
  if (header.sealing_key !== null && !existsSync(keyFile))
    say(`Before you start: put the sealing-key of the installation (${header.sealing_key}) to ${keyFile}, mode 0600.`)
}
