import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { type Bound, median, rounds, spread } from '../bound.ts'
import { output, version } from '../lab.ts'
import { root, slipway, startedServer } from '../server.ts'

const nodes = [3, 97].flatMap((count, group) =>
  Array.from({ length: count }, (_, index) => ({
    hostname: `${group === 0 ? 'm' : 'w'}${index + 1}`,
    internal_ip: `10.0.${group}.${index + 1}`,
    role: group === 1 ? 'worker' : index === 0 ? 'initial_master' : 'master',
  })),
)

/** The plan of a cluster with 100 nodes on record, from the command to the printed plan, without the look at the machines. */
export const planOfMany: Bound = {
  name: 'plan-100-nodes',
  minutes: 5,
  async measure() {
    const home = await mkdtemp(join(tmpdir(), 'slipway-bench-'))
    const environment = { ...process.env, SLIPWAY_HOME: home }
    const run = (...args: readonly string[]) => output(slipway, args, environment)
    const file = join(home, 'cluster.yaml')
    const spec = { distribution: 'rke2', version, nodes }
    await writeFile(file, stringify({ apiVersion: 'slipway/v1', kind: 'Cluster', metadata: { name: 'bench' }, spec }))
    const server = await startedServer(join(root, 'scripts/node'), ['bench/planServer.ts'], environment)
    try {
      await run('apply', '-f', file, '--yes')
      const ofFile = await rounds(5, () => run('plan', '-f', file))
      const ofMore = await rounds(5, () => run('scale', 'add', 'bench', 'w98=10.0.1.98', '--dry-run'))
      const note = (times: readonly number[]) => `${spread(times)} ms; the machines are not looked at`
      return [
        { name: 'plan of 100 nodes on record', figure: median(ofFile) / 1000, bound: 2, unit: 's', note: note(ofFile) },
        { name: 'scale add to 100, planned', figure: median(ofMore) / 1000, bound: 2, unit: 's', note: note(ofMore) },
      ]
    } finally {
      await server.stop()
      await rm(home, { recursive: true, force: true })
    }
  },
}
