import { open, readFile, stat } from 'node:fs/promises'
import { StringDecoder } from 'node:string_decoder'
import { join } from 'node:path'
import { type MessageReader, readMessages } from './messages.ts'
import type { Message } from './shapes.ts'
import { instanceAddress, readState } from './state.ts'

/**
 * What an apply leaves in its workspace as it goes: its state, and what it says, in files. Whoever started it may end at
 * any moment; the command goes on, and whoever comes next finds what it has made.
 */
export interface ApplyFolder {
  readonly path: string
  /** What the command has said since the last look. */
  heard(): Promise<readonly Message[]>
  readonly messages: MessageReader
  /**
   * The state in clear, as it is to be kept; null: there is none, or it is being written.
   * @param ended the command has ended by itself: what it says of what it could not make is the last word.
   */
  state(ended: boolean): Promise<string | null>
}

/** Where the command keeps the state of a workspace. */
export const stateFolder = (folder: string, workspace: string): string => join(folder, 'terraform.tfstate.d', workspace)

/** Name of the file for its standard output. */
export const said = 'said.jsonl'

/** Where an apply whose state is in a backend says what it does. */
export const remoteSaid = (folder: string): string => join(folder, 'terraform.tfstate.d')

/** Where the command puts a state that its backend did not take. */
export const erroredState = 'errored.tfstate'

/** @param path of the folder with what it says, where that is not beside its state. */
export function applyFolder(folder: string, workspace: string, path = stateFolder(folder, workspace)): ApplyFolder {
  const messages = readMessages()
  const decoder = new StringDecoder('utf8')
  let offset = 0
  return {
    path,
    messages,
    async heard() {
      const bytes = await readFrom(join(path, said), offset)
      offset += bytes.length
      return messages.add(decoder.write(bytes))
    },
    async state(ended) {
      const text = await readFile(join(path, 'terraform.tfstate'), 'utf8').catch(() => null)
      if (text === null || !isWhole(text)) return null
      return ended ? text : (withTainted(text, messages.making) ?? text)
    },
  }
}

async function readFrom(path: string, offset: number): Promise<Buffer> {
  const size = (await stat(path).catch(() => null))?.size ?? 0
  if (size <= offset) return Buffer.alloc(0)
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - offset), 0, size - offset, offset)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** It is written in place: what is read meanwhile may be cut off. */
function isWhole(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/**
 * A resource is in the state before its provisioners have run, as if it were whole; only at its end the command says of one
 * that failed that it is tainted. While it is being made it counts as tainted: should nobody hear of the end, it is made anew.
 * Null: nothing of it is.
 */
export function withTainted(text: string, making: ReadonlySet<string>): string | null {
  if (making.size === 0) return null
  const { resources } = readState(text, 'a machine')
  const raw: RawState = JSON.parse(text)
  let marked = false
  for (const [at, resource] of resources.entries())
    for (const [index, instance] of resource.instances.entries()) {
      const own = raw.resources?.[at]?.instances[index]
      if (!own || !making.has(instanceAddress(resource, instance)) || own.status === 'tainted') continue
      own.status = 'tainted'
      marked = true
    }
  return marked ? `${JSON.stringify(raw, null, 2)}\n` : null
}

/** The state, as far as it is changed here. */
interface RawState {
  readonly resources?: readonly { readonly instances: { status?: string }[] }[]
}

/** What an apply has left whose end nobody has seen; null: nothing that is newer than what is known. */
export async function leftState(
  folder: string,
  { workspace, known, of }: { readonly workspace: string; readonly known: string | null; readonly of: string },
): Promise<string | null> {
  const left = applyFolder(folder, workspace)
  await left.heard()
  const errored = await readFile(join(folder, erroredState), 'utf8').catch(() => null)
  const text = errored !== null && isWhole(errored) ? errored : await left.state(false)
  if (text === null || text === known) return null
  if (known === null) return text
  const before = readState(known, of)
  const after = readState(text, of)
  return after.lineage === before.lineage && after.serial >= before.serial ? text : null
}
