import { join } from 'node:path'
import { type Play, playHosts, type PlaybookResult } from '../../src/ansible/playbook.ts'
import type { TestSshd } from './sshd.ts'
import { renderForStage } from '../../src/distributions/rke2/inventory.fixture.ts'

type Nodes = Parameters<typeof renderForStage>[0]['nodes']

/** Plays `playbooks/secrets.yml`, whose task may be hidden, and returns the result with the log for people. */
export async function playSecrets(
  sshd: TestSshd,
  nodes: Nodes,
  more: Pick<Play, 'variables' | 'python' | 'onEvent'>,
): Promise<PlaybookResult & { readonly log: string }> {
  let log = ''
  const result = await playHosts({
    playbook: join(import.meta.dirname, 'playbooks/secrets.yml'),
    inventory: renderForStage({ nodes }, 'workers'),
    sshConfig: sshd.sshConfig,
    directory: sshd.directory,
    environment: {},
    signal: new AbortController().signal,
    log: text => {
      log += text
    },
    ...more,
  })
  return { ...result, log }
}
