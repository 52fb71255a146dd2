import { SlipwayError } from '../domain/errors.ts'
import { createRedactor } from '../secrets/redact.ts'
import type { ApiAccess } from './apiAccess.ts'
import { type Answer, retryAfterOf, statusError } from './apiErrors.ts'
import { type Connection, openConnection, type Reply, type Request, type Way } from './connection.ts'
import { isPassing } from './networkErrors.ts'
import { backoff, pause, within } from './within.ts'

/** How long, and for whom. */
export interface Call {
  readonly signal: AbortSignal
  /** ms over all tries; default 30 s. */
  readonly deadline?: number
}

export interface Question extends Request {
  /** For people: `apply ConfigMap default/settings`. */
  readonly about: string
  /** Whether it may be sent again after a fault that passes: when it does no more in two times than in one. */
  readonly repeatable: boolean
  /** What is sent and must be in no message. */
  readonly secrets?: readonly string[]
}

/** Questions to one API server and their answers. */
export interface Caller {
  /**
   * JSON of a success.
   * @throws SlipwayError as `networkError` and `statusError` say, when no further try helps or time is over;
   * `api-reply-invalid`.
   */
  ask(question: Question, call: Call): Promise<unknown>
  /** One try and whatever it brings. @throws SlipwayError as `networkError` says. */
  askOnce(question: Question, call: Call): Promise<Answer>
  /** What an answer means that is none of success. */
  errorOf(answer: Answer, question: Question): SlipwayError
  /** One try whose success is read as it comes. @throws SlipwayError as above. */
  open(question: Question, signal: AbortSignal): Promise<Reply['body']>
  close(): Promise<void>
}

const defaultDeadline = 30_000
const mostTries = 10
const longestPause = 3000
/** Bytes. A page of objects that are as large as objects can be is larger, and would not fit into a string. */
const largestAnswer = 256 * 1024 * 1024

export async function openCaller(access: ApiAccess, way: Way): Promise<Caller> {
  const connection = await openConnection(access, way)
  const errorOf = (answer: Answer, { about, secrets = [] }: Question) =>
    statusError(answer, about, words => createRedactor([...secretsOf(access), ...secrets]).redact(words))
  const late =
    ({ deadline = defaultDeadline }: Call, { about }: Question, last?: Error) =>
    () =>
      new SlipwayError(
        'api-unreachable',
        `${about}: no answer within ${deadline / 1000} s${last ? `; the last try: ${last.message}` : ''}`,
        { facts: { server: access.server, passing: true }, ...(last && { cause: last }) },
      )

  async function tryOnce(question: Question, signal: AbortSignal): Promise<unknown> {
    const answer = await exchangeWhole(connection, question, signal)
    if (isSuccess(answer)) return jsonOf(answer.text, question.about)
    throw errorOf(answer, question)
  }

  return {
    async ask(question, call) {
      const end = performance.now() + (call.deadline ?? defaultDeadline)
      let last: SlipwayError | undefined
      const tryAll = async (signal: AbortSignal) => {
        for (let tries = 1; ; tries += 1) {
          try {
            return await tryOnce(question, signal)
          } catch (error) {
            signal.throwIfAborted()
            if (!question.repeatable || !isPassing(error) || tries === mostTries) throw error
            const wait = retryAfterOf(error) ?? backoff(tries, longestPause)
            if (performance.now() + wait > end) throw error
            last = error
            await pause(wait, signal)
          }
        }
      }
      return within(end - performance.now(), call.signal, tryAll, () => late(call, question, last)())
    },
    askOnce: (question, call) =>
      within(
        call.deadline ?? defaultDeadline,
        call.signal,
        signal => exchangeWhole(connection, question, signal),
        late(call, question),
      ),
    errorOf,
    async open(question, signal) {
      const reply = await connection.exchange(question, signal)
      if (isSuccess(reply)) return reply.body
      throw errorOf({ ...reply, text: await wholeText(reply.body, question.about) }, question)
    },
    close: () => connection.close(),
  }
}

const isSuccess = ({ status }: { status: number }): boolean => status >= 200 && status < 300

async function exchangeWhole(connection: Connection, question: Question, signal: AbortSignal): Promise<Answer> {
  const { status, retryAfter, body } = await connection.exchange(question, signal)
  return { status, retryAfter, text: await wholeText(body, question.about) }
}

async function wholeText(body: Reply['body'], about: string): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let length = 0
  for await (const piece of body) {
    length += piece.length
    if (length > largestAnswer)
      throw new SlipwayError('api-reply-invalid', `${about}: the answer has more than ${largestAnswer} bytes`)
    text += decoder.decode(piece, { stream: true })
  }
  return text + decoder.decode()
}

function jsonOf(text: string, about: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new SlipwayError('api-reply-invalid', `${about}: the answer is no JSON`)
  }
}

/** What we prove with who we are, and must be in no message. */
export function secretsOf({ authorization }: ApiAccess): readonly string[] {
  const [scheme, value = ''] = authorization?.split(' ') ?? []
  if (scheme !== 'Basic') return [value]
  return [
    value,
    Buffer.from(value, 'base64')
      .toString('utf8')
      .replace(/^[^:]*:/, ''),
  ]
}
