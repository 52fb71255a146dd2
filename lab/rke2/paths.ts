import { join } from 'node:path'

/** Where things lie: RKE2's names under the data folder, and those that the data folder does not move. */
export function pathsOf(dataDir: string) {
  const server = join(dataDir, 'server')
  const tls = join(server, 'tls')
  const agent = join(dataDir, 'agent')
  const etcd = join(server, 'db', 'etcd')
  return {
    dataDir,
    bin: join(dataDir, 'bin'),
    /** Written where what outlived a stop must not be taken up again: after a rotation of certificates, before a restore. */
    forceRestart: join(dataDir, 'force-restart'),
    server,
    tls,
    cred: join(server, 'cred'),
    token: join(server, 'token'),
    nodeToken: join(server, 'node-token'),
    agentToken: join(server, 'agent-token'),
    manifests: join(server, 'manifests'),
    db: join(server, 'db'),
    etcd,
    etcdName: join(etcd, 'name'),
    etcdConfig: join(etcd, 'config'),
    etcdLog: join(etcd, 'member', 'wal'),
    resetFlag: join(server, 'db', 'reset-flag'),
    snapshots: join(server, 'db', 'snapshots'),
    agent,
    logs: join(agent, 'logs'),
    loadBalancer: join(agent, 'etc', 'rke2-agent-load-balancer.json'),
    nodePassword: '/etc/rancher/node/password',
  }
}

export type Paths = ReturnType<typeof pathsOf>
