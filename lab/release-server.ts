import { type ChildProcess, spawn } from 'node:child_process'
import { connect } from 'node:net'
import { join } from 'node:path'
import { controllerAddress, releasesNamespace } from './addresses.ts'
import { checkout, nodeProgram, releaseFaultsFile } from './places.ts'
import type { LabRecord } from './record.ts'
import { startReleaseServer } from './releases/server.ts'

/** The server of the packed RKE2 releases, as the keeper runs it: the same port on every lab's own address. */
export const releasesPort = 8080

/**
 * Serves a lab's releases; hosts behind a jump host get a server of their own, in the name space on their side, under
 * the same address. Returns that one's process.
 */
export async function serveReleases(lab: LabRecord): Promise<ChildProcess | null> {
  if (!lab.releases) return null
  const [host, faultsFile] = [controllerAddress(lab), releaseFaultsFile(lab.name)]
  await startReleaseServer({ host, port: releasesPort, directory: lab.releases, faultsFile })
  if (!lab.hosts.some(each => each.place === 'inside')) return null
  const options = ['--host', host, '--port', String(releasesPort), '--directory', lab.releases, '--faults', faultsFile]
  const server = [nodeProgram, join(checkout, 'lab/releases/serve.ts'), ...options]
  const stdio = ['ignore', 'inherit', 'inherit'] as const
  return spawn('ip', ['netns', 'exec', releasesNamespace(lab), ...server], { stdio: [...stdio] })
}

/** Whether the lab's release server answers to this machine. */
export function servesReleases(lab: LabRecord): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host: controllerAddress(lab), port: releasesPort, timeout: 1000 })
    const answer = (yes: boolean) => () => {
      socket.destroy()
      resolve(yes)
    }
    socket.on('connect', answer(true)).on('error', answer(false)).on('timeout', answer(false))
  })
}
