// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest'
import { focusNextRegion } from './regions.ts'

/** No layout here: what is `hidden` has no box, everything else has one. */
function giveBoxes(): void {
  for (const element of document.querySelectorAll<HTMLElement>('*')) {
    element.getClientRects = () => (element.closest('[hidden]') ? [] : [{}]) as unknown as DOMRectList
  }
}

function walk(times: number, isBackwards = false): string[] {
  return Array.from({ length: times }, () => {
    focusNextRegion(document.body, isBackwards)
    return document.activeElement?.id ?? ''
  })
}

describe('walking the room with F6', () => {
  beforeEach(() => {
    document.body.innerHTML = `
      <header data-pane><button id="open">Open…</button></header>
      <p data-pane>nothing to focus</p>
      <div data-pane>
        <section hidden><button id="find-1"></button><textarea class="xterm-helper-textarea" id="terminal-1"></textarea></section>
        <section><button id="find-2"></button><textarea class="xterm-helper-textarea" id="terminal-2"></textarea></section>
      </div>
      <section data-pane><ol tabindex="0" id="activity"></ol></section>`
    giveBoxes()
  })

  it('goes from part to part and round again, into the terminal that is shown', () => {
    expect(walk(4)).toEqual(['open', 'terminal-2', 'activity', 'open'])
  })

  it('goes backwards too', () => {
    expect(walk(4, true)).toEqual(['activity', 'terminal-2', 'open', 'activity'])
  })

  it('leaves a terminal from wherever in its part the focus is', () => {
    document.getElementById('find-2')?.focus()
    expect(walk(1)).toEqual(['activity'])
  })
})
