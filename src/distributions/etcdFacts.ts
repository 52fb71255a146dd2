import { z } from 'zod'
import { short } from '../hosts/machineFacts.ts'

const hexId = z.string().regex(/^[0-9a-f]{1,16}$/)

/** What etcd on a host tells of its cluster (python/slipway/etcd_peers.py). */
export const etcdFacts = z.object({
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
export type EtcdFacts = z.infer<typeof etcdFacts>
export type EtcdMemberFacts = EtcdFacts['members'][number]
