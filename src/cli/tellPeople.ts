import { say } from './terminal.ts'

/** What takes longer than usual is for who waits at a terminal; elsewhere stderr holds errors and the log. */
export const tellPeople = (message: string): void => {
  if (process.stderr.isTTY) say(message)
}
