import type { ClusterFile } from '../../src/domain/cluster.ts'
import { createObservations } from '../../src/engine/contract/observations.ts'
import { createRegistry, type Registry } from '../../src/engine/contract/registry.ts'
import type { PlatformSession } from '../../src/platform/platformSession.ts'
import { platformStageKinds } from '../../src/platform/stages.ts'
import { markerEnvironment } from '../../src/processes/environment.ts'
import type { StagesOf } from '../../src/server/stages.ts'
import { readDesiredState } from '../../src/store/clusters.ts'
import { readStoredFiles } from '../../src/store/storedFiles.ts'
import { type Api, openApi } from '../api/server.ts'
import { type Desk, openDesk } from '../cli/command.ts'
import { folderStagesOf } from '../cli/folderStages.ts'
import { temporaryFolder } from '../store/temporaryFolder.ts'
import { helm } from './packedChart.ts'

/** A server whose clusters have folders as machines and one real API, and a folder whose commands talk to that server. */
export interface PlatformDesk extends AsyncDisposable {
  readonly api: Api
  readonly desk: Desk
}

export async function openPlatformDesk(kubeconfig: () => string): Promise<PlatformDesk> {
  await using begun = new AsyncDisposableStack()
  const api = begun.use(await openApi(undefined, overApi(kubeconfig)))
  const desk = begun.use(await openDesk({ environment: { SLIPWAY_URL: api.url.href, SLIPWAY_TOKEN: api.token } }))
  const all = begun.move()
  return { api, desk, [Symbol.asyncDispose]: () => all.disposeAsync() }
}

/** Runs read what is stored; a plan reads its draft. */
function overApi(kubeconfig: () => string): StagesOf {
  return around => {
    const base = folderStagesOf(around)
    const { store, sealer, environment } = around
    const directory = temporaryFolder('memory')
    type Files = Readonly<Record<string, string>>
    const registryOver = (read: (cluster: string) => Promise<{ desired: ClusterFile; files: Files }>): Registry => {
      const sessionOf = (cluster: string): PlatformSession => ({
        cluster,
        installation: 'of-this-test',
        hashKey: '00'.repeat(32),
        directory,
        environment: { ...environment, ...markerEnvironment({ worker: `${process.pid}-test` }) },
        secret: async () => kubeconfig(),
        hosts: () => Promise.reject(new Error('no server is needed')),
        desired: async () => (await read(cluster)).desired,
        openFile: async file => (await read(cluster)).files[file] ?? '',
        learn() {},
        read: createObservations().read,
      })
      const platform = createRegistry(platformStageKinds({ sessionOf, helm: async () => helm }))
      return {
        bind: request => (request.kind.startsWith('platform/') ? platform.bind(request) : base.registry.bind(request)),
      }
    }
    return {
      ...base,
      registry: registryOver(async cluster => {
        const desired = await readDesiredState(store.database, cluster)
        const keyFiles = base.distributions.keyFilesOf(desired.spec)
        return { desired, files: await readStoredFiles(store.database, sealer, cluster, keyFiles) }
      }),
      planning: {
        open: async (draft, recorded) => ({
          ...(await base.planning.open(draft, recorded)),
          registry: registryOver(async () => draft),
        }),
      },
    }
  }
}
