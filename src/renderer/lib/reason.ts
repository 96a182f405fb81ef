const SHORTEST_REASON = 3
const LONGEST_REASON = 500

/** What is wrong with the reason that somebody gives; null where it will do. */
export function reasonProblem(text: string): string | null {
  const { length } = text.trim()
  if (length < SHORTEST_REASON) return `Write a reason of at least ${SHORTEST_REASON} characters; it is kept with the decision.`
  return length > LONGEST_REASON ? `Write a reason of at most ${LONGEST_REASON} characters.` : null
}
