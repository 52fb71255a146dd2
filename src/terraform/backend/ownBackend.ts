import { join } from 'node:path'
import { SlipwayError } from '../../domain/errors.ts'
import { moduleFiles } from '../moduleFiles.ts'

/**
 * The states of all machines are kept in one place of the server. A module that names a place of its own would have its
 * state there, and Slipway would know nothing of it.
 * @param folder with a copy of the module.
 * @param module its path, for people.
 * @throws SlipwayError `terraform-backend-invalid`.
 */
export async function refuseOwnBackend(folder: string, module: string): Promise<void> {
  for (const { name, text, isJson } of await moduleFiles(folder)) {
    const kind = isJson ? inJson(text) : inHcl(text)
    if (kind === null) continue
    throw new SlipwayError(
      'terraform-backend-invalid',
      `${join(module, name)} names a ${kind} of its own for its state, which Slipway keeps for every machine`,
      {
        remedy: `Take the ${kind} block out of it; SLIPWAY_TERRAFORM_BACKEND names the backend for the states of all machines.`,
      },
    )
  }
}

type Kind = 'backend' | 'cloud'

function inHcl(text: string): Kind | null {
  const said = text
    // Texts are passed over before comments are: both may hold the signs of the other.
    .replace(/("(?:[^"\\\n]|\\.)*")|\/\*[^]*?\*\/|(?:#|\/\/)[^\n]*/g, (_all, quoted?: string) => quoted ?? '')
  const block = /\bterraform\s*\{/g
  for (let found = block.exec(said); found; found = block.exec(said)) {
    const inner = within(said, block.lastIndex)
    if (/(^|[\s{}])backend\s*"[^"]*"\s*\{/.test(inner)) return 'backend'
    if (/(^|[\s{}])cloud\s*\{/.test(inner)) return 'cloud'
  }
  return null
}

/** What stands between a brace that is open and its end. */
function within(text: string, from: number): string {
  let depth = 1
  for (let at = from; at < text.length; at++) {
    if (text[at] === '{') depth += 1
    if (text[at] === '}') depth -= 1
    if (depth === 0) return text.slice(from, at)
  }
  return text.slice(from)
}

function inJson(text: string): Kind | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // The command tells what is wrong with it, and where.
    return null
  }
  const blocks = below(value, 'terraform')
  for (const kind of ['backend', 'cloud'] as const) if (blocks.some(block => below(block, kind).length > 0)) return kind
  return null
}

const below = (value: unknown, name: string): readonly unknown[] =>
  Array.isArray(value)
    ? value.flatMap(one => below(one, name))
    : typeof value === 'object' && value !== null && Object.hasOwn(value, name)
      ? [Object.entries(value).find(([key]) => key === name)?.[1]]
      : []
