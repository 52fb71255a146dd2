import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Who listens on a TCP port of this machine, as far as /proc tells this user: `process 123 (nginx)`. */
export function portHolder(port: number): string | null {
  const inode = listeningInode(port)
  if (inode === null) return null
  for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    if (!holds(pid, inode)) continue
    return `process ${pid} (${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()})`
  }
  return null
}

/** proc(5), net/tcp: the local address ends in the port in hex, state 0A is listening. */
function listeningInode(port: number): string | null {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const rows = tryRead(() => readFileSync(table, 'utf8'))?.split('\n') ?? []
    for (const row of rows) {
      const fields = row.trim().split(/\s+/)
      if (fields[1]?.endsWith(suffix) && fields[3] === '0A') return fields[9] ?? null
    }
  }
  return null
}

function holds(pid: string, inode: string): boolean {
  const descriptors = tryRead(() => readdirSync(`/proc/${pid}/fd`)) ?? []
  return descriptors.some(number => tryRead(() => readlinkSync(`/proc/${pid}/fd/${number}`)) === `socket:[${inode}]`)
}

/** Null where the process has gone or is another user's. */
function tryRead<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null
  }
}
