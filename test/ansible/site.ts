import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { NodeSpec } from '../../src/domain/cluster.ts'
import type { NodeRole } from '../../src/domain/lifecycle.ts'
import type { HostVariables } from '../../src/ansible/inventory.ts'
import { type Play, type PlaybookResult, playHosts } from '../../src/ansible/playbook.ts'
import { type ConfigEntry, renderConfigEntries, serverUrl } from '../../src/distributions/rke2/files/configEntries.ts'
import { Lab } from '../../lab/lab.ts'
import { makeRelease, type ReleaseServer, serveReleases } from './release.ts'
import type { Json } from '../../src/contract/json.ts'
import { type InventoryStage, renderForStage } from '../../src/distributions/rke2/inventory.fixture.ts'

export const version = 'v1.34.1+rke2r1'
export const newerVersion = 'v1.34.2+rke2r1'

/** Lab hosts, releases served to them, and plays on them with what the stages would give. */
export interface Site extends AsyncDisposable {
  readonly lab: Lab
  readonly releases: ReleaseServer
  /** Holds a folder a version. */
  readonly releaseFolder: string
  readonly nodes: readonly NodeSpec[]
  play(
    playbook: string,
    stage: InventoryStage,
    variables?: HostVariables,
    more?: Partial<Play>,
  ): Promise<PlaybookResult>
  /** The variables of a play; `servers` gives hosts a server to join that they have not by their role. */
  variables(common?: HostVariables, servers?: Readonly<Record<string, string>>): NonNullable<Play['variables']>
  /** What a shell command prints on a host. @throws Error when it ends with another code than 0. */
  read(host: string, command: string): Promise<string>
  /** As `read`, however the command ends. @throws Error when SSH itself failed. */
  printed(host: string, command: string): Promise<string>
}

export async function openSite(name: string, roles: readonly NodeRole[]): Promise<Site> {
  const lab = await Lab.up({ name: `${name}-${process.pid}`, hosts: roles.length, ipv6: true, ownerPid: process.pid })
  const directory = mkdtempSync(join('/dev/shm', `slipway-${name}-`))
  const releaseFolder = join(directory, 'releases')
  for (const one of [version, newerVersion]) {
    mkdirSync(join(releaseFolder, one), { recursive: true })
    makeRelease(join(releaseFolder, one), one)
  }
  const { hosts, ssh_config_file } = lab.describe()
  const nodes = roles.map((role, index): NodeSpec => {
    const host = hosts[index]
    if (!host) throw new Error('the lab has too few hosts')
    return { hostname: host.name, internal_ip: host.address, role }
  })
  const first = nodes[0]?.internal_ip ?? ''
  const releases = await serveReleases(releaseFolder, first.replace(/\.\d+$/, '.1'))
  const run = async (host: string, command: string, isAllowed: (code: number) => boolean): Promise<string> => {
    const { stdout, stderr, exitCode } = await lab.exec(host, command)
    if (isAllowed(exitCode)) return stdout
    throw new Error(`${host}: ${command}: ended with ${exitCode}: ${stderr}`)
  }
  const site: Site = {
    lab,
    releases,
    releaseFolder,
    nodes,
    play: (playbook, stage, variables, more) =>
      playHosts({
        playbook,
        inventory: renderForStage({ nodes }, stage),
        variables: site.variables(variables),
        sshConfig: ssh_config_file,
        directory,
        environment: {},
        signal: new AbortController().signal,
        log: () => {},
        ...more,
      }),
    variables: (common = {}, servers = {}) => ({
      common: { ...commonVariables, rke2_artifact_url: releases.url, ...common },
      hosts: Object.fromEntries(
        nodes.map(node => [node.hostname, { rke2_config: asJson(configOf(node, first, servers[node.hostname])) }]),
      ),
    }),
    read: (host, command) => run(host, command, code => code === 0),
    printed: (host, command) => run(host, command, code => code !== 255),
    [Symbol.asyncDispose]: async () => {
      await releases[Symbol.asyncDispose]()
      await lab.down()
      rmSync(directory, { recursive: true, force: true })
    },
  }
  return site
}

const commonVariables = {
  rke2_version: version,
  rke2_data_dir: '/var/lib/rancher/rke2',
  rke2_bootstrap: true,
  rke2_bootstrap_permit: 'demo 1',
}

const kinds = { initial_master: 'initial', master: 'joining', worker: 'worker' } as const

function configOf(node: NodeSpec, first: string, server?: string): ConfigEntry[] {
  const joins = server ?? (node.role === 'initial_master' ? undefined : serverUrl(first))
  return renderConfigEntries({
    cluster: { cluster_vars: { debug: true } },
    node,
    kind: kinds[node.role],
    token: 'server-token',
    agentToken: 'agent-token',
    ...(joins !== undefined && { server: joins }),
  })
}

const asJson = (entries: readonly ConfigEntry[]): Json => entries.map(({ key, value }) => ({ key, value }))

/** What a host's config.yaml is to hold. */
export function wantedConfig(site: Site, host: string): ConfigEntry[] {
  return site.nodes
    .filter(node => node.hostname === host)
    .flatMap(node => configOf(node, site.nodes[0]?.internal_ip ?? ''))
}

/** The error of every host that has one, else null. */
export const errorsOf = (result: PlaybookResult): (string | null)[] =>
  result.hosts.map(host => host.error?.code ?? null)

/** Outcome of every task, host by host. */
export const outcomesOf = (result: PlaybookResult, host: string): string[] =>
  result.tasks.filter(task => task.host === host).map(task => task.outcome)
