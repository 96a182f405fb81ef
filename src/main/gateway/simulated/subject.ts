/** What an answer can be about: taken from the request, less what nobody should repeat. */
export interface Subject {
  readonly person: string | null
  readonly company: string | null
  readonly place: string | null
  /** A few words that the request turns on. */
  readonly topic: string
  /** Its beginning, on one line. */
  readonly excerpt: string
}

const KEY = /^["'([{<]*(?:sk|pk|rk|ghp|gho|xox[a-z]|AKIA|AIza|eyJ)[\w-]{8}/
const LONGEST_NAME = 20
/** As few digits as a telephone's number has. */
const LONG_NUMBER = 7

/** Without e-mail addresses, numbers as long as a telephone's, keys, and the marks of what was taken out. In one pass: expressions for them take the square. */
export function withoutPrivate(text: string): string {
  const words = withoutLongNumbers(text).split(/\s+/)
  return words.filter((word) => !word.includes('@') && !word.includes('_REDACTED]') && !KEY.test(word) && !isJumble(word)).join(' ')
}

/** Letters and digits together, longer than any name. */
function isJumble(word: string): boolean {
  return word.split(/[^\w-]+/).some((run) => run.length >= LONGEST_NAME && /\d/.test(run) && /[A-Za-z]/.test(run))
}

function withoutLongNumbers(text: string): string {
  const kept: string[] = []
  let done = 0
  for (let at = 0; at < text.length; at++) {
    if (!isDigit(text, at)) continue
    let digits = 0
    let end = at
    let gap = 0
    for (let next = at; next < text.length && gap <= 3; next++) {
      if (isDigit(text, next)) {
        digits++
        end = next + 1
        gap = 0
      } else if ('-. ()/'.includes(text[next] ?? '')) gap++
      else break
    }
    if (digits >= LONG_NUMBER) {
      kept.push(text.slice(done, at), ' ')
      done = end
    }
    at = end
  }
  return kept.join('') + text.slice(done)
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 48 && code <= 57
}

export function oneLine(text: string): string {
  return text.replace(/[\s"{}[\]<>|`*#_]+/g, ' ').trim()
}

/** Less the marks and spaces at its end. */
export function withoutEnd(text: string, marks: string): string {
  let end = text.length
  while (end > 0 && marks.includes(text[end - 1] ?? '')) end--
  return text.slice(0, end)
}

/** At most so long, and ending with a whole word. */
export function shortened(text: string, characters: number): string {
  if (text.length <= characters) return text
  const cut = text.slice(0, characters + 1)
  const end = cut.lastIndexOf(' ')
  return withoutEnd(end > 0 ? cut.slice(0, end) : text.slice(0, characters), ' ,;:.(-')
}

const NAME = "([A-Z][a-z'’]+(?: [A-Z][a-z'’]+)?)"
const NAMES = "([A-Z][\\w&'’]+(?: [A-Z][\\w&'’]+){0,2})"
const IS = `["']?\\s*(?:[:=]|is)?\\s*["']?`
const PERSON = new RegExp(`\\b(?:[Nn]ame|[Ll]ead|[Cc]ontact|[Pp]erson|[Ww]rite to|email to|message to|Dear)${IS}${NAME}`)
const COMPANY = new RegExp(`\\b(?:[Cc]ompany|[Oo]rgani[sz]ation|[Aa]ccount|[Ff]irm|works? at|at)${IS}${NAMES}`)
const PLACE = new RegExp(`\\b(?:[Cc]ity|[Ll]ocation|[Pp]lace|in|for|near|to)${IS}${NAME}`)
const COMMON = new Set(
  (
    'about above after again also answer because been before being below between both could does each either every following from give ' +
    'have into just like make more most must need only other over please request should short some such tell than that their them then ' +
    'there these they this those through under user using very want what when where which while will with would write your assistant ' +
    'helpful words'
  ).split(' '),
)

export function significantWords(text: string): string[] {
  return (text.toLowerCase().match(/[a-z][a-z'-]{3,}/g) ?? []).filter((word) => !COMMON.has(word))
}

/** What is to be done with the subject is no part of it. */
const ORDERS = new Set(
  'summarise summarize condense outline list write rate score rank judge search find save note draft describe explain matters steps plan'.split(' '),
)
const TASK = 'Current Task:'
const CRITERIA = 'This is the expected criteria for your final answer:'

/** What was asked itself: frameworks put frames around it. */
export function ownWords(request: string): string {
  const end = request.indexOf(CRITERIA)
  if (end < 0) return request
  const begin = request.lastIndexOf(TASK, end)
  return request.slice(begin < 0 ? 0 : begin + TASK.length, end).trim()
}

export function subjectOf(request: string): Subject {
  const text = withoutPrivate(ownWords(request))
  const all = [...new Set(significantWords(text))]
  const own = all.filter((word) => !ORDERS.has(word))
  const words = own.length > 0 ? own : all
  return {
    person: PERSON.exec(text)?.[1] ?? null,
    company: COMPANY.exec(text)?.[1] ?? null,
    place: PLACE.exec(text)?.[1] ?? null,
    topic: words.slice(0, 3).join(' ') || 'this',
    excerpt: shortened(oneLine(text), 120) || 'this',
  }
}
