import { join } from 'node:path'
import { dataFolder } from '../src/api/access/home.ts'
import { createDistributions } from '../src/distributions/distributions.ts'
import { rke2 } from '../src/distributions/rke2/index.ts'
import { startServer } from '../src/server/startServer.ts'
import type { StagesOf } from '../src/server/stages.ts'
import { openStore } from '../src/store/openStore.ts'

function noMachine(): never {
  throw new Error('there are no machines')
}

/** What the stages of a server are given that reaches no machine. */
export const noMachines = {
  distributions: createDistributions([rke2]),
  lookAtCluster: () => Promise.reject(new Error('there is no cluster to look at')),
  machines: { session: noMachine, draft: noMachine, workspaces: async () => null },
  findSnapshots: async () => ({ off: false, newest: null, servers: [], warnings: [] }),
  onTakeover: async () => {},
  close: async () => {},
} satisfies Omit<ReturnType<StagesOf>, 'registry' | 'planning'>

/** Serves the data folder with these stages, prints the URL, and stops at SIGTERM. */
export async function serveBench(stagesOf: StagesOf): Promise<void> {
  const home = dataFolder()
  const server = await startServer({
    home,
    store: await openStore({ folder: home.path }),
    port: 0,
    worker: 'always',
    backups: 0,
    version: 'bench',
    log: { to: 'file', file: join(home.path, 'bench.log') },
    stagesOf,
  })
  console.log(JSON.stringify({ url: server.url }))
  process.once('SIGTERM', () => void server.stop().then(() => process.exit(0)))
}
