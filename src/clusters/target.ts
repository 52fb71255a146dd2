import { ansibleIp, type NodeSpec, type SshSettings } from '../domain/cluster.ts'
import { readSudoPassword } from '../domain/clusterFile/keyFiles.ts'
import type { Reading } from '../domain/clusterFile/secretLine.ts'
import { SlipwayError } from '../domain/errors.ts'
import type { HostTarget } from '../hosts/target.ts'

/**
 * How a node is reached. Its own settings win over those of the cluster.
 * @param file content of a file that they name. @throws SlipwayError `file-unreadable`
 */
export async function targetOf(
  node: NodeSpec,
  shared: SshSettings | undefined,
  file: (path: string) => Promise<string>,
): Promise<HostTarget> {
  const ssh = { ...shared, ...node.ssh }
  const user = ssh.user ?? 'root'
  const jump = await Promise.all(
    (ssh.jump ?? []).map(async ({ host, port, user: login, key_file }) => {
      const key = key_file ?? ssh.key_file
      return { host, port: port ?? 22, user: login ?? user, ...(key !== undefined && { identity: await file(key) }) }
    }),
  )
  return {
    hostname: node.hostname,
    address: ansibleIp(node),
    port: ssh.port ?? 22,
    user,
    sudo: ssh.sudo ?? user !== 'root',
    jump,
    ...(ssh.key_file === undefined ? { agent: true } : { identity: await file(ssh.key_file) }),
    ...(ssh.sudo_password_file !== undefined && {
      sudoPassword: readable(ssh.sudo_password_file, readSudoPassword(await file(ssh.sudo_password_file))),
    }),
  }
}

/** What a file was read as. @throws SlipwayError `file-unreadable`, for one that was stored before the rules of today. */
export function readable<Value>(file: string, reading: Reading<Value>): Value {
  if (reading.ok) return reading.value
  throw new SlipwayError('file-unreadable', `${file}: ${reading.fault.message}`, { remedy: reading.fault.remedy })
}
