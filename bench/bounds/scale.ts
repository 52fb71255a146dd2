import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { type Bound, median, timed } from '../bound.ts'
import { type MeasuredSite, output, version, withSite } from '../lab.ts'
import { root, serve } from '../server.ts'

const workers = Array.from({ length: 10 }, (_, index) => `w${index + 1}`)
const hosts = ['m1', ...workers]
const accepted = ['--accept', 'few-cpus', '--accept', 'little-memory', '--yes']
const rounds = 3
const bare = (script: string, ...args: readonly string[]) => output(join(root, 'bench/bare', script), args)
const document = z.looseObject({ spec: z.looseObject({ nodes: z.array(z.unknown()) }) })

/** Ten agents to a cluster of one server, ours and the bare script in turn, each on fresh hosts. */
export const scaleAdd: Bound = {
  name: 'scale-add',
  minutes: 30,
  async measure() {
    const theirs: number[] = []
    const ours: number[] = []
    const ratios: number[] = []
    for (let round = 0; round < rounds; round++) {
      theirs.push(
        await withSite(`bench-bare-add-${round}`, hosts, 1, async site => {
          const { key, url, words, first } = described(site)
          await bare('install.sh', key, url, version, `m1=${first}`, '')
          return timed(() => bare('add.sh', key, url, version, first, words.join(',')))
        }),
      )
      ours.push(
        await withServed(`bench-add-${round}`, async site => {
          await site.slipway('apply', '-f', site.file, ...accepted)
          return timed(() => site.slipway('scale', 'add', 'bench', ...described(site).words, ...accepted))
        }),
      )
      ratios.push((ours.at(-1) ?? Number.NaN) / (theirs.at(-1) ?? Number.NaN))
    }
    return [
      {
        name: 'scale add of 10 agents',
        figure: median(ratios),
        bound: 1.5,
        unit: '×',
        note: `ours ${seconds(ours)} s, bare script ${seconds(theirs)} s, in turn on fresh hosts`,
      },
    ]
  },
}

/** One agent after the other out of a cluster of ten, by us and by the bare script in turn. */
export const scaleRemove: Bound = {
  name: 'scale-remove',
  minutes: 15,
  measure: () =>
    withServed('bench-remove', async site => {
      const { key, words, first } = described(site)
      await site.slipway('apply', '-f', site.file, ...accepted)
      await site.slipway('scale', 'add', 'bench', ...words, ...accepted)
      const theirs: number[] = []
      const ours: number[] = []
      for (let round = 0; round < rounds; round++) {
        const [mine = '', other = ''] = workers.slice(2 * round)
        ours.push(await timed(() => site.slipway('scale', 'remove', 'bench', mine, ...accepted)))
        theirs.push(await timed(() => bare('remove.sh', key, first, words[2 * round + 1] ?? '')))
        // What was removed by hand is on record until that is told, and would be brought back.
        await site.slipway('scale', 'remove', 'bench', other, ...accepted)
      }
      const above = ours.map((time, round) => (time - 1.5 * (theirs[round] ?? Number.NaN)) / 1000)
      return [
        {
          name: 'scale remove above 1.5 × by hand',
          figure: median(above),
          bound: 3,
          unit: 's',
          note: `ours ${seconds(ours)} s, bare script ${seconds(theirs)} s, in turn on one cluster`,
        },
      ]
    }),
}

/** A server over a site of which the file names the first server only. */
const withServed = <Result>(name: string, work: (site: MeasuredSite) => Promise<Result>): Promise<Result> =>
  withSite(name, hosts, 1, async site => {
    const whole = document.parse(parse(await readFile(site.file, 'utf8')))
    const smaller = { ...whole, spec: { ...whole.spec, nodes: whole.spec.nodes.slice(0, 1) } }
    await writeFile(site.file, stringify(smaller))
    const server = await serve(site.home)
    try {
      return await work(site)
    } finally {
      await server.stop()
    }
  })

function described({ lab }: MeasuredSite) {
  const { hosts: all, artifact_url } = lab.describe()
  return {
    key: all[0]?.key_file ?? '',
    url: artifact_url ?? '',
    first: all[0]?.address ?? '',
    /** `w1=10.0.0.2` */
    words: all.slice(1).map(({ name, address }) => `${name}=${address}`),
  }
}

const seconds = (times: readonly number[]): string => times.map(time => (time / 1000).toFixed(1)).join(' ')
