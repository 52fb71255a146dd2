import type { ClusterSpec, NodeSpec, SshSettings } from '../cluster.ts'
import type { ClusterFormat } from './format.ts'
import { type KeyFile, loginFileKinds } from './keyFiles.ts'
import type { Path } from './plainTree.ts'

/** Every file that a spec of this format names; a file named twice for the same purpose is listed once. */
export function keyFilesOf<Spec extends ClusterSpec>(format: ClusterFormat<Spec>, spec: Spec): KeyFile[] {
  return eachOnce([
    ...sshFiles(spec.ssh, ['spec', 'ssh']),
    ...format.keyFiles(spec),
    ...ofNodes(format, spec.nodes, ['spec', 'nodes']),
  ])
}

/** The files that nodes name, which stand in a list of their own. */
export const keyFilesOfNodes = (format: ClusterFormat, nodes: readonly NodeSpec[]): KeyFile[] =>
  eachOnce(ofNodes(format, nodes, ['nodes']))

function ofNodes<Spec extends ClusterSpec>(
  format: ClusterFormat<Spec>,
  nodes: readonly Spec['nodes'][number][],
  path: Path,
): KeyFile[] {
  return nodes.flatMap((node, index) => [
    ...sshFiles(node.ssh, [...path, index, 'ssh']),
    ...(format.nodeFiles?.(node, [...path, index]) ?? []),
  ])
}

const idOf = ({ kind, file }: KeyFile): string => `${kind.name} ${file}`

function eachOnce(named: readonly KeyFile[]): KeyFile[] {
  const first = new Map(named.toReversed().map(file => [idOf(file), file]))
  return named.filter(file => first.get(idOf(file)) === file)
}

/** The files by which a login is made. */
export function sshFiles(ssh: SshSettings | undefined, path: Path): KeyFile[] {
  const jumps = (ssh?.jump ?? []).flatMap((jump, index): KeyFile[] =>
    jump.key_file
      ? [{ file: jump.key_file, kind: loginFileKinds.privateKey, path: [...path, 'jump', index, 'key_file'] }]
      : [],
  )
  const found: KeyFile[] = []
  if (ssh?.key_file) found.push({ file: ssh.key_file, kind: loginFileKinds.privateKey, path: [...path, 'key_file'] })
  if (ssh?.sudo_password_file)
    found.push({
      file: ssh.sudo_password_file,
      kind: loginFileKinds.sudoPassword,
      path: [...path, 'sudo_password_file'],
    })
  return [...found, ...jumps]
}
