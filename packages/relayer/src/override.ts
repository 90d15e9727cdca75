/** A chain's own settings over those for all chains: what it does not name stays as it is. */
export function overridden<Base extends object>(
  base: Base,
  own: { readonly [key in keyof Base]?: Base[key] | undefined } | undefined,
): Base {
  const named = Object.fromEntries(Object.entries(own ?? {}).filter(([, value]) => value !== undefined));
  return { ...base, ...named };
}
