import { z } from 'zod'
import { createRegistry } from '../../src/engine/contract/registry.ts'
import { startWorker } from '../../src/engine/worker/worker.ts'
import { findHelm } from '../../src/helm/tool.ts'
import { platformSpec } from '../../src/platform/spec.ts'
import { platformStageKinds } from '../../src/platform/stages.ts'
import { endChildren } from '../../src/processes/endChildren.ts'
import { markerEnvironment, newWorkerName } from '../../src/processes/environment.ts'
import { identifyWorker, isDead } from '../../src/processes/workerIdentity.ts'
import { openStore } from '../../src/store/openStore.ts'
import { benchSession, chartIn } from './benchSession.ts'

/** A worker process that may be killed at any moment. It executes a run of the platform until that has ended. Argument: JSON. */
const options = z
  .object({
    location: z.object({ url: z.string() }),
    run: z.string(),
    kubeconfig: z.string(),
    /** With its charts. */
    folder: z.string(),
    directory: z.string(),
    platform: platformSpec,
  })
  .parse(JSON.parse(process.argv[2] ?? ''))

const self = identifyWorker(newWorkerName())
const helm = await findHelm()
const { platform, directory } = options
const session = benchSession({
  secret: async () => options.kubeconfig,
  hosts: () => Promise.reject(new Error('no server is needed')),
  platform,
  openFile: chartIn(options.folder),
  directory,
  environment: markerEnvironment({ worker: self.id }),
})
const store = await openStore(options.location)
const worker = startWorker({
  self,
  isDead,
  records: store.records,
  registry: createRegistry(platformStageKinds({ sessionOf: () => session, helm: async () => helm })),
  children: { end: of => endChildren(of) },
  onTakeover: async () => {},
  redact: text => text,
  report: (message, fields) => {
    if (fields['error'] !== undefined) console.error(message, fields)
  },
  limits: { poll: 250, leaseTime: 3000, leaseMargin: 750 },
})
for await (const event of store.records.follow(options.run, 0, AbortSignal.timeout(120_000)))
  if (event.type === 'run-awaiting-approval' && (await store.records.readRun(options.run)).seq === event.seq) break
await worker.stop()
await store.close()
