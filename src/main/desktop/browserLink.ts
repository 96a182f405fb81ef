/** Longer than what browsers and mail agents agree on; an address beyond it is there to hide something. */
const LONGEST_LINK = 2048

/**
 * What may be handed to the browser: a plain web address. Agents print links, and somebody else may have written them, so an address
 * that dresses up as another site (`https://bank.example@evil.example`) is none.
 */
export function browserLink(address: string): string | null {
  if (address.length > LONGEST_LINK || !URL.canParse(address)) return null
  const url = new URL(address)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return null
  if (url.username !== '' || url.password !== '' || url.hostname === '') return null
  return url.href
}
