import { z } from 'zod'
import { caHash } from './caHash.ts'

/** What a host's probe replies (remote/observe.py). Units stand in the names; snake case as everywhere in data. */
const short = z.string().max(1000)
const count = z.int().min(0)
const path = z.string().max(4096)

const disk = z.object({
  path,
  /** Mount point that holds `path`. */
  mount: path,
  free_mib: count,
  size_mib: count,
  /** null where the file system has no fixed number of inodes. */
  inodes_free: count.nullable(),
  read_only: z.boolean(),
  noexec: z.boolean(),
})

const service = z.object({
  load: short,
  active: short,
  sub: short,
  enabled: z.boolean(),
  restarts: count,
  /** 0: no process. */
  main_pid: count,
  /** As systemd prints it; empty when it never ran. */
  started: short,
  result: short,
  /** It runs, and something that it has read was changed since; no crash in between hides it. */
  restart_pending: z.boolean(),
})

/** What a service will really run with, beyond what its release's unit and Slipway say (remote/units.py). */
const effective = z.object({
  /** The file that masks the unit: no start is possible. */
  mask: path.nullable(),
  /** A unit file of somebody else's that counts before the release's. */
  shadow: path.nullable(),
  /** What the drop-ins set, in the order in which they count. `reset`: an empty value; `usual`: as the release has it;
   * `off`: no, default and the like. Values may hold secrets and are not told. */
  settings: z
    .array(z.object({ file: path, section: short, name: short, value: z.enum(['reset', 'usual', 'off', 'set']) }))
    .max(200),
  /** Variables that the service gets, by whom; `file`: from an EnvironmentFile, `manager`: from systemd itself. The value
   * only where it is no secret, without logins. */
  environment: z
    .array(
      z.object({
        name: short,
        value: short.nullable(),
        source: path,
        kind: z.enum(['file', 'setting', 'manager']),
      }),
    )
    .max(200),
})
export type EffectiveService = z.infer<typeof effective>

const configFile = z.object({
  path,
  /** `0600` */
  mode: short,
  uid: count,
  size: count,
  /** HMAC-SHA256 of the content with the key of the request, hex. */
  hmac: z.string().regex(/^[0-9a-f]{64}$/),
  /** Names of the top-level keys, never their values; with `?` where not all of them can be told. */
  keys: z.array(short).max(200),
  /** Value of `server:`; no secret. */
  server: short.nullable(),
  /** It begins with Slipway's mark: what is not ours is left alone where no such file is wanted. */
  marked: z.boolean(),
  /** Where the path leads when it is a symbolic link. */
  link: path.nullable(),
  /** Why it is no file that can be used; its content is not looked at then. `huge`: beyond 1 MiB, of which the beginning is
   * told; `no-folder`: it stands where a folder is to be. */
  fault: z.enum(['folder', 'special', 'dangling', 'unreadable', 'huge', 'no-folder']).nullable(),
})

export const clusterNode = z.object({
  name: short,
  ready: z.boolean(),
  kubelet_version: short,
  /** `control-plane`, `etcd` … */
  roles: z.array(short).max(50),
  /** null: the condition is not there (agents). */
  etcd_voter: z.boolean().nullable(),
  labels: z.record(short, z.string().max(300)),
  /** `key=value:Effect` */
  taints: z.array(short).max(200),
  unschedulable: z.boolean(),
  addresses: z.array(z.object({ type: short, address: short })).max(50),
})

const hexId = z.string().regex(/^[0-9a-f]{1,16}$/)

const etcdFacts = z.object({
  /** Made from the first members; another one after a snapshot was restored. */
  cluster_id: hexId,
  /** This host's own; null: not among the members. */
  member_id: hexId.nullable(),
  members: z
    .array(
      z.object({
        id: hexId,
        /** Empty until it has started for the first time. */
        name: short,
        learner: z.boolean(),
        peer_urls: z.array(short).max(20),
        /** It answered this host just now, as a member of the same cluster. */
        healthy: z.boolean(),
      }),
    )
    .max(100),
})

