import { join } from 'node:path'
import { z } from 'zod'
import { playHosts } from '../src/ansible/playbook.ts'
import { dataFolder } from '../src/api/access/home.ts'
import { nothingLearnt } from '../src/clusters/learnt.ts'
import { createRegistry } from '../src/engine/contract/registry.ts'
import { bindStage, type StageKind } from '../src/engine/contract/stage.ts'
import { openStore } from '../src/store/openStore.ts'
import { nothingSeen } from './nothingSeen.ts'
import { startServer } from '../src/server/startServer.ts'
import type { StagesOf } from '../src/server/stages.ts'
import { createDistributions } from '../src/distributions/distributions.ts'
import { rke2 } from '../src/distributions/rke2/index.ts'
import { renderForStage } from '../src/distributions/rke2/inventory.fixture.ts'

/**
 * A server of which the only stage runs the playbook BENCH_PLAYBOOK, whatever cluster file it is given: everything else
 * on the way from Ansible to a client is the product's own. Prints its URL.
 */
const playbook = z.string().parse(process.env['BENCH_PLAYBOOK'])
const node = { hostname: 'bench', internal_ip: '127.0.0.1', role: 'initial_master' as const }

const stagesOf: StagesOf = ({ directory }) => {
  const kind: StageKind = {
    kind: 'bench/playbook',
    bind: () =>
      bindStage({
        timeout: 10 * 60_000,
        touches: [],
        observe: async () => null,
        checkPrerequisites: () => [],
        shouldRun: () => ({
          kind: 'run',
          reason: 'measured',
          changes: [{ effect: 'update', target: 'bench', summary: 'print' }],
        }),
        async execute(context) {
          await playHosts({
            playbook,
            inventory: renderForStage({ nodes: [node] }, 'all'),
            sshConfig: '/dev/null',
            directory,
            environment: context.environment,
            signal: context.signal,
            log: text => context.log(text),
          })
        },
        waitForReady: async () => {},
      }),
  }
  const registry = createRegistry([kind])
  const stages = [{ kind: kind.kind, key: 'bench/playbook', title: 'Print', needs: [], arguments: null }]
  return {
    distributions: createDistributions([rke2]),
    registry,
    planning: {
      open: async () => ({
        stages,
        findings: [],
        registry,
        look: nothingSeen,
        learnt: async () => nothingLearnt,
        close: async () => {},
      }),
    },
    lookAtCluster: () => Promise.reject(new Error('there is no cluster to look at')),
    findSnapshots: async () => ({ off: false, newest: null, servers: [], warnings: [] }),
    onTakeover: async () => {},
    close: async () => {},
  }
}

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
