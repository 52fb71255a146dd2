import { afterAll, beforeAll } from 'vitest'
import { labChart } from '../../lab/operators/charts.ts'
import { type LabOperators, startOperators } from '../../lab/operators/operators.ts'
import type { PlatformSpec } from '../../src/platform/spec.ts'
import { openPostgres, type PostgresTarget } from '../../src/postgres/session.ts'
import { type ControlPlane, startControlPlane } from '../kubernetes/controlPlane.ts'
import { type PostgresServer, startPostgres } from '../store/postgres.ts'
import { byApi } from './byApi.ts'
import { platformBench } from './platformBench.ts'

/** A real API server and a real PostgreSQL, which what stands for PGO has behind its pods. */
export function databaseBench() {
  let plane: ControlPlane
  let operators: LabOperators
  let postgres: PostgresServer
  beforeAll(async () => {
    postgres = await startPostgres()
    plane = await startControlPlane('controllers', 'scheduler', 'kwok', { forward: { 5432: postgres.port } })
    create(
      {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: 'w1' },
        status: {
          allocatable: { pods: '200', cpu: '8', memory: '16Gi' },
          addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
          daemonEndpoints: { kubeletEndpoint: { Port: plane.kubeletPort } },
        },
      },
      {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name: 'fast', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
        provisioner: 'lab.slipway/volumes',
      },
    )
    await askForPasswords()
    operators = await startOperators({ kubeconfig: plane.kubeconfig, database: { prepare: makeUser } })
  }, 60_000)
  afterAll(async () => {
    await operators?.[Symbol.asyncDispose]()
    await plane?.[Symbol.asyncDispose]()
    await postgres?.stop()
  })

  const create = (...items: object[]) =>
    plane.kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  const { signal } = new AbortController()

  /** As the superuser of the server, whom no operator knows. */
  async function sql<Row extends Record<string, unknown>>(text: string, database = 'postgres'): Promise<Row[]> {
    await using session = await openPostgres(login('slipway', '', database), signal)
    return await session.rows<Row>(text)
  }

  /** Everybody but that superuser has to know a password. */
  async function askForPasswords(): Promise<void> {
    const [row] = await sql<{ hba_file: string }>('SHOW hba_file')
    await sql(`COPY (VALUES ('host all slipway all trust'), ('host all all all scram-sha-256')) TO '${row?.hba_file}'`)
    await sql('SELECT pg_reload_conf()')
  }

  /** As PGO does it in its pods. */
  async function makeUser({
    name,
    password,
    databases,
  }: {
    name: string
    password: string
    databases: readonly string[]
  }) {
    const [there] = await sql(`SELECT FROM pg_roles WHERE rolname = '${name}'`)
    if (!there) await sql(`CREATE ROLE "${name}" LOGIN ${name === 'postgres' ? 'SUPERUSER' : ''}`)
    await sql(`ALTER ROLE "${name}" PASSWORD '${password}'`)
    for (const database of databases) {
      const [made] = await sql(`SELECT FROM pg_database WHERE datname = '${database}'`)
      if (!made) await sql(`CREATE DATABASE "${database}"`)
      await sql(`GRANT ALL ON DATABASE "${database}" TO "${name}"`)
    }
  }

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
  const login = (user: string, password = '', database = 'shop'): PostgresTarget => ({
    host: '127.0.0.1',
    port: postgres.port,
    user,
    password,
    database,
    tls: { mode: 'off' },
    connect: null,
  })
  return {
    kubectl: (...args: string[]) => plane.kubectl(args),
    create,
    sql,
    login,
    over,
    secret,
    versions,
  }
}
