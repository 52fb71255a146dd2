import { readCommand } from './local-server.ts'
import { noSuchVerb, showHelp } from './verbs.ts'

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
      process.stdout.write('keys rotated, reencryption finished\n')
      return
    default:
      if (verb === undefined) showHelp('secrets-encrypt', ['rotate-keys', 'status'])
      else noSuchVerb(verb)
  }
}
