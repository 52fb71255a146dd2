import { afterAll, beforeAll } from 'vitest'
import { labChart } from '../../lab/operators/charts.ts'
import { type LabOperators, startOperators } from '../../lab/operators/operators.ts'
import type { PlatformSpec } from '../../src/platform/spec.ts'
import { type ControlPlane, startControlPlane } from '../kubernetes/controlPlane.ts'
import { type PostgresServer, startPostgres } from '../store/postgres.ts'
import { type BehindPgo, behindPgo } from './behindPgo.ts'
import { byApi } from './byApi.ts'
import { makeRoom } from './fullPlatform.ts'
import { platformBench } from './platformBench.ts'

/** A real API server and a real PostgreSQL, which what stands for PGO has behind its pods. */
export function databaseBench() {
  let plane: ControlPlane
  let operators: LabOperators
  let postgres: PostgresServer
  let behind: BehindPgo
  beforeAll(async () => {
    postgres = await startPostgres()
    behind = await behindPgo(postgres)
    plane = await startControlPlane('controllers', 'scheduler', 'kwok', { forward: { 5432: postgres.port } })
    makeRoom(plane)
    operators = await startOperators({ kubeconfig: plane.kubeconfig, database: behind.database })
  }, 60_000)
  afterAll(async () => {
    await operators?.[Symbol.asyncDispose]()
    await plane?.[Symbol.asyncDispose]()
    await postgres?.stop()
  })

  const create = (...items: object[]) =>
    plane.kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  const bench = platformBench(() => byApi(() => plane.kubeconfig))
  const pgo = labChart('pgo').toString('base64')
  const over = (components: Record<string, unknown>, openFile: (file: string) => string = () => '') => {
    const platform = {
      components: { 'operator-pgo': { chart: 'pgo.tgz' }, 'infra-postgres': { replicas: 1 }, ...components },
    } as PlatformSpec
    return bench(platform, file => (file === 'pgo.tgz' ? pgo : openFile(file)))
  }
  const secret = (name: string, namespace = 'postgres'): Record<string, string> => {
    const { data = {} } = JSON.parse(plane.kubectl(['get', 'secret', name, '-n', namespace, '-o', 'json']))
    return Object.fromEntries(
      Object.entries<string>(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
    )
  }

  const versions = () =>
    plane.kubectl([
      'get',
      'all,secrets,postgresclusters',
      '-A',
      '--output=jsonpath={.items[*].metadata.resourceVersion}',
    ])
  return {
    kubectl: (...args: string[]) => plane.kubectl(args),
    create,
    sql: <Row extends Record<string, unknown>>(text: string, database?: string) => behind.sql<Row>(text, database),
    login: (...of: Parameters<BehindPgo['login']>) => behind.login(...of),
    over,
    secret,
    versions,
  }
}
