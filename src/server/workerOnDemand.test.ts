import { expect, it } from 'vitest'
import { workerOnDemand } from './workerOnDemand.ts'

function counted() {
  const count = { begun: 0, stopped: 0 }
  const worker = workerOnDemand(() => {
    count.begun += 1
    return {
      stop: async () => {
        count.stopped += 1
      },
    }
  })
  return { count, worker }
}

it('a worker that nobody wants does not begin', async () => {
  const { count, worker } = counted()
  await worker.stop()
  expect(count).toEqual({ begun: 0, stopped: 0 })
})

it('a worker that is wanted more than once begins once, and is stopped', async () => {
  const { count, worker } = counted()
  worker.want()
  worker.want()
  await worker.stop()
  expect(count).toEqual({ begun: 1, stopped: 1 })
})

it('a worker that is wanted while the server ends does not begin any more', async () => {
  const { count, worker } = counted()
  await worker.stop()
  worker.want()
  expect(count).toEqual({ begun: 0, stopped: 0 })
})
