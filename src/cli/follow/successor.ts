import type { Command } from 'commander'
import { shellWord } from '../../domain/placeholders.ts'

/** Who takes the role of the first server over, where that one leaves. */
export interface SuccessorOptions {
  readonly successor?: string
}

export const withSuccessor = (command: Command): Command =>
  command.option('--successor <node>', 'the server that takes over the role of the first one, where that one leaves')

/** To be typed again. */
export const successorWords = ({ successor }: SuccessorOptions): string[] =>
  successor === undefined ? [] : [`--successor ${shellWord(successor)}`]
