/** Replaces what is another one at every run by what is the same: `<call 3>` for the third call that is named. */
export interface Placeholders {
  inText(text: string): string
  /** Of something that is nothing but a name, whatever it looks like. */
  ofName(kind: string, name: string): string
}

interface Rule {
  readonly pattern: RegExp
  /** Numbered by what it stands for, so that two names of one thing stay one. */
  readonly put: string | ((match: RegExpExecArray, numberOf: (kind: string, name: string) => string) => string)
}

const RULES: readonly Rule[] = [
  { pattern: /\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?/g, put: '<time>' },
  { pattern: /\b(call|find|svc|secret|allow|token)-[0-9a-f]{8,}\b/g, put: ([name, kind = ''], numberOf) => numberOf(kind, name) },
  { pattern: /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, put: ([name], numberOf) => numberOf('id', name) },
  { pattern: /\b[a-z0-9]{2}-[0-9a-f]{8}\b/g, put: ([name], numberOf) => numberOf('agent', name) },
  { pattern: /\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{12,}\b/g, put: ([name], numberOf) => numberOf('hex', name) },
  // A masked secret shows the end of it.
  { pattern: /\.\.\.[0-9A-Za-z]{3}\b/g, put: '...<end>' },
  { pattern: /\b(127\.0\.0\.1|localhost):\d{1,5}\b/g, put: ([, host = '']) => `${host}:<port>` },
  { pattern: /\b(pid|process(?: id)?) \d+\b/g, put: ([, word = '']) => `${word} <pid>` },
  { pattern: /\b\d+(?:\.\d+)? ?(?:ms|s|min|h)\b(?: \d+ (?:s|min)\b)?/g, put: '<time>' },
]

/** `folder` is another one at every rehearsal, and stands in paths. */
export function createPlaceholders(folder: string): Placeholders {
  const numbers = new Map<string, Map<string, number>>()
  const numberOf = (kind: string, name: string): string => {
    const names = numbers.get(kind) ?? new Map<string, number>()
    numbers.set(kind, names)
    const number = names.get(name) ?? names.size + 1
    names.set(name, number)
    return `<${kind} ${number}>`
  }
  return {
    ofName: numberOf,
    inText(text) {
      let out = folder === '' ? text : text.replaceAll(folder, '<folder>')
      for (const { pattern, put } of RULES) {
        out = out.replace(pattern, (...match) => (typeof put === 'string' ? put : put(match as unknown as RegExpExecArray, numberOf)))
      }
      return out
    },
  }
}
