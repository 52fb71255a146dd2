import { expect, it } from 'vitest'
import { unresolvedFindings } from './endpoint.ts'

const asked = (error: string | null, ...names: string[]) => names.map(hostname => ({ hostname, error }))

it('an endpoint that some machines cannot resolve is told once for each answer, with the machines', () => {
  const found = unresolvedFindings('lb.example', [
    ...asked('Name or service not known', 'm1', 'm2'),
    ...asked(null, 'm3'),
    ...asked('Temporary failure in name resolution', 'w1'),
  ])
  expect(found.map(({ name, about, message }) => `${name} ${about}: ${message}`)).toEqual([
    'endpoint-unresolved spec.api_endpoint: lb.example cannot be resolved on m1, m2: Name or service not known',
    'endpoint-unresolved spec.api_endpoint: lb.example cannot be resolved on w1: Temporary failure in name resolution',
  ])
})

it('one that all resolve is none', () => {
  expect(unresolvedFindings('lb.example', asked(null, 'm1', 'm2'))).toEqual([])
})
