import { field, onlySlipway, type PlantedFault, vars } from './fault.ts'

const key = 'service-node-port-range'
const form = /not a range of ports within 1 and 65535 Write it like 30000-32767, the lower one first/
const untilUsed = onlySlipway('it starts, and a service that is given such a port answers in the place of RKE2')
const bind = onlySlipway('the value is a port; only when both listen one of them fails')

export const ports: readonly PlantedFault[] = [
  {
    what: 'a range that ends before it begins',
    ...vars(key, '32767-30000', '30000-32767'),
    finding: 'bad-value',
    says: form,
    refused: /rke2: invalid port range 32767-30000: end port cannot be less than start port/,
  },
  {
    what: 'a port above the last one',
    ...vars(key, '30000-70000', '30000-65535'),
    finding: 'bad-value',
    says: form,
    refused: /cannot be greater than 65535/,
  },
  {
    what: 'more ports than are left',
    ...vars(key, '30000+40000', '30000+2767'),
    finding: 'bad-value',
    says: form,
    refused: /cannot be greater than 65535/,
  },
  {
    what: 'words',
    ...vars(key, 'all', '30000-30100'),
    finding: 'bad-value',
    says: form,
    refused: /invalid port range all/,
  },
  {
    what: 'a colon between the ports',
    ...vars(key, '30000:32767', '30000-32767'),
    finding: 'bad-value',
    says: form,
    refused: /invalid port range 30000:32767/,
  },
  {
    what: 'two ranges',
    ...vars(key, '30000-30100,31000-31100', '30000-31100'),
    finding: 'bad-value',
    says: form,
    refused: /invalid port range/,
  },
  {
    what: 'a port below the first one',
    ...vars(key, '0-100', '1-100'),
    finding: 'bad-value',
    says: form,
    refused: onlySlipway('0 stands for any port there, and no service can be asked for at it'),
  },
  {
    what: 'the port of the API among those of services',
    ...vars(key, '6000-7000', '7000-8000'),
    finding: 'node-ports-taken',
    says: /RKE2 itself listens on 6443, 6444: .*accept it: --accept node-ports-taken/,
    refused: untilUsed,
  },
  {
    what: 'the port of the kubelet among those of services',
    ...vars(key, '10000-10250', '10000-10247'),
    finding: 'node-ports-taken',
    says: /RKE2 itself listens on .*10250/,
    refused: untilUsed,
  },
  {
    what: 'a load balancer on the port of the supervisor',
    ...vars('lb-server-port', 9346, 9347),
    finding: 'lb-port-taken',
    says: /listens on 9345 and 9346, and 9345 is a port of RKE2’s own/,
    refused: bind,
  },
  {
    what: 'a load balancer among the ports of services',
    ...vars('lb-server-port', 30001, 29999),
    finding: 'lb-port-taken',
    says: /among the ports of services/,
    refused: bind,
  },
  {
    what: 'a load balancer on a name',
    ...vars('lb-server-port', 'https', 16444),
    finding: 'bad-value',
    says: /not a whole number/,
    refused: /invalid value "https" for flag -lb-server-port/,
  },
  {
    what: 'a port of SSH that is none',
    ...field('ssh', { port: 70000 }, { port: 2222 }),
    at: 'ssh.port',
    finding: 'out-of-range',
    says: /found 70000, at most 65535/,
    refused: onlySlipway('SSH is no matter of RKE2’s'),
  },
]
