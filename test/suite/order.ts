/**
 * Files of the system tests that need the machine for themselves, because they measure its speed. They run after all
 * others, one at a time. Every other file shares the machine: it looks at its own processes, labs and folders only.
 */
export const alone = [
  // Ratios of run times, and bounds of milliseconds.
  'test/ansible/speed.test.ts',
  // An event within 300 ms.
  'test/engine/follow.test.ts',
]

/**
 * How long files take, s, roughly: those that wait for hosts. Long ones are started first, so that the end is short.
 * Only a machine that has not run them needs this; the durations of the last run are remembered beside the packages.
 * `make test` closes with the slowest files: a new one among them belongs here.
 */
const known: Readonly<Record<string, number>> = {
  'test/rke2/cluster.test.ts': 222,
  'test/install/crash.test.ts': 110,
  'test/install/sources.test.ts': 100,
  'test/cli/server.test.ts': 95,
  'test/rke2/data.test.ts': 88,
  'test/install/splitBrain.test.ts': 85,
  'test/install/faults.test.ts': 80,
  'test/install/demo.test.ts': 70,
  'test/install/takeover.test.ts': 60,
  'test/install/worldChange.test.ts': 60,
  'test/install/lostRestart.test.ts': 55,
  'test/install/badInput.test.ts': 55,
  'test/install/preflight.test.ts': 50,
  'test/install/install.test.ts': 50,
  'test/store/folder.test.ts': 50,
  'test/engine/kills.test.ts': 80,
}

/** s; for a file that nobody knows. A long one that begins late would prolong the whole run, so it begins early. */
const ofOthers = (file: string): number => {
  if (/^test\/(install|rke2)\//.test(file)) return 90
  return file.startsWith('test/') ? 20 : 1
}

/** What a file takes, s: as in its last run here, else roughly. `file` is relative to the checkout. */
export const expectedTime = (file: string, remembered: number | undefined): number =>
  remembered ?? known[file] ?? ofOthers(file)

export const knownFiles = Object.keys(known)
