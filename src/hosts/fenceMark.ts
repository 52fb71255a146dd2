import { SlipwayError } from '../domain/errors.ts'
import type { Fence } from '../engine/contract/stage.ts'
import { shellQuote } from './remoteCommand.ts'

/** Whose fence: an installation of Slipway (its database's id) and a cluster of it. */
export interface FenceScope {
  readonly installation: string
  readonly cluster: string
}

/** What an act on a host carries. */
export interface FenceMark {
  readonly scope: FenceScope
  readonly fence: Fence
}

/** Where the host keeps fence, locks and the interpreter that compares. */
export const fenceDirectory = '/var/lib/slipway'

/** `1.7@installation/cluster`, as it stands in SLIPWAY_FENCE. Goes through shells unquoted. */
export function renderMark({ scope, fence }: FenceMark): string {
  const mark = `${fence.epoch}.${fence.number}@${scope.installation}/${scope.cluster}`
  if (!/^\d+\.\d+@[A-Za-z0-9._-]+\/[a-z0-9-]+$/.test(mark)) throw new SlipwayError('internal', `not a fence: ${mark}`)
  return mark
}

/** The interpreter on the host that compares before it becomes python3; SLIPWAY_FENCE says for whom. */
export const fencedPython = `${fenceDirectory}/python`

/**
 * The interpreter for every module of a play: each then runs through the host's fence, whatever playbook it belongs to.
 * The wrapper takes a shared lock that the module keeps as long as it runs, compares, and becomes the host's python3, or
 * prints a result that fails the task. ansible-core 2.18 quotes an interpreter as one word, so `src/ansible` takes this
 * line apart: the path becomes `ansible_python_interpreter`, the variable the play's `environment`, which Ansible puts
 * before the interpreter behind sudo. `raw` and `script` tasks don't pass here: use none.
 */
export const fencedInterpreter = (mark: FenceMark): string =>
  `/usr/bin/env SLIPWAY_FENCE=${renderMark(mark)} ${fencedPython}`

/** A shell command line that runs only while the host's fence is this one, under the shared lock. */
export function fencedCommand(mark: FenceMark, command: string): string {
  const run = 'import os, sys; os.execvp("sh", ["sh", "-c", sys.argv[1]])'
  return `${fencedInterpreter(mark)} -I -S -c ${shellQuote(run)} ${shellQuote(command)}`
}

/** The error for a wrapper's refusal, or undefined when the line is none. */
export function refusedByFence(host: string, line: string): SlipwayError | undefined {
  if (!line.includes('"slipway_fence"')) return undefined
  const message = /"msg": "([^"]*)"/.exec(line)?.[1] ?? 'the host refused the fence'
  return new SlipwayError('fence-refused', `${host}: ${message}`, { facts: { host } })
}
