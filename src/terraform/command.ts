import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type OnText, runProcess } from '../processes/run.ts'
import type { Answer } from './answer.ts'
import { said } from './applyFolder.ts'
import { dataFolder } from './initialised.ts'
import type { TerraformRoot, TerraformSurroundings } from './root.ts'

/** The command in the folder of one workspace. @throws the signal's reason when it was aborted. */
export interface WorkspaceCommand {
  run(args: readonly string[], onStdout?: OnText): Promise<Answer>
  /**
   * What it says goes into files of this folder: it can be heard there later, and the command is not ended by its next
   * word when nobody reads it any more. Gives its answer also when it was aborted.
   */
  runApart(args: readonly string[], into: string): Promise<Answer>
}

/** Characters of each stream: a plan as JSON may be long. */
const mostOutput = 16 * 1024 * 1024

/**
 * OpenTofu keeps what it has made to itself for 20 s, and takes no smaller number; one whose nanoseconds are more than
 * 63 bits hold is a time that is always over. So its state is written with each thing that is made, and whoever kills it
 * loses nothing of that.
 */
const atOnce = '10000000000'

/**
 * @param root `workspace`: null for a call that is about none.
 * @param configuration path of its configuration file; null: it finds the user's own.
 */
export function commandIn(
  folder: string,
  { workspace, settings, backend }: Pick<TerraformRoot, 'settings' | 'backend'> & { readonly workspace: string | null },
  { tool, environment, signal }: Pick<TerraformSurroundings, 'tool' | 'environment' | 'signal'>,
  configuration: string | null,
): WorkspaceCommand {
  const variables = {
    ...environment,
    ...backend?.environment,
    ...settings,
    ...(configuration !== null && { TF_CLI_CONFIG_FILE: configuration }),
    ...(workspace !== null && { TF_WORKSPACE: workspace }),
    TF_DATA_DIR: join(folder, dataFolder),
    TF_IN_AUTOMATION: '1',
    TF_INPUT: '0',
    CHECKPOINT_DISABLE: '1',
    TF_STATE_PERSIST_INTERVAL: atOnce,
  }
  const options = { directory: folder, signal, maxOutput: mostOutput, endsBy: 'SIGINT' } as const
  return {
    async run(args, onStdout) {
      const answer = await runProcess(tool.path, args, {
        environment: variables,
        ...options,
        ...(onStdout && { onStdout }),
      })
      signal.throwIfAborted()
      return answer
    },
    async runApart(args, into) {
      const complaints = join(into, 'complaints')
      const files = { SAID: join(into, said), COMPLAINTS: complaints }
      const line = ['-c', 'exec "$0" "$@" > "$SAID" 2> "$COMPLAINTS"', tool.path, ...args]
      const answer = await runProcess('sh', line, { environment: { ...variables, ...files }, ...options })
      return { ...answer, stderr: answer.stderr + (await readFile(complaints, 'utf8').catch(() => '')) }
    },
  }
}
