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
  'test/install/oneDown.test.ts': 314,
  'test/install/splitBrain.test.ts': 308,
  'test/ansible/hosts.test.ts': 262,
  'test/rke2/cluster.test.ts': 169,
  'test/install/scaleServers.test.ts': 185,
  'test/install/scaleRemove.test.ts': 180,
  'test/rke2/data.test.ts': 155,
  'test/install/reimaged.test.ts': 145,
  'test/install/sources.test.ts': 142,
  'test/install/install.test.ts': 133,
  'test/ansible/release.test.ts': 131,
  'test/ansible/restart.test.ts': 125,
  'test/install/faults.test.ts': 114,
  'test/install/effectiveService.test.ts': 113,
  'test/engine/kills.test.ts': 111,
  'test/cli/takeUp.test.ts': 104,
  'test/install/lostRestart.test.ts': 101,
  'test/cli/apply.test.ts': 98,
  'test/install/crash.test.ts': 95,
  'test/install/demo.test.ts': 90,
  'test/kubespray/install.test.ts': 60,
  'test/install/ownFiles.test.ts': 58,
  'test/install/profileFiles.test.ts': 40,
  'test/install/hostSettings.test.ts': 26,
  'test/install/uninstall.test.ts': 90,
  'test/install/vip.test.ts': 75,
  'test/cli/server.test.ts': 76,
  'test/hosts/ready.test.ts': 69,
  'test/install/preflight.test.ts': 67,
  'test/install/badInput.test.ts': 65,
  'test/install/worldChange.test.ts': 64,
  'test/install/hostStates.test.ts': 62,
  'test/install/drift.test.ts': 60,
  'test/engine/waysOut.test.ts': 61,
  'test/hosts/observe.test.ts': 58,
  'test/install/discover.test.ts': 60,
  'test/install/takeover.test.ts': 53,
  'test/lab/lifetime.test.ts': 51,
  'test/hosts/account.test.ts': 51,
  'test/install/acceptedValues.test.ts': 49,
  'test/hosts/fence.test.ts': 48,
  'test/install/lostPower.test.ts': 44,
  'test/rke2/families.test.ts': 43,
  'test/rke2/outliving.test.ts': 38,
  'test/hosts/fencedAnsible.test.ts': 37,
  'test/ansible/play.test.ts': 37,
  'test/house/dependencies.test.ts': 33,
  'test/cli/ownServer.test.ts': 31,
  'test/lab/network.test.ts': 31,
  'test/cli/proxies.test.ts': 50,
  'test/rke2/pods.test.ts': 44,
  'test/cli/backup.test.ts': 45,
  'test/store/backup.test.ts': 50,
  'test/store/unfitServers.test.ts': 30,
  'test/store/folder.test.ts': 30,
  'test/store/conversion.test.ts': 30,
  'test/store/conversionKills.test.ts': 30,
  'test/cli/terminal.test.ts': 29,
  'test/store/embedded.test.ts': 29,
  'test/cli/scaleAdd.test.ts': 28,
  'test/engine/workers.test.ts': 28,
  'test/ansible/templates.test.ts': 27,
  'test/cli/files.test.ts': 26,
  'test/lab/operators.test.ts': 25,
  'test/install/firstServer.test.ts': 159,
  'test/machines/cluster.test.ts': 87,
  'test/platform/operators.test.ts': 77,
  'test/platform/resume.test.ts': 73,
  'test/install/drain.test.ts': 57,
  'test/machines/runs.test.ts': 51,
  'test/platform/refusedCharts.test.ts': 50,
  'test/platform/charts.test.ts': 50,
  'test/platform/removal.test.ts': 48,
  'test/machines/backend.test.ts': 47,
  'test/machines/providers.test.ts': 46,
  'test/install/charts.test.ts': 46,
  'test/platform/rollback.test.ts': 45,
  'test/platform/databases.test.ts': 38,
  'test/platform/components.test.ts': 36,
  'test/docs/machines.test.ts': 36,
  'test/platform/status.test.ts': 34,
  'test/platform/fullPlatform.test.ts': 33,
  'test/platform/byHand.test.ts': 33,
  'test/platform/badApi.test.ts': 31,
  'test/machines/lifecycle.test.ts': 28,
  'test/machines/kills.test.ts': 26,
  'test/machines/scripts.test.ts': 40,
  'test/lab/libvirt.test.ts': 15,
  'test/lab/digitalocean.test.ts': 15,
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
