import { describe, expect, it } from 'vitest'
import { equalForms } from './earlierForms.ts'
import { type ConfigEntry, renderConfigText } from './configEntries.ts'

const texts = (...entries: readonly ConfigEntry[]) => equalForms(entries).map(renderConfigText)
const entry = (key: string, value: ConfigEntry['value']): ConfigEntry => ({ key, value })

describe('the forms of one configuration', () => {
  it.each([
    [entry('cni', 'multus,cilium'), 'cni: "multus,cilium"', 'cni: ["multus","cilium"]'],
    [entry('cni', 'canal'), 'cni: "canal"', 'cni: ["canal"]'],
    [
      entry('ingress-controller', 'traefik,ingress-nginx'),
      'ingress-controller: "traefik,ingress-nginx"',
      'ingress-controller: ["traefik","ingress-nginx"]',
    ],
    [entry('write-kubeconfig-mode', '0644'), 'write-kubeconfig-mode: "0644"', 'write-kubeconfig-mode: "644"'],
    [entry('write-kubeconfig-mode', '0600'), 'write-kubeconfig-mode: "0600"', 'write-kubeconfig-mode: "600"'],
  ])('of %o begin with the one that is written now', (one, now, earlier) => {
    expect(texts(one)).toEqual([`${now}\n`, `${earlier}\n`])
  })

  it('are one where nothing was ever written otherwise', () => {
    expect(texts(entry('token', 'a,b'), entry('tls-san', ['a', 'b']), entry('debug', true))).toHaveLength(1)
  })

  it('are all mixtures, each with all entries in their order', () => {
    const forms = equalForms([entry('cni', 'canal'), entry('debug', true), entry('write-kubeconfig-mode', '0640')])
    expect(new Set(forms.map(renderConfigText)).size).toBe(4)
    for (const form of forms) expect(form.map(({ key }) => key)).toEqual(['cni', 'debug', 'write-kubeconfig-mode'])
  })
})
