import { execFile } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { mkdir, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Program } from './child.ts'
import { keyOf } from './outliving.ts'
import type { Paths } from './paths.ts'

/** Where the lab binds Kubernetes' programs into its hosts. */
export const kubernetesFolder = process.env.RKE2_LAB_KUBERNETES ?? '/opt/lab/kubernetes/bin'

/** A program of Kubernetes with its options, in the order given. `container` is what more than they decides how it runs. */
export function program(
  paths: Paths,
  name: string,
  options: Record<string, string>,
  extra: readonly string[],
  container?: string,
): Program {
  const args = Object.entries(options).map(([key, value]) => `--${key}=${value}`)
  const command = join(kubernetesFolder, name)
  // A later option of the same name wins, so what the user wrote comes last.
  const all = [...args, ...extra.map(argument => `--${argument}`)]
  return {
    name,
    command,
    args: all,
    logFile: join(paths.logs, `${name}.log`),
    ...(container === undefined ? {} : { container: keyOf(container, command, ...all) }),
  }
}

/** All certificates of this server as one word: a program that was started with others is started anew. */
export function certificatesOf(paths: Paths): string {
  const files = globSync(`${paths.tls}/{,etcd/}*.crt`).toSorted()
  return keyOf(...files.map(file => readFileSync(file, 'utf8')))
}

/** Puts the tools that RKE2 unpacks into `<data-dir>/bin` there. */
export async function linkTools(paths: Paths): Promise<void> {
  await mkdir(paths.bin, { recursive: true })
  for (const tool of ['kubectl', 'etcdctl', 'etcdutl']) {
    const link = join(paths.bin, tool)
    if (existsSync(link)) continue
    await rm(link, { force: true })
    await symlink(join(kubernetesFolder, tool), link)
  }
}

/** Runs one of Kubernetes' tools to its end and returns what it printed; throws with its complaint. */
export async function runTool(name: string, args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(join(kubernetesFolder, name), args)).stdout
  } catch (cause) {
    const complaint = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : ''
    throw new Error(`${name} failed: ${complaint.split('\n').at(-1)}`, { cause })
  }
}
