import type { MachineSession } from './session.ts'

/** ms; a machine that is frozen keeps its connections, and says nothing on them. */
const patience = 10_000

/**
 * Logs in to a machine and asks for its name. Null: it is there; else why not, in words.
 * @throws SlipwayError as `HostAccess.connect`.
 */
export async function unlikeItself(
  session: MachineSession,
  address: string,
  signal: AbortSignal,
): Promise<string | null> {
  const { machine } = session
  const { provider } = await session.wanted()
  const hosts = await session.hosts(address)
  try {
    const { exitCode, stdout, stderr } = await hosts.run(machine, { command: 'hostname', signal, timeout: patience })
    if (exitCode !== 0) return `it lets its login in, and ends with ${exitCode}: ${stderr.trim() || 'without a word'}`
    const [name = ''] = stdout.trim().split('.')
    // A host that was given may be called otherwise.
    return provider.module === null || name === machine ? null : `${name} answers there`
  } finally {
    await hosts.close()
  }
}
