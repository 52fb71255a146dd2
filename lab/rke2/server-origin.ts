import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeBootstrapData } from './bootstrap-data.ts'
import { createEncryptionConfig } from './encryption.ts'
import { hasData } from './etcd.ts'
import { checkSharedSettings } from './join.ts'
import { explain, log } from './log.ts'
import type { Paths } from './paths.ts'
import { createAuthorities } from './server-certificates.ts'
import type { Settings } from './settings.ts'
import type { Passwords } from './supervisor.ts'
import { connectSupervisor, type Supervisor } from './supervisor-client.ts'
import { parseToken } from './token.ts'
import { newPassword, passwordOnDisk } from './tokens-on-disk.ts'

/** How a server comes to its cluster: it has been a member before, it starts one, or it joins one. */
export type Origin = { kind: 'continue' } | { kind: 'start' } | { kind: 'join'; supervisor: Supervisor }

/**
 * Decides where this server belongs and gets the cluster's authorities onto the disk.
 * Data on disk wins over `server:`; without both a new cluster begins, whoever else may be running one.
 */
export async function findOrigin(paths: Paths, settings: Settings): Promise<{ origin: Origin; passwords: Passwords }> {
  if (hasData(paths)) {
    log.info('Managed etcd cluster bootstrap already complete and initialized')
    if (!existsSync(join(paths.tls, 'server-ca.crt'))) await fetchBootstrapData(paths, settings)
    else if (settings.server !== undefined) await reconcile(paths, settings)
    return { origin: { kind: 'continue' }, passwords: await passwordsOf(paths, settings) }
  }
  if (settings.server === undefined) {
    log.info('Managed etcd cluster initializing')
    await createAuthorities(paths)
    await createEncryptionConfig(paths)
    return { origin: { kind: 'start' }, passwords: await passwordsOf(paths, settings) }
  }
  log.info('Managed etcd cluster not yet initialized')
  const supervisor = await fetchBootstrapData(paths, settings)
  await compareSettings(supervisor, settings)
  return { origin: { kind: 'join', supervisor }, passwords: await passwordsOf(paths, settings) }
}

/** Gets what the cluster has changed since from the server that is named; a failure is no reason not to start. */
async function reconcile(paths: Paths, settings: Settings): Promise<void> {
  if (settings.server === undefined || settings.token === undefined) return
  try {
    const supervisor = await connectSupervisor(settings.server, settings.token, 'server')
    if (supervisor.ca !== readFileSync(join(paths.tls, 'server-ca.crt'), 'utf8')) {
      throw new Error(`${settings.server} has another CA`)
    }
    await writeBootstrapData(paths, await supervisor.get('/v1-rke2/server-bootstrap'))
  } catch (error) {
    log.warn(`Failed to reconcile bootstrap data with ${settings.server}: ${explain(error)}`)
  }
}

async function fetchBootstrapData(paths: Paths, settings: Settings): Promise<Supervisor> {
  if (settings.server === undefined) throw new Error(`missing ${paths.tls} directory from \${data-dir}`)
  if (settings.token === undefined) throw new Error('RKE2_TOKEN is required to join a cluster')
  const supervisor = await connectSupervisor(settings.server, settings.token, 'server')
  try {
    await writeBootstrapData(paths, await supervisor.get('/v1-rke2/server-bootstrap'))
  } catch (cause) {
    throw new Error('failed to bootstrap cluster data', { cause })
  }
  return supervisor
}

async function compareSettings(supervisor: Supervisor, settings: Settings): Promise<void> {
  let cluster: string
  try {
    const agentToken = settings.agentToken ?? settings.token ?? ''
    const asNode = await connectSupervisor(supervisor.url, agentToken, 'node')
    cluster = await asNode.get('/v1-rke2/config')
  } catch (error) {
    log.warn(`Skipping cluster configuration validation: ${explain(error)}`)
    return
  }
  checkSharedSettings(settings.shared, JSON.parse(cluster))
}

async function passwordsOf(paths: Paths, settings: Settings): Promise<Passwords> {
  const server =
    (settings.token === undefined ? undefined : parseToken(settings.token).password) ??
    (await passwordOnDisk(paths.token)) ??
    newPassword()
  return { server, node: settings.agentToken === undefined ? server : parseToken(settings.agentToken).password }
}
