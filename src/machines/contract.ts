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
  /** 16 hex characters: by them what is made of it is known at the provider. No other machine ever has the same. */
  readonly uid: string
  readonly settings: Settings
  /** `#cloud-config` with its hostname, its login and that one's key. */
  readonly user_data: string
  readonly login: { readonly user: string; readonly public_key: string }
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
}

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
  /** Absolute path of the module; null: there is nothing to make, since the hosts are there. */
  readonly module: string | null
  /** Of its settings alone; pure. */
  check?(settings: Settings, common: CommonSpec): readonly SettingsFault[]
  files?(settings: Settings): readonly SettingsFile[]
  /** Variables of the module; may hold secrets. */
  variables(machine: WantedMachine<Settings>, file: (path: string) => string): Readonly<Record<string, Json>>
  /** Variables of the environment by which its plugin is set, secrets among them. */
  environment?(settings: Settings, file: (path: string) => string): Readonly<Record<string, string>>
  /** Addresses of a machine that is there without being made. */
  addresses?(settings: Settings): readonly string[]
  /**
   * What there is of machines with these marks. Null: it can't be asked from here; `reason` says what is missing.
   * @throws SlipwayError where it is asked and does not answer.
   */
  find?(settings: Settings, uids: readonly string[] | 'all', calls: ProviderCalls): Promise<Found>
  /** Takes away what `find` has told. */
  remove?(settings: Settings, leftover: Leftover, calls: ProviderCalls): Promise<void>
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
