import { playError } from '../../src/ansible/failures.ts'
import { type Play, type PlaybookResult, playHosts } from '../../src/ansible/playbook.ts'

/** Runs a playbook and requires success on every target. @throws SlipwayError of the first failing host's kind. */
export async function runPlaybook(play: Play): Promise<PlaybookResult> {
  const result = await playHosts(play)
  const error = playError(result.hosts)
  if (error) throw error
  return result
}
