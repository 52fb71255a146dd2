/** Words of others in a message of ours: on one line, and no longer than anybody reads. */
export function shortened(text: string, longest = 400): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > longest ? `${line.slice(0, longest)}…` : line
}
