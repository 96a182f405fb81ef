import { expect } from 'vitest'
import { nextTick } from 'vue'
import { settle } from './testRoom.ts'

/** The page as somebody sees it who finds things by their names. */

export const text = (): string => document.body.textContent?.replace(/\s+/g, ' ') ?? ''

export const see = (words: string): Promise<void> => expect.poll(text).toContain(words) as Promise<void>

export const all = <E extends HTMLElement = HTMLElement>(selector: string): E[] => [...document.body.querySelectorAll<E>(selector)]

export const nameOf = (one: HTMLElement): string => (one.getAttribute('aria-label') ?? one.textContent ?? '').trim().replace(/\s+/g, ' ')

/** The last one, for a dialog stands behind what it covers. */
export const button = (name: string): HTMLButtonElement | undefined => all<HTMLButtonElement>('button').findLast((one) => nameOf(one) === name)

export async function press(name: string): Promise<void> {
  await expect.poll(() => button(name)?.disabled).toBe(false)
  button(name)?.click()
  await settle()
  await nextTick()
}

export async function type(selector: string, value: string): Promise<void> {
  await expect.poll(() => document.querySelector(selector)).not.toBeNull()
  const field = document.querySelector<HTMLInputElement>(selector)
  if (!field) return
  field.value = value
  field.dispatchEvent(new Event(field.tagName === 'SELECT' ? 'change' : 'input', { bubbles: true }))
  await nextTick()
}
