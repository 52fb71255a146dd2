import { describe, expect, it } from 'vitest'
import { iniValue } from './iniValue.ts'
import { listed } from './machines.fixture.ts'
import { renderInventories } from './render.ts'

const lines = (text: string, word: string) => text.split('\n').filter(line => line.startsWith(word))

describe('inventories of machines', () => {
  it('are in order of names whatever the order that they were listed in, each with a comment before and behind it', () => {
    const { merged, fragments } = renderInventories('/ansible', [listed('b'), listed('a')])
    expect(fragments.map(({ machine }) => machine)).toEqual(['a', 'b'])
    expect(merged.split('\n').filter(line => /^(#|a|b)/.test(line) && !/Made|Host keys/.test(line))).toEqual([
      '# BEGIN slipway machine a',
      expect.stringMatching(/^a ansible_host=10\.0\.0\.7 vm_name=a ansible_user=ops /),
      '# END slipway machine a',
      '# BEGIN slipway machine b',
      expect.stringMatching(/^b ansible_host=/),
      '# END slipway machine b',
    ])
  })

  it('are valid with nobody in them', () => {
    expect(renderInventories('/ansible', []).merged).toMatch(/\n\[vms\]\n$/)
  })

  it('say why a machine has no line: no address, settings of another version, a value that INI cannot carry', () => {
    const { fragments } = renderInventories('/ansible', [
      listed('a', { addresses: [] }),
      listed('b', { ssh: null }),
      listed('c', { ssh: { user: 'ops', port: 22, key_file: '/keys/{{ x }}', jump: [] } }),
    ])
    expect(fragments.map(({ host, why }) => [host, why])).toEqual([
      [null, 'it has no address yet'],
      [null, 'it is no host, or its settings are not known to this version of Slipway'],
      [null, 'an INI file cannot carry its ansible_ssh_private_key_file'],
    ])
    for (const { text, why, machine } of fragments)
      expect(text).toBe(`# BEGIN slipway machine ${machine}\n[vms]\n# ${why}\n# END slipway machine ${machine}\n`)
  })

  it('tell a port and dotfiles only where there are any, and pin host keys below the folder', () => {
    const { merged, knownHosts } = renderInventories('/a folder/100%', [
      listed('a', {
        ssh: { user: 'ops', port: 2222, key_file: null, jump: ['ops@gate:2222', '[fd00::1]'] },
        dotfiles_local_path: '/home/me/dotfiles',
      }),
      listed('b', { host_key: null }),
    ])
    const [a = '', b = ''] = [...lines(merged, 'a '), ...lines(merged, 'b ')]
    expect(a).toContain(' ansible_port=2222 ')
    expect(a).toContain(' dotfiles_local_path=/home/me/dotfiles ')
    expect(a).not.toContain('private_key')
    expect(a).toContain('/a folder/100%%/known_hosts')
    expect(a).toContain('HostKeyAlias=a -o ProxyJump=ops@gate:2222,[fd00::1]')
    expect(b).not.toMatch(/ansible_port|dotfiles/)
    expect(lines(knownHosts, 'a ')).toEqual(['a ssh-ed25519 AAAA'])
    expect(lines(knownHosts, 'b ')).toEqual([])
  })

  it('find a key that is named relative beside their folder', () => {
    const { fragments } = renderInventories('/site/ansible', [
      listed('a', { ssh: { user: 'ops', port: 22, key_file: 'keys/id', jump: [] } }),
      listed('b', { ssh: { user: 'ops', port: 22, key_file: '~/.ssh/id', jump: [] } }),
    ])
    expect(fragments.map(({ host }) => host?.['ansible_ssh_private_key_file'])).toEqual(['/site/keys/id', '~/.ssh/id'])
  })
})

it.each(['a\nb', 'a\u0085b', 'a\u2028b', '{{ x }}', 'a{%', '\ud800'])('no value of INI holds %j', value => {
  expect(iniValue(value)).toBeNull()
})
