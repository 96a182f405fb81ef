/** Lets the others of this process have their turn: who goes through much does it in pieces. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
