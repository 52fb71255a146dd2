export type Labels = Readonly<Record<string, string>>

/** Labels as a selector of the API takes them, all of which an object has to have: `app=db,role=primary`. Pure. */
export const labelSelector = (labels: Labels): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join()
