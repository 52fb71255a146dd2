import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { commandIn } from '../command.ts'
import type { TerraformSurroundings } from '../root.ts'
import { backendFailed, namesIn } from './remoteState.ts'
import type { StateBackend } from './stateBackend.ts'

/** For a backend without workspaces: the place of no machine. */
const nobody = 'slipway-nobody'

/**
 * Names of all workspaces that a backend has. Null: it has none, but answers.
 * @throws SlipwayError `terraform-backend-unanswered`.
 */
export async function askBackend(
  backend: StateBackend,
  around: Omit<TerraformSurroundings, 'folder' | 'initialised'>,
): Promise<readonly string[] | null> {
  const folder = await mkdtemp(join(around.directory, 'backend-'))
  try {
    const block = { terraform: { backend: { [backend.type]: backend.settings(nobody) } } }
    await writeFile(join(folder, 'backend.tf.json'), JSON.stringify(block), { mode: 0o600 })
    const command = commandIn(folder, { workspace: null, settings: {}, backend }, around, null)
    const ask = async (args: readonly string[]) => {
      const begun = Date.now()
      const answer = await command.run(args)
      if (answer.exitCode === 0) return answer
      throw backendFailed('no machine', backend, args[0] ?? '', answer.stderr || answer.stdout, begun)
    }
    await ask(['init', '-input=false', '-no-color'])
    const names = await ask(backend.workspaces ? ['workspace', 'list'] : ['state', 'pull'])
    return backend.workspaces ? namesIn(names) : null
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
