import { onlySlipway, type PlantedFault, vars } from './fault.ts'

const cron = (wrong: string, right: string) => ({
  ...vars('etcd-snapshot-schedule-cron', wrong, right),
  finding: 'bad-value' as const,
})
const never = (why: string) => new RegExp(`m1: rke2: no snapshot is ever taken: Error: ${why}`)

export const snapshots: readonly PlantedFault[] = [
  {
    what: 'a schedule of four fields',
    ...cron('0 */12 * *', '0 */12 * * *'),
    says: /five fields, 4 stand here Write it like/,
    refused: never('expected exactly 5 fields, found 4'),
  },
  {
    what: 'a schedule with seconds',
    ...cron('0 0 */12 * * *', '0 */12 * * *'),
    says: /five fields, 6 stand here/,
    refused: never('expected exactly 5 fields, found 6'),
  },
  {
    what: 'a minute that there is not',
    ...cron('60 3 * * *', '59 3 * * *'),
    says: /the minute "60": values go from 0 to 59/,
    refused: never('end of range \\(60\\) above maximum'),
  },
  {
    what: 'an hour that there is not',
    ...cron('0 24 * * *', '0 23 * * *'),
    says: /the hour "24": values go from 0 to 23/,
    refused: never('end of range \\(24\\)'),
  },
  {
    what: 'a day before the first one',
    ...cron('0 3 0 * *', '0 3 1 * *'),
    says: /the day of the month "0": values go from 1 to 31/,
    refused: never('beginning of range \\(0\\) below minimum'),
  },
  {
    what: 'a month that there is not',
    ...cron('0 3 1 13 *', '0 3 1 12 *'),
    says: /the month "13"/,
    refused: never('end of range \\(13\\)'),
  },
  {
    what: 'Sunday as the seventh day',
    ...cron('0 3 * * 7', '0 3 * * 0'),
    says: /the day of the week "7": values go from 0 to 6/,
    refused: never('end of range \\(7\\)'),
  },
  {
    what: 'the whole name of a day',
    ...cron('0 3 * * sunday', '0 3 * * SUN'),
    says: /not a number, a range or a name/,
    refused: never('failed to parse int from sunday'),
  },
  {
    what: 'a range that ends before it begins',
    ...cron('0 22-4 * * *', '0 22,23,0-4 * * *'),
    says: /its range ends before it begins/,
    refused: never('beginning of range \\(22\\) beyond end'),
  },
  {
    what: 'a step of nothing',
    ...cron('*/0 * * * *', '*/30 * * * *'),
    says: /step is no number above 0/,
    refused: never('step of range should be a positive number'),
  },
  {
    what: 'a field of commas alone',
    ...cron('0 , * * *', '0 3, * * *'),
    says: /the hour ",": no value/,
    refused: onlySlipway('it skips what is empty between commas: the schedule has no hour, and is never due'),
  },
  {
    what: 'quotation marks within the value',
    ...cron('"0 */12 * * *"', '0 */12 * * *'),
    says: /quotation marks are part of the value here Keep one pair/,
    refused: never('failed to parse int'),
  },
  {
    what: 'a word that is not known',
    ...cron('@dayly', '@daily'),
    says: /"@dayly" is none of @yearly/,
    refused: never('unrecognized descriptor: @dayly'),
  },
  {
    what: 'a length of time in words',
    ...cron('@every 6 hours', '@every 6h'),
    says: /no length of time like 1h30m/,
    refused: never('failed to parse duration'),
  },
  {
    what: 'days as a unit of time',
    ...cron('@every 1d', '@every 24h'),
    says: /no length of time/,
    refused: never('failed to parse duration'),
  },
  {
    what: 'a length of time that goes backwards',
    ...cron('@every -6h', '@every +6h'),
    says: /no length of time/,
    refused: onlySlipway('it reads the length, and takes a snapshot every second'),
  },
  {
    what: 'no time between two snapshots',
    ...cron('@every 0s', '@every 10m'),
    says: /no length of time/,
    refused: onlySlipway('it takes a snapshot every second'),
  },
  {
    what: 'a time zone that there is not',
    ...cron('CRON_TZ=Europe/Munich 0 3 * * *', 'CRON_TZ=Europe/Berlin 0 3 * * *'),
    says: /the time zone is not known/,
    refused: never('provided bad location Europe/Munich'),
  },
  {
    what: 'a time zone in small letters',
    ...cron('TZ=europe/berlin 0 3 * * *', 'TZ=Europe/Berlin 0 3 * * *'),
    says: /the time zone is not known.*CRON_TZ=Europe\/Berlin/,
    refused: never('provided bad location europe/berlin'),
  },
  {
    what: 'a time zone of which half is in small letters',
    ...cron('TZ=America/new_York 0 3 * * *', 'TZ=America/New_York 0 3 * * *'),
    says: /the time zone is not known/,
    refused: never('provided bad location America/new_York'),
  },
  {
    what: 'a time zone with nothing behind it',
    ...cron('CRON_TZ=UTC', 'CRON_TZ=UTC @hourly'),
    says: /no schedule stands behind it/,
    refused: never('expected exactly 5 fields, found 0'),
  },
  {
    what: 'a relative folder',
    ...vars('etcd-snapshot-dir', 'backup/etcd', '/backup/etcd'),
    finding: 'bad-value',
    says: /an absolute path is needed Write it like this: `etcd-snapshot-dir: \/var\/lib\/rke2-snapshots`/,
    refused: onlySlipway(
      'it looks for the folder in the one that the service runs in, and scheduled snapshots fail without a word',
    ),
  },
  {
    what: 'a folder above another',
    ...vars('etcd-snapshot-dir', '/srv/rke2/../etcd', '/srv/etcd'),
    finding: 'bad-value',
    says: /an absolute path is needed/,
    refused: onlySlipway('it follows the path; Slipway makes folders, and makes none that is not written out'),
  },
  {
    what: 'a folder that is a template of Ansible',
    ...vars('etcd-snapshot-dir', '/srv/{{ inventory_hostname }}', '/srv/inventory_hostname'),
    finding: 'bad-value',
    says: /template markers .* are not allowed/,
    refused: onlySlipway('it takes any folder; Ansible would read the value again'),
  },
  {
    what: 'a number of snapshots in words',
    ...vars('etcd-snapshot-retention', 'many', '10'),
    finding: 'bad-value',
    says: /not a whole number Write it like this: `etcd-snapshot-retention: 5`/,
    refused: /rke2: invalid value "many" for flag -etcd-snapshot-retention/,
  },
  {
    what: 'fewer snapshots than none',
    ...vars('etcd-snapshot-retention', -1, 0),
    finding: 'out-of-range',
    says: /found -1, at least 0/,
    refused: onlySlipway('it takes any whole number, and keeps all for one below 1'),
  },
  {
    what: 'half a snapshot',
    ...vars('etcd-snapshot-retention', 2.5, 3),
    finding: 'wrong-type',
    says: /found 2\.5 .*a whole number/,
    refused: /invalid value "2\.5" for flag -etcd-snapshot-retention/,
  },
]
