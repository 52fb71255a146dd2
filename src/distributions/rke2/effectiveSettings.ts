import type { EffectiveService } from './host/facts.ts'

/** What a drop-in's setting means for a member (systemd.unit, systemd.service, systemd.exec). */
export type SettingMeaning = 'harmless' | 'replaces-service' | 'drops-guard' | 'unknown'

type Setting = EffectiveService['settings'][number]

/** Limits, priorities, logging, order and waiting: whatever they say, it is the same RKE2 that runs. */
const harmless =
  /^(Limit[A-Z]\w*|Tasks\w+|(Default)?Memory\w+|CPU\w+|(Startup)?(CPU|IO|Block)\w*|AllowedCPUs|AllowedMemoryNodes|IO\w+|BlockIO\w+|\w+Accounting|Nice|OOM\w+|ManagedOOM\w+|NUMA\w+|Slice|Delegate|Restart\w*|Timeout\w+|WatchdogSec|StartLimit\w+|Syslog\w+|Log\w+|StandardOutput|StandardError|TTY\w+|UMask|Description|Documentation|After|Before|Wants|Requires|Requisite|BindsTo|PartOf|Upholds|OnFailure\w*|OnSuccess\w*|RequiresMountsFor|WantsMountsFor|WantedBy|RequiredBy|ExecStartPost|ExecStop|ExecStopPost|ExecReload|SendSIGKILL|SendSIGHUP|KillSignal|FinalKillSignal|RestartKillSignal|TimerSlackNSec|Personality|CoredumpFilter|KeyringMode|RuntimeDirectory\w*|StateDirectory\w*|CacheDirectory\w*|LogsDirectory\w*|FileDescriptorStoreMax|NotifyAccess|Environment|EnvironmentFile|PassEnvironment|UnsetEnvironment)$/

/**
 * Another program, another user or other files behind the same paths: nobody can say which cluster that becomes. What
 * looks before the start knows the same ones (start_check.py).
 */
export const replacing: ReadonlySet<string> = new Set([
  'ExecStart',
  'Type',
  'User',
  'Group',
  'DynamicUser',
  'SupplementaryGroups',
  'RootDirectory',
  'RootImage',
  'RootEphemeral',
  'BindPaths',
  'BindReadOnlyPaths',
  'TemporaryFileSystem',
  'PrivateNetwork',
  'NetworkNamespacePath',
  'PrivateUsers',
  'ExtensionImages',
  'ExtensionDirectories',
  'MountImages',
  'RootHash',
  'ExecSearchPath',
  'RefuseManualStart',
])

/** Of these only the one word is without meaning that switches them off. */
const switches =
  /^(Protect|Private|Restrict|NoNewPrivileges|ProcSubset|LockPersonality|SystemCall|DynamicUser|RemoveIPC|PrivateUsers|Root)/

/** @param after whether the setting stands behind Slipway's own drop-in, and so can take back what that says. */
export function meaningOf({ section, name, value }: Setting, after: boolean): SettingMeaning {
  if (section.startsWith('X-') || name.startsWith('X-')) return 'harmless'
  if (name === 'ExecStartPre' || name === 'ExecCondition')
    return value !== 'reset' ? 'harmless' : after ? 'drops-guard' : 'unknown'
  if (harmless.test(name)) return 'harmless'
  if (value === 'off' && switches.test(name)) return 'harmless'
  if (!replacing.has(name)) return value === 'reset' ? 'harmless' : 'unknown'
  // An empty one before the usual one is how a drop-in says the usual one.
  return value === 'usual' || value === 'reset' || value === 'off' ? 'harmless' : 'replaces-service'
}

const ownDropIn = '10-slipway-guard.conf'

/** systemd takes drop-ins by the order of their file names, wherever they lie. */
export const standsBehindOurs = ({ file }: Pick<Setting, 'file'>): boolean => (file.split('/').at(-1) ?? '') > ownDropIn
