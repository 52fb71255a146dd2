import { Refused } from './refusal.ts'
import { readCommand } from './local-server.ts'
import { log } from './log.ts'

/** `rke2 secrets-encrypt status | rotate-keys`, asked of the server of this host. */
export async function secretsEncrypt(args: readonly string[]): Promise<void> {
  const [verb, ...rest] = args
  const { connect } = readCommand(rest, [
    ['output', 'text'],
    ['o', 'text'],
    ['force', 'switch'],
    ['f', 'switch'],
  ])
  switch (verb) {
    case 'status':
      process.stdout.write(await (await connect()).get('/v1-rke2/encrypt/status'))
      return
    case 'rotate-keys':
      await (await connect()).put('/v1-rke2/encrypt/config', JSON.stringify({ stage: 'rotate_keys' }))
      log.info('keys rotated, reencryption started')
      return
    default:
      throw new Refused(`No help topic for 'secrets-encrypt ${verb ?? ''}'`)
  }
}
