export interface BoundedText {
  add(text: string): void
  text(): string
}

/**
 * Collects text up to a number of characters. Without `onOverflow` the end is kept; with it the beginning, and the
 * function is called once at the limit.
 */
export function boundedText(limit = 1024 * 1024, onOverflow?: () => void): BoundedText {
  let pieces: string[] = []
  let length = 0
  let full = false
  return {
    add(text) {
      if (full) return
      pieces.push(text)
      length += text.length
      if (length <= limit) return
      if (onOverflow) {
        full = true
        onOverflow()
      } else if (length > 2 * limit) {
        pieces = [pieces.join('').slice(-limit)]
        length = limit
      }
    },
    text: () => (onOverflow ? pieces.join('').slice(0, limit) : pieces.join('').slice(-limit)),
  }
}
