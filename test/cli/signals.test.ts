import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openDesk } from './command.ts'

/** A machine that accepts a connection and then says nothing: ssh waits for it. */
async function silentMachine() {
  const server = createServer(() => {}).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return { server, port: typeof address === 'object' && address ? address.port : 0, called: once(server, 'connection') }
}

it.each(['SIGTERM', 'SIGINT'] as const)(
  '%s ends a server in good order while its children are at work',
  async signal => {
    const desk = await openDesk()
    const machine = await silentMachine()
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(desk.folder, 'id')])
    await writeFile(
      join(desk.folder, 'cluster.yaml'),
      `apiVersion: slipway/v1
kind: Cluster
metadata: { name: demo }
spec:
  distribution: rke2
  version: v1.34.1+rke2r1
  ssh: { port: ${machine.port}, key_file: ./id }
  nodes:
    - { hostname: m1, internal_ip: 10.0.0.11, external_ip: 127.0.0.1, use_external_ip: true, role: initial_master }
`,
    )
    const serving = desk.start(['serve', '--port', '0', '-o', 'json'])
    const ended = once(serving, 'close')
    await once(serving.stdout, 'data')
    const planning = desk.slipway(['plan', '-f', 'cluster.yaml'])
    const [connection] = await machine.called
    serving.kill(signal)
    expect(await ended).toEqual([0, null])
    expect(existsSync(join(desk.home, 'server.json'))).toBe(false)
    expect(await desk.memoryFolders()).toEqual([])
    expect((await planning).code).not.toBe(0)
    connection.destroy()
    machine.server.close()
    await desk[Symbol.asyncDispose]()
  },
)
