// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it } from 'vitest'
import { writeStylesAsObjects } from './stylesAsObjects.ts'

const kept = {
  text: Object.getOwnPropertyDescriptor(HTMLStyleElement.prototype, 'textContent'),
  remove: Object.getOwnPropertyDescriptor(HTMLStyleElement.prototype, 'remove'),
  attribute: Object.getOwnPropertyDescriptor(HTMLSpanElement.prototype, 'setAttribute'),
}

beforeEach(() => writeStylesAsObjects(window as Window & typeof globalThis))
afterEach(() => {
  document.adoptedStyleSheets = []
  restore(HTMLStyleElement.prototype, 'textContent', kept.text)
  restore(HTMLStyleElement.prototype, 'remove', kept.remove)
  restore(HTMLSpanElement.prototype, 'setAttribute', kept.attribute)
})

function restore(of: object, name: string, was: PropertyDescriptor | undefined): void {
  if (was) Object.defineProperty(of, name, was)
  else Reflect.deleteProperty(of, name)
}

const rules = (): string[][] => document.adoptedStyleSheets.map((sheet) => [...sheet.cssRules].map(({ cssText }) => cssText))

function styleElement(css: string): HTMLStyleElement {
  const element = document.createElement('style')
  document.body.append(element)
  element.textContent = css
  return element
}

it('what is written into a style element becomes a sheet of the document, and the element stays empty', () => {
  const element = styleElement('.xterm { color: red; }')
  expect(rules()).toEqual([[expect.stringContaining('color: red')]])
  expect([element.textContent, element.childNodes.length]).toEqual(['', 0])
})

it('another text takes the place of the first, and each element has a sheet of its own', () => {
  const first = styleElement('.a { color: red; }')
  styleElement('.b { color: blue; }')
  first.textContent = '.a { color: green; }'
  expect(rules()).toEqual([[expect.stringContaining('color: green')], [expect.stringContaining('color: blue')]])
})

it('an element that goes takes its sheet along, and those of others stay', () => {
  const first = styleElement('.a { color: red; }')
  styleElement('.b { color: blue; }')
  first.remove()
  expect(rules()).toEqual([[expect.stringContaining('color: blue')]])
  expect(document.contains(first)).toBe(false)
  const bare = document.createElement('style')
  document.body.append(bare)
  bare.remove()
  expect(rules()).toHaveLength(1)
})

it('a span’s style is set as an object and never as an attribute; its other attributes, and those of other elements, are', () => {
  const span = document.createElement('span')
  // happy-dom writes the attribute from within the object, which no browser does.
  const style = { cssText: '' }
  Object.defineProperty(span, 'style', { value: style })
  span.setAttribute('class', 'xterm-fg-1')
  span.setAttribute('style', 'width: 8px;')
  expect([span.className, style.cssText, span.hasAttribute('style')]).toEqual(['xterm-fg-1', 'width: 8px;', false])

  const division = document.createElement('div')
  division.setAttribute('style', 'color: red')
  expect(division.getAttribute('style')).toBe('color: red')
})
