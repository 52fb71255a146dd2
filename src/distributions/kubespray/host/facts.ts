import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type ClockFacts, disk, machineFacts, short } from '../../../hosts/machineFacts.ts'
import { etcdFacts } from '../../etcdFacts.ts'

/** What the probe of a host replies (python/slipway/kubespray/observe.py): the machine, and what of Kubernetes lies on it. */
export const hostFacts = machineFacts.extend({
  disks: z.object({ root: disk, data: disk }),
  kubernetes: z
    .object({
      /** The file with the cluster's CA, base64. */
      ca: z
        .base64()
        .max(1 << 17)
        .nullable(),
      kubelet: z.boolean(),
      admin: z.boolean(),
      /** Other ways of making clusters that show on it. */
      others: z.array(short).max(10),
    })
    // What the record of a cluster holds of it.
    .transform(({ ca, ...rest }) => ({
      ...rest,
      ca_hash: ca === null ? null : createHash('sha256').update(Buffer.from(ca, 'base64')).digest('hex'),
    })),
  etcd: z.object({
    /** What its member is called by its configuration. */
    name: short.nullable(),
    /** Whether it holds data of a member. */
    data: z.boolean(),
    /** null: no etcd of it answers. */
    told: etcdFacts.nullable(),
  }),
})
export type HostFacts = z.infer<typeof hostFacts> & ClockFacts
