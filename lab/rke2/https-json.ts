import { Agent, type RequestOptions, request } from 'node:https'
import type { IncomingMessage } from 'node:http'

export interface Identity {
  /** PEM of the authorities that the other side's certificate is checked against. */
  ca: string
  cert?: string
  key?: string
}

export interface Answer {
  status: number
  body: string
}

export interface Question {
  method?: string
  headers?: Record<string, string>
  body?: string
  /** Milliseconds until the call fails. */
  timeout?: number
}

/** An HTTPS caller with one identity and connections that are kept. Throws only where no answer came. */
export function httpsCaller(base: string, identity: Identity | { insecure: true }) {
  const trust = 'insecure' in identity ? { rejectUnauthorized: false } : identity
  const agent = new Agent({ keepAlive: true, maxSockets: 8, ...trust })

  const open = (path: string, question: Question): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const options: RequestOptions = { agent, method: question.method ?? 'GET', headers: question.headers ?? {} }
      const call = request(new URL(path, base), options, resolve)
      call.setTimeout(question.timeout ?? 10_000, () => call.destroy(new Error('timed out')))
      call.once('error', cause => reject(new Error(`${options.method} ${new URL(path, base)}`, { cause })))
      call.end(question.body)
    })

  const call = async (path: string, question: Question = {}): Promise<Answer> => {
    const response = await open(path, question)
    response.setEncoding('utf8')
    let body = ''
    for await (const piece of response) body += piece
    return { status: response.statusCode ?? 0, body }
  }

  return { call, close: () => agent.destroy() }
}

export type HttpsCaller = ReturnType<typeof httpsCaller>
