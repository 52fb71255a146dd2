import { join } from 'node:path'
import { type Bound, median, timed } from '../bound.ts'
import { output, version, withSite } from '../lab.ts'
import { root, serve } from '../server.ts'

const hosts = ['m1', 'm2', 'm3', 'w1', 'w2']

/** Ours and the bare script in turn, each on fresh hosts, so that both meet the same moments of the machine. */
export const install: Bound = {
  name: 'install',
  minutes: 30,
  async measure() {
    const ratios: number[] = []
    const ours: number[] = []
    const theirs: number[] = []
    for (let round = 0; round < 5; round++) {
      theirs.push(
        await withSite(`bench-bare-${round}`, hosts, 3, async ({ lab }) => {
          const { hosts: described, artifact_url } = lab.describe()
          const names = (from: number, to: number) =>
            described
              .slice(from, to)
              .map(({ name, address }) => `${name}=${address}`)
              .join(',')
          return timed(() =>
            output(join(root, 'bench/bare/install.sh'), [
              described[0]?.key_file ?? '',
              artifact_url ?? '',
              version,
              names(0, 3),
              names(3, 5),
            ]),
          )
        }),
      )
      ours.push(
        await withSite(`bench-ours-${round}`, hosts, 3, async ({ home, file, slipway }) => {
          const server = await serve(home)
          try {
            return await timed(() => slipway('apply', '-f', file, '--yes'))
          } finally {
            await server.stop()
          }
        }),
      )
      ratios.push((ours.at(-1) ?? Number.NaN) / (theirs.at(-1) ?? Number.NaN))
    }
    const seconds = (times: readonly number[]) => times.map(time => (time / 1000).toFixed(1)).join(' ')
    return [
      {
        name: 'install of 3 + 2',
        figure: median(ratios),
        bound: 1.25,
        unit: '×',
        note: `ours ${seconds(ours)} s, bare script ${seconds(theirs)} s, in turn on fresh hosts`,
      },
    ]
  },
}
