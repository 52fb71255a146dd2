import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { SlipwayError } from '../../domain/errors.ts'
import type { Answer } from '../answer.ts'
import type { WorkspaceCommand } from '../command.ts'
import { plain } from '../failures.ts'
import { makeInTurn } from './inTurn.ts'
import { deleteOverHttp } from './deleteOverHttp.ts'
import { lockIn, stateLocked } from './lock.ts'
import { hidden, type StateBackend } from './stateBackend.ts'

/** The state of one workspace in its backend. Every call is one or two commands. */
export interface RemoteState {
  /**
   * As it is there, in clear; null: there is none.
   * @param isKnown the workspace is there: to ask for one that is not would make it.
   * @throws SlipwayError `terraform-backend-unanswered`, `terraform-state-unreadable`.
   */
  pull(isKnown?: 'there'): Promise<string | null>
  /** Makes the workspace where there is none, and puts a state into it. @throws SlipwayError also `terraform-state-locked`. */
  bring(state: string | null): Promise<void>
  /**
   * Takes the workspace away with its state. Gives false where the backend does not do that.
   * @param withResources also when its state knows of something.
   */
  remove(withResources: boolean): Promise<boolean>
  /** Takes a lock away, whoever has it. */
  unlock(lock: string): Promise<void>
}

export interface RemoteParts {
  /** `machine w1` */
  readonly of: string
  readonly backend: StateBackend
  readonly workspace: string
  readonly folder: string
  /** In the workspace. */
  readonly inside: WorkspaceCommand
  /** In none: what makes and removes workspaces wants that. */
  readonly outside: WorkspaceCommand
}

interface CallOptions {
  readonly how?: (run: () => Promise<Answer>) => Promise<Answer>
  /** What it may fail of: it is so already. */
  readonly passes?: RegExp
}

export function remoteState({ of, backend, workspace, folder, inside, outside }: RemoteParts): RemoteState {
  const call = async (
    command: WorkspaceCommand,
    args: readonly string[],
    { how = run => run(), passes }: CallOptions = {},
  ): Promise<Answer> => {
    const begun = Date.now()
    const answer = await how(() => command.run(args))
    const said = answer.stderr || answer.stdout
    if (answer.exitCode === 0 || passes?.test(said)) return answer
    throw backendFailed(of, backend, args[0] ?? '', said, begun)
  }
  const isThere = async (): Promise<boolean> =>
    !backend.workspaces || namesIn(await call(outside, list)).includes(workspace)
  return {
    async pull(isKnown) {
      if (isKnown === undefined && !(await isThere())) return null
      const { stdout } = await call(inside, ['state', 'pull'])
      // What it warns of stands before.
      const text = stdout.slice(Math.max(0, stdout.search(/^\{/m)))
      return isNone(text) ? null : text
    },
    async bring(state) {
      if (backend.workspaces)
        await call(outside, ['workspace', 'new', workspace], {
          how: run => makeInTurn(backend, run, isMaking),
          passes: /already exists/,
        })
      if (state === null) return
      const file = join(folder, 'slipway.brought.tfstate')
      await writeFile(file, state, { mode: 0o600 })
      try {
        await call(inside, ['state', 'push', ...lockOptions(backend), file])
      } finally {
        await rm(file, { force: true })
      }
    },
    async remove(withResources) {
      if (!backend.workspaces) return deleteOverHttp(of, backend.settings(workspace), backend)
      const force = withResources ? ['-force'] : []
      const args = ['workspace', 'delete', ...lockOptions(backend), ...force, workspace]
      await call(outside, args, { passes: /doesn['’]t exist/ })
      return true
    },
    async unlock(lock) {
      await call(inside, ['force-unlock', '-force', lock])
    },
  }
}

/** Where there is no state one is told that was never written: it has no lineage. */
const isNone = (pulled: string): boolean => pulled.trim() === '' || /"serial":\s*0,\s*"lineage":\s*""/.test(pulled)

/** Somebody else is making a workspace of the same backend. */
const isMaking = ({ exitCode, stderr }: Answer): boolean =>
  exitCode !== 0 && /locked for workspace creation/.test(stderr)

const list = ['workspace', 'list']

/** Names of the workspaces that `workspace list` tells. */
export const namesIn = ({ stdout }: Pick<Answer, 'stdout'>): readonly string[] =>
  stdout.split('\n').flatMap(line => /^\*?\s+(\S+)$/.exec(line.trimEnd())?.[1] ?? [])

/** A lock that goes with a connection may be that of a command that has just been ended. */
export const lockOptions = ({ locksEnd }: StateBackend): readonly string[] => [
  `-lock-timeout=${locksEnd ? '20s' : '0s'}`,
]

/** What a call that only speaks with the backend has failed of. */
export function backendFailed(
  of: string,
  backend: StateBackend,
  call: string,
  said: string,
  begun: number,
): SlipwayError {
  const text = stripVTControlCharacters(said)
  const lock = lockIn(text)
  if (lock) return stateLocked(of, backend.title, lock, begun)
  const words = hidden(backend, plain(text)) || `${call} says nothing`
  const isBroken = /state (file|snapshot|data)|statefile|decod|unmarshal|invalid character/i.test(words)
  if (isBroken)
    return new SlipwayError(
      'terraform-state-unreadable',
      `the Terraform state of ${of} in ${backend.title} can’t be read: ${words}`,
      { remedy: brokenRemedy(of) },
    )
  return new SlipwayError('terraform-backend-unanswered', `${backend.title}: ${words}`, { facts: { call } })
}

export const brokenRemedy = (of: string): string =>
  `Put the right state back there, from a version or a backup that the backend has. Or take the machine away by what is on record of it: slipway ${of.replace(' ', ' destroy ')} --accept machine-state-lost.`
