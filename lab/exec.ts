import { existsSync, readFileSync } from 'node:fs'
import { execa } from 'execa'
import { cgroupProcesses, hostCgroup } from './cgroup.ts'
import type { HostRecord, LabRecord } from './record.ts'

export interface Executed {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

/** What sshd gives a session of root. */
const environment = {
  HOME: '/root',
  LOGNAME: 'root',
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  SHELL: '/bin/bash',
  USER: 'root',
}

/** Runs a shell command in all name spaces of a host; exit code 255 when it is off, as of SSH. */
export async function execute(lab: LabRecord, host: HostRecord, command: string): Promise<Executed> {
  const init = initOf(lab, host)
  if (init === null) return { stdout: '', stderr: `${host.name} is off`, exitCode: 255 }
  // In the host's cgroup before its first instruction: what it leaves behind ends with the host.
  const supervisor = cgroupProcesses(`${hostCgroup(lab.id, host.name)}/supervisor`)
  const joining = 'umask 022 && echo $$ > "$0" && exec "$@"'
  const spaces = ['--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup', '--wdns=/root']
  const entering = ['nsenter', '--target', init, ...spaces, 'bash', '-c', command]
  const result = await execa('sh', ['-c', joining, supervisor, ...entering], {
    reject: false,
    stdin: 'ignore',
    env: environment,
    extendEnv: false,
  })
  return { stdout: result.stdout, stderr: result.stderr, exitCode: result.exitCode ?? 255 }
}

/** The host's own process 1. */
function initOf(lab: LabRecord, host: HostRecord): string | null {
  const processes = cgroupProcesses(`${hostCgroup(lab.id, host.name)}/payload/init.scope`)
  return existsSync(processes) ? readFileSync(processes, 'utf8').split('\n')[0] || null : null
}
