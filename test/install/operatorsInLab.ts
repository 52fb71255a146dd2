import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { startOperators } from '../../lab/operators/operators.ts'
import { freePort } from '../freePort.ts'
import { until } from '../until.ts'
import type { InstallLab, Site } from './harness.ts'

/** What stands for the operators of a lab's cluster, as soon as it has an API: through SSH, wherever its machines are. */
export async function operatorsInLab(lab: InstallLab, site: Site, server: string): Promise<AsyncDisposable> {
  await using begun = new AsyncDisposableStack()
  let kubeconfig = ''
  await until('the cluster has a kubeconfig', async () => {
    const { code, stdout } = await site.slipway('kubeconfig', site.cluster)
    if (code === 0) kubeconfig = stdout
    return code === 0
  })
  const port = await freePort()
  const forward = `127.0.0.1:${port}:127.0.0.1:6443`
  const config = lab.description.ssh_config_file
  const ssh = spawn('ssh', ['-F', config, '-N', '-o', 'ExitOnForwardFailure=yes', '-L', forward, server], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = once(ssh, 'exit')
  begun.defer(async () => {
    ssh.kill()
    await ended
  })
  await until('the way to the API is open', () => isOpen(port))
  const inside = kubeconfig.replace(/server: .*/, `server: https://127.0.0.1:${port}`)
  begun.use(await startOperators({ kubeconfig: inside }))
  return begun.move()
}

function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  return new Promise(resolve => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
  }).then(answer => {
    socket.destroy()
    return answer === true
  })
}
