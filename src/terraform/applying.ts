import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ApplyFolder, applyFolder, erroredState, remoteSaid } from './applyFolder.ts'
import { backendFailed, lockOptions } from './backend/remoteState.ts'
import { terraformFailed, terraformKilled } from './failures.ts'
import { progressOf } from './messages.ts'
import type { PreparedFolder } from './prepare.ts'
import type { TerraformRoot } from './root.ts'
import { watchFolder } from './watchFolder.ts'

export interface ApplyHandlers {
  /** Everything that the command says, line by line. */
  log(text: string): void | Promise<void>
  /** One line for people. */
  progress(message: string): Promise<void>
  /** The state, in clear, each time it has changed; of one in a backend at the end. Called one after the other. */
  keep(state: string, how: Kept): Promise<void>
  /** What is being made now, by its addresses, each time that this has changed; only of a state in a backend. */
  making(addresses: readonly string[], line: string): Promise<void>
}

export interface Kept {
  /** False: its backend did not take it. */
  readonly isWritten: boolean
  /** The command has ended by itself, and holds no lock any more. */
  readonly isUnlocked: boolean
  /** Addresses of what is made, of which no end was told. */
  readonly making: readonly string[]
}

/** ms for the last look at a backend, also of an apply that was broken off. */
const lastLook = 20_000

interface Application {
  /** Name of its file in the folder. */
  readonly plan: string
  readonly signal: AbortSignal
  readonly handlers: ApplyHandlers
  /** What it has made is on record, or in the backend: the folder is not needed any more. */
  kept(): void
}

/**
 * Applies a plan. The state is kept also when it fails.
 * @throws SlipwayError `terraform-failed`, `terraform-state-locked`; the signal's reason when it was aborted.
 */
export async function applyIn(
  prepared: PreparedFolder,
  root: TerraformRoot,
  { plan, signal, handlers, kept }: Application,
): Promise<void> {
  const { of, workspace, backend } = root
  const { folder, command } = prepared
  const left = applyFolder(folder, workspace, backend ? remoteSaid(folder) : undefined)
  let ended = false
  let isKept = backend === null
  const look = backend ? remoteLook(left, handlers) : localLook(left, handlers, () => ended)
  const watch = watchFolder(left.path, look)
  const begun = Date.now()
  const locks = backend ? lockOptions(backend) : ['-lock=false']
  try {
    const answer = await command.runApart(['apply', '-json', '-input=false', ...locks, plan], left.path)
    ended = answer.exitCode !== null
    await watch.end()
    const isLocked = left.messages.errors.some(({ summary }) => /releasing the state lock/i.test(summary))
    const making = ended ? [] : [...left.messages.making]
    if (backend) await keepRemote(prepared, { isUnlocked: ended && !isLocked, making }, handlers)
    isKept = true
    signal.throwIfAborted()
    if (answer.exitCode === null) throw terraformKilled(of)
    if (answer.exitCode === 0) return
    const said = left.messages.errors.map(({ summary, detail }) => `${summary}\n${detail}`).join('\n') || answer.stderr
    if (backend && /Error acquiring the state lock/.test(said)) throw backendFailed(of, backend, 'apply', said, begun)
    throw terraformFailed(root, 'apply', answer.stderr, left.messages.errors)
  } finally {
    // Also of an apply that was cancelled: what it made is known by it.
    await watch.end()
    if (isKept) kept()
  }
}

/** What the command says, for people. */
async function tell(left: ApplyFolder, { log }: ApplyHandlers, progress: ApplyHandlers['progress']): Promise<void> {
  for (const message of await left.heard()) {
    const line = progressOf(message)
    if (line !== null) await progress(line)
    if (message.type === 'provision_progress') await log(`${message.hook.output}\n`)
    if (message.type === 'diagnostic') await log(`${message.diagnostic.summary}: ${message.diagnostic.detail}\n`)
  }
}

function localLook(left: ApplyFolder, handlers: ApplyHandlers, isEnded: () => boolean): () => Promise<void> {
  let kept: string | null = null
  return async () => {
    await tell(left, handlers, handlers.progress)
    const state = await left.state(isEnded())
    if (state === null || state === kept) return
    kept = state
    await handlers.keep(state, { isWritten: true, isUnlocked: true, making: [] })
  }
}

/** A state in a backend says nothing of what is being made: that goes on record as soon as it is told. */
function remoteLook(left: ApplyFolder, handlers: ApplyHandlers): () => Promise<void> {
  let told = ''
  return () =>
    tell(left, handlers, async line => {
      const making = [...left.messages.making]
      if (making.join(' ') === told) return handlers.progress(line)
      told = making.join(' ')
      await handlers.making(making, line)
    })
}

/**
 * What the backend has now, or what it did not take. Where it can't be asked the next run does so.
 */
async function keepRemote(
  { folder, remoteUntil }: PreparedFolder,
  end: Pick<Kept, 'isUnlocked' | 'making'>,
  { keep, log }: ApplyHandlers,
): Promise<void> {
  const errored = await readFile(join(folder, erroredState), 'utf8').catch(() => null)
  if (errored !== null) return keep(errored, { isWritten: false, ...end })
  try {
    const state = await remoteUntil(AbortSignal.timeout(lastLook))?.pull('there')
    if (state) await keep(state, { isWritten: true, ...end })
  } catch (error) {
    await log(`the state can’t be looked at: ${error instanceof Error ? error.message : error}\n`)
  }
}
