import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { parse } from 'yaml'
import { renderInventory } from '../ansible/inventory.ts'
import { renderInventoryYaml } from '../ansible/inventoryFormats.ts'
import { loginName } from '../domain/names.ts'
import { renderSshConfig, sshHosts } from './sshConfig.ts'

const folder = mkdtempSync(join(tmpdir(), 'slipway-logins-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const paths = { knownHosts: '/none', identityFile: () => 'none', controlPath: () => 'none' }
const noGroups = { groups: [], parents: {}, groupsOf: () => [], variables: () => ({}) }
const userOf = (...options: string[]): string | undefined =>
  /^user (.*)$/m.exec(execFileSync('ssh', ['-TG', ...options, 'm1'], { encoding: 'utf8' }))?.[1]

it.each(['jane.doe', 'user@corp.example', 'CORP\\jane', 'corp.example\\j.doe', 'Jane', 'host$', '1000', 'a+b', '_svc'])(
  'the login %s reaches ssh, Ansible and its own ssh as it was written',
  user => {
    expect(loginName.parse(user)).toBe(user)
    const jump = [{ host: '192.0.2.1', port: 22, user }]
    const hosts = sshHosts([{ hostname: 'm1', address: '192.0.2.2', port: 22, user, sudo: true, jump }])
    const config = join(folder, 'config')
    writeFileSync(config, renderSshConfig(hosts, paths, { connectTimeout: 1, aliveInterval: 1 }))
    expect(userOf('-F', config)).toBe(user)
    // As Ansible's ssh connection passes it on.
    expect(userOf('-F', '/dev/null', '-o', `User="${user}"`)).toBe(user)
    const inventory = renderInventoryYaml(
      renderInventory(noGroups, {}, [
        { hostname: 'm1', internal_ip: '192.0.2.2', role: 'initial_master', ssh: { user } },
      ]),
    )
    expect(parse(inventory.replaceAll('!unsafe ', '')).all.hosts.m1.ansible_user).toBe(user)
  },
)
