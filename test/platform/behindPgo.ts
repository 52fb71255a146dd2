import type { OperatorsOptions } from '../../lab/operators/operators.ts'
import { openPostgres, type PostgresTarget } from '../../src/postgres/session.ts'
import type { PostgresServer } from '../store/postgres.ts'

/** A real PostgreSQL that is behind the pods of what stands for PGO. */
export interface BehindPgo {
  /** What the operators are given, so that users are made as PGO does it in its pods. */
  readonly database: NonNullable<OperatorsOptions['database']>
  /** As the superuser of the server, whom no operator knows. */
  sql<Row extends Record<string, unknown>>(text: string, database?: string): Promise<Row[]>
  login(user: string, password?: string, database?: string): PostgresTarget
}

/** From now on everybody but the superuser of the server has to know a password. */
export async function behindPgo({ port }: Pick<PostgresServer, 'port'>): Promise<BehindPgo> {
  const login: BehindPgo['login'] = (user, password = '', database = 'shop') => ({
    host: '127.0.0.1',
    port,
    user,
    password,
    database,
    tls: { mode: 'off' },
    connect: null,
  })
  const sql: BehindPgo['sql'] = async <Row extends Record<string, unknown>>(text: string, database = 'postgres') => {
    await using session = await openPostgres(login('slipway', '', database), new AbortController().signal)
    return await session.rows<Row>(text)
  }
  const [row] = await sql<{ hba_file: string }>('SHOW hba_file')
  await sql(`COPY (VALUES ('host all slipway all trust'), ('host all all all scram-sha-256')) TO '${row?.hba_file}'`)
  await sql('SELECT pg_reload_conf()')

  return {
    sql,
    login,
    database: {
      async prepare({ name, password, databases }) {
        const [there] = await sql(`SELECT FROM pg_roles WHERE rolname = '${name}'`)
        if (!there) await sql(`CREATE ROLE "${name}" LOGIN ${name === 'postgres' ? 'SUPERUSER' : ''}`)
        await sql(`ALTER ROLE "${name}" PASSWORD '${password}'`)
        for (const database of databases) {
          const [made] = await sql(`SELECT FROM pg_database WHERE datname = '${database}'`)
          if (!made) await sql(`CREATE DATABASE "${database}"`)
          await sql(`GRANT ALL ON DATABASE "${database}" TO "${name}"`)
        }
      },
    },
  }
}
