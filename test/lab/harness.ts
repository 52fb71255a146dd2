import { execa } from 'execa'
import { idOf, namespaceOf } from '../../lab/addresses.ts'
import type { Lab } from '../../lab/lab.ts'
import { checkout, labFolder } from '../../lab/places.ts'
import { leftovers } from '../../lab/takedown.ts'
import { until } from '../../lab/until.ts'

/** A name that no other run of the tests on this machine has. */
export const ownName = (what: string): string => `${what}-${process.pid}`

export const labCommand = `${checkout}/lab/lab`

/** Runs `lab/lab`; never throws for its exit code. */
export function labCli(...args: string[]) {
  return execa(labCommand, args, { reject: false, stdin: 'ignore' })
}

/** What a command on a host printed; the test fails when the command does. */
export async function on(lab: Lab, host: string, command: string): Promise<string> {
  const { stdout, stderr, exitCode } = await lab.exec(host, command)
  if (exitCode !== 0) throw new Error(`${command} on ${host} ended with ${exitCode}: ${stderr}`)
  return stdout
}

/** Whether a host sees another (or this machine, `controller`) by ICMP within 0.3 s. */
export async function sees(lab: Lab, host: string, other: string): Promise<boolean> {
  const { exitCode, stderr } = await lab.exec(host, `ping -q -c 1 -W 0.3 ${other} > /dev/null`)
  // 0: it answered, 1: it did not. Everything else says nothing of the other host.
  if (exitCode > 1) throw new Error(`${host} could not ask ${other}: exit code ${exitCode}: ${stderr}`)
  return exitCode === 0
}

/** Whether this machine reaches a host's sshd within half a second. */
export async function answers(lab: Lab, host: string): Promise<boolean> {
  const { address } = lab.host(host)
  const question = `exec 3<>/dev/tcp/${address}/22 && read -t 1 -n 4 word <&3 && [ "$word" = SSH- ]`
  return !(await execa('timeout', ['0.5', 'bash', '-c', question], { reject: false, stdio: 'ignore' })).failed
}

/** Whether a host reaches another's sshd within a second; asked in its network name space, so also while it is cut off. */
export async function connects(lab: Lab, host: string, other: string): Promise<boolean> {
  const space = `/run/netns/${namespaceOf({ id: idOf(labFolder(lab.name)) }, host)}`
  const question = `exec 3<>/dev/tcp/${lab.host(other).address}/22`
  const result = await execa('nsenter', [`--net=${space}`, 'timeout', '1', 'bash', '-c', question], { reject: false })
  return !result.failed
}

/** A neighbour that could not be found is asked for again only every second, also after the network is healed. */
export const untilSees = (lab: Lab, host: string, other: string): Promise<void> =>
  until(`${host} to see ${other}`, 5, () => sees(lab, host, other))

export const untilAnswers = (lab: Lab, host: string): Promise<void> =>
  until(`${host} to answer`, 20, () => answers(lab, host))

export const whatIsLeftOf = (name: string): Promise<string[]> =>
  leftovers({ id: idOf(labFolder(name)), folder: labFolder(name) })
