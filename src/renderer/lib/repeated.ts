/** What is wrong with something that is typed twice unseen; null where it will do, or where somebody is not that far yet. */
export function repeatProblem(what: string, shortest: number, text: string, again: string): string | null {
  if (text === '') return null
  if (text.length < shortest) return `A ${what} has at least ${shortest} characters; this one has ${text.length}.`
  return again !== '' && again !== text ? 'The two are not the same.' : null
}

export function isRepeated(shortest: number, text: string, again: string): boolean {
  return text.length >= shortest && text === again
}
