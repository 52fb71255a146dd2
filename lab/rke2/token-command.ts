import { readCommand } from './local-server.ts'
import { log } from './log.ts'
import { newPassword } from './tokens-on-disk.ts'
import { noSuchVerb, showHelp } from './verbs.ts'

/** `rke2 token rotate --token OLD --new-token NEW`: afterwards every server is restarted with the new token. */
export async function tokenCommand(args: readonly string[]): Promise<void> {
  const [verb, ...rest] = args
  if (verb === undefined) return showHelp('token', ['rotate'])
  if (verb !== 'rotate') return noSuchVerb(verb)
  const { read, connect } = readCommand(rest, [['new-token', 'text']])
  await (await connect()).put('/v1-rke2/token', read.text('new-token') ?? newPassword())
  log.warn(
    'Recommended to keep a record of the old token. If restoring from a snapshot, you must use the token associated with that snapshot.',
  )
  log.info('Token rotated, restart rke2 nodes with new token')
}
