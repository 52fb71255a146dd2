import { onlySlipway, type PlantedFault, vars } from './fault.ts'

const key = 'cluster-dns'
const domain = 'cluster-domain'
const taken = onlySlipway('it asks for an address within the range, and Kubernetes gives this one to no other service')
const anyText = onlySlipway('it takes any text for the domain: no name of a service is ever found')
const asDomain = /a domain has lower-case letters, digits and hyphens.*Write it like cluster\.local/

export const nameServers: readonly PlantedFault[] = [
  {
    what: 'an address outside of the services',
    ...vars(key, '10.44.0.10', '10.43.0.53'),
    finding: 'dns-outside',
    says: /10\.44\.0\.10 is not within 10\.43\.0\.0\/16 .*like 10\.43\.0\.10/,
    refused: /rke2: invalid cluster-dns address 10\.44\.0\.10: it is not in service-cidr/,
  },
  {
    what: 'the usual address where services have another range',
    given: { cluster_vars: { 'service-cidr': '10.96.0.0/12' } },
    ...vars(key, '10.43.0.10', '10.96.0.10'),
    finding: 'dns-outside',
    says: /not within service-cidr 10\.96\.0\.0\/12/,
    refused: /invalid cluster-dns address 10\.43\.0\.10/,
  },
  {
    what: 'a name',
    ...vars(key, 'nameserver', '10.43.0.10'),
    finding: 'bad-value',
    says: /not an IPv4 or IPv6 address/,
    refused: /invalid cluster-dns address nameserver/,
  },
  {
    what: 'an address with a prefix',
    ...vars(key, '10.43.0.10/32', '10.43.0.10'),
    finding: 'bad-value',
    says: /not an IPv4 or IPv6 address/,
    refused: /invalid cluster-dns address 10\.43\.0\.10\/32/,
  },
  {
    what: 'an address of IPv6 where services have IPv4',
    ...vars(key, 'fd00:43::a', '10.43.0.10'),
    finding: 'dns-outside',
    says: /fd00:43::a is not within/,
    refused: /invalid cluster-dns address fd00:43::a/,
  },
  {
    what: 'a second address outside of the second range',
    base: 'both',
    ...vars(key, '10.43.0.10,fd00:44::a', ['10.43.0.10', 'fd00:43::a']),
    finding: 'dns-outside',
    says: /fd00:44::a is not within service-cidr 10\.43\.0\.0\/16 or service-cidr fd00:43::\/112/,
    refused: /invalid cluster-dns address fd00:44::a/,
  },
  {
    what: 'the address of the Kubernetes API',
    ...vars(key, '10.43.0.1', '10.43.0.2'),
    finding: 'dns-reserved',
    says: /10\.43\.0\.1 is the address of the Kubernetes API/,
    refused: taken,
  },
  {
    what: 'the address of the network',
    ...vars(key, '10.43.0.0', '10.43.0.10'),
    finding: 'dns-reserved',
    says: /no address of a service/,
    refused: taken,
  },
  {
    what: 'the last address of the range',
    ...vars(key, '10.43.255.255', '10.43.255.254'),
    finding: 'dns-reserved',
    says: /no address of a service/,
    refused: taken,
  },
  {
    what: 'a domain in capitals',
    ...vars(domain, 'K8s.Example', 'k8s.example'),
    finding: 'bad-value',
    says: asDomain,
    refused: anyText,
  },
  {
    what: 'a domain with a dot at its end',
    ...vars(domain, 'cluster.local.', 'cluster.local'),
    finding: 'bad-value',
    says: /without a dot at its ends/,
    refused: anyText,
  },
  {
    what: 'a domain that is an address',
    ...vars(domain, '10.0.0.1', 'ten.example'),
    finding: 'bad-value',
    says: asDomain,
    refused: anyText,
  },
  {
    what: 'a domain with an underscore',
    ...vars(domain, 'my_cluster.local', 'my-cluster.local'),
    finding: 'bad-value',
    says: asDomain,
    refused: anyText,
  },
]
