import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { SlipwayError } from '../../domain/errors.ts'
import type { ProviderCalls } from '../contract.ts'
import { tokenOf } from './token.ts'
import { explainDigitalOcean } from './words.ts'

/** What is asked of DigitalOcean's API, version 2: https://docs.digitalocean.com/reference/api */
export interface DigitalOceanApi {
  /** Null: there is no such thing. */
  get<T>(path: string, shape: z.ZodType<T>): Promise<T | null>
  /** All of a list, page by page. @param path with its query, if it has one. */
  list<T>(path: string, name: string, shape: z.ZodType<T>): Promise<readonly T[]>
  /** What is gone already is a success. */
  remove(path: string): Promise<void>
}

/** As many of a list as one answer may have. */
const pageSize = 200
/** ms that an answer may take. */
const answerTime = 30_000
/** s; whoever has to wait longer is told so. */
const longestWait = 60
/** How often it is asked again when there were too many requests. */
const mostTries = 5

const pages = z.object({ links: z.object({ pages: z.object({ next: z.string().optional() }).optional() }).optional() })
const refusal = z.object({ message: z.string() })

/** @throws SlipwayError `provider-refused` where there is no token. */
export async function digitalOcean(
  settings: { readonly token_file?: string | undefined },
  calls: ProviderCalls,
): Promise<DigitalOceanApi> {
  const token = tokenOf(settings.token_file === undefined ? null : await calls.file(settings.token_file))
  const ask = (method: 'GET' | 'DELETE', path: string) => patientAnswer(method, path, token, calls.signal)
  return {
    async get(path, shape) {
      const body = await ask('GET', path)
      return body === null ? null : understood(path, shape, body)
    },
    async list(path, name, shape) {
      const found = []
      const sign = path.includes('?') ? '&' : '?'
      for (let page = 1; ; page += 1) {
        const body = await ask('GET', `${path}${sign}per_page=${pageSize}&page=${page}`)
        if (body === null) return found
        found.push(...(understood(path, z.object({ [name]: z.array(shape) }), body)[name] ?? []))
        if (understood(path, pages, body).links?.pages?.next === undefined) return found
      }
    },
    async remove(path) {
      await ask('DELETE', path)
    },
  }
}

function understood<T>(path: string, shape: z.ZodType<T>, body: unknown): T {
  const read = shape.safeParse(body)
  if (read.success) return read.data
  throw new SlipwayError('provider-refused', `DigitalOcean answers ${path} with something else than its API says`, {
    remedy: 'See whether a proxy answers in its place, and DIGITALOCEAN_API_URL where it is set.',
    cause: read.error,
  })
}

/** The answer as JSON; null: 404. Too many requests are waited out as long as the API says. */
async function patientAnswer(
  method: 'GET' | 'DELETE',
  path: string,
  token: string,
  signal: AbortSignal,
): Promise<unknown> {
  for (let tries = 1; ; tries += 1) {
    const { status, retryAfter, body } = await answer(method, path, token, signal)
    if (status === 404) return null
    if (status >= 200 && status < 300) return body
    if (status !== 429 || retryAfter > longestWait || tries === mostTries)
      throw refused(status, refusal.safeParse(body).data?.message ?? '')
    await delay(retryAfter * 1000, undefined, { signal })
  }
}

function refused(status: number, said: string): SlipwayError {
  const text = `DigitalOcean answers ${status}${said === '' ? '' : `: ${said}`}`
  const known = explainDigitalOcean(`: ${status} ${said}`)
  return new SlipwayError('provider-refused', known ? `${known.message} (${text})` : text, {
    ...(known && { remedy: known.remedy }),
    facts: { status },
  })
}

async function answer(method: string, path: string, token: string, signal: AbortSignal) {
  // Loading it takes longer than all else that a command does which asks nobody.
  const { EnvHttpProxyAgent, request } = await import('undici')
  const url = new URL(path, baseUrl())
  const dispatcher = new EnvHttpProxyAgent()
  try {
    const { statusCode, headers, body } = await request(url, {
      method,
      headers: { authorization: `Bearer ${token}`, accept: 'application/json', 'user-agent': 'slipway' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerTime)]),
      dispatcher,
    })
    const text = await body.text()
    return { status: statusCode, retryAfter: secondsOf(headers['retry-after']), body: parsed(text) }
  } catch (cause) {
    signal.throwIfAborted()
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new SlipwayError('provider-refused', `DigitalOcean is not reached at ${url.origin}: ${why}`, {
      remedy: 'See the network of the machine that runs Slipway, and HTTPS_PROXY where there is a proxy.',
      cause,
    })
  } finally {
    await dispatcher.close()
  }
}

/** The variable of its Terraform provider. */
const baseUrl = (): string => process.env['DIGITALOCEAN_API_URL'] || 'https://api.digitalocean.com'

const secondsOf = (header: string | string[] | undefined): number => {
  const seconds = Number(Array.isArray(header) ? header[0] : (header ?? 1))
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 1
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
