import { spawn, type ChildProcess } from 'node:child_process'
import { connect } from 'node:net'
import { join } from 'node:path'
import { checkout, nodeProgram } from './places.ts'

/** The server of the packed RKE2 releases, as the keeper runs it: the same port on every lab's own address. */
export const releasesPort = 8080

const script = join(checkout, 'lab/releases/serve.ts')

/** Starts it, once more in `insideSpace` for the hosts behind a jump host. */
export function serveReleases(
  host: string,
  directory: string,
  faults: string,
  insideSpace: string | null,
): ChildProcess[] {
  const command = [script, '--host', host, '--port', String(releasesPort), '--directory', directory, '--faults', faults]
  const servers = [spawn(nodeProgram, command, { stdio: ['ignore', 'inherit', 'inherit'] })]
  if (insideSpace) {
    const inside = ['netns', 'exec', insideSpace, nodeProgram, ...command]
    servers.push(spawn('ip', inside, { stdio: ['ignore', 'inherit', 'inherit'] }))
  }
  return servers
}

export function isListening(host: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host, port: releasesPort, timeout: 1000 })
    const answer = (yes: boolean) => () => {
      socket.destroy()
      resolve(yes)
    }
    socket.on('connect', answer(true)).on('error', answer(false)).on('timeout', answer(false))
  })
}
