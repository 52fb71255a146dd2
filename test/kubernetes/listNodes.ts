import { readFileSync } from 'node:fs'
import { openClusterClient } from '../../src/kubernetes/client.ts'
import { readKubeconfig } from '../../src/kubernetes/kubeconfig.ts'
import { showCluster } from '../../src/distributions/discovery/showCluster.ts'
import { nodes } from '../../src/kubernetes/resources.ts'

/** Lists all Nodes of a kubeconfig in a process of its own, and prints how many, in ms, and MB more at the most. */
const client = await openClusterClient(readKubeconfig(readFileSync(process.argv[2] ?? '', 'utf8')))
const { signal } = new AbortController()
await client.version({ signal })
const resident = () => process.memoryUsage.rss() / 1024 ** 2
const before = resident()
let most = before
const watch = setInterval(() => (most = Math.max(most, resident())), 5)
const began = performance.now()
const items = await read(process.argv[3])
const milliseconds = Math.round(performance.now() - began)
clearInterval(watch)
most = Math.max(most, resident())
console.log(JSON.stringify({ items: items.length, milliseconds, megabytes: Math.round(most - before) }))
await client.close()

async function read(how: string | undefined): Promise<readonly unknown[]> {
  if (how === 'snapshot') return (await client.snapshot(nodes, {}, { signal })).items
  if (how === 'discover') return (await showCluster(client, null, signal)).nodes
  return Array.fromAsync(client.list(nodes, {}, { signal }), ({ metadata }) => metadata.name)
}
