import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { SlipwayError } from '../domain/errors.ts'
import type { Connections } from './connections.ts'
import type { PreparedHost } from './links.ts'
import { shortened } from './loginRefusals.ts'

/** An address and port as the host itself sees them: `127.0.0.1`, 6443. */
export interface Destination {
  readonly address: string
  readonly port: number
}

interface ForwardWay {
  readonly sshConfig: string
  readonly host: Pick<PreparedHost, 'alias' | 'socket'>
  readonly connections: Pick<Connections, 'directory' | 'clients' | 'launch'>
  readonly environment: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/** Our configuration forwards nothing. */
const wanted = ['-o', 'ClearAllForwardings=no']
/** ms; the connection stands already. */
const patience = 10_000

/**
 * A Unix socket on this machine that leads through the host's warm connection to a port that the host can reach; made
 * anew when the connection was lost meanwhile. It ends with the connection.
 * @returns its path.
 * @throws SlipwayError `host-unreachable` when ssh does not open it.
 */
export async function openForward(way: ForwardWay, to: Destination): Promise<string> {
  const { sshConfig, host, connections, environment, signal } = way
  const name = createHash('sha256')
    .update(JSON.stringify([host.socket, to.address, to.port]))
    .digest('hex')
  const path = join(connections.directory, `${name.slice(0, 16)}.port`)
  if (await listens(path)) return path
  // One whose connection was killed is left behind, and ssh would not take its place.
  await rm(path, { force: true })
  const address = to.address.includes(':') ? `[${to.address}]` : to.address
  const { end, exitCode, stderr } = await connections.launch(
    'ssh',
    ['-F', sshConfig, ...wanted, '-O', 'forward', '-L', `${path}:${address}:${to.port}`, host.alias],
    { environment, timeout: patience, signal, limiter: connections.clients },
  )
  if (end === 'cancelled') throw new SlipwayError('run-cancelled', `${host.alias}: forwarding was cancelled`)
  // Somebody else has opened the same one in this moment.
  if ((end === 'exited' && exitCode === 0) || (await listens(path))) return path
  throw new SlipwayError(
    'host-unreachable',
    `${host.alias}: no port can be forwarded: ${shortened(stderr.trim()) || 'ssh does not answer'}`,
    { facts: { host: host.alias } },
  )
}

async function listens(path: string): Promise<boolean> {
  const socket = createConnection(path)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
