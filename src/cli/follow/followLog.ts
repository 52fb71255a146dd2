import { hasEnded, runDetailShape } from '../../contract/runs.ts'
import type { Client } from '../client/client.ts'
import { reconnecting } from './reconnecting.ts'
import { type LogPiece, logPieceShape } from '../../contract/events.ts'

export interface LogQuery {
  readonly run: string
  /** Only this stage, by its whole key. */
  readonly stage?: string
  /** Goes on until the run ends; otherwise until the end of what is there. */
  readonly follow: boolean
}

/** The log in the pieces in which it was written, each once; goes on after a lost connection where it was. */
export async function* followLog(
  client: Client,
  { run, stage, follow }: LogQuery,
  signal: AbortSignal,
  onLost: () => void = () => {},
): AsyncGenerator<LogPiece> {
  let seen = 0
  const open = async () => {
    const query = new URLSearchParams({
      after: String(seen),
      ...(stage && { stage }),
      ...(follow && { follow: 'true' }),
    })
    return parsePieces(await client.stream(`/runs/${run}/log?${query}`, signal))
  }
  const isComplete = async () => {
    return !follow || hasEnded(await client.get(`/runs/${run}`, runDetailShape, signal))
  }
  for await (const piece of reconnecting({ signal, onLost, open, isComplete })) {
    if (piece.seq <= seen) continue
    seen = piece.seq
    yield piece
  }
}

const newline = 0x0a

/** One JSON object a line; empty lines keep the connection alive. */
async function* parsePieces(body: AsyncIterable<Uint8Array>): AsyncGenerator<LogPiece> {
  let parts: Uint8Array[] = []
  for await (const bytes of body) {
    let start = 0
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
      parts.push(bytes.subarray(start, end))
      start = end + 1
      const line = Buffer.concat(parts).toString('utf8')
      parts = []
      if (line !== '') yield logPieceShape.parse(JSON.parse(line))
    }
    if (start < bytes.length) parts.push(bytes.subarray(start))
  }
}
