import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type Bound, median, rounds, spread, timed } from '../bound.ts'
import { withTenNodes } from '../tenNodes.ts'

/** `apply` with nothing to do, against one ssh command on every host at once over connections that are warm as well. */
export const noop: Bound = {
  name: 'no-op',
  minutes: 15,
  measure: () =>
    withTenNodes('bench-noop', async ({ lab, home, file, slipway }) => {
      const { hosts: described } = lab.describe()
      const ssh = async () => {
        await Promise.all(
          described.map(async ({ address, user, key_file }) => {
            const options = [
              '-i',
              key_file,
              '-o',
              'StrictHostKeyChecking=accept-new',
              '-o',
              `UserKnownHostsFile=${join(home, 'bare_known_hosts')}`,
              '-o',
              'ControlMaster=auto',
              '-o',
              `ControlPath=${join(home, '%C')}`,
              '-o',
              'ControlPersist=30',
              '-o',
              'BatchMode=yes',
            ]
            const [code] = await once(
              spawn('ssh', [...options, `${user}@${address}`, 'true'], { stdio: 'ignore' }),
              'close',
            )
            if (code !== 0) throw new Error(`ssh to ${address} ended with ${code}`)
          }),
        )
      }
      await ssh()
      const bare: number[] = []
      const ours = await rounds(5, async () => {
        bare.push(await timed(ssh))
        await slipway('apply', '-f', file, '--yes')
      })
      const own = ours.map((time, index) => time - (bare[index + 1] ?? 0))
      const above = own.map((time, index) => time - 1.3 * (bare[index + 1] ?? 0))
      return [
        {
          name: 'no-op apply of 10, warm',
          figure: median(own) / 1000,
          bound: 2,
          unit: 's',
          note: `${spread(own)} ms`,
        },
        {
          name: 'no-op apply above 1.3 × ssh',
          figure: median(above) / 1000,
          bound: 1,
          unit: 's',
          note: `one ssh command on each of 10 hosts at once: ${median(bare).toFixed(0)} ms`,
        },
      ]
    }),
}
