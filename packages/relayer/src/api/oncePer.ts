/**
 * What is made of something is made once, however often it is asked for, until it is asked for of something else: for what
 * every account has to be looked through, and anybody may ask for.
 *
 * @example
 * const booksOf = oncePer((reports: Reports) => booksToLiquidate(reports));
 */
export function oncePer<Of extends object, Made>(make: (of: Of) => Made): (of: Of) => Made {
  let known: { readonly of: Of; readonly made: Made } | null = null;
  return (of) => {
    if (known?.of !== of) known = { of, made: make(of) };
    return known.made;
  };
}
