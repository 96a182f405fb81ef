import { FitAddon } from '@xterm/addon-fit'
import { SearchAddon, type ISearchOptions } from '@xterm/addon-search'
import { WebLinksAddon } from '@xterm/addon-web-links'
import { Terminal } from '@xterm/xterm'
import { createRedactionCounter } from './redactions.ts'
import type { TerminalScreen } from './terminalFeed.ts'
import { roomKeyOf, type TerminalKey } from './terminalKeys.ts'
import { followTerminalTheme } from './terminalTheme.ts'
import { createViewHold } from './viewHold.ts'

export interface ScreenSize {
  readonly columns: number
  readonly rows: number
}

export interface SearchResult {
  /** From 1; 0 while there is none, or more than can be counted. */
  readonly index: number
  readonly count: number
}

/** What of the output is in sight. */
export interface ScreenView {
  readonly isAtEnd: boolean
  /** Lines that came below it. */
  readonly unseen: number
}

export interface AgentScreenOptions {
  readonly element: HTMLElement
  readonly fontSize: number
  readonly onInput: (text: string) => void
  /** A key that is the room's, not the agent's. */
  readonly onKey: (key: TerminalKey) => void
  readonly onSearchResult: (result: SearchResult) => void
  /** A link whose text is its address. */
  readonly onLink: (address: string) => void
  /** A link whose text may say something else than where it leads. */
  readonly onHiddenLink: (address: string) => void
  readonly onView: (view: ScreenView) => void
  /** How many places of the output say that something was taken out there. */
  readonly onRedacted: (count: number) => void
  readonly onRoomSize: (size: ScreenSize) => void
}

/** One agent's xterm.js, with what surrounds it. */
export interface AgentScreen extends TerminalScreen {
  /** How much would fit at the usual type size; null while nothing is shown. */
  fitting(): ScreenSize | null
  show(size: ScreenSize, fitting: ScreenSize | null): void
  setFontSize(size: number): void
  setInput(isAllowed: boolean, label: string): void
  search(text: string, direction: 'next' | 'previous', isTyping: boolean): void
  endSearch(): void
  selection(): string
  /** Everything that can be scrolled to, without the empty end of the screen. */
  everything(): string
  /** Held, the view stays where it is, whatever comes. */
  hold(isHeld: boolean): void
  scrollToEnd(): void
  focus(): void
  dispose(): void
}

const SCROLL_BACK_LINES = 10_000
const SMALLEST_FONT = 5
const roomLine = (words: string): string => `\x1b[2m— ${words} —\x1b[0m\r\n`
const GAP_LINE = roomLine('earlier output was skipped: more came than is kept')

