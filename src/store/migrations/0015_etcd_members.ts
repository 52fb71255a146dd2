import type { Migration } from '../migration.ts'

/**
 * What a node's member of etcd is called, where Slipway gives it its name. It is kept with the row of a node that was
 * removed: no other one ever gets it.
 */
export const etcdMembers: Migration = {
  number: 15,
  name: 'names of members of etcd',
  up: [
    'ALTER TABLE nodes ADD COLUMN etcd_member text',
    'CREATE UNIQUE INDEX nodes_etcd_member ON nodes (cluster_id, etcd_member)',
  ],
  down: ['DROP INDEX nodes_etcd_member', 'ALTER TABLE nodes DROP COLUMN etcd_member'],
}
