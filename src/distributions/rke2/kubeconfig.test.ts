import { describe, expect, it } from 'vitest'
import { rewriteKubeconfig } from '../../kubernetes/adminKubeconfig.ts'
import { leadsTo } from './kubeconfig.ts'
import { caFile, keptKubeconfig, knownCa } from './machineFacts.fixture.ts'

const url = 'https://10.0.0.1:6443'
const kept = (authority = caFile, server = url) => keptKubeconfig(authority, server)

describe('a kubeconfig that is kept', () => {
  it.each([
    ['leads to the endpoint under the recorded CA', kept(), knownCa, true],
    ['names no CA', kept().replace(/ {4}certificate.*\n/, ''), knownCa, true],
    ['was made before the CA was known', kept(), null, true],
    ['trusts an earlier CA', kept(Buffer.from('the CA of before')), knownCa, false],
    ['leads to an earlier endpoint', kept(caFile, 'https://10.0.0.2:6443'), knownCa, false],
    ['is not there', null, knownCa, false],
  ])('%s', (_name, kubeconfig, ca, right) => {
    expect(leadsTo(kubeconfig, url, ca)).toBe(right)
  })
})

it('a file without clusters is no kubeconfig', () => {
  expect(() => rewriteKubeconfig('{}', 'demo', url)).toThrow('has no clusters')
})
