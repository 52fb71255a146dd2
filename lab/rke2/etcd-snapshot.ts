import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { combine, parseArguments, reader } from './arguments.ts'
import { readConfiguration } from './configuration.ts'
import { type Kind, serverFlags } from './flags.ts'
import { log } from './log.ts'
import { pathsOf } from './paths.ts'
import { localNodeName } from './settings.ts'
import { pruneSnapshots, saveSnapshot, type Snapshot, snapshotsIn } from './snapshot-files.ts'
import { noSuchVerb, showHelp } from './verbs.ts'

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
const verbs = ['delete', 'ls', 'list', 'prune', 'save']

/** `rke2 etcd-snapshot save | ls | list | prune | delete NAME…`. Throws Refused for a value that is none. */
export async function etcdSnapshot(args: readonly string[]): Promise<void> {
  const [verb, ...rest] = args
  if (verb === undefined || verb.startsWith('-')) return showHelp('etcd-snapshot', verbs)
  if (!verbs.includes(verb)) return noSuchVerb(verb)
  const line = parseArguments(rest, flags)
  const file = line.values.get('config')?.at(-1) ?? '/etc/rancher/rke2/config.yaml'
  const read = reader(combine(readConfiguration(file), line.values, flags).values)
  const paths = pathsOf(read.text('data-dir') ?? '/var/lib/rancher/rke2')
  const folder = read.text('dir') ?? read.text('etcd-snapshot-dir') ?? paths.snapshots
  const given = read.text('name') ?? read.text('etcd-snapshot-name')
  const node = localNodeName(read.text('node-name'))
  switch (verb) {
    case 'save': {
      if (read.switch('snapshot-compress') || read.switch('etcd-snapshot-compress')) {
        log.warn('the stand-in does not compress snapshots')
      }
      await saveSnapshot(paths, folder, `${given ?? 'on-demand'}-${node}`)
      if (read.switch('s3') || read.switch('etcd-s3'))
        throw new Error('failed to upload snapshot: the stand-in has no S3')
      return
    }
    case 'prune': {
      const retention = read.number('snapshot-retention', read.number('etcd-snapshot-retention', 5))
      await pruneSnapshots(folder, `${given ?? 'on-demand'}-${node}`, retention)
      return
    }
    case 'delete':
      if (line.rest.length === 0) throw new Error('no snapshots given for removal')
      for (const name of line.rest) {
        const path = join(folder, basename(name))
        if (!existsSync(path)) throw new Error(`snapshot ${name} not found`)
        await rm(path)
        log.info(`Snapshot ${name} deleted.`)
      }
      return
    default: {
      const found = snapshotsIn(folder)
      if ((read.text('output') ?? read.text('o')) === 'json') {
        process.stdout.write(`${JSON.stringify(snapshotList(found, node))}\n`)
        return
      }
      process.stdout.write('Name Location Size Created\n')
      for (const { name, path, size, created } of found) {
        process.stdout.write(`${name} file://${path} ${size} ${created.toISOString()}\n`)
      }
    }
  }
}

/** Snapshots as RKE2 prints them: a list of the objects that stand for them in the API. */
export function snapshotList(snapshots: readonly Snapshot[], node: string): object {
  return {
    apiVersion: 'k3s.cattle.io/v1',
    kind: 'List',
    metadata: {},
    items: snapshots.map(({ name, path, size, created }) => ({
      apiVersion: 'k3s.cattle.io/v1',
      kind: 'ETCDSnapshotFile',
      metadata: { name: `local-${name}`, creationTimestamp: null },
      spec: { snapshotName: name, nodeName: node, location: `file://${path}` },
      status: { size: String(size), creationTime: created.toISOString(), readyToUse: true },
    })),
  }
}
