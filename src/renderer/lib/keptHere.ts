/** What this browser remembers of the page; null where there is nothing, and where it lets nothing be kept. */
export function readKept(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

/** Where nothing may be kept, it lasts as long as the page does. */
export function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // It is as usual again next time.
  }
}
