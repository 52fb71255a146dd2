import { mkdir } from 'node:fs/promises'
import { SlipwayError } from '../../../domain/errors.ts'
import { runProcess } from '../../../processes/run.ts'
import { missing } from './content.ts'
import type { Doing } from './doing.ts'

interface GitSource {
  readonly git: string
  readonly ref: string
}

/** ms. A repository that does not answer must not hold up a plan for longer. */
const answersIn = 60_000
const fetchedIn = 10 * 60_000

/**
 * The commit that a tag or a branch is now.
 * @throws SlipwayError `tool-missing` without Git, `playbooks-missing`.
 */
export async function commitOf({ git, ref }: GitSource, doing: Doing): Promise<string> {
  const names = [`refs/tags/${ref}^{}`, `refs/tags/${ref}`, `refs/heads/${ref}`]
  const told = await run(['ls-remote', '--', git, ...names], { ...doing, timeout: answersIn }, `${git} does not answer`)
  const commits = new Map(
    told.split('\n').flatMap((line): [string, string][] => {
      const [commit = '', name = ''] = line.split('\t')
      return /^[0-9a-f]{40}$/.test(commit) ? [[name, commit]] : []
    }),
  )
  const commit = names.map(name => commits.get(name)).find(found => found !== undefined)
  if (commit === undefined) throw missing(`${git} has no tag and no branch ${ref}`)
  return commit
}

/**
 * Brings the files of a commit into a new folder.
 * @throws SlipwayError `tool-missing`, `playbooks-missing`, `playbooks-differ` where the commit is not in the repository.
 */
export async function fetchCommit({ git, ref }: GitSource, commit: string, into: string, doing: Doing): Promise<void> {
  await mkdir(into)
  const here = { ...doing, timeout: fetchedIn, directory: into }
  await run(['init', '--quiet'], here, 'no repository can be made')
  // A server may refuse to give a commit that no name leads to any more: then the name is asked for, with all before it.
  const direct = ['fetch', '--quiet', '--depth=1', '--no-tags', '--', git, commit]
  const whole = ['fetch', '--quiet', '--no-tags', '--', git, ref]
  const isThere = await run(direct, here, '').then(
    () => true,
    () => false,
  )
  if (!isThere) await run(whole, here, `${ref} cannot be fetched from ${git}`)
  await run(['checkout', '--quiet', '--detach', commit], here, '').catch((cause: unknown) => {
    throw new SlipwayError('playbooks-differ', `${ref} of ${git} does not lead to the commit ${commit}`, { cause })
  })
}

interface GitRun extends Doing {
  readonly timeout: number
  readonly directory?: string
}

/** Nobody is there to type a password, and no configuration of a repository may start a program. */
const environment = {
  GIT_TERMINAL_PROMPT: '0',
  GIT_SSH_COMMAND: 'ssh -o BatchMode=yes',
  GIT_ALLOW_PROTOCOL: 'https:http:ssh:file',
}

async function run(
  args: readonly string[],
  { signal, timeout, directory, marker }: GitRun,
  fault: string,
): Promise<string> {
  const done = await runProcess('git', ['-c', 'core.hooksPath=/dev/null', ...args], {
    environment: { ...marker, ...environment },
    signal,
    timeout,
    ...(directory !== undefined && { directory }),
  })
  signal.throwIfAborted()
  if (done.exitCode === 0) return done.stdout
  const said =
    done.end === 'timeout' ? `it took longer than ${timeout / 1000} s` : done.stderr.trim().split('\n').at(-1)
  throw missing(`${fault}: ${said || `git ended with ${done.exitCode}`}`)
}
