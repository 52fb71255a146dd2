import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

let swept = false

/** A folder whose name tells the process that uses it. What killed tests have left is removed first. */
export function temporaryFolder(name: string): string {
  if (!swept) sweep()
  swept = true
  return mkdtempSync(join(tmpdir(), `slipway-test-${name}-${process.pid}-`))
}

function sweep(): void {
  for (const entry of readdirSync(tmpdir())) {
    const pid = /^slipway-test-[a-z]+-(\d+)-/.exec(entry)?.[1]
    if (pid !== undefined && !lives(Number(pid))) rmSync(join(tmpdir(), entry), { recursive: true, force: true })
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
