import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** What is done to one statement: it breaks off before the server has it, or when the server has done it, which is told. */
export type StatementFault = 'reset' | { readonly done: () => void }

/** Stands before a PostgreSQL, to which nobody speaks TLS, hands on what comes, and fails as a test says. */
export interface FaultyPostgres extends AsyncDisposable {
  readonly port: number
  /** The fault of a statement that has come; undefined: none. */
  faultOf: (statement: string) => StatementFault | undefined
}

export async function startFaultyPostgres(behind: number): Promise<FaultyPostgres> {
  const sockets = new Set<Socket>()
  const server = createServer(client => {
    const onward = connect(behind, '127.0.0.1')
    const cut = () => {
      client.destroy()
      onward.destroy()
    }
    for (const socket of [client, onward]) {
      sockets.add(socket)
      socket.on('error', cut).on('close', () => {
        sockets.delete(socket)
        cut()
      })
    }
    /** Before it has a type, a message is one that begins a session, or asks for encryption. */
    let hasBegun = false
    let asksForEncryption = false
    let done: (() => void) | null = null
    const toServer = (message: Buffer) => {
      if (!hasBegun) {
        asksForEncryption = encryptions.has(message.readInt32BE(4))
        hasBegun = !asksForEncryption
      }
      const statement = hasBegun ? statementIn(message) : null
      const fault = statement === null ? undefined : faulty.faultOf(statement)
      if (fault === 'reset') return cut()
      if (fault) done = fault.done
      onward.write(message)
    }
    const toClient = (message: Buffer) => {
      asksForEncryption = false
      if (done === null || typeOf(message) !== 'Z') return void client.write(message)
      done()
      cut()
    }
    readMessages(client, begun => (hasBegun ? sizeOfTyped(begun) : sizeAt(begun, 0)), toServer)
    // Whether there is encryption is said by one letter.
    readMessages(onward, begun => (asksForEncryption ? 1 : sizeOfTyped(begun)), toClient)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('no port')
  const faulty: FaultyPostgres = {
    port: bound.port,
    faultOf: () => undefined,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
  return faulty
}

/** Requests for TLS and GSSAPI, as PostgreSQL's protocol has them. */
const encryptions: ReadonlySet<number> = new Set([80_877_103, 80_877_104])

const typeOf = (message: Buffer): string => message.toString('latin1', 0, 1)

/** A message of its own, or one that is parsed under a name. */
function statementIn(message: Buffer): string | null {
  const texts = message.toString('utf8', 5).split('\0')
  if (typeOf(message) === 'Q') return texts[0] ?? ''
  return typeOf(message) === 'P' ? (texts[1] ?? '') : null
}

/** Bytes of the message that begins here; 0: not known yet. */
const sizeAt = (begun: Buffer, at: number): number => (begun.length < at + 4 ? 0 : at + begun.readInt32BE(at))
const sizeOfTyped = (begun: Buffer): number => sizeAt(begun, 1)

/** Hands over whole messages. */
function readMessages(socket: Socket, sizeOf: (begun: Buffer) => number, take: (message: Buffer) => void): void {
  let begun: Buffer = Buffer.alloc(0)
  socket.on('data', data => {
    begun = Buffer.concat([begun, data])
    for (let size = sizeOf(begun); size > 0 && begun.length >= size; size = sizeOf(begun)) {
      take(begun.subarray(0, size))
      begun = begun.subarray(size)
    }
  })
}
