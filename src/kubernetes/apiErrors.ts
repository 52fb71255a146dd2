import { z } from 'zod'
import { type ErrorCode, type ErrorDetails, SlipwayError } from '../domain/errors.ts'
import { shortened } from './shortened.ts'

const cause = z.object({ reason: z.string().optional(), message: z.string().optional(), field: z.string().optional() })

/** How an API server says no. */
const statusShape = z.object({
  kind: z.literal('Status'),
  message: z.string().optional(),
  reason: z.string().optional(),
  code: z.int().optional(),
  details: z
    .object({
      name: z.string().optional(),
      causes: z.array(cause).optional(),
      retryAfterSeconds: z.number().optional(),
    })
    .nullish(),
})
export type ApiStatus = z.infer<typeof statusShape>

/** What an answer says of itself; null when it is no Status of the API, but some text of a proxy. */
export function statusOf(text: string): ApiStatus | null {
  try {
    return statusShape.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

export interface Answer {
  /** Of HTTP. */
  readonly status: number
  /** ms that the server wants us to wait; null when it says nothing of it. */
  readonly retryAfter: number | null
  readonly text: string
}

/**
 * An answer of the API server that is none of success, as an error in its own words.
 * @param about what was asked: `apply ConfigMap default/settings`
 * @param redact leaves no secret in its words: they quote what was sent
 * @returns `api-unauthorized`, `api-forbidden`, `api-conflict`, `api-refused`, or `api-unreachable` for one that cannot
 * answer now. Facts: `status` of HTTP, `reason` of the API, `passing` (see `isPassing`), `retry_after` in ms, and
 * `object_missing`: it knows the kind, and has no such object.
 */
export function statusError(answer: Answer, about: string, redact: (text: string) => string): SlipwayError {
  const said = statusOf(answer.text)
  const { code, ...details } = kindOf(answer.status, said)
  const words = redact(said?.message ?? answer.text)
  const passing = isPassingStatus(answer.status, said)
  const conflicts = conflictsIn(said)
  const told = conflicts
    ? managedByOthers(conflicts)
    : words.trim() === ''
      ? `status ${answer.status}`
      : shortened(words)
  const seconds = said?.details?.retryAfterSeconds
  return new SlipwayError(code, `${about}: ${told}`, {
    ...details,
    ...(conflicts && { cause: new FieldConflicts(conflicts) }),
    facts: {
      status: answer.status,
      reason: said?.reason ?? null,
      passing,
      retry_after: answer.retryAfter ?? (seconds === undefined ? null : seconds * 1000),
      object_missing: answer.status === 404 && said?.reason === 'NotFound' && said.details?.name !== undefined,
    },
  })
}

function kindOf(status: number, said: ApiStatus | null): { code: ErrorCode } & Pick<ErrorDetails, 'remedy'> {
  // The API leads nobody elsewhere: a proxy does, or a page to log in.
  if (status < 400) return { code: 'api-reply-invalid' }
  if (status === 401) return { code: 'api-unauthorized' }
  if (status === 403) return { code: 'api-forbidden' }
  if (status === 409) return { code: 'api-conflict', ...remedyOfConflict(said) }
  if (isOfWebhook(said?.message ?? '')) return { code: 'api-refused', remedy: remedyOfWebhook }
  return { code: isPassingStatus(status, said) ? 'api-unreachable' : 'api-refused' }
}

/** The API says 500 of an apply whose fields it does not know as well: that one stays as it is. */
const isPassingStatus = (status: number, said: ApiStatus | null): boolean =>
  status === 429 || (status >= 500 && !/\btyped patch object\b/.test(said?.message ?? ''))

/** Whether these words of the API say that it asked an admission webhook, which gave no answer: it is well itself. */
export const isOfWebhook = (words: string): boolean => /failed calling webhook/.test(words)

export const remedyOfWebhook =
  'See why the service behind this admission webhook does not answer (`kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations` ' +
  'says which one it is); then plan again, or `slipway resume` a run that failed.'

const isManagers = (said: ApiStatus | null): boolean =>
  said?.details?.causes?.some(({ reason }) => reason === 'FieldManagerConflict') ?? false

function remedyOfConflict(said: ApiStatus | null): Pick<ErrorDetails, 'remedy'> {
  if (said?.reason === 'AlreadyExists')
    return { remedy: 'Look at the object that is there (`kubectl get`), and remove it if nobody needs it.' }
  return isManagers(said)
    ? { remedy: 'Leave the fields to the one who manages them, or have it give them up; then `slipway resume`.' }
    : {}
}

/** A field that an apply would have taken from whoever manages it, with another value. */
export interface FieldConflict {
  readonly manager: string
  /** By which the manager has set it, as `scale`; null: by none. */
  readonly subresource: string | null
  /** `.spec.template.spec.containers[name="web"].image` */
  readonly field: string
}

/** The cause of an `api-conflict` of an apply. */
class FieldConflicts extends Error {
  readonly conflicts: readonly FieldConflict[]

  constructor(conflicts: readonly FieldConflict[]) {
    super('others manage these fields')
    this.conflicts = conflicts
  }
}

/** Which fields an apply was refused for; null: it was not for that. */
export const conflictsOf = (error: unknown): readonly FieldConflict[] | null =>
  error instanceof SlipwayError && error.cause instanceof FieldConflicts ? error.cause.conflicts : null

/** Of what is said; null where it is not that. */
function conflictsIn(said: ApiStatus | null): readonly FieldConflict[] | null {
  if (!isManagers(said)) return null
  return (said?.details?.causes ?? []).map(({ message = '', field = '?' }) => {
    const [, manager = 'somebody else', subresource = null] =
      /^conflict with "([^"]*)"(?: with subresource "([^"]*)")?/.exec(message) ?? []
    return { manager, subresource, field }
  })
}

/** Fields of an object by who manages them: `kubectl manages .data.a, .data.b`. */
function managedByOthers(conflicts: readonly FieldConflict[]): string {
  const fields = Object.groupBy(conflicts, ({ manager }) => manager)
  const each = Object.entries(fields).map(
    ([manager, own = []]) => `${manager} manages ${own.map(({ field }) => field).join(', ')}`,
  )
  return shortened(each.join('; '))
}

/** A state of the API that is older than what it keeps, or newer than what it has (it was restored from a backup). */
export const isExpired = (error: unknown): boolean =>
  error instanceof SlipwayError &&
  (error.facts['status'] === 410 ||
    (error.facts['status'] === 504 && /too large resource version/i.test(error.message)))

/** The API has no such object, though it knows its kind. */
export const isMissing = (error: unknown): boolean =>
  error instanceof SlipwayError && error.facts['object_missing'] === true

/** What the API answers of a kind; null where it does not know the kind, or not in this version. */
export const whereKnown = <T>(asked: Promise<T>): Promise<T | null> =>
  asked.catch((error: unknown) => {
    if (error instanceof SlipwayError && error.facts['status'] === 404 && !isMissing(error)) return null
    throw error
  })

/** The API has another object of this name than the one that was meant by its uid. */
export const isOfAnother = (error: unknown): boolean =>
  error instanceof SlipwayError && error.facts['status'] === 409 && /UID in (the )?precondition/i.test(error.message)

/** The object is not any more as it was when the change was made up. */
export const isMoved = (error: unknown): boolean =>
  error instanceof SlipwayError && error.facts['status'] === 409 && error.facts['reason'] === 'Conflict'

/** ms that the API wants us to wait; null when it says nothing of it. */
export function retryAfterOf(error: SlipwayError): number | null {
  const wait = error.facts['retry_after']
  return typeof wait === 'number' ? wait : null
}

/** The API, or an admission webhook, does not take what it was sent. */
export const isRefusal = (error: unknown): error is SlipwayError =>
  error instanceof SlipwayError && ['api-refused', 'api-forbidden', 'api-conflict'].includes(error.code)
