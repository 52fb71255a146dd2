import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { runProcess } from '../processes/run.ts'
import type { HelmTool } from './tool.ts'
import { inTurn } from './turns.ts'

/** What every call of Helm is made with. */
export interface HelmSurroundings {
  readonly tool: HelmTool
  /** Private folder in memory (tmpfs), 0700; each call has one of its own in it. */
  readonly directory: string
  /** The marker of its children. */
  readonly environment: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/** Files for one call, by their paths below its folder; they may hold secrets. */
export type CallFiles = Readonly<Record<string, string | Uint8Array>>

export interface HelmAnswer {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
  /** The first file that the call has left in its folder under a name that was asked for; null: none. */
  readonly packed: Uint8Array | null
}

/** Characters of each stream. */
const mostOutput = 8 * 1024 * 1024

/**
 * Runs Helm once in a folder that holds these files and is removed afterwards. Nothing of the user's own Helm is there:
 * no repositories, plugins, logins or variables. A failure is an answer.
 * @param brings names of files that are given back with the answer.
 * @throws SlipwayError `tool-missing`; the signal's reason when it was aborted.
 */
export async function callHelm(
  args: readonly string[],
  files: CallFiles,
  { tool, directory, environment, signal }: HelmSurroundings,
  brings?: RegExp,
): Promise<HelmAnswer> {
  signal.throwIfAborted()
  const folder = await mkdtemp(join(directory, 'helm-'))
  try {
    for (const [name, contents] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true, mode: 0o700 })
      await writeFile(join(folder, name), contents, { mode: 0o600, flag: 'wx' })
    }
    const own = join(folder, '.helm')
    await mkdir(own, { mode: 0o700 })
    const running = () =>
      runProcess(tool.path, args, {
        environment: {
          ...environment,
          HELM_CACHE_HOME: join(own, 'cache'),
          HELM_CONFIG_HOME: join(own, 'config'),
          HELM_DATA_HOME: join(own, 'data'),
          HELM_DRIVER: 'secret',
          ...('kubeconfig' in files ? { KUBECONFIG: join(folder, 'kubeconfig') } : { KUBECONFIG: '/dev/null' }),
        },
        directory: folder,
        signal,
        maxOutput: mostOutput,
      })
    const answer = await inTurn(running, signal)
    signal.throwIfAborted()
    const [made] = brings ? (await readdir(folder)).filter(name => brings.test(name)) : []
    return { ...answer, packed: made === undefined ? null : await readFile(join(folder, made)) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
