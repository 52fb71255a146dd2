/** Cuts a list that was read with one item more than asked for. */
export function page<Item>(items: readonly Item[], limit: number, cursor: (item: Item) => string) {
  const shown = items.slice(0, limit)
  const last = shown.at(-1)
  return { items: shown, next: items.length > limit && last !== undefined ? cursor(last) : null }
}
