import { connect, createServer } from 'node:net'

/** Listens on the loopback and passes everything on to another port of it. Throws where the port is taken. */
export function forward(port: number, target: number): Promise<{ close: () => void }> {
  const server = createServer(client => {
    const other = connect({ host: '127.0.0.1', port: target })
    client.pipe(other).pipe(client)
    client.on('error', () => other.destroy())
    other.on('error', () => client.destroy())
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve({ close: () => server.close() }))
  })
}
