import type { Migration } from '../migration.ts'

/** Which etcd cluster is the one that was made: a CA alone does not tell a cluster from its restored copy. */
export const etcdCluster: Migration = {
  number: 4,
  name: 'the id of the etcd cluster',
  up: ['ALTER TABLE clusters ADD COLUMN bootstrap_etcd_cluster text'],
  down: ['ALTER TABLE clusters DROP COLUMN bootstrap_etcd_cluster'],
}
