import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { DataFolder } from '../api/access/home.ts'
import { removeServerNote, writeServerNote } from '../api/access/serverFile.ts'
import { loadToken } from '../api/access/token.ts'
import type { Application, Executes } from '../api/application.ts'
import { createServer } from '../api/http/createServer.ts'
import { createPlannedMachines } from '../api/machines/wanted.ts'
import { createPlannedDrafts } from '../api/plans/plannedDrafts.ts'
import { SlipwayError } from '../domain/errors.ts'
import { type RunningWorker, startWorker } from '../engine/worker/worker.ts'
import { type Connections, openConnections } from '../hosts/connections.ts'
import { endChildren } from '../processes/endChildren.ts'
import { markerEnvironment, newWorkerName } from '../processes/environment.ts'
import { identifyWorker, isDead } from '../processes/workerIdentity.ts'
import { createRedactor } from '../secrets/redact.ts'
import type { Store } from '../store/openStore.ts'
import { countRequests, type RequestCount } from './countRequests.ts'
import { openSealer } from './openSealer.ts'
import { makeMemoryFolder, type MemoryFolder } from './memoryFolder.ts'
import { portHolder } from './portHolder.ts'
import { scheduleBackups } from './scheduledBackups.ts'
import { type LogTarget, openServerLog } from './serverLog.ts'
import type { OpenStages, StagesOf } from './stages.ts'
import { workerOnDemand } from './workerOnDemand.ts'

export interface StartOptions {
  readonly home: DataFolder
  /** Open, and with it the folder's lock held; it is closed with the server. */
  readonly store: Store
  /** 0: any that is free. */
  readonly port: number
  readonly worker: Executes
  /** So many daily backups are kept in the data folder; 0: none is taken. */
  readonly backups: number
  readonly version: string
  readonly log: LogTarget
  readonly stagesOf: StagesOf
}

export interface RunningServer {
  readonly url: string
  readonly instance: string
  readonly requests: RequestCount
  /** Resolves when it can't do its work any more: its process has to end. */
  readonly failed: Promise<SlipwayError>
  /** Ends it in good order: requests and children end, runs are left to be gone on with, locks are given back. */
  stop(): Promise<void>
}

/** Things to be given back at the end, the last first. */
type Undo = (() => Promise<void> | void)[]

/**
 * API and worker over a store, in one process.
 * @throws SlipwayError `port-in-use`, `sealing-key-differs`; the store is closed then.
 */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const undo: Undo = []
  try {
    return await start(options, undo)
  } catch (error) {
    await giveBack(undo)
    throw error
  }
}

async function start(options: StartOptions, undo: Undo): Promise<RunningServer> {
  const { home, store } = options
  const redactor = createRedactor()
  undo.push(() => store.close())
  const sealer = await openSealer(store.database, home.keyFile)
  const token = loadToken(home.tokenFile)
  redactor.add(token)
  const log = openServerLog(options.log, redactor)
  const memory = makeMemoryFolder()
  undo.push(() => memory.remove())

  const instance = newWorkerName()
  const environment = markerEnvironment({ worker: instance })
  const connections = await openHostConnections(memory, environment)
  undo.push(async () => {
    await connections.close()
    await endChildren({ worker: instance })
  })
  const learn = (secret: string) => redactor.add(secret)
  const surroundings = { store, sealer, connections, directory: memory.path, environment, learn }
  const stages = options.stagesOf(surroundings)
  undo.push(() => stages.close())
  const worker = workerOnDemand(() =>
    executeRuns(instance, store, stages, {
      redact: text => redactor.redact(text),
      seal: json => sealer.seal('outputs of stages', json),
      report: (message, fields) => log.info(fields, message),
    }),
  )
  const application: Application = {
    store,
    sealer,
    distributions: stages.distributions,
    registry: stages.registry,
    planning: stages.planning,
    machines: stages.machines,
    findSnapshots: stages.findSnapshots,
    lookAtCluster: stages.lookAtCluster,
    drafts: createPlannedDrafts(),
    machineDrafts: createPlannedMachines(),
    executes: options.worker,
    wantWorker(why) {
      if (options.worker === 'never' || (options.worker === 'when-started' && why === 'followed')) return
      worker.want()
    },
    version: options.version,
    instance,
  }
  void store.died.then(error => log.fatal({ error }, 'embedded database died'))
  const server = await createServer(application, { token, logger: log })
  undo.push(() => server.close())
  const requests = countRequests(server, () => options.worker !== 'when-started' || worker.isWanted)
  const url = await listen(server, options.port)
  store.announce(url)
  undo.push(() => worker.stop())
  if (options.worker === 'always') worker.want()
  if (options.backups > 0) {
    const schedule = { folder: home.backupsFolder, keep: options.backups }
    const backups = scheduleBackups(store, options.version, schedule, log)
    undo.push(() => backups.stop())
  }
  writeServerNote(home.serverFile, { url, pid: process.pid, instance, database: store.kind })
  undo.push(() => removeServerNote(home.serverFile, instance))
  log.info({ url, database: store.kind, worker: options.worker, version: options.version }, 'server ready')
  return {
    url,
    instance,
    requests,
    failed: store.died,
    async stop() {
      log.info('server stops')
      await giveBack(undo)
    },
  }
}

/** ssh's control sockets have short paths only. */
const openHostConnections = (
  { path }: MemoryFolder,
  environment: Readonly<Record<string, string>>,
): Promise<Connections> => openConnections({ directory: join(path, 'c'), environment })

type WorkerPorts = Pick<Parameters<typeof startWorker>[0], 'redact' | 'seal' | 'report'>

const executeRuns = (id: string, store: Store, stages: OpenStages, ports: WorkerPorts): RunningWorker =>
  startWorker({
    self: identifyWorker(id),
    isDead,
    records: store.records,
    registry: stages.registry,
    children: { end: (of, how) => endChildren(of, undefined, how === 'at-once' ? 0 : undefined) },
    onTakeover: (cluster, fence, hosts, signal) => stages.onTakeover(cluster, fence, hosts, signal),
    ...ports,
  })

async function listen(server: FastifyInstance, port: number): Promise<string> {
  try {
    return await server.listen({ host: '127.0.0.1', port })
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : ''
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw cause
    const holder = code === 'EACCES' ? 'a port below 1024 is for root' : (portHolder(port) ?? 'another process')
    throw new SlipwayError('port-in-use', `port ${port} of 127.0.0.1: ${holder}`, { cause, facts: { port } })
  }
}

async function giveBack(undo: Undo): Promise<void> {
  const errors: unknown[] = []
  for (let step = undo.pop(); step; step = undo.pop()) {
    try {
      await step()
    } catch (error) {
      // The rest is given back all the same.
      errors.push(error)
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, 'the server did not end in good order')
}
