import { z } from 'zod'
import { type ClockFacts, count, disk, machineFacts, path, service, short } from '../../../hosts/machineFacts.ts'
import { caHash } from './caHash.ts'
import { etcdFacts } from '../../etcdFacts.ts'

/** What a service will really run with, beyond what its release's unit and Slipway say (python/slipway/rke2/effective.py). */
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
  /** Of config.yaml: the beginning of an HMAC for each top-level key with what stands under it; null where that cannot be told. */
  parts: z.record(short, z.string().regex(/^[0-9a-f]{16}$/)).nullable(),
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

/** What the probe of an RKE2 host replies (python/slipway/rke2/observe.py): the machine, and what RKE2 has on it. */
export const hostFacts = machineFacts.extend({
  /** `uploads`: where the files of a release are brought in an air gap. */
  disks: z.object({ data: disk, prefix: disk, tmp: disk, uploads: disk }),
  prepared: z.object({
    /** In use, of either version of cgroups; null: the host does not say. */
    cgroup_controllers: z.array(short).max(100).nullable(),
    missing_modules: z.array(short).max(10),
    etcd_user: z.boolean(),
    etcd_group: z.boolean(),
    /** Content of the file that sets the kernel's parameters for the profile cis; null: there is none. */
    cis_parameters: z.string().max(1_000_000).nullable(),
    kernel_parameters: z.record(short, z.object({ value: short.nullable(), writable: z.boolean() })),
    /** What files that are read behind that one at a boot set of them. */
    later_parameters: z.array(z.object({ name: short, value: short, file: path })).max(20),
  }),
  /** Whether RKE2's policy is here. */
  selinux_policy: z.boolean(),
  fapolicyd: z.object({ active: z.boolean(), allows_rke2: z.boolean() }),
  network_manager: z.object({ active: z.boolean(), ignores_cni: z.boolean(), cloud_setup: z.boolean() }),
  /** Services that stand in RKE2's way, and what was set right of them (python/slipway/rke2/host_settings.py). */
  host_settings: z.object({
    /** Units of firewalls and of nm-cloud-setup that run or will at the next boot. */
    on: z.array(short).max(10),
    /** Units that Slipway has turned off, and turns on again when the machine leaves the cluster. */
    turned_off: z.array(short).max(10),
    /** Services that have yet to read what was written for them. */
    pending: z.array(short).max(10),
    /** `there`: it runs, or will at the next boot; `own`: content of the file of ours. */
    network_manager: z.object({
      there: z.boolean(),
      own: z
        .string()
        .max(1 << 16)
        .nullable(),
    }),
    fapolicyd: z.object({
      there: z.boolean(),
      own: z
        .string()
        .max(1 << 16)
        .nullable(),
      /** Its compiled rules hold those of ours. */
      loaded: z.boolean(),
      /** It has a folder for rules, and not the one file of earlier versions. */
      takes_rules: z.boolean(),
    }),
  }),
  /** What lies where the tools for root have their places (python/slipway/rke2/tools.py). */
  tools: z
    .array(
      z.object({
        path,
        /** Where a symbolic link leads. */
        link: path.nullable(),
        /** Of a file of ours. */
        content: z
          .string()
          .max(1 << 16)
          .nullable(),
        ours: z.boolean(),
      }),
    )
    .max(10),
  /** What there is of a VIP of Slipway's (python/slipway/rke2/vip.py). */
  vip: z.object({
    /** The program; null: it is not installed. */
    keepalived: path.nullable(),
    /** What could install it; null: no package manager that is known. */
    installer: short.nullable(),
    files: z
      .array(
        z.object({
          path,
          /** `0600` */
          mode: short,
          ours: z.boolean(),
          /** As of the configuration; null: it is no file that could be read. */
          hmac: z
            .string()
            .regex(/^[0-9a-f]{64}$/)
            .nullable(),
        }),
      )
      .max(10),
    /** They were written, and the service may not have read them yet. */
    pending: z.boolean(),
    service,
  }),
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
  /** Files of the user's own (python/slipway/rke2/own_files.py). */
  own_files: z.object({
    found: z
      .array(
        z.object({
          path,
          size: count,
          /** As of the configuration; null: it is no file that could be read. */
          hmac: z
            .string()
            .regex(/^[0-9a-f]{64}$/)
            .nullable(),
          /** It lies where nobody but Slipway writes, or begins with its mark. */
          ours: z.boolean(),
        }),
      )
      .max(1000),
    /** Manifests of others, below RKE2's folder for them. */
    manifests: z.array(path).max(1000),
    /** Of the files that were asked for, those that are not there. */
    missing: z.array(path).max(100),
  }),
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
  /** The first to end of those that RKE2 has made for this host, without authorities; null: there is none. */
  certificate: z.object({ file: path, expires: z.iso.datetime() }).nullable(),
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
})

export type ClusterNodeFacts = z.infer<typeof clusterNode>
export type HostFacts = z.infer<typeof hostFacts> & ClockFacts
