import { existsSync, readdirSync, statSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { combine, parseArguments, Refused, reader } from './arguments.ts'
import { readConfiguration } from './configuration.ts'
import { type Kind, serverFlags } from './flags.ts'
import { log } from './log.ts'
import { pathsOf } from './paths.ts'
import { runTool } from './programs.ts'
import { localNodeName } from './settings.ts'

const flags: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ...serverFlags,
  ['name', 'text'],
  ['dir', 'text'],
  ['snapshot-retention', 'number'],
  ['snapshot-compress', 'switch'],
  ['s3', 'switch'],
  ['output', 'text'],
  ['o', 'text'],
])

interface Snapshot {
  name: string
  path: string
  size: number
  created: Date
}

function snapshotsIn(folder: string): Snapshot[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .map(name => ({ name, path: join(folder, name), stat: statSync(join(folder, name)) }))
    .filter(({ stat }) => stat.isFile())
    .map(({ name, path, stat }) => ({ name, path, size: stat.size, created: stat.mtime }))
    .toSorted((one, other) => one.created.getTime() - other.created.getTime())
}

/** Those beyond the `retention` newest of one name on one node. */
export function superfluous<T extends { name: string }>(
  oldestFirst: readonly T[],
  prefix: string,
  retention: number,
): T[] {
  const own = oldestFirst.filter(({ name }) => name.startsWith(`${prefix}-`))
  return retention < 1 ? [] : own.slice(0, Math.max(0, own.length - retention))
}

/** `rke2 etcd-snapshot save | ls | list | prune | delete NAME…`. Throws Refused on anything else. */
export async function etcdSnapshot(args: readonly string[]): Promise<void> {
  const [verb = 'save', ...rest] = args[0]?.startsWith('-') === false ? args : ['save', ...args]
  const line = parseArguments(rest, flags)
  const file = line.values.get('config')?.at(-1) ?? '/etc/rancher/rke2/config.yaml'
  const read = reader(combine(readConfiguration(file), line.values, flags).values)
  const paths = pathsOf(read.text('data-dir') ?? '/var/lib/rancher/rke2')
  const folder = read.text('dir') ?? read.text('etcd-snapshot-dir') ?? paths.snapshots
  const given = read.text('name') ?? read.text('etcd-snapshot-name')
  const node = localNodeName(read.text('node-name'))
  switch (verb) {
    case 'save': {
      const name = `${given ?? 'on-demand'}-${node}-${Math.floor(Date.now() / 1000)}`
      if (read.switch('snapshot-compress') || read.switch('etcd-snapshot-compress'))
        log.warn('the stand-in does not compress snapshots')
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const tls = join(paths.tls, 'etcd')
      const identity = [`--cacert=${tls}/server-ca.crt`, `--cert=${tls}/client.crt`, `--key=${tls}/client.key`]
      await runTool('etcdctl', [
        '--endpoints=https://127.0.0.1:2379',
        ...identity,
        'snapshot',
        'save',
        join(folder, name),
      ])
      log.info(`Snapshot ${name} saved.`)
      if (read.switch('s3') || read.switch('etcd-s3'))
        throw new Error('failed to upload snapshot: the stand-in has no S3')
      return
    }
    case 'ls':
    case 'list': {
      const found = snapshotsIn(folder)
      if ((read.text('output') ?? read.text('o')) === 'json') {
        const items = found.map(({ name, path, size, created }) => ({
          name,
          location: `file://${path}`,
          size,
          created,
        }))
        process.stdout.write(`${JSON.stringify(items)}\n`)
        return
      }
      process.stdout.write('Name Location Size Created\n')
      for (const { name, path, size, created } of found) {
        process.stdout.write(`${name} file://${path} ${size} ${created.toISOString()}\n`)
      }
      return
    }
    case 'prune': {
      const retention = read.number('snapshot-retention', read.number('etcd-snapshot-retention', 5))
      const old = superfluous(snapshotsIn(folder), `${given ?? 'on-demand'}-${node}`, retention)
      for (const { name, path } of old) {
        await rm(path)
        log.info(`Snapshot ${name} deleted.`)
      }
      return
    }
    case 'delete':
      for (const name of line.rest) {
        const path = join(folder, basename(name))
        if (!existsSync(path)) throw new Error(`snapshot ${name} not found`)
        await rm(path)
        log.info(`Snapshot ${name} deleted.`)
      }
      return
    default:
      throw new Refused(`No help topic for 'etcd-snapshot ${verb}'`)
  }
}
