import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { ForwardedPort } from './forwardedPort.ts'

let kubelet: WebSocketServer
beforeAll(async () => {
  kubelet = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(kubelet, 'listening')
})
afterAll(() => kubelet.close())

/** Both ends of one. */
async function forwarded(): Promise<[ForwardedPort, WebSocket]> {
  const connected = once(kubelet, 'connection')
  const socket = new WebSocket(`ws://127.0.0.1:${(kubelet.address() as AddressInfo).port}`)
  await once(socket, 'open')
  return [new ForwardedPort(socket, 'Pod a/b, port 1'), (await connected)[0]]
}
const endOf = async (port: ForwardedPort): Promise<string> => {
  let read = ''
  try {
    for await (const part of port) read += String(part)
    return `${read} END`
  } catch (error) {
    return `${read} ${String(error)}`
  }
}

it.each([
  [
    'port in one message',
    [
      [0, 1, 0],
      [1, 1, 0],
      [0, 65],
    ],
  ],
  [
    'port in pieces, with data behind it',
    [
      [0, 1],
      [1, 1],
      [0, 0, 65],
      [1, 0],
    ],
  ],
  ['messages of channels that nobody has asked for', [[0, 1, 0], [7, 66], [], [0, 65]]],
])('what comes is read without the number of the port: %s', async (_what, messages) => {
  const [port, other] = await forwarded()
  const end = endOf(port)
  for (const message of messages) other.send(Uint8Array.from(message))
  other.close()
  expect(await end).toBe('A END')
})

it.each([
  ['error forwarding port 1: dial tcp4 127.0.0.1:1: connect: connection refused', 'nothing listens there'],
  ['error forwarding port 1: container not running', 'error forwarding port 1: container not running'],
])('what the node says of it is the error: %s', async (said, message) => {
  const [port, other] = await forwarded()
  const end = endOf(port)
  other.send(Buffer.from([1, 1, 0]))
  other.send(Buffer.concat([Buffer.from([1]), Buffer.from(said)]))
  other.close()
  expect(await end).toContain(`Pod a/b, port 1: ${message}`)
})

it('a connection that breaks off is no end of what was to be read', async () => {
  const [port, other] = await forwarded()
  const end = endOf(port)
  other.terminate()
  expect(await end).toContain('was lost')
})

it('whoever ends it closes it, after what was written last', async () => {
  const [port, other] = await forwarded()
  const received = once(other, 'message')
  const closed = once(other, 'close')
  port.resume()
  port.end('last')
  expect(String((await received)[0])).toBe('\0last')
  await closed
  await once(port, 'close')
})
