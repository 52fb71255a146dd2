import { expect, it } from 'vitest'
import { SlipwayError } from '../../domain/errors.ts'
import { startRemedy, withStartRemedy } from './startRemedies.ts'

it.each([
  [
    'starting kubernetes: preparing server: token CA hash does not match the Cluster CA certificate hash',
    'spec.token_file',
  ],
  ['failed to normalize server token; must be in format K10<CERT HASH>::<USER>:<PASSWORD>', 'spec.token_file'],
  ['bootstrap data already found and encrypted with different token', 'the token that the cluster was made with'],
  [
    'etcd cluster join failed: duplicate node name found, please use a unique name for this node',
    'kubectl delete node m2',
  ],
  ['Node password rejected, duplicate hostname or contents of /etc/rancher/node/password', 'm2.node-password.rke2'],
  ['failed to find cpu cgroup (v2)', 'control groups'],
  ['dial tcp: lookup api.example on 10.0.0.2:53: no such host', 'api_endpoint'],
  ['Get "https://10.0.0.1:9345/cacerts": dial tcp 10.0.0.1:9345: connect: connection refused', 'TCP 9345'],
  ['tls: failed to verify certificate: x509: certificate is valid for 10.0.0.1, not api.example', 'tls-san'],
  ['listen tcp :9345: bind: address already in use', 'ss -ltnp'],
  ['invalid cluster-cidr value', 'spec.cluster_vars'],
  ['critical configuration mismatched: ClusterDNS', 'equal on all servers'],
])('there is something to do about: %s', (said, remedy) => {
  expect(startRemedy(said, 'm2')).toContain(remedy)
})

it('an error takes the remedy of what the service said, and keeps the rest', () => {
  const failed = new SlipwayError('service-failed', 'm2: rke2-server ended: failed to find cpu cgroup (v2)', {
    facts: { host: 'm2', said: 'failed to find cpu cgroup (v2)', restarts: 3 },
  })
  expect(withStartRemedy(failed, 'm2')).toMatchObject({
    code: 'service-failed',
    message: failed.message,
    facts: failed.facts,
    remedy: expect.stringContaining('control groups'),
  })
})

it('what nobody knows keeps its remedy, and other errors stay as they are', () => {
  const unknown = new SlipwayError('service-failed', 'm2: x', { facts: { said: 'a riddle' } })
  const gone = new SlipwayError('host-unreachable', 'm2', { facts: { said: 'connection refused' } })
  for (const error of [unknown, gone, new Error('x')]) expect(withStartRemedy(error, 'm2')).toBe(error)
})
