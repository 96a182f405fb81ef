import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { marked, type Token } from 'marked'

export const ROOT = join(import.meta.dirname, '..', '..')

/** A fenced block. */
export interface Snippet {
  readonly language: string
  readonly code: string
  readonly line: number
  /** What a remark right above it says to those who run it: `not run: why`, `exit 121`. */
  readonly remark: string | null
  /** Whether nothing but its remark stands between it and the block before. */
  readonly followsBlock: boolean
}

export interface Link {
  readonly target: string
  readonly line: number
}

export interface Document {
  /** From the root of the project. */
  readonly path: string
  readonly text: string
  readonly snippets: readonly Snippet[]
  readonly links: readonly Link[]
  /** Where a link may lead to in it. */
  readonly anchors: ReadonlySet<string>
  /** What stands in `…` in running text. */
  readonly words: readonly { readonly word: string; readonly line: number }[]
  /** What stands in italics or bold: what the room says, and what is pressed, in its own words. */
  readonly quotes: readonly { readonly word: string; readonly line: number }[]
  /** Running text, without blocks; by line. */
  readonly prose: readonly { readonly text: string; readonly line: number }[]
}

const WHERE = ['*.md', 'docs/**/*.md', 'bench/**/*.md', 'resources/**/*.md']

export function readDocuments(): Document[] {
  return globSync(WHERE, { cwd: ROOT })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => parseDocument(path, readFileSync(join(ROOT, path), 'utf8')))
}

const REMARK = /^<!-- (?:docs: )?(not run: .+?|exit \d+|input of [\w.]+|names .+?) -->$/

export function parseDocument(path: string, text: string): Document {
  const snippets: Snippet[] = []
  const links: Link[] = []
  const words: { word: string; line: number }[] = []
  const quotes: { word: string; line: number }[] = []
  const prose: { text: string; line: number }[] = []
  const anchors = new Set<string>()
  let line = 1
  let remark: string | null = null
  let followsBlock = false
  for (const token of marked.lexer(text)) {
    const startedAt = line
    line += token.raw.split('\n').length - 1
    if (token.type === 'space') continue
    if (token.type === 'html') {
      remark = REMARK.exec(token.raw.trim())?.[1] ?? null
      continue
    }
    if (token.type === 'code') {
      snippets.push({ language: (token.lang ?? '').trim() || 'text', code: token.text as string, line: startedAt, remark, followsBlock })
      followsBlock = true
    } else {
      if (token.type === 'heading') anchors.add(unusedAnchor(anchors, plainText(token)))
      prose.push({ text: token.raw, line: startedAt })
      // Where in a block a word stands is not told; the line of the first that reads so will do.
      const lineOf = (piece: string): number => startedAt + Math.max(0, token.raw.slice(0, Math.max(0, token.raw.indexOf(piece))).split('\n').length - 1)
      marked.walkTokens([token], (inner: Token) => {
        if (inner.type === 'codespan') words.push({ word: unescape(inner.text as string), line: lineOf(inner.raw) })
        if (inner.type === 'em' || inner.type === 'strong') quotes.push({ word: plainText(inner), line: lineOf(inner.raw) })
        if (inner.type === 'link' || inner.type === 'image') links.push({ target: inner.href as string, line: lineOf(inner.raw) })
        if (inner.type === 'code' && inner !== token) snippets.push({ language: ((inner.lang as string) ?? '').trim() || 'text', code: inner.text as string, line: lineOf(inner.raw), remark: null, followsBlock: false })
      })
      followsBlock = false
    }
    remark = null
  }
  return { path, text, snippets, links, anchors, words, quotes, prose }
}

const ENTITIES: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&', '&quot;': '"', '&#39;': "'" }
const unescape = (text: string): string => text.replace(/&(?:lt|gt|amp|quot|#39);/g, (entity) => ENTITIES[entity]!)

/** Without its marks. */
function plainText(token: Token): string {
  const parts: string[] = []
  marked.walkTokens('tokens' in token && token.tokens ? token.tokens : [], (inner) => {
    if (inner.type === 'codespan' || (inner.type === 'text' && !('tokens' in inner && inner.tokens))) parts.push(unescape(inner.text as string))
  })
  return parts.join('')
}

/** As GitHub makes it: without signs, blanks as dashes, and numbered from the second on. */
function unusedAnchor(taken: ReadonlySet<string>, heading: string): string {
  const anchor = heading.trim().toLowerCase().replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, '').replaceAll(' ', '-')
  if (!taken.has(anchor)) return anchor
  for (let number = 1; ; number++) if (!taken.has(`${anchor}-${number}`)) return `${anchor}-${number}`
}

/** Where a link of a document leads, from the root of the project; null where it leads out of it. */
export function placeOfLink(document: Pick<Document, 'path'>, target: string): { readonly path: string; readonly anchor: string | null } | null {
  if (/^[a-z][a-z+.-]*:/i.test(target)) return null
  const [path = '', anchor = null] = target.split('#')
  const whole = path === '' ? document.path : join(dirname(document.path), decodeURIComponent(path)).replaceAll('\\', '/')
  return { path: whole, anchor }
}
