import type pg from 'pg'
import { backupUnusable, type Header } from './format.ts'
import { putRowsBack, type Target } from './putRowsBack.ts'
import { endRunsUnderWay } from './runsUnderWay.ts'

export interface Restored {
  readonly header: Header
  readonly rows: number
  /** Runs that were under way when the backup was made; they are cancelled, and can be resumed. */
  readonly cancelled: readonly string[]
}

/**
 * Puts a backup into an empty database: all of it, or nothing when any of it is wrong.
 * @param approve sees the header before anything is changed, and may throw.
 * @throws SlipwayError as `putRowsBack`.
 */
export async function restoreBackup(
  target: Target,
  compressed: AsyncIterable<Uint8Array>,
  approve: (header: Header) => void = () => {},
): Promise<Restored> {
  const finish = async (client: pg.Client): Promise<string[]> => {
    const cancelled = await endRunsUnderWay(client)
    await moveAway(client)
    return cancelled
  }
  const { header, rows, finished } = await putRowsBack(target, compressed, { approve, finish })
  return { header, rows, cancelled: finished }
}

/** The next opening finds that the database lives elsewhere, and raises the epoch of its fences. */
async function moveAway(client: pg.Client): Promise<void> {
  const { rowCount } = await client.query(`UPDATE installation SET identity = 'restored'`)
  if (rowCount !== 1) throw backupUnusable('it does not say of which installation it is')
}
