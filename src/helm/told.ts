/** Characters of what Helm says that are shown. */
const most = 1500

/** What Helm says of a failure, without its own form: warnings, `Error:`, and what it only repeats. Pure. */
export function toldByHelm(stderr: string): string {
  const lines = stderr
    .split('\n')
    .filter(line => line.trim() !== '' && !/^(WARNING|level=|time=|I\d{4} |W\d{4} |Use --debug flag )/.test(line))
  const text = lines
    .join('\n')
    .replace(/^Error: (?:(?:UPGRADE|INSTALLATION) FAILED: )?/, '')
    .trim()
  if (text === '') return 'Helm says nothing'
  return text.length > most ? `${text.slice(0, most)}…` : text
}
