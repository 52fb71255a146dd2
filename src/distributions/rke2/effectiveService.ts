import type { AcceptableWarning } from '../../domain/findingCatalogue.ts'
import { ownKeys } from './spec/ownKeys.ts'
import { clusterOnlyKeys } from './spec/config.ts'
import type { Unmet } from '../../engine/contract/stage.ts'
import type { EffectiveService, HostFacts } from './host/facts.ts'
import type { ClusterArguments } from './arguments.ts'
import { unknownKeys, unusableFiles } from './configurationFiles.ts'
import { meaningOf, standsBehindOurs } from './effectiveSettings.ts'
import { type ObservedHost, reached } from './observedHost.ts'
import { unitOf } from './nodeState.ts'

const configPath = '/etc/rancher/rke2/config.yaml'

/**
 * What is effective on a host and was not written by Slipway: it can make another cluster out of the right files, so it
 * is looked for wherever a member is set up, restarted or taken for sound. Errors block; the warning `foreign-settings`
 * can be accepted.
 */
export function effectiveFindings(
  looks: readonly ObservedHost[],
  cluster: Pick<ClusterArguments, 'proxy' | 'registries'>,
  accepted: readonly string[],
): Unmet[] {
  const found = reached(looks).flatMap(({ node, facts }) => {
    const unit = unitOf(node)
    const about = `node ${node.hostname}`
    return [
      ...unitFaults(unit, facts.effective[unit]),
      ...settingFaults(unit, facts.effective[unit]),
      ...environmentFaults(unit, facts.effective[unit], cluster),
      ...unusableFiles(unit, facts, cluster),
      ...configFaults(facts),
      ...replacedFile(unit, facts, cluster),
    ].map((fault): Unmet => ({ ...fault, about }))
  })
  return found.filter(finding => finding.severity === 'error' || !accepted.includes(finding.name))
}

type Fault = Pick<Unmet, 'name' | 'severity' | 'message' | 'remedy'>

const error = (name: Fault['name'], message: string, remedy: string): Fault => ({
  name,
  severity: 'error',
  message,
  remedy,
})
const foreign = (message: string, remedy: string): Fault => ({
  name: 'foreign-settings' satisfies AcceptableWarning,
  severity: 'warning',
  message,
  remedy,
})

function unitFaults(unit: string, { mask, shadow }: EffectiveService): Fault[] {
  if (mask !== null)
    return [
      error(
        'service-masked',
        `${unit}.service is masked (${mask}): it cannot be started`,
        `On the host: \`systemctl unmask ${mask.startsWith('/run/') ? '--runtime ' : ''}${unit}.service\`.`,
      ),
    ]
  if (shadow !== null)
    return [
      error(
        'service-overridden',
        `${shadow} stands before the unit of the release: systemd would start that instead`,
        `On the host: \`rm ${shadow} && systemctl daemon-reload\`.`,
      ),
    ]
  return []
}

function settingFaults(unit: string, { settings }: EffectiveService): Fault[] {
  return [...Map.groupBy(settings, ({ file }) => file)].flatMap(([file, ofFile]): Fault[] => {
    const named = (meaning: ReturnType<typeof meaningOf>) =>
      list(ofFile.filter(setting => meaningOf(setting, standsBehindOurs(setting)) === meaning).map(({ name }) => name))
    const [replaced, dropped, unknown] = [named('replaces-service'), named('drops-guard'), named('unknown')]
    const remove = `On the host: remove the setting, or the file (\`rm ${file}\`); then \`systemctl daemon-reload\`.`
    if (replaced) return [error('service-overridden', `${file} changes what ${unit} runs (${replaced})`, remove)]
    if (dropped)
      return [
        error(
          'service-overridden',
          `${file} empties ${dropped}, and with it Slipway’s guard against a second cluster`,
          remove,
        ),
      ]
    if (unknown)
      return [foreign(`${file} sets ${unknown} for ${unit}`, `Remove it, or accept it with --accept foreign-settings.`)]
    return []
  })
}

/** Variables beside RKE2's own that its programs go by. */
const weighty = /^(K3S_\w+|CATTLE_\w+|(CONTAINERD_)?(HTTP|HTTPS|ALL|NO)_PROXY|LD_PRELOAD|LD_LIBRARY_PATH)$/i

