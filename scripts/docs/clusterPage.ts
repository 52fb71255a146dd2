import type { z } from 'zod'
import { formats, newCluster } from '../../src/distributions/index.ts'
import { clusterFileSchema } from '../../src/domain/clusterFile/shape.ts'
import { maxLexemes } from '../../src/domain/clusterFile/compose.ts'
import type { ClusterFormat } from '../../src/domain/clusterFile/format.ts'
import { kindOf } from '../../src/domain/clusterFile/kindText.ts'

type Schema = z.core.JSONSchema.JSONSchema

/** The reference of cluster.yaml: one table a map, in the order of the file. */
export function clusterPage(): string {
  const [first, ...others] = formats
  if (!first) throw new TypeError('no distribution is known')
  const sections = mapsOf('', clusterFileSchema([first]), '')
    .map(section)
    .join('\n')
  const ofOthers = others.map(format => ofDistribution(format, first)).join('\n')
  return `# cluster.yaml

*Generated from \`src/domain/cluster.ts\` and the \`spec/\` of the distributions by \`make docs\`.*

\`slipway init\` writes a file to begin with, \`slipway validate -f FILE\` checks one. Editors complete keys with the
[JSON Schema](schema/cluster.schema.json): put this line at the top of the file (yaml-language-server):

\`\`\`yaml
# yaml-language-server: $schema=PATH/docs/schema/cluster.schema.json
\`\`\`

## What a file may be

UTF-8 text of at most 1 MiB and ${maxLexemes.toLocaleString('en')} words and signs (5,000 nodes with settings of
their own have about 240,000), with one YAML 1.2 document. Anchors and aliases work where they don't nest; merge keys
(\`<<\`), tags, directives, keys twice, and control characters or line breaks in a value are refused. Unknown keys are
errors, with a guess at what was meant. All findings are shown at once, with file, line, column, field and remedy.

Values may be written as in RKE2's own \`config.yaml\`: one value for a list of one, values with commas between them where
RKE2 splits them, \`yes\`, \`on\` and \`"true"\` for true, numbers as text, modes like \`644\`, \`0640\` or \`"0640"\`. All spellings of
one wish are the same desired state. What RKE2 would refuse is refused here.

Key and password files are named relative to the cluster file (\`~/\` is the home folder). The command line reads them
on this machine; the server stores them sealed. A private key with a passphrase is refused: load it into the SSH agent
and leave \`key_file\` out.

A file with the login of a registry (\`auth_file\`) has two lines, \`username: …\` and \`password: …\`, or one, \`identity_token: …\`. A value in quotes is what
YAML reads in them; any other one is taken as it stands, with whatever signs are in it. A blank at the end, a \`#\` behind a
blank and a quote that is not closed are refused, since they may be meant or not: write such a value in single quotes.

The value of a key that is secret (\`etcd-s3-secret-key\`) stands in a file of one line, named in \`secret_files\`. \`token_file\`
takes a password, or a token of the form \`K10…::server:PASSWORD\`, of which the password counts.

The line's end is no part of a secret. Blanks around it are part of a sudo password, taken off a token, and refused of a
key of \`secret_files\`; a file without anything but blanks is refused always.

A range may be written with bits behind its prefix: \`10.42.1.0/16\` is \`10.42.0.0/16\`, as RKE2 reads it.

## An example

\`\`\`yaml
${newCluster.template.text(newCluster.template.defaults).trimEnd()}
\`\`\`

## Rules over the whole file

| finding | severity | rule |
|---|---|---|
| no-initial-master, two-initial-masters | error | exactly one node has the role \`initial_master\` |
| duplicate-hostname, duplicate-address | error | every node has a hostname and an address of its own, also across clusters |
| range-families, range-families-differ, ranges-overlap | error | \`cluster-cidr\` and \`service-cidr\` have one range of the same families each, in the same order, and share no address |
| service-range-size, pod-range-size, pod-range-full | error | Kubernetes can use the ranges: services from /12 (IPv6: /108), pods with a /24 (IPv6: /64) for every node |
| dns-outside, dns-reserved | error | \`cluster-dns\` is an address that a service can have |
| address-in-range | warning | no machine and no endpoint is within the ranges of pods and services; RKE2's defaults count where none are given. A cluster that runs with it goes on with \`--accept address-in-range\` |
| node-family, advertised-family, address-family, address-of-nobody | error | every node has an address of each family that pods have, and servers advertise one of the family that services have first |
| node-ports-taken | warning | services are given no port of RKE2's own: \`--accept node-ports-taken\` |
| lb-port-taken | error | the load balancer is given no port of RKE2's own |
| profile-unknown, profile-protection, external-ip-with-provider | error | keys that RKE2 refuses in this version, or together |
| manifest-invalid, manifest-name, manifest-twice, own-file-kind | error | [files of your own](own-files.md) are what RKE2 reads at their places, and no two manifests are one AddOn |
| file-named-twice, file-too-new | error | a file is named once: by \`files\`, or by its key of config.yaml; this version reads it |
| vip-endpoint, vip-is-a-node, vip-family, vip-not-served, vip-setting | error | a [virtual IP](vip.md) is the endpoint, and an address of the servers' family that no machine has; the API listens there |
| two-sources | error | \`artifact_url\` and \`artifact_path\` exclude each other |
| even-servers | warning | an even number of servers tolerates no more failures than one less: \`--accept even-servers\` |
| no-proxy-incomplete | warning | with a \`proxy\`, \`no_proxy\` covers the servers’ addresses (one by one or as a range), or their traffic goes through it: \`--accept no-proxy-incomplete\` |

## Keys

${sections}
${ofOthers}`
}

