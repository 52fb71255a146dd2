import { createInterface } from 'node:readline/promises'
import type { z } from 'zod'
import { Interrupted } from './interrupted.ts'
import { takeSignals } from './signals.ts'
import { paint, say } from './terminal.ts'
import { terminalInput } from './terminalInput.ts'

export interface Answerable {
  readonly question: string
  /** Taken when the answer is empty. */
  readonly initial: string
  readonly schema?: z.ZodType<string>
  /** The answer is a list (spaces or commas); each item must fit this. */
  readonly each?: z.ZodType<string>
  readonly atLeast?: number
}

/**
 * Asks one question after the other on the terminal, each until its answer fits.
 * @throws Interrupted on Ctrl-C and Ctrl-D, on SIGTERM, and when the terminal has gone.
 */
export async function askQuestions<Name extends string>(
  questions: Readonly<Record<Name, Answerable>>,
): Promise<Record<Name, string>> {
  const answers: Partial<Record<Name, string>> = {}
  const terminal = createInterface({ input: terminalInput(), output: process.stderr })
  const closed = Promise.withResolvers<never>()
  terminal.once('close', () => closed.reject(new Interrupted()))
  closed.promise.catch(() => {})
  const release = takeSignals(() => closed.reject(new Interrupted()))
  try {
    for (const name in questions) answers[name] = await Promise.race([ask(terminal, questions[name]), closed.promise])
    if (!isComplete(questions, answers)) throw new Error('a question was left out')
    return answers
  } finally {
    release()
    terminal.close()
  }
}

const isComplete = <Name extends string>(
  questions: Readonly<Record<Name, Answerable>>,
  answers: Partial<Record<Name, string>>,
): answers is Record<Name, string> => Object.keys(answers).length === Object.keys(questions).length

async function ask(terminal: ReturnType<typeof createInterface>, answerable: Answerable): Promise<string> {
  const hint = answerable.initial ? paint('dim', ` [${answerable.initial}]`) : ''
  for (;;) {
    const answer = (await terminal.question(`${answerable.question}${hint}: `)).trim() || answerable.initial
    const fault = faultOf(answer, answerable)
    if (fault === null) return answer
    say(`  ${paint('red', fault)}`)
  }
}

function faultOf(answer: string, { schema, each, atLeast = 0 }: Answerable): string | null {
  if (schema) return schema.safeParse(answer).error?.issues[0]?.message ?? null
  if (!each) return null
  const items = answer.split(/[\s,]+/).filter(Boolean)
  if (items.length < atLeast) return `at least ${atLeast} is needed`
  const wrong = items.find(item => !each.safeParse(item).success)
  return wrong === undefined ? null : `${wrong}: ${each.safeParse(wrong).error?.issues[0]?.message ?? 'not allowed'}`
}

/** One yes-or-no question; anything but y or yes is no. `interrupted` is said when there is no answer. */
export async function confirm(question: string, interrupted: string): Promise<boolean> {
  return /^y(es)?$/i.test(await typedName(`${question} (y/N)`, interrupted))
}

/** What is typed in answer to one question. `interrupted` is said when there is no answer. */
export async function typedName(question: string, interrupted: string): Promise<string> {
  try {
    const { answer } = await askQuestions({ answer: { question, initial: '' } })
    return answer
  } catch (error) {
    if (error instanceof Interrupted) say(`\n${interrupted}`)
    throw error
  }
}
