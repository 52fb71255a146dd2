import { node, onlySlipway, type PlantedFault, unwritten, vars } from './fault.ts'

const subject = (wrong: string, right: string) => ({
  ...vars('tls-san', [wrong], [right]),
  at: 'cluster_vars.tls-san[0]',
  finding: 'bad-value' as const,
  refused: onlySlipway('any text becomes a name in the certificate, which nobody then asks for'),
})
const mode = (wrong: unknown, right: unknown) => ({
  ...vars('write-kubeconfig-mode', wrong, right),
  finding: 'bad-value' as const,
  says: /a mode has three digits from 0 to 7 Write it like "0640"/,
  refused: onlySlipway('it leaves the file to root alone, and says no word'),
})
const argument = onlySlipway('it hands arguments on as they are: what a program makes of them is seen when it runs')

export const names: readonly PlantedFault[] = [
  {
    what: 'a URL',
    ...subject('https://api.example.com', 'api.example.com'),
    says: /no URL, no port, no range Write api\.example\.com alone/,
  },
  {
    what: 'a name with a port',
    ...subject('api.example.com:6443', '*.example.com'),
    says: /Write api\.example\.com alone/,
  },
  { what: 'a range', ...subject('10.0.0.0/24', '10.0.0.100'), says: /Write 10\.0\.0\.0 alone/ },
  { what: 'an address that is none', ...subject('10.0.0.300', '10.0.0.30'), says: /Write a host name or an address/ },
  { what: 'a star within a name', ...subject('api.*.com', '*.api.com'), says: /Write a host name or an address/ },
  { what: 'a name with a blank', ...subject('api example', 'api-example'), says: /Write a host name or an address/ },
  { what: 'an address in brackets', ...subject('[fd00::5]', 'fd00::5'), says: /Write fd00::5 alone/ },
  { what: 'a mode with digits that are not octal', ...mode(888, 666) },
  { what: 'a mode in letters', ...mode('rw-r--r--', '0644') },
  { what: 'a mode of four digits', ...mode('4755', '0755') },
  { what: 'a mode of two digits', ...mode('64', '640') },
  { what: 'a mode as Python writes it, with a digit too many', ...mode('0o0640', '0o640') },
  {
    what: 'a map of arguments for the kubelet',
    ...vars('kubelet-arg', { 'max-pods': 200 }, ['max-pods=200']),
    finding: 'wrong-type',
    says: /found a map, a list or a text is needed Write it like this: `kubelet-arg: \[max-pods=200\]`/,
    refused: unwritten('no argument is a map'),
  },
  {
    what: 'an argument that is a map, as a colon makes it',
    ...vars('kubelet-arg', [{ 'max-pods': 200 }], ['max-pods=200']),
    at: 'cluster_vars.kubelet-arg[0]',
    finding: 'wrong-type',
    says: /found a map, a text is needed/,
    refused: argument,
  },
  {
    what: 'a number for an argument',
    ...vars('kubelet-arg', 200, 'max-pods=200'),
    finding: 'wrong-type',
    says: /found 200 \(a number\), a list or a text is needed/,
    refused: argument,
  },
  {
    what: 'two arguments on two lines of one',
    ...vars('kubelet-arg', ['max-pods=200\nv=2'], ['max-pods=200', 'v=2']),
    at: 'cluster_vars.kubelet-arg[0]',
    finding: 'control-character',
    says: /.*/,
    refused: argument,
  },
  {
    what: 'an argument with the markers of a template',
    ...node(3, 'node_vars', { 'kubelet-arg': 'root-dir=/var/{{ name }}' }, { 'kubelet-arg': 'root-dir=/var/name' }),
    at: 'nodes[3].node_vars.kubelet-arg',
    finding: 'bad-value',
    says: /template markers/,
    refused: argument,
  },
  {
    what: 'the URL of a registry for its name',
    ...vars('system-default-registry', 'https://registry.example.com', 'registry.example.com'),
    finding: 'bad-value',
    says: /named by host and port: no URL, no path Write registry\.example\.com\./,
    refused: onlySlipway('it puts the text before the name of each image, and none of them is found'),
  },
  {
    what: 'a registry with a path',
    ...vars('system-default-registry', 'registry.example.com/rke2', 'registry.example.com:5000'),
    finding: 'bad-value',
    says: /no URL, no path/,
    refused: onlySlipway('it puts the text before the name of each image'),
  },
  {
    what: 'a folder of data among those of the system',
    ...vars('data-dir', '/etc/rke2', '/srv/rke2'),
    finding: 'bad-value',
    says: /a folder of its own is needed, outside of the system’s own/,
    refused: onlySlipway('it takes any folder, and its removal empties it'),
  },
  {
    what: 'a relative folder of data',
    ...vars('data-dir', 'srv/rke2', '/srv/rke2'),
    finding: 'bad-value',
    says: /.*/,
    refused: onlySlipway('it takes the folder in the one that the service runs in'),
  },
  {
    what: 'a relative file of name servers',
    ...vars('resolv-conf', 'etc/resolv.conf', '/etc/resolv.conf'),
    finding: 'bad-value',
    says: /an absolute path is needed/,
    refused: onlySlipway('it hands the path to the kubelet, which does not find it'),
  },
]
