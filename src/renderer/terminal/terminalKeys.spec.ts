// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest'
import { roomKeyOf } from './terminalKeys.ts'

const press = (key: string, modifiers: KeyboardEventInit = {}): KeyboardEvent => new KeyboardEvent('keydown', { key, ...modifiers })

describe('keys in a terminal', () => {
  it('leaves the agent what is the agent’s', () => {
    for (const key of ['a', 'Enter', 'Tab', 'Escape', 'ArrowUp', '-']) expect(roomKeyOf(press(key), false)).toBeNull()
    for (const key of ['c', 'v', 'd', 'z', 'r']) expect(roomKeyOf(press(key, { ctrlKey: true }), false)).toBeNull()
    expect(roomKeyOf(press('f', { altKey: true, ctrlKey: true }), false)).toBeNull()
  })

  it('searches, copies, pastes and changes the type on Linux and Windows', () => {
    expect(roomKeyOf(press('f', { ctrlKey: true }), false)).toBe('search')
    expect(roomKeyOf(press('C', { ctrlKey: true, shiftKey: true }), false)).toBe('copy')
    expect(roomKeyOf(press('V', { ctrlKey: true, shiftKey: true }), false)).toBe('paste')
    expect(roomKeyOf(press('+', { ctrlKey: true, shiftKey: true }), false)).toBe('larger')
    expect(roomKeyOf(press('-', { ctrlKey: true }), false)).toBe('smaller')
    expect(roomKeyOf(press('0', { ctrlKey: true }), false)).toBe('usual')
  })

  it('uses the command key on a Mac, and leaves it Ctrl-F and Ctrl-C', () => {
    expect(roomKeyOf(press('f', { metaKey: true }), true)).toBe('search')
    expect(roomKeyOf(press('c', { metaKey: true }), true)).toBe('copy')
    expect(roomKeyOf(press('f', { ctrlKey: true }), true)).toBeNull()
    expect(roomKeyOf(press('c', { ctrlKey: true }), true)).toBeNull()
  })

  it('has a way out', () => {
    expect(roomKeyOf(press('F6'), false)).toBe('leave')
    expect(roomKeyOf(press('F6', { shiftKey: true }), true)).toBe('leave')
  })

  it('holds the view with the key that is made for it', () => {
    expect(roomKeyOf(press('ScrollLock'), false)).toBe('hold')
  })

  it('means each key once', () => {
    expect(roomKeyOf(new KeyboardEvent('keyup', { key: 'f', ctrlKey: true }), false)).toBeNull()
  })
})
