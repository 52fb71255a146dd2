import type { Path } from './plainTree.ts'
import type { FileShape } from './shape.ts'

/** A right value of each field that all cluster files have and whose form can be missed, as it is written in a file. */
export const forms: Readonly<Record<string, string>> = {
  apiVersion: 'slipway/v1',
  kind: 'Cluster',
  name: 'demo',
  api_endpoint: 'api.example.org',
  hostname: 'm1',
  internal_ip: '10.0.0.11',
  external_ip: '203.0.113.11',
  use_external_ip: 'true',
  role: 'worker',
  user: 'admin',
  port: '22',
  host: '10.0.0.5',
  key_file: './id_ed25519',
  sudo: 'true',
  sudo_password_file: './sudo-password',
  http_proxy: 'http://proxy.example.org:3128',
  https_proxy: 'http://proxy.example.org:3128',
  no_proxy: '[10.0.0.0/8, .example.org]',
  min_cpus: '2',
  min_memory_mib: '4096',
  min_disk_free_mib: '2048',
  max_clock_skew_s: '5',
  ready_timeout_s: '600',
}

/** What to write where a value is wrong: an example of the field's right form, else what the schema says of the field. */
export function rightForm({ format, schemaAt }: FileShape, path: Path): string {
  const field = path.findLast(step => typeof step === 'string')
  if (field === undefined) return 'Lay the file out as `slipway init` does.'
  const form = [format.forms, forms].find(some => Object.hasOwn(some, field))?.[field]
  if (form !== undefined) return `Write it like this: \`${field}: ${form}\`.`
  const described = schemaAt(path)?.description ?? schemaAt(path.slice(0, path.lastIndexOf(field) + 1))?.description
  if (described !== undefined) return `Write ${field} as docs/cluster-yaml.md says: ${described}.`
  return `docs/cluster-yaml.md shows how ${field} is written.`
}
