import { join } from 'node:path'
import * as addresses from './addresses.ts'
import { isPopulated, keeperCgroup, killCgroup, makeCgroup } from './cgroup.ts'
import { LabError } from './errors.ts'
import { boot, stateOf, updateHostsFile } from './host.ts'
import { makeLabSecrets, writeClientFiles } from './identity.ts'
import { raiseLimits } from './limits.ts'
import { withLock } from './lock.ts'
import { applyLinks, freeNetwork, isFree, makeBridges } from './network.ts'
import type { Belonging } from './owner.ts'
import { labFolder, networksLock, nodeProgram, pathsEnvironment, type Parts } from './places.ts'
import { startDetached } from './process.ts'
import { type LabRecord, writeRecord } from './record.ts'
import { servesReleases } from './release-server.ts'
import { type LabOptions, wantedHosts } from './shape.ts'
import { until } from './until.ts'

/** Takes a free network and writes the lab down, so that whatever happens next can be cleaned up. */
export async function createLab(options: LabOptions, by: Belonging, parts: Parts): Promise<LabRecord> {
  const id = addresses.idOf(labFolder(options.name))
  const made = {
    format: 1 as const,
    name: options.name,
    id,
    network6: options.ipv6 ? addresses.network6Of(id) : null,
    phase: 'starting' as const,
    ...by,
    ...parts,
    pods: options.pods ? parts.pods : null,
    hosts: wantedHosts(options),
  }
  return withLock(networksLock, async () => {
    return claim({ ...made, network: await freeNetwork(id) })
  })
}

/** As `createLab`, with the hosts and addresses of a saved lab: a cluster that was formed on them works on no others. */
export async function recreateLab(name: string, by: Belonging, saved: LabRecord): Promise<LabRecord> {
  const id = addresses.idOf(labFolder(name))
  return withLock(networksLock, async () => {
    await requireFree(saved.network)
    return claim({ ...saved, name, id, phase: 'starting', ...by })
  })
}

export async function requireFree(network: string): Promise<void> {
  if (await isFree(network)) return
  const remedy = 'Take down the lab that uses it: lab/lab list shows all addresses.'
  throw new LabError(`the network ${network}.0/24 of the saved lab is in use`, remedy)
}

async function claim(lab: LabRecord): Promise<LabRecord> {
  writeRecord(lab)
  await makeBridges(lab, labFolder(lab.name))
  return lab
}

/** Brings up whatever of the lab is not: bridges, keeper, release server, hosts. */
export async function startLab(before: LabRecord, parts: Parts, say: (line: string) => void): Promise<void> {
  const folder = labFolder(before.name)
  // A host keeps the root file system its disk was made on; everything else is what this checkout has now.
  const lab: LabRecord = { ...before, ...parts, rootfs: before.rootfs, pods: before.pods && parts.pods }
  const off = lab.hosts.filter(host => stateOf(lab, host) === 'off')
  writeRecord(lab)
  raiseLimits()
  await makeBridges(lab, folder)
  await applyLinks(lab, [], folder)
  // Other releases than the running keeper serves: a new keeper.
  if (before.releases !== lab.releases) await killCgroup(keeperCgroup(lab.id))
  if (!isPopulated(keeperCgroup(lab.id))) {
    makeCgroup(keeperCgroup(lab.id))
    const keeper = [nodeProgram, join(import.meta.dirname, 'keeper.ts'), lab.name]
    startDetached(keeperCgroup(lab.id), keeper, join(folder, 'keeper.log'), pathsEnvironment)
  }
  await makeLabSecrets(lab.name)
  const started = performance.now()
  if (off.length > 0) say(`booting ${off.map(host => host.name).join(', ')}`)
  await Promise.all(off.map(host => boot(lab, host)))
  for (const host of lab.hosts) if (!off.includes(host)) updateHostsFile(lab, host)
  writeClientFiles(lab)
  const remedy = `Its log: ${join(folder, 'keeper.log')}`
  await until('the keeper of the lab to run', 10, () => isPopulated(keeperCgroup(lab.id)), remedy)
  if (lab.releases) await until('the release server to listen', 20, () => servesReleases(lab), remedy)
  writeRecord({ ...lab, phase: 'up' })
  if (off.length > 0) say(`${off.length} hosts up in ${((performance.now() - started) / 1000).toFixed(1)} s`)
}
