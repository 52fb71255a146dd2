import { existsSync, statSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Refused } from './refusal.ts'
import { loadBootstrapData, writeBootstrapData } from './bootstrap-data.ts'
import { hasData, memberName, peerUrl, startEtcd, untilVoter } from './etcd.ts'
import { log } from './log.ts'
import { endOutliving } from './outliving.ts'
import { type Paths, pathsOf } from './paths.ts'
import { runTool } from './programs.ts'
import { createAuthorities, ensureServerCertificates } from './server-certificates.ts'
import type { Settings } from './settings.ts'
import type { Stopping } from './stopping.ts'
import { parseToken } from './token.ts'
import { passwordOnDisk } from './tokens-on-disk.ts'

/**
 * Makes this server the only member of its cluster, with the data it has or with that of a snapshot, and ends.
 * Throws when a server is named to join, when it was done before, or when the token is not the data's.
 */
export async function resetCluster(
  settings: Settings,
  restorePath: string | undefined,
  stopping: Stopping,
): Promise<void> {
  const paths = pathsOf(settings.dataDir)
  if (settings.server !== undefined) {
    throw new Refused(
      'cannot perform cluster-reset while server URL is set - remove server from configuration before resetting',
    )
  }
  // Where a snapshot is given, the flag of a reset before is not looked at.
  if (restorePath === undefined && existsSync(paths.resetFlag)) {
    throw new Refused(
      `Managed etcd cluster membership was previously reset, please remove the cluster-reset flag and start rke2 normally. If you need to perform another cluster reset, you must first manually delete the file at ${paths.resetFlag}`,
    )
  }
  const token = settings.token
  const password = token === undefined ? await passwordOnDisk(paths.token) : parseToken(token).password
  if (password === undefined) throw new Refused('the server token is required: the bootstrap data is encrypted with it')
  // The etcd that outlived the service's stop would hold the ports and the data.
  await endOutliving()
  // On a host that never was a server these authorities only carry etcd until the cluster's own are read from it.
  await createAuthorities(paths)
  await ensureServerCertificates(paths, settings)

  if (restorePath === undefined && !hasData(paths))
    throw new Refused('etcd: there is no data to reset; give a snapshot')
  const name =
    restorePath === undefined
      ? await memberName(paths, settings.nodeName, true)
      : await restore(paths, settings, restorePath)
  // Written before the reset, so that one that failed half-way counts as done.
  await writeFile(paths.resetFlag, '', { mode: 0o600 })
  stopping.keep(await startEtcd(paths, settings, name, undefined, { forceNewCluster: true }))
  const etcd = await untilVoter(paths, name)
  for (const member of await etcd.members()) await etcd.updatePeer(member.id, peerUrl(settings.nodeIp))
  const data = await loadBootstrapData(etcd, password)
  if (data === undefined) throw new Error('no bootstrap data found')
  await writeBootstrapData(paths, data)
  await stopping.stop()
  log.info(
    'Managed etcd cluster membership has been reset, restart without --cluster-reset flag now. Backup and delete ${datadir}/server/db on each peer etcd server and rejoin the nodes',
  )
}

async function restore(paths: Paths, settings: Settings, snapshot: string): Promise<string> {
  if (!existsSync(snapshot)) throw new Refused(`etcd: snapshot path does not exist: ${snapshot}`)
  if (statSync(snapshot).isDirectory())
    throw new Refused(`etcd: snapshot path must be a file, not a directory: ${snapshot}`)
  if (settings.snapshots.s3)
    throw new Refused('the snapshot is a local file while S3 is configured: give --etcd-s3=false')
  log.info(`Restoring etcd snapshot ${snapshot}`)
  const restored = join(paths.db, `restored-${Date.now()}`)
  await mkdir(paths.db, { recursive: true, mode: 0o700 })
  await writeFile(paths.forceRestart, '', { mode: 0o600 })
  if (existsSync(paths.etcd)) await rename(paths.etcd, `${paths.etcd}-old-${Date.now()}`)
  const name = await memberName(paths, settings.nodeName, true)
  const peer = peerUrl(settings.nodeIp)
  await runTool('etcdutl', [
    'snapshot',
    'restore',
    snapshot,
    `--name=${name}`,
    `--initial-cluster=${name}=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--data-dir=${restored}`,
  ])
  await rename(join(restored, 'member'), join(paths.etcd, 'member'))
  await rm(restored, { recursive: true })
  return name
}
