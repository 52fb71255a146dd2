import type { z } from 'zod'
import type { Json } from '../contract/json.ts'
import type { FindingName } from '../domain/findingCatalogue.ts'
import type { KeyFileKind } from '../domain/clusterFile/keyFiles.ts'

/** What every machine is asked for with, whatever its provider; what a provider has no place for is refused. */
export interface CommonSpec {
  /** MiB. */
  readonly memory?: number | undefined
  readonly cpus?: number | undefined
  /** GiB, of its first disk. */
  readonly disk?: number | undefined
  /** What its disk begins as; what it may be is its provider's. */
  readonly image?: string | undefined
}

/** A machine as a provider is given it. */
export interface WantedMachine<Settings> extends CommonSpec {
  readonly name: string
  /**
   * 16 hex characters: by them what is made of it is known at the provider. No other machine ever has the same; the first 6
   * are those of the installation.
   */
  readonly uid: string
  readonly settings: Settings
  /** `#cloud-config` with its hostname, its login and that one's key. */
  readonly user_data: string
  readonly login: { readonly user: string; readonly public_key: string }
}

/** A machine before it is made. */
export interface PlannedMachine<Settings>
  extends Pick<WantedMachine<Settings>, keyof CommonSpec | 'name' | 'uid' | 'settings'> {
  /** Its login. */
  readonly user: string
}

/** What a provider has refused, in words of ours. */
export interface Explained {
  readonly message: string
  readonly remedy: string
}

/** What is wrong with the settings of a machine, or what is to be known of them. */
export interface SettingsFault {
  readonly name: FindingName
  /** `memory`, `settings.region`; empty for the machine as a whole. */
  readonly path: string
  readonly message: string
  readonly remedy: string
}

/** A file that the settings name; its contents are kept sealed. */
export interface SettingsFile {
  /** As it is written. */
  readonly file: string
  readonly path: string
  readonly kind: KeyFileKind
}

/** What its provider has of a machine that no state knows: an earlier run ended before it could say that it had made it. */
export interface Leftover {
  /** Of the machine, as it was marked. */
  readonly uid: string
  /** For people: `domain w1`, `droplet 3141592`. */
  readonly what: string
  /** By which its provider takes it away again. */
  readonly id: string
}

/** What a provider's own calls are made with. */
export interface ProviderCalls {
  readonly environment: Readonly<Record<string, string>>
  readonly directory: string
  readonly signal: AbortSignal
  /** Content of a file that the settings name. @throws SlipwayError `file-unreadable`. */
  file(path: string): Promise<string>
}

/** Which machines are meant: those with these marks, or all of an installation, which begin every uid of it. */
export type Marks = readonly string[] | { readonly installation: string }

/** Whether a mark is one of those that are meant. */
export const isMeant = (marks: Marks, uid: string): boolean =>
  'installation' in marks ? uid.startsWith(marks.installation) : marks.includes(uid)

/**
 * A way to make machines. It is a folder of `src/machines` with the same file names as the others, and, where machines are
 * made at all, a Terraform module that people can read and change.
 */
export interface Provider<Settings = unknown> {
  /** `libvirt`. */
  readonly name: string
  /** One line for people. */
  readonly title: string
  /** Its part of a machine's settings, under its own name in a file. */
  readonly settings: z.ZodType<Settings>
  /** Which of the common settings it knows; `required`: it makes no machine without. */
  readonly takes: Readonly<Partial<Record<keyof CommonSpec, 'required' | 'optional'>>>
  /** What it makes is no host, but something that hosts share: nobody logs in to it. */
  readonly shared?: true
  /**
   * Arguments of the resources of its module that are changed in place without the machine noticing. Any other change is
   * taken for one that restarts it.
   */
  readonly unnoticed?: readonly string[]
  /** Absolute path of the module; null: there is nothing to make, since the hosts are there. */
  readonly module: string | null
  /** Of its settings alone; pure. */
  check?(settings: Settings, common: CommonSpec): readonly SettingsFault[]
  files?(settings: Settings): readonly SettingsFile[]
  /** Variables of the module; may hold secrets. What is undefined is left to the module’s own default. */
  variables(
    machine: WantedMachine<Settings>,
    file: (path: string) => string,
  ): Readonly<Record<string, Json | undefined>>
  /** Variables of the environment by which its plugin is set, secrets among them. */
  environment?(settings: Settings, file: (path: string) => string): Readonly<Record<string, string>>
  /** Addresses of a machine that is there without being made. */
  addresses?(settings: Settings): readonly string[]
  /**
   * What there is of machines with these marks. Null: it can't be asked from here; `reason` says what is missing.
   * @throws SlipwayError where it is asked and does not answer.
   */
  find?(settings: Settings, marks: Marks, calls: ProviderCalls): Promise<Found>
  /** The id by which `find` tells what a state has under this one; default: the same. */
  idOf?(id: string): string
  /** Takes away what `find` has told. What is gone already is a success. */
  remove?(settings: Settings, leftover: Leftover, calls: ProviderCalls): Promise<void>
  /**
   * What stands in the way of making a machine, asked of the provider before anything is made: what is named and is not
   * there, a name that somebody else has, a token that is refused.
   * @throws SlipwayError where it is asked and does not answer.
   */
  preflight?(machine: PlannedMachine<Settings>, calls: ProviderCalls): Promise<readonly SettingsFault[]>
  /** Addresses of a machine that was made, the best one first; none: none yet. Where it is left out the module tells them. */
  locate?(settings: Settings, uid: string, calls: ProviderCalls): Promise<readonly string[]>
  /** What the words of its Terraform provider mean, where more is known than they say; null: they stand for themselves. */
  explain?(said: string): Explained | null
}

export type Found =
  | { readonly asked: true; readonly leftovers: readonly Leftover[] }
  | { readonly asked: false; readonly reason: string; readonly remedy: string }

/** Outputs that a module gives: its addresses, and whatever else is worth showing. */
export interface ModuleOutputs {
  readonly addresses: readonly string[]
  /** At which the other nodes of a cluster reach it; null: at the first of its addresses. */
  readonly internal: string | null
  readonly others: Readonly<Record<string, Json>>
}

/** Gives a provider in the form in which all are handled; its settings were parsed by its own schema. */
export const defineProvider = <Settings>(provider: Provider<Settings>): Provider => provider as Provider
