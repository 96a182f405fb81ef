/** Hands a text over as a file; the browser or the desktop asks where it goes. */
export function saveText(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // Whoever saves it has taken hold of it by the next turn; until then it must stay.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
