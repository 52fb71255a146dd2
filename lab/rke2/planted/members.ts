import { extra, node, onlySlipway, type PlantedFault } from './fault.ts'

const name = /a hostname has lower-case letters, digits, hyphens and dots only/

/** Who the nodes are, and what each of them is to the cluster. */
export const members: readonly PlantedFault[] = [
  {
    what: 'a hostname with an underscore',
    ...node(3, 'hostname', 'worker_1', 'worker-1'),
    finding: 'bad-value',
    says: name,
    refused: /^worker_1: kubelet: Node "worker_1" is invalid: metadata\.name/,
  },
  {
    what: 'a hostname with a hyphen at its end',
    ...node(1, 'hostname', 'm2-', 'm-2'),
    finding: 'bad-value',
    says: name,
    refused: /^m2-: kubelet: Node "m2-" is invalid/,
  },
  {
    what: 'a hostname with a dot at its end',
    ...node(4, 'hostname', 'w2.example.com.', 'w2.example.com'),
    finding: 'bad-value',
    says: name,
    refused: /kubelet: Node "w2\.example\.com\." is invalid/,
  },
  {
    what: 'a hostname with a blank',
    ...node(0, 'hostname', 'm 1', 'm.1'),
    finding: 'bad-value',
    says: name,
    refused: /kubelet: Node "m 1" is invalid/,
  },
  {
    what: 'a hostname in capitals',
    ...node(0, 'hostname', 'M1', 'm10'),
    finding: 'bad-value',
    says: name,
    refused: onlySlipway('it registers the Node in small letters, and Slipway would look for another one'),
  },
  {
    what: 'a hostname with a meaning of its own',
    ...node(3, 'hostname', 'localhost', 'localhost1'),
    finding: 'bad-value',
    says: /a meaning of its own in Ansible/,
    refused: onlySlipway('it is a name like any other there; Ansible takes it for the machine that it runs on'),
  },
  {
    what: 'a hostname that another machine has',
    ...node(4, 'hostname', 'w1', 'w3'),
    finding: 'duplicate-hostname',
    says: /w1 is used by an earlier node already/,
    refused: onlySlipway('each configuration is right for itself; the second machine is refused when it joins'),
  },
  {
    what: 'a node-ip below extra',
    ...extra('node-ip', '10.0.0.99', undefined),
    finding: 'bad-value',
    says: /node-ip is set by Slipway itself/,
    refused: /kubelet: failed to validate nodeIP: node IP: "10\.0\.0\.99" not found in the host's network interfaces/,
  },
  {
    what: 'a server that all are to join, below extra',
    ...extra('server', 'http://10.0.0.11:9345', undefined),
    finding: 'bad-value',
    says: /server is set by Slipway itself/,
    refused: /rke2: only https:\/\/ URLs are supported/,
  },
  {
    what: 'no first server',
    ...node(0, 'role', 'master', 'initial_master'),
    at: 'nodes',
    finding: 'no-initial-master',
    says: /Give exactly one node the role initial_master/,
    refused: onlySlipway('each configuration is right for itself; all of them wait for a server that nobody is'),
  },
  {
    what: 'two first servers',
    ...node(1, 'role', 'initial_master', 'master'),
    finding: 'two-initial-masters',
    says: /m1 is the initial_master already/,
    refused: onlySlipway('each of them makes a cluster of its own'),
  },
]
