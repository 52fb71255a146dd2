/** `just now`, `12 min ago`, `3 h ago`, `5 d ago` */
export function age(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  if (minutes < 1) return 'just now'
  if (minutes < 120) return `${minutes} min ago`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} d ago`
}

/** The same of a time, ISO 8601; null stays null. */
export const ageOf = (at: string | null, now = Date.now()): string | null =>
  at === null ? null : age((now - Date.parse(at)) / 1000)
