import { forms as commonForms } from '../../../../domain/clusterFile/rightForm.ts'
import { forms as ownForms } from '../forms.ts'

export const forms: Readonly<Record<string, string>> = { ...commonForms, ...ownForms }

export const of = (...fields: readonly string[]) => fields.map(field => `${field}: ${forms[field]}`).join(', ')
const vars = Object.keys(forms).filter(field => field.includes('-'))
const clusterWide = ['artifact_path', 'api_endpoint', 'token_file', 'ready_timeout_s', 'version', 'distribution']

/** A cluster that is written with every form there is. */
export const everything = `${of('apiVersion').trim()}
kind: ${forms['kind']}
metadata: { ${of('name')} }
spec:
${clusterWide.map(field => `  ${of(field)}`).join('\n')}
  ssh: { ${of('user', 'port', 'key_file', 'sudo', 'sudo_password_file')}, jump: [{ ${of('host', 'port', 'user')} }] }
  ${of('manifests')}
  ${of('host_settings')}
  ${of('tools')}
  files: { ${of('pod_security', 'kubelet_config', 'static_pods', 'containerd_template')} }
  proxy: { ${of('http_proxy', 'https_proxy', 'no_proxy')} }
  preflight: { ${of('min_cpus', 'min_memory_mib', 'min_disk_free_mib', 'max_clock_skew_s')} }
  registries:
    mirrors: { docker.io: { ${of('endpoint')} } }
    configs: { registry.example.org: { ${of('auth_file')}, tls: { ${of('ca_file')} } } }
  cluster_vars:
${vars.map(field => `    ${of(field)}`).join('\n')}
  nodes:
    - { hostname: s1, internal_ip: 10.0.0.12, role: initial_master, ${of('vip_interface')} }
    - { ${of('hostname', 'internal_ip', 'external_ip', 'use_external_ip', 'role')} }
`
