import { z } from 'zod'
import { playHosts } from '../src/ansible/playbook.ts'
import { nothingLearnt } from '../src/clusters/learnt.ts'
import { createRegistry } from '../src/engine/contract/registry.ts'
import { bindStage, type StageKind } from '../src/engine/contract/stage.ts'
import { noMachines, serveBench } from './benchServer.ts'
import { nothingSeen } from './nothingSeen.ts'
import type { StagesOf } from '../src/server/stages.ts'
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
    ...noMachines,
    registry,
    planning: {
      open: async () => ({
        stages,
        findings: [],
        registry,
        look: nothingSeen,
        leftovers: async () => [],
        learnt: async () => nothingLearnt,
        close: async () => {},
      }),
    },
  }
}

await serveBench(stagesOf)
