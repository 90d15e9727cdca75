/** True as soon as `needed` of the answers are true; false once that cannot be any more. Never rejects. */
export function enough(answers: readonly Promise<boolean>[], needed: number): Promise<boolean> {
  return new Promise((resolve) => {
    let yes = 0;
    let open = answers.length;
    const count = (answer: boolean) => {
      open--;
      if (answer) yes++;
      if (yes >= needed) resolve(true);
      else if (yes + open < needed) resolve(false);
    };
    if (needed <= 0) return resolve(true);
    if (open < needed) return resolve(false);
    for (const answer of answers) answer.then(count, () => count(false));
  });
}