/** What a distribution has otherwise than the first one: its own maps, and the two in which each has its own keys. */
function ofDistribution(format: ClusterFormat, first: ClusterFormat): string {
  const known = new Set(mapsOf('', clusterFileSchema([first]), '').map(({ path }) => path))
  const own = mapsOf('', clusterFileSchema([format]), '').filter(
    ({ path }) => path === 'spec' || path === 'spec.nodes[]' || !known.has(path),
  )
  return `## Keys of distribution: ${format.distribution}

What is not named here is as above.

${own.map(section).join('\n')}`
}

interface MapSection {
  readonly path: string
  readonly description: string
  readonly schema: Schema
}

/** Of a map that may be left empty, the map. */
function filled(schema: Schema): Schema {
  const inside = schema.anyOf?.find(form => typeof form === 'object' && (form.properties ?? form.additionalProperties))
  return typeof inside === 'object' ? { description: schema.description ?? '', ...inside } : schema
}

function mapsOf(path: string, written: Schema, description: string): MapSection[] {
  const schema = filled(written)
  const own = schema.properties ? [{ path, description, schema }] : []
  return [
    ...own,
    ...Object.entries(schema.properties ?? {}).flatMap(([key, below]) =>
      typeof below === 'object' ? nested(path ? `${path}.${key}` : key, below) : [],
    ),
  ]
}

/** Node settings that are described once already are not repeated. */
function nested(path: string, written: Schema): MapSection[] {
  const schema = filled(written)
  if (path === 'spec.nodes[].ssh' || path === 'spec.nodes[].node_vars') return []
  if (schema.items && typeof schema.items === 'object' && !Array.isArray(schema.items))
    return mapsOf(`${path}[]`, schema.items, schema.description ?? '')
  if (typeof schema.additionalProperties === 'object')
    return mapsOf(`${path}.NAME`, schema.additionalProperties, schema.description ?? '')
  return mapsOf(path, schema, schema.description ?? '')
}

function section({ path, schema, description }: MapSection): string {
  const rows = Object.entries(schema.properties ?? {}).map(([key, value]) => {
    const required = schema.required?.includes(key) ? 'yes' : ''
    return typeof value === 'object'
      ? `| \`${key}\` | ${cell(kindOf(value))} | ${required} | ${cell(remark(path, key, value))} |`
      : ''
  })
  const title = path === '' ? 'the file itself' : `\`${path}\``
  const note = path === 'spec.cluster_vars' ? `${varsNote}\n\n` : ''
  return `### ${title}\n\n${description ? `${description}\n\n` : ''}${note}| key | value | required | |\n|---|---|---|---|\n${rows.join('\n')}\n`
}

const varsNote = `Keys of RKE2's \`config.yaml\`, for all nodes. A node's \`node_vars\` take the same keys and win over these, but for
those that must be equal on all servers (${'`cluster-cidr` … `data-dir`'}). A key that is not in this list goes under
\`extra\`, as it is. \`server\`, \`token\`, \`agent-token\`, \`node-name\`, \`node-ip\` are Slipway's own: setting them by hand
could split or orphan a cluster.`

function remark(path: string, key: string, schema: Schema): string {
  if (path === 'spec.nodes[]' && key === 'ssh') return 'As `spec.ssh`, for this node; wins key by key'
  if (path === 'spec.nodes[]' && key === 'node_vars') return 'As `spec.cluster_vars`, for this node'
  return schema.description ?? ''
}

const cell = (text: string): string => text.replaceAll('|', '\\|')
