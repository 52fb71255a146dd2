import { join } from 'node:path'
import { SlipwayError } from '../domain/errors.ts'
import { openHosts } from '../hosts/access.ts'
import { parseKnownHosts } from '../hosts/hostKeys.ts'
import { once } from '../hosts/once.ts'
import type { BackendWorkspaces, MachineSession, MachineSessionOf, WantedRecord } from '../machines/session.ts'
import { silenceRemedy } from '../machines/silence.ts'
import { filesOf } from '../machines/spec.ts'
import type { SessionSurroundings } from '../clusters/openSession.ts'
import { pinHostKeys } from '../clusters/learnt.ts'
import { targetOf } from '../clusters/target.ts'
import { listHostKeys } from '../store/hostKeys.ts'
import { findMachine, findMachineState, machineScope, machineStatePurpose } from '../store/machines.ts'
import { findAddressHolder, findMachineUse } from '../store/machineUse.ts'
import { nextMachineUid } from '../store/machineUid.ts'
import { readStoredFiles } from '../store/storedFiles.ts'
import type { Database } from '../store/tables.ts'
import { askBackend } from '../terraform/backend/askBackend.ts'
import { configuredBackend } from '../terraform/backend/configured.ts'
import { freshPlans } from '../terraform/freshPlans.ts'
import { initialisedModules } from '../terraform/initialised.ts'
import { findTerraform } from '../terraform/tool.ts'
import { keyFilesOf } from '../api/machines/keepMachines.ts'
import { recordedSpec } from '../api/machines/recordedSpec.ts'
import type { MachineDraft } from '../api/machines/wanted.ts'
import { lastingFolders } from './memoryFolder.ts'

export type MachineSurroundings = Pick<
  SessionSurroundings,
  'sealer' | 'connections' | 'directory' | 'environment' | 'learn'
>

/** Sessions of machines: those on record, and those that a request describes. */
export interface MachineSessions {
  readonly session: MachineSessionOf
  draft(draft: Pick<MachineDraft, 'name' | 'spec' | 'provider' | 'files'>): MachineSession
  /** What the backend for states has; null: the server is given none. @throws SlipwayError where it does not answer. */
  workspaces(signal: AbortSignal): Promise<BackendWorkspaces | null>
}

export function machineSessions(database: Database, around: MachineSurroundings): MachineSessions {
  const terraform = once(() => findTerraform())
  const initialised = initialisedModules(around.directory)
  const plans = freshPlans()
  // Read each time: who has put it right need not start the server again.
  const backend = async () => {
    const found = await configuredBackend()
    for (const secret of found?.secrets ?? []) around.learn(secret)
    return found
  }
  const over = (name: string, wantedNow: () => Promise<WantedRecord>, given: Readonly<Record<string, string>>) => {
    // Read once a stage: a session is made when one is bound.
    const wanted = once(wantedNow)
    return sessionOver({ database, around, name, wanted, given, terraform, initialised, plans, backend })
  }
  return {
    async workspaces(signal) {
      const found = await backend()
      if (!found) return null
      const { directory, environment } = around
      const names = await askBackend(found, { tool: await terraform(), directory, environment, signal })
      return { title: found.title, names }
    },
    session: name => over(name, () => recordedMachine(database, name), {}),
    draft: ({ name, spec, provider, files }) =>
      over(
        name,
        async () => {
          const record = await findMachine(database, name)
          return {
            name,
            uid: record?.uid ?? (await nextMachineUid(database, around.sealer, name)),
            spec,
            provider,
            madeBy: record?.provider ?? provider.name,
            status: record?.status ?? null,
            addresses: record?.addresses ?? [],
            answered: record !== null && (await hasAnswered(database, name)),
          }
        },
        files,
      ),
  }
}

async function recordedMachine(database: Database, name: string): Promise<WantedRecord> {
  const record = await findMachine(database, name)
  if (!record)
    throw new SlipwayError('not-found', `there is no machine ${name}`, {
      remedy: 'List those there are: slipway machine list.',
    })
  const { uid, status, addresses, provider: madeBy } = record
  const { spec, provider } = recordedSpec(record)
  const answered = await hasAnswered(database, name)
  return { name, uid, spec, provider, madeBy, status, addresses, answered }
}

/** Its host key is pinned by the first contact, and forgotten when it is made anew. */
const hasAnswered = async (database: Database, name: string): Promise<boolean> =>
  (await listHostKeys(database, machineScope(name))).length > 0

interface SessionParts {
  readonly database: Database
  readonly around: MachineSurroundings
  readonly name: string
  readonly wanted: () => Promise<WantedRecord>
  readonly given: Readonly<Record<string, string>>
  readonly terraform: MachineSession['terraform']
  readonly initialised: MachineSession['initialised']
  readonly plans: MachineSession['plans']
  readonly backend: MachineSession['backend']
}

function sessionOver(parts: SessionParts): MachineSession {
  const { database, around, name, wanted, given, terraform, initialised, plans, backend } = parts
  const { sealer, directory, environment, learn, connections } = around
  const scope = machineScope(name)
  const purpose = machineStatePurpose(name)
  const stored = once(async () => {
    const { spec, provider } = await wanted()
    return readStoredFiles(database, sealer, scope, keyFilesOf(filesOf(spec, provider)))
  })
  const file = async (path: string): Promise<string> => {
    const content = Object.hasOwn(given, path) ? given[path] : (await stored())[path]
    if (content === undefined)
      throw new SlipwayError('file-unreadable', `the contents of ${path} are not stored`, {
        facts: { machine: name },
        remedy: 'Create the machine again with the same settings (--change); that brings the file along.',
      })
    learn(content.trim())
    return content
  }
  return {
    machine: name,
    directory,
    environment,
    lasting: uid => join(lastingFolders(directory), uid),
    learn,
    wanted,
    file,
    terraform,
    initialised,
    plans,
    backend,
    place: async () => (await findMachine(database, name))?.state_place ?? null,
    async state() {
      const kept = await findMachineState(database, name)
      if (!kept) return null
      try {
        return sealer.open(purpose, kept.sealed)
      } catch (cause) {
        throw new SlipwayError('terraform-state-unreadable', `the Terraform state of machine ${name} can’t be opened`, {
          facts: { machine: name },
          cause,
        })
      }
    },
    sealState: (clear, { serial, lineage }) => ({
      type: 'machine-state',
      machine: name,
      value: sealer.seal(purpose, clear),
      serial,
      lineage,
    }),
    async hosts(address) {
      const { spec } = await wanted()
      return openHosts({
        cluster: scope,
        targets: [await targetOf({ hostname: name, internal_ip: address, role: 'worker' }, spec.ssh, file)],
        directory,
        connections,
        environment,
        keyRemedy: silenceRemedy(name, { key: true }),
        knownHosts: {
          list: async of =>
            (await listHostKeys(database, of)).flatMap(({ key_lines: lines }) => parseKnownHosts(lines)),
          record: (of, keys) => pinHostKeys(database, of, keys),
        },
      })
    },
    holderOf: addresses => findAddressHolder(database, name, addresses),
    async use() {
      const { addresses } = await wanted()
      return findMachineUse(database, name, addresses)
    },
  }
}
