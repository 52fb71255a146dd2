import { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { SlipwayError } from '../domain/errors.ts'
import { shortened } from './shortened.ts'

const channels = { data: 0, error: 1 } as const
/** Each channel begins with the number of the port. */
const portBytes = 2

/**
 * The bytes of a connection to a port of a pod. It ends as a whole, since there is no closing of one direction. It has
 * what clients ask of a socket, for those that take one.
 */
export class ForwardedPort extends Duplex {
  readonly #socket: WebSocket
  readonly #about: string
  readonly #skip = [portBytes, portBytes]
  #told = ''

  /** @param socket open. @param about how messages name the pod and its port. */
  constructor(socket: WebSocket, about: string) {
    super({ allowHalfOpen: false })
    this.#socket = socket
    this.#about = about
    socket.on('message', (data: Buffer) => this.#take(data))
    socket.on('error', error => this.destroy(this.#lost(error.message)))
    socket.on('close', code => this.#closed(code))
  }

  override _read(): void {
    if (this.#socket.isPaused) this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    const message = Buffer.allocUnsafe(chunk.length + 1)
    message[0] = channels.data
    chunk.copy(message, 1)
    this.#socket.send(message, error => done(error ? this.#lost(error.message) : null))
  }

  override _final(done: () => void): void {
    this.#socket.close()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.terminate()
    done(error)
  }

  /** It is connected already. */
  connect(): this {
    process.nextTick(() => this.emit('connect'))
    return this
  }
  setNoDelay(): this {
    return this
  }
  setKeepAlive(): this {
    return this
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }

  #take(message: Buffer): void {
    const [channel] = message
    if (channel !== channels.data && channel !== channels.error) return
    const skipped = Math.min(this.#skip[channel] ?? 0, message.length - 1)
    this.#skip[channel] = (this.#skip[channel] ?? 0) - skipped
    const content = message.subarray(1 + skipped)
    if (content.length === 0) return
    if (channel === channels.error) this.#told += content.toString('utf8')
    else if (!this.push(content)) this.#socket.pause()
  }

  #closed(code: number): void {
    if (this.#told !== '') this.destroy(this.#refused())
    else if (code === 1006 && !this.writableEnded) this.destroy(this.#lost('it was broken off'))
    else this.push(null)
  }

  /** In the words of the node's kubelet, or of its container runtime. */
  #refused(): SlipwayError {
    const why = /connection refused/i.test(this.#told) ? 'nothing listens there' : shortened(this.#told)
    return new SlipwayError('port-forward-failed', `${this.#about}: ${why}`, { facts: { passing: true } })
  }

  #lost(why: string): SlipwayError {
    return new SlipwayError('port-forward-failed', `${this.#about}: the connection over the API was lost: ${why}`, {
      facts: { passing: true },
    })
  }
}
