import { fault, type RuleFinding } from '../../../../domain/ruleFinding.ts'
import { parseRke2Version } from '../version.ts'
import { type ClusterDraft, type DraftNode, effective, effectiveItems, oncePerPlace } from './draft.ts'

/** Keys of config.yaml that Slipway sets where their file is brought by the cluster file. */
export const fileKeys = {
  audit_policy: 'audit-policy-file',
  pod_security: 'pod-security-admission-config-file',
} as const

/** Whether files of the user's own go together with the rest of the cluster file. */
export function checkOwnFiles(draft: ClusterDraft): RuleFinding[] {
  return [
    ...(['audit_policy', 'pod_security'] as const).flatMap(key =>
      draft.files?.[key] === undefined ? [] : namedTwice(draft, fileKeys[key], `files.${key}`),
    ),
    ...oncePerPlace(draft.nodes.flatMap((node, index) => nodeFaults(draft, node, index))),
  ]
}

/** The configuration has one value for each key. */
function namedTwice(
  draft: ClusterDraft,
  key: (typeof fileKeys)[keyof typeof fileKeys],
  instead: string,
): RuleFinding[] {
  const found = firstOf(draft, (node, index) => effective(draft, index, node, key))
  if (!found) return []
  return [
    fault(
      'file-named-twice',
      found.path,
      `${key} names a file, and spec.${instead} brings one`,
      'Keep one of the two.',
    ),
  ]
}

/** What a node has of these keys, where it stands. */
function nodeFaults(draft: ClusterDraft, node: DraftNode, index: number): RuleFinding[] {
  const placeOf = (key: keyof NonNullable<DraftNode['files']>): RuleFinding['path'] =>
    node.files?.[key] === undefined ? ['files', key] : ['nodes', index, 'files', key]
  const { kubelet_config, static_pods = [] } = { ...draft.files, ...node.files }
  const faults = sameNames(static_pods, placeOf('static_pods'))
  if (kubelet_config === undefined) return faults
  if (draft.version !== undefined && parseRke2Version(draft.version).minor < 32)
    faults.push(
      fault(
        'file-too-new',
        placeOf('kubelet_config'),
        'RKE2 reads files with settings of the kubelet since v1.32',
        'Write them as arguments: cluster_vars.kubelet-arg.',
      ),
    )
  const args = effectiveItems(draft, index, node, 'kubelet-arg')
  if (args?.items.some(item => /^(?:--)?config-dir=/.test(item)))
    faults.push(
      fault(
        'file-named-twice',
        args.path,
        'kubelet-arg config-dir leads the kubelet to another folder than the one in which files.kubelet_config lies',
        'Keep one of the two.',
      ),
    )
  return faults
}

function sameNames(named: readonly string[], path: RuleFinding['path']): RuleFinding[] {
  const names = named.map(file => file.split('/').at(-1))
  return named.flatMap((file, place) =>
    names.indexOf(names[place]) === place
      ? []
      : [
          fault(
            'manifest-twice',
            [...path, place],
            `${file} has the name of another file on the machine`,
            'Keep one of them, or call one otherwise.',
          ),
        ],
  )
}

function firstOf<Found>(draft: ClusterDraft, find: (node: DraftNode, index: number) => Found | null): Found | null {
  for (const [index, node] of draft.nodes.entries()) {
    const found = find(node, index)
    if (found !== null) return found
  }
  return null
}
