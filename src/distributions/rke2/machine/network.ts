/** The network of the pods, of what `cni` says: `multus` stands before the one that it is used with. */
export const networkOf = (cni: string | undefined): string => cni?.split(',').at(-1) ?? 'canal'