export const hostFacts = z.object({
  hostname: short,
  machine_id: short.nullable(),
  product_uuid: short.nullable(),
  os: z.object({ id: short, version_id: short, name: short }),
  /** As uname says: `x86_64`, `aarch64`. */
  arch: short,
  kernel: short,
  cpus: count,
  memory_mib: count,
  swap_mib: count,
  /** `uploads`: where the files of a release are brought in an air gap. */
  disks: z.object({ data: disk, prefix: disk, tmp: disk, uploads: disk }),
  /** The one that Ansible's modules get: where the host's python3 is too old for them, the newest there is. */
  python: z.object({ path, version: short }),
  /** Effective user of the probe: 0 when login or sudo lead to root. */
  uid: count,
  /** `addresses` as text; those of all interfaces are `0.0.0.0` and `::`. */
  listening: z
    .array(z.object({ port: count, addresses: z.array(short).max(50), process: short.nullable() }))
    .max(70_000),
  /** Of all interfaces but the loopback's; null: the host does not say. */
  addresses: z.array(short).max(100_000).nullable(),
  /** Other at every boot of every machine; containers of one machine share it. */
  boot_id: short.nullable(),
  /** Fingerprints of its SSH host keys, `SHA256:…`; clones share them. */
  host_keys: z.array(short).max(20),
  prepared: z.object({
    /** In use, of either version of cgroups; null: the host does not say. */
    cgroup_controllers: z.array(short).max(100).nullable(),
    missing_modules: z.array(short).max(10),
    etcd_user: z.boolean(),
    etcd_group: z.boolean(),
    /** Content of the file that sets the kernel's parameters for the profile cis; null: there is none. */
    cis_parameters: z.string().max(1_000_000).nullable(),
    kernel_parameters: z.record(short, z.object({ value: short.nullable(), writable: z.boolean() })),
  }),
  selinux: z.enum(['disabled', 'permissive', 'enforcing']),
  /** Whether RKE2's policy is here. */
  selinux_policy: z.boolean(),
  apparmor: z.boolean(),
  fapolicyd: z.object({ active: z.boolean(), allows_rke2: z.boolean() }),
  firewall: z.object({ firewalld: z.boolean(), ufw: z.boolean() }),
  network_manager: z.object({ active: z.boolean(), ignores_cni: z.boolean(), cloud_setup: z.boolean() }),
  services: z.object({ 'rke2-server': service, 'rke2-agent': service }),
  effective: z.object({ 'rke2-server': effective, 'rke2-agent': effective }),
  release: z.object({
    version: short.nullable(),
    prefix: path.nullable(),
    /** Every file of this version is as an installation put it there: none broke off half-way. */
    complete: z.boolean(),
    rpm: z.boolean(),
    cached: z.array(z.object({ path, size: count })).max(200),
  }),
  config: z.array(configFile).max(200),
  data: z
    .object({
      path,
      exists: z.boolean(),
      /** There is data of a member of etcd; whether the cluster still has that member only the cluster can say. */
      etcd_member: z.boolean(),
      /** What etcd calls it: `m1-3f9c0a12`; null without data. */
      etcd_name: short.nullable(),
      server: z.boolean(),
      agent: z.boolean(),
      server_token: z.boolean(),
      /** Base64 of the file with the cluster's CA. */
      ca: z
        .base64()
        .max(1 << 17)
        .nullable(),
      node_password: z.boolean(),
    })
    // Equal on every member of one cluster.
    .transform(({ ca, ...rest }) => ({ ...rest, ca_hash: ca === null ? null : caHash(Buffer.from(ca, 'base64')) })),
  fence: z.object({ epoch: count, number: count, installation: short, cluster: short }).nullable(),
  leftovers: z.array(path).max(100),
  /** Container networks of others that are no Kubernetes; `owner` where the file's name tells. */
  foreign_cni: z.array(z.object({ path, owner: short.nullable() })).max(50),
  /** null: no server runs here, or it was not asked. */
  cluster: z
    .object({
      ready: z.boolean(),
      error: short.nullable(),
      /** null: not asked, or no answer. */
      nodes: z.array(clusterNode).max(10_000).nullable(),
      /** null: the host's etcd does not answer. */
      etcd: etcdFacts.nullable(),
    })
    .nullable(),
  /** The host's clock, s since 1970, when the probe began and ended. */
  time: z.object({ started: z.number(), finished: z.number() }),
})

export type EtcdFacts = z.infer<typeof etcdFacts>
export type EtcdMemberFacts = EtcdFacts['members'][number]
export type ClusterNodeFacts = z.infer<typeof clusterNode>
export interface HostFacts extends z.infer<typeof hostFacts> {
  /** Host's clock minus ours, s; certain to half of `round_trip`. */
  readonly clock_skew: number
  /** s, without the time the probe itself took. */
  readonly round_trip: number
}
