import { expect, it } from 'vitest'
import { catalogue } from '../catalogue/index.ts'
import { workStages } from './workStages.ts'

it('each component that is work has its code, and no other one has', () => {
  const work = catalogue.filter(({ kind }) => kind === 'work').map(({ name }) => name)
  expect(Object.keys(workStages).toSorted()).toEqual(work.toSorted())
})
