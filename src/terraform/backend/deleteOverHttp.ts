import type { Json } from '../../contract/json.ts'
import { SlipwayError } from '../../domain/errors.ts'
import { lockInJson, stateLocked } from './lock.ts'
import type { StateBackend } from './stateBackend.ts'

/** ms. */
const patience = 30_000

/**
 * Takes away the state at an address of the backend `http`: OpenTofu has no command for that. Gives false where the server
 * does not know the call.
 * @param of `machine w1`.
 * @throws SlipwayError `terraform-backend-unanswered`, `terraform-state-locked`.
 */
export async function deleteOverHttp(
  of: string,
  settings: Readonly<Record<string, Json>>,
  { title, environment }: Pick<StateBackend, 'title' | 'environment'>,
): Promise<boolean> {
  const { Agent, request } = await import('undici')
  const text = (name: string): string | undefined => {
    const value = settings[name] ?? environment[`TF_HTTP_${name.toUpperCase()}`]
    return value === undefined || value === null ? undefined : String(value)
  }
  const address = new URL(text('address') ?? '')
  const user = text('username') ?? decodeURIComponent(address.username)
  const password = text('password') ?? decodeURIComponent(address.password)
  address.username = ''
  address.password = ''
  const dispatcher = new Agent({
    connect: {
      rejectUnauthorized: text('skip_cert_verification') !== 'true',
      ...given('ca', text('client_ca_certificate_pem')),
      ...given('cert', text('client_certificate_pem')),
      ...given('key', text('client_private_key_pem')),
    },
  })
  const unanswered = (reason: string, cause?: unknown): SlipwayError =>
    new SlipwayError('terraform-backend-unanswered', `${title}: a state can’t be removed there: ${reason}`, { cause })
  const begun = Date.now()
  try {
    const { statusCode, body } = await request(address, {
      dispatcher,
      method: 'DELETE',
      headers: {
        ...headersIn(settings['headers']),
        ...(user !== '' && { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }),
      },
      signal: AbortSignal.timeout(patience),
    })
    const said = await body.text()
    if (statusCode < 300 || statusCode === 404 || statusCode === 410) return true
    if (statusCode === 405 || statusCode === 501) return false
    const lock = statusCode === 409 || statusCode === 423 ? lockInJson(said) : null
    throw lock ? stateLocked(of, title, lock, begun) : unanswered(`it answers ${statusCode}`)
  } catch (error) {
    if (error instanceof SlipwayError) throw error
    throw unanswered(error instanceof Error ? error.message : 'it does not answer', error)
  } finally {
    await dispatcher.close()
  }
}

const given = (name: string, value: string | undefined): Readonly<Record<string, string>> =>
  value === undefined ? {} : { [name]: value }

const headersIn = (headers: Json | undefined): Readonly<Record<string, string>> =>
  typeof headers !== 'object' || headers === null
    ? {}
    : Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
