import { randomUUID } from 'node:crypto'

/**
 * What every child carries, so that whatever is left of it is found in /proc by these variables alone, however it was
 * forked, detached or reparented. `attempt` is absent on children that outlive an attempt (SSH masters).
 */
export interface ChildMarker {
  /** The server or worker process that started the child; unique a start. */
  readonly worker: string
  /** The attempt of a stage: ended with it. */
  readonly attempt?: string
}

export const workerVariable = 'SLIPWAY_WORKER'
export const attemptVariable = 'SLIPWAY_ATTEMPT'
/** `SIGINT`: it ends its own children in good order, and is asked by that (`ProcessOptions.endsBy`). */
export const endsByVariable = 'SLIPWAY_ENDS_BY'

/** The marker as environment variables, in the form that `AttemptContext.environment` carries. */
export function markerEnvironment(marker: ChildMarker): Readonly<Record<string, string>> {
  return {
    [workerVariable]: marker.worker,
    ...(marker.attempt !== undefined && { [attemptVariable]: marker.attempt }),
  }
}

/** A worker name that no earlier process of this installation had. */
export const newWorkerName = (): string => `${process.pid}-${randomUUID()}`

/** Variables of ours that children may see. Everything else (database URLs, tokens) stays with us. */
const inherited =
  /^(PATH|HOME|USER|LOGNAME|SHELL|TZ|TMPDIR|XDG_.*|SSH_AUTH_SOCK|SSL_CERT_(FILE|DIR)|(https?|no|all)_proxy|(HTTPS?|NO|ALL)_PROXY)$/

/**
 * The whole environment of a child: a short list of inherited variables, a fixed locale (messages are parsed), and
 * what the caller adds, the marker among it.
 */
export function childEnvironment(additions: Readonly<Record<string, string>>): Record<string, string> {
  const environment: Record<string, string> = {}
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && inherited.test(name)) environment[name] = value
  }
  return { ...environment, LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', ...additions }
}
