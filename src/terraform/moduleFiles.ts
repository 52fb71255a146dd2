import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface ModuleFile {
  readonly name: string
  readonly text: string
  /** It is written as JSON. */
  readonly isJson: boolean
}

/** The files of a module that the command reads, by their names. */
export async function moduleFiles(folder: string): Promise<readonly ModuleFile[]> {
  const names = (await readdir(folder)).filter(name => /\.(tf|tofu)(\.json)?$/.test(name)).toSorted()
  return Promise.all(
    names.map(async name => ({
      name,
      text: await readFile(join(folder, name), 'utf8'),
      isJson: name.endsWith('.json'),
    })),
  )
}