function environmentFaults(
  unit: string,
  { environment }: EffectiveService,
  { proxy }: Pick<ClusterArguments, 'proxy'>,
): Fault[] {
  const ours = new Set(proxy?.http_proxy || proxy?.https_proxy ? ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'] : [])
  return environment.flatMap((variable): Fault[] => {
    const { name, value, source, kind } = variable
    const said = value === null ? name : `${name}=${value}`
    if (name.startsWith('RKE2_')) {
      if (name === 'RKE2_CONFIG_FILE' && value === configPath) return []
      return [
        error(
          'service-redirected',
          `${sourceOf(source)} sets ${said} for ${unit}: RKE2 would not go by what Slipway writes`,
          remedyOf(variable),
        ),
      ]
    }
    // Our own environment file comes behind systemd's variables and Environment=.
    if (!weighty.test(name) || (ours.has(name) && kind !== 'file')) return []
    return [
      foreign(
        `${sourceOf(source)} sets ${said} for ${unit}`,
        `${name.toUpperCase().endsWith('_PROXY') ? 'Say it in spec.proxy and remove it there' : 'Remove it'}, or accept it with --accept foreign-settings.`,
      ),
    ]
  })
}

const sourceOf = (source: string): string => (source === 'systemd' ? 'systemd’s own environment' : source)

function remedyOf({ name, source, kind }: EffectiveService['environment'][number]): string {
  if (source === 'systemd') return `On the host: \`systemctl unset-environment ${name}\`.`
  if (kind === 'file') return `On the host: remove the line ${name}= from ${source}.`
  if (kind === 'manager')
    return `On the host: remove ${name} from DefaultEnvironment in ${source}; then \`systemctl daemon-reexec\`.`
  return `On the host: remove ${name} from ${source}, or the file (\`rm ${source}\`); then \`systemctl daemon-reload\`.`
}

/** Where proxies are wanted the environment file is Slipway's, whole. */
function replacedFile(unit: string, { config }: HostFacts, { proxy }: Pick<ClusterArguments, 'proxy'>): Fault[] {
  const file = config.find(({ path }) => path === `/etc/default/${unit}`)
  if (!file || file.marked || !proxy || file.keys.length === 0) return []
  return [
    foreign(
      `${file.path} is somebody else’s (${list(file.keys)}), and the proxies of the cluster file are written there: it would be replaced`,
      `Move what is needed into another place, such as /etc/sysconfig/${unit}, or accept its loss with --accept foreign-settings.`,
    ),
  ]
}

/** Short forms of keys that RKE2 takes in its files as well. */
const shortForms: Readonly<Record<string, string>> = { s: 'server', t: 'token', d: 'data-dir', c: 'config' }
/** Keys by which RKE2 would read other files, take another identity or drop its data. */
const decisive: ReadonlySet<string> = new Set([
  ...ownKeys,
  ...clusterOnlyKeys,
  'config',
  'node-external-dns',
  'node-internal-dns',
  'cluster-init',
  'with-node-id',
])

/** Files in config.yaml.d are read behind config.yaml: what they say of a key wins. */
function configFaults({ config }: HostFacts): Fault[] {
  return config
    .filter(({ path, fault }) => fault === null && path.startsWith(`${configPath}.d/`))
    .flatMap(({ path, keys }): Fault[] => {
      const known = (key: string) => {
        const bare = key.replace(/\+$/, '').replace(/^-+/, '')
        return shortForms[bare] ?? bare
      }
      if (keys.includes(unknownKeys))
        return [
          error(
            'config-overridden',
            `${path} is wrong YAML, or in a form in which its keys cannot be told`,
            `On the host: write it plainly, one \`key: value\` a line, or remove it: \`rm ${path}\`.`,
          ),
        ]
      const taken = list(keys.filter(key => decisive.has(known(key))))
      if (taken)
        return [
          error(
            'config-overridden',
            `${path} sets ${taken} instead of Slipway`,
            `On the host: remove that from it, or the file: \`rm ${path}\`. What the cluster is to have belongs into the cluster file.`,
          ),
        ]
      const others = list(keys)
      return others
        ? [
            foreign(
              `${path} sets ${others} beside what the cluster file says`,
              'Say it in the cluster file (cluster_vars, node_vars) and remove it there, or accept it with --accept foreign-settings.',
            ),
          ]
        : []
    })
}

const longest = 8
function list(found: readonly string[]): string {
  const all = [...new Set(found)]
  return all.length > longest ? `${all.slice(0, longest).join(', ')} …` : all.join(', ')
}
