import type { Diagnostic, Message } from './shapes.ts'
import { messageShape } from './shapes.ts'

/** Takes the lines of a JSON stream as they come, in pieces of any size. */
export interface MessageReader {
  add(text: string): readonly Message[]
  /** What failed, in the order in which it was told. */
  readonly errors: readonly Diagnostic[]
  readonly warnings: readonly Diagnostic[]
  /** Addresses of what is begun to be made, and of which no end was told yet. */
  readonly making: ReadonlySet<string>
}

export function readMessages(): MessageReader {
  const errors: Diagnostic[] = []
  const warnings: Diagnostic[] = []
  const making = new Set<string>()
  let rest = ''
  const parse = (line: string): readonly Message[] => {
    if (!line.startsWith('{')) return []
    try {
      const parsed = messageShape.safeParse(JSON.parse(line))
      if (!parsed.success) return []
      const message = parsed.data
      if (message.type === 'diagnostic')
        (message.diagnostic.severity === 'error' ? errors : warnings).push(message.diagnostic)
      if (message.type === 'apply_start' && message.hook.action === 'create') making.add(message.hook.resource.addr)
      if (message.type === 'apply_complete' || message.type === 'apply_errored')
        making.delete(message.hook.resource.addr)
      return [message]
    } catch {
      // A line that was cut off when the process was ended.
      return []
    }
  }
  return {
    add(text) {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      return lines.flatMap(parse)
    },
    errors,
    warnings,
    making,
  }
}

/** What a command tells as JSON, whatever it warns of before. @throws SyntaxError. */
export const jsonIn = (stdout: string): unknown => JSON.parse(stdout.slice(Math.max(0, stdout.search(/^\{/m))))

const done: Readonly<Record<string, string>> = { create: 'created', update: 'changed', delete: 'destroyed' }
const doing: Readonly<Record<string, string>> = { create: 'creating', update: 'changing', delete: 'destroying' }

/** For people, on one line; null for what only says that it goes on. */
export function progressOf(message: Message): string | null {
  switch (message.type) {
    case 'diagnostic':
    case 'provision_progress':
    case 'apply_errored':
      return null
    case 'apply_start':
      return `${message.hook.resource.addr}: ${doing[message.hook.action] ?? message.hook.action}`
    case 'apply_complete':
      return `${message.hook.resource.addr}: ${done[message.hook.action] ?? message.hook.action}`
    case 'apply_progress': {
      const { elapsed_seconds: elapsed = 0, action, resource } = message.hook
      // It tells every ten seconds; a line a minute is what anybody reads.
      return elapsed > 0 && elapsed % 60 === 0
        ? `${resource.addr}: ${doing[action] ?? action}, for ${elapsed} s now`
        : null
    }
  }
}
