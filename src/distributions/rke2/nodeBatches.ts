/** At most this many agents join at a time (RKE2's own advice), and no more leave. */
export const agentsAtATime = 50

/** Lists of at most `size`, none of them empty. */
export function batches<Item>(items: readonly Item[], size: number): Item[][] {
  return items.length === 0
    ? []
    : Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
        items.slice(index * size, (index + 1) * size),
      )
}
