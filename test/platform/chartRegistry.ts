import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createAuthority, ensureLeaf } from '../../lab/rke2/certificates.ts'
import { freePort } from '../freePort.ts'
import { temporaryFolder } from '../store/temporaryFolder.ts'
import { until } from '../until.ts'
import { helm } from './packedChart.ts'

/** A real OCI registry (Debian's docker-registry) on this machine. */
export interface ChartRegistry extends AsyncDisposable {
  /** `oci://127.0.0.1:5000/charts` */
  readonly reference: string
  push(packed: Uint8Array): void
}

export async function startRegistry(): Promise<ChartRegistry> {
  const folder = temporaryFolder('registry')
  const at = (name: string) => join(folder, name)
  const port = await freePort()
  await createAuthority(at('ca'), 'registry-ca')
  await ensureLeaf(
    at('server'),
    { stem: at('ca') },
    { commonName: 'registry', uses: ['serverAuth'], names: ['127.0.0.1'] },
  )
  writeFileSync(
    at('config.yml'),
    JSON.stringify({
      version: 0.1,
      log: { level: 'error' },
      storage: { filesystem: { rootdirectory: at('data') } },
      http: { addr: `127.0.0.1:${port}`, tls: { certificate: at('server.crt'), key: at('server.key') } },
    }),
  )
  // Helm, which is started with our environment, trusts it by this.
  process.env['SSL_CERT_FILE'] = at('ca.crt')
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'docker-registry', 'serve', at('config.yml')], {
    stdio: 'ignore',
  })
  const exited = once(child, 'exit')
  const reference = `oci://127.0.0.1:${port}/charts`
  const push = (packed: Uint8Array) => {
    writeFileSync(at('chart.tgz'), packed)
    execFileSync(helm.path, ['push', at('chart.tgz'), reference], { stdio: 'pipe' })
  }
  await until('the registry answers', async () => {
    if (child.exitCode !== null) throw new Error('the registry has ended')
    return answers(port)
  })
  return {
    reference,
    push,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
