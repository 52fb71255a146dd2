import { readFileSync } from 'node:fs'
import type { PlatformSpec } from '../src/platform/spec.ts'
import { runPlatforms } from './platformRuns.ts'

/** Makes so many platforms at once, each with names of its own, and prints what it took: KUBECONFIG FOLDER COUNT. */
const [kubeconfig = '', charts = '', count] = process.argv.slice(2)

const platformOf = (cluster: string): PlatformSpec => ({
  components: {
    'infra-postgres': { name: cluster, namespace: cluster, replicas: 1 },
    'operator-pgo': { chart: 'pgo.tgz' },
  },
  charts: ['shop', 'back'].map(name => ({ name: `${cluster}-${name}`, namespace: cluster, chart: 'web.tgz' })),
})
const names = Array.from({ length: Number(count) }, (_, index) => `c${index + 1}`)
const platforms = new Map(names.map(name => [name, platformOf(name)]))
const { time } = await runPlatforms(readFileSync(kubeconfig, 'utf8'), charts, platforms)
console.log(JSON.stringify({ time }))