export function createAgentScreen(options: AgentScreenOptions): AgentScreen {
  const terminal = new Terminal({
    scrollback: SCROLL_BACK_LINES,
    fontSize: options.fontSize,
    fontFamily: getComputedStyle(document.documentElement).getPropertyValue('--terminal-font') || 'monospace',
    lineHeight: 1.2,
    cursorBlink: false,
    cursorInactiveStyle: 'outline',
    minimumContrastRatio: 4.5,
    // The search add-on marks its finds with decorations.
    allowProposedApi: true,
    linkHandler: { activate: (_event, address) => options.onHiddenLink(address) },
  })
  const fit = new FitAddon()
  const search = new SearchAddon({ highlightLimit: 2_000 })
  let fontSize = options.fontSize
  let searchOptions: ISearchOptions = {}

  terminal.loadAddon(fit)
  terminal.loadAddon(search)
  terminal.loadAddon(new WebLinksAddon((_event, address) => options.onLink(address)))
  terminal.open(options.element)

  const stopTheme = followTerminalTheme((theme, isDark) => {
    terminal.options.theme = theme
    searchOptions = {
      decorations: {
        matchBackground: isDark ? '#5a4b1c' : '#f6e2a8',
        matchOverviewRuler: '#c9962b',
        activeMatchBackground: isDark ? '#b07d12' : '#f0b429',
        activeMatchColorOverviewRuler: '#f0b429',
      },
    }
  })

  const isMac = /mac/i.test(navigator.platform)
  terminal.attachCustomKeyEventHandler((event) => {
    const key = roomKeyOf(event, isMac)
    if (key === null) return true
    // The browser itself pastes; the others would do something of its own.
    if (key !== 'paste' && key !== 'leave') event.preventDefault()
    options.onKey(key)
    return false
  })
  terminal.onData(options.onInput)
  terminal.onBinary(options.onInput)
  search.onDidChangeResults(({ resultIndex, resultCount }) => options.onSearchResult({ index: resultIndex + 1, count: resultCount }))
  const held = createViewHold(terminal)
  const redactions = createRedactionCounter()
  const tellView = (): void => options.onView({ isAtEnd: held.isAtEnd(), unseen: held.unseen() })
  // Once a frame, and also when somebody scrolls; the events of the buffer come once a line.
  terminal.onRender(tellView)
  terminal.onWriteParsed(tellView)

  return {
    write(text, done) {
      options.onRedacted(redactions.count(text))
      terminal.write(text, done)
    },
    beginAfterGap() {
      terminal.reset()
      redactions.reset()
      options.onRedacted(0)
      terminal.write(GAP_LINE)
    },
    say: (sentence) => terminal.write(roomLine(sentence)),
    size: (columns, rows) => options.onRoomSize({ columns, rows }),

    fitting() {
      if (options.element.clientWidth === 0) return null
      if (terminal.options.fontSize !== fontSize) terminal.options.fontSize = fontSize
      const proposed = fit.proposeDimensions()
      if (!proposed || Number.isNaN(proposed.cols) || Number.isNaN(proposed.rows)) return null
      return { columns: Math.min(1000, Math.max(2, proposed.cols)), rows: Math.min(1000, Math.max(1, proposed.rows)) }
    },
    show(size, fitting) {
      // Where somebody else decided on the size, the type shrinks until all of it is in sight.
      const scale = fitting ? Math.min(1, fitting.columns / size.columns, fitting.rows / size.rows) : 1
      const scaled = Math.max(SMALLEST_FONT, Math.floor(fontSize * scale * 2) / 2)
      if (terminal.options.fontSize !== scaled) terminal.options.fontSize = scaled
      if (terminal.cols !== size.columns || terminal.rows !== size.rows) terminal.resize(size.columns, size.rows)
    },
    setFontSize(size) {
      fontSize = size
      terminal.options.fontSize = size
    },
    setInput(isAllowed, label) {
      terminal.options.disableStdin = !isAllowed
      terminal.textarea?.setAttribute('aria-label', label)
      // Tab belongs to the agent, so somebody has to be told the way out.
      terminal.textarea?.setAttribute('aria-description', 'F6 leaves the terminal.')
    },
    search(text, direction, isTyping) {
      if (text === '') {
        search.clearDecorations()
        options.onSearchResult({ index: 0, count: 0 })
      } else if (direction === 'next') {
        search.findNext(text, { ...searchOptions, incremental: isTyping })
      } else {
        search.findPrevious(text, searchOptions)
      }
    },
    endSearch() {
      search.clearDecorations()
      terminal.focus()
    },
    selection: () => terminal.getSelection(),
    everything() {
      terminal.selectAll()
      const text = terminal.getSelection().trimEnd()
      terminal.clearSelection()
      return text
    },
    hold(isHeld) {
      held.hold(isHeld)
      // Somebody may answer a question and still read what stood above it.
      terminal.options.scrollOnUserInput = !isHeld
    },
    scrollToEnd: () => terminal.scrollToBottom(),
    focus: () => terminal.focus(),
    dispose() {
      stopTheme()
      terminal.dispose()
    },
  }
}
