import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { unusable } from './content.ts'

/** Playbooks that Slipway runs, and what they cannot do without. */
const needed = [
  'cluster.yml',
  'scale.yml',
  'remove-node.yml',
  'upgrade-cluster.yml',
  'reset.yml',
  'recover-control-plane.yml',
  'playbooks/facts.yml',
  'requirements.txt',
  'galaxy.yml',
  'roles/kubespray_defaults',
]

/** What a folder with Kubespray tells of itself. */
export interface Kubespray {
  readonly folder: string
  /** Of its own: `2.31.0`. */
  readonly version: string
  /** Versions of Kubernetes whose checksums it has; null: it does not say. */
  readonly kubernetes: readonly string[] | null
  /** What it needs of Python, as pip reads it. */
  readonly requirements: string
}

/** @throws SlipwayError `playbooks-unusable` where it is not Kubespray. */
export async function judge(folder: string, told: string): Promise<Kubespray> {
  const galaxy = await textOf(join(folder, 'galaxy.yml'))
  const isNamed = /^name:\s*["']?kubespray["']?\s*$/m.test(galaxy ?? '')
  const version = /^version:\s*["']?(\d+\.\d+\.\d+[^\s"']*)["']?\s*$/m.exec(galaxy ?? '')?.[1]
  const absent: string[] = []
  for (const path of needed) if (!(await exists(join(folder, path)))) absent.push(path)
  if (galaxy === null || !isNamed || version === undefined)
    throw unusable(
      `${told} is not Kubespray: its galaxy.yml does not say so${absent.length > 0 ? `, and ${absent.join(', ')} are not there` : ''}`,
    )
  if (absent.length > 0) throw unusable(`${told} is not a whole Kubespray: ${absent.join(', ')} are not there`)
  return {
    folder,
    version,
    kubernetes: versionsIn(await textOf(join(folder, 'roles/kubespray_defaults/vars/main/checksums.yml'))),
    requirements: (await textOf(join(folder, 'requirements.txt'))) ?? '',
  }
}

/** Those of `kubeadm_checksums`: without one of them Kubespray can't download what it runs first of all. */
function versionsIn(checksums: string | null): string[] | null {
  const [, section] = /^kubeadm_checksums:\n((?:[ \t].*\n?|\n)*)/m.exec(checksums ?? '') ?? []
  if (section === undefined) return null
  const found = section.matchAll(/^ {4}["']?(\d+\.\d+\.\d+)["']?:/gm)
  const versions = [...new Set([...found].flatMap(([, version]) => version ?? []))]
  return versions.length > 0 ? versions : null
}

const textOf = (path: string): Promise<string | null> => readFile(path, 'utf8').catch(() => null)
const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
