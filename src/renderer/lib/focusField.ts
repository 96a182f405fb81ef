/** A dialog opens with what is most often changed selected, ready to be typed over. */
export function focusField(event: Event, id: string): void {
  const field = document.getElementById(id)
  if (!(field instanceof HTMLInputElement)) return
  event.preventDefault()
  field.focus()
  field.select()
}
