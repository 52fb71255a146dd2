import { once } from 'node:events'
import { type Socket, createServer } from 'node:net'
import { type Disk, sectorSize } from './disk.ts'

export interface DiskServer {
  /** Resolves when what the machine had sent is done and its connection has ended. */
  disconnected(): Promise<void>
  close(): void
}

/**
 * Serves a disk to a virtual machine by the protocol of network block devices, one request after the other, of which
 * this is what QEMU needs: the fixed newstyle handshake, read, write, flush, disconnect.
 * https://github.com/NetworkBlockDevice/nbd/blob/master/doc/proto.md
 */
export async function serveDisk(disk: Disk, size: number, socketPath: string): Promise<DiskServer> {
  let connection = Promise.resolve()
  const server = createServer(socket => {
    // The machine's end is the end of the connection, in the middle of a request mostly.
    socket.on('error', () => {})
    connection = talk(socket, disk, size)
  })
  server.listen(socketPath)
  await once(server, 'listening')
  return { disconnected: () => connection, close: () => void server.close() }
}

const requestMagic = 0x25609513
const replyMagic = 0x67446698
const optionReplyMagic = 0x3e889045565a9n
const command = { read: 0, write: 1, disconnect: 2, flush: 3 }
const option = { abort: 2, info: 6, go: 7 }
const reply = { acknowledged: 1, info: 3, unsupported: 0x80000001 }
/** There are flags; it may be flushed. */
const exportFlags = 0b101
const notSupported = 95
const invalid = 22

async function talk(socket: Socket, disk: Disk, size: number): Promise<void> {
  const take = takeFrom(socket)
  if (!(await shakeHands(socket, take, size))) return
  for (;;) {
    const request = await take(28)
    if (request === null || request.readUInt32BE(0) !== requestMagic) break
    const type = request.readUInt16BE(6)
    const offset = Number(request.readBigUInt64BE(16))
    const length = request.readUInt32BE(24)
    if (type === command.disconnect) break
    let error = 0
    let answer: Buffer = Buffer.alloc(0)
    const data = type === command.write ? await take(length) : Buffer.alloc(0)
    if (data === null) break
    if (offset % sectorSize !== 0 || length % sectorSize !== 0) error = invalid
    else if (type === command.read) answer = disk.read(offset, length)
    else if (type === command.write) disk.write(offset, data)
    else if (type === command.flush) {
      if (!disk.flush()) break
    } else error = notSupported
    const head = Buffer.alloc(16)
    head.writeUInt32BE(replyMagic, 0)
    head.writeUInt32BE(error, 4)
    request.copy(head, 8, 8, 16)
    socket.write(Buffer.concat([head, answer]))
  }
  socket.destroy()
}

/** True when the transmission of requests begins. */
async function shakeHands(socket: Socket, take: Take, size: number): Promise<boolean> {
  const greeting = Buffer.alloc(18)
  greeting.write('NBDMAGICIHAVEOPT')
  // Fixed newstyle, and no padding of zeroes.
  greeting.writeUInt16BE(0b11, 16)
  socket.write(greeting)
  await take(4)
  for (;;) {
    const head = await take(16)
    if (head === null) return false
    const wanted = head.readUInt32BE(8)
    const given = await take(head.readUInt32BE(12))
    if (given === null) return false
    const send = (type: number, content = Buffer.alloc(0)): void => {
      const answer = Buffer.alloc(20)
      answer.writeBigUInt64BE(optionReplyMagic, 0)
      answer.writeUInt32BE(wanted, 8)
      answer.writeUInt32BE(type, 12)
      answer.writeUInt32BE(content.length, 16)
      socket.write(Buffer.concat([answer, content]))
    }
    if (wanted === option.go || wanted === option.info) {
      const content = Buffer.alloc(12)
      content.writeBigUInt64BE(BigInt(size), 2)
      content.writeUInt16BE(exportFlags, 10)
      send(reply.info, content)
      send(reply.acknowledged)
      if (wanted === option.go) return true
    } else if (wanted === option.abort) {
      send(reply.acknowledged)
      return false
    } else send(reply.unsupported)
  }
}

/** So many bytes; null when the connection has ended before. */
type Take = (length: number) => Promise<Buffer | null>

function takeFrom(socket: Socket): Take {
  const chunks = socket[Symbol.asyncIterator]()
  let held: Buffer[] = []
  let size = 0
  return async length => {
    while (size < length) {
      const next = await chunks.next().catch(() => ({ done: true as const, value: undefined }))
      if (next.done) return null
      held.push(next.value)
      size += next.value.length
    }
    const all = Buffer.concat(held)
    held = [all.subarray(length)]
    size -= length
    return all.subarray(0, length)
  }
}
