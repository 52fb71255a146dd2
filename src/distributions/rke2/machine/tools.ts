import type { HostVariables } from '../../../ansible/inventory.ts'
import { isServer } from '../../../domain/cluster.ts'
import { shellWord } from '../../../domain/placeholders.ts'
import type { AcceptableWarning } from '../../../domain/findingCatalogue.ts'
import type { Change, Unmet } from '../../../engine/contract/stage.ts'
import type { ClusterArguments, NodeArguments } from '../arguments.ts'
import { ownFileMark } from '../files/hostFiles.ts'
import { defaultDataDir } from '../host/dataDir.ts'
import type { ReachedHost } from '../observedHost.ts'

type Cluster = Pick<ClusterArguments, 'tools' | 'cluster_vars'>

const folder = '/usr/local/bin'

interface Tools {
  readonly links: readonly { readonly path: string; readonly link: string }[]
  readonly files: readonly { readonly path: string; readonly content: string }[]
}

/** kubectl goes by the kubeconfig of a server; crictl asks the containerd of any machine. */
function toolsOf(node: Pick<NodeArguments, 'role'>, { tools, cluster_vars }: Cluster): Tools {
  if (!tools) return { links: [], files: [] }
  const data = cluster_vars?.['data-dir'] ?? defaultDataDir
  const names = isServer(node) ? ['kubectl', 'crictl'] : ['crictl']
  return {
    links: names.map(name => ({ path: `${folder}/${name}`, link: `${data}/bin/${name}` })),
    files: [
      { path: '/etc/profile.d/slipway-rke2.sh', content: environmentText(node, data) },
      ...names.map(name => ({
        path: `/usr/local/share/bash-completion/completions/${name}`,
        content: `${ownFileMark}\nsource <(${name} completion bash 2>/dev/null)\n`,
      })),
    ],
  }
}

/** Read by every login shell: root alone may read what the variables name. What root has set before stays. */
function environmentText(node: Pick<NodeArguments, 'role'>, data: string): string {
  const variables = {
    ...(isServer(node) && { KUBECONFIG: '/etc/rancher/rke2/rke2.yaml' }),
    CRI_CONFIG_FILE: `${data}/agent/etc/crictl.yaml`,
  }
  const lines = Object.entries(variables).map(([name, value]) => `  export ${name}="\${${name}:-${value}}"\n`)
  return `${ownFileMark}\nif [ "$(id -u)" = 0 ]; then\n${lines.join('')}fi\n`
}

/** What is to be made or removed, by path; what is somebody else's stays. */
function differing({ node, facts }: ReachedHost, cluster: Cluster) {
  const wanted = toolsOf(node, cluster)
  const present = new Map(facts.tools.map(each => [each.path, each]))
  const isWrong = (path: string, isRight: (seen: ReachedHost['facts']['tools'][number]) => boolean) => {
    const seen = present.get(path)
    return seen === undefined || (seen.ours && !isRight(seen))
  }
  const known = new Set([...wanted.links, ...wanted.files].map(({ path }) => path))
  return {
    made: [
      ...wanted.links.filter(({ path, link }) => isWrong(path, seen => seen.link === link)),
      ...wanted.files.filter(({ path, content }) => isWrong(path, seen => seen.content === content.trim())),
    ].map(({ path }) => path),
    removed: facts.tools.filter(({ path, ours }) => ours && !known.has(path)).map(({ path }) => path),
  }
}

/** Change that gives root the tools that are asked for, or takes them away. */
export function toolChanges(host: ReachedHost, cluster: Cluster): Change[] {
  const { made, removed } = differing(host, cluster)
  const target = `node/${host.node.hostname}/tools`
  const change = (effect: 'create' | 'delete', at: string, verb: string, paths: readonly string[]): Change[] =>
    paths.length === 0 ? [] : [{ effect, target: at, summary: `${verb} ${paths.join(', ')}`, detail: paths.join(', ') }]
  return [
    ...change('create', target, 'tools for root:', made),
    ...change('delete', `${target}/dropped`, 'tools for root: remove', removed),
  ]
}

/** Somebody else's program has the name of one of the tools: it is the one that root gets. */
export function toolFindings({ node, facts }: ReachedHost, cluster: Cluster): Unmet[] {
  const wanted = toolsOf(node, cluster)
  const paths = new Set([...wanted.links, ...wanted.files].map(({ path }) => path))
  const right = new Map(wanted.links.map(({ path, link }) => [path, link]))
  return facts.tools
    .filter(({ path, ours, link }) => paths.has(path) && !ours && (link === null || right.get(path) !== link))
    .map(
      ({ path, link }): Unmet => ({
        name: 'foreign-tool' satisfies AcceptableWarning,
        severity: 'warning',
        about: `node ${node.hostname}`,
        message: `${path} is somebody else’s${link === null ? '' : ` (a link to ${link})`}, and stays as it is`,
        remedy: `If nobody needs it, on the machine: rm ${shellWord(path)}. Or accept it with --accept foreign-tool.`,
      }),
    )
}

/** Variables of tasks/host.yml; none where nothing is to be done. */
export function toolVariables(host: ReachedHost, cluster: Cluster): HostVariables {
  const { made, removed } = differing(host, cluster)
  if (made.length + removed.length === 0) return {}
  const { links, files } = toolsOf(host.node, cluster)
  return { rke2_root_tools: { links: links.map(each => ({ ...each })), files: files.map(each => ({ ...each })) } }
}
