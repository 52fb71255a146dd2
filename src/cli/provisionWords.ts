import { SlipwayError } from '../domain/errors.ts'
import { loginName } from '../domain/names.ts'

/** What is said of a machine behind its name. */
export interface ProvisionWords {
  readonly user?: string
  /** MiB. */
  readonly memory?: string
  readonly cpus?: string
}

/**
 * `MEMORY CPUS`, or `LOGIN [MEMORY] [CPUS]`: a second word that is no number is the login. Pure.
 * @throws SlipwayError `usage`.
 */
export function readProvisionWords(words: readonly string[]): ProvisionWords {
  const [first, ...rest] = words
  if (first === undefined) return {}
  const named = isNumber(first) ? { numbers: words } : { numbers: rest, user: readLogin(first) }
  const { numbers } = named
  if (numbers.length > 2) throw new SlipwayError('usage', `too many words: ${numbers.slice(2).join(' ')}`, { remedy })
  const [memory, cpus] = numbers
  return {
    ...('user' in named && { user: named.user }),
    ...(memory !== undefined && { memory: readCount(memory, 'MEMORY', 'a number of MiB: 4096') }),
    ...(cpus !== undefined && { cpus: readCount(cpus, 'CPUS', 'a number: 2') }),
  }
}

const remedy = 'Type NAME MEMORY CPUS, or NAME LOGIN [MEMORY] [CPUS], with MEMORY in MiB: dev-vm 4096 2.'
const isNumber = (word: string): boolean => /^\d+$/.test(word)

function readCount(word: string, what: string, form: string): string {
  if (/^0*[1-9]\d{0,8}$/.test(word)) return word
  throw new SlipwayError('usage', `${what} is ${form}, not ${JSON.stringify(word)}`, { remedy })
}

/** What begins with a digit was meant as a size. */
function readLogin(word: string): string {
  if (/^[A-Za-z_]/.test(word) && loginName.safeParse(word).success) return word
  throw new SlipwayError('usage', `${JSON.stringify(word)} is neither a number of MiB nor a login`, { remedy })
}
