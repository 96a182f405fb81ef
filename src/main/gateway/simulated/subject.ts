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

const ADDRESS = /\S*@\S*/g
const LONG_NUMBER = /\+?\(?\d(?:[-. ()/]{0,3}\d){6,}/g
const KEY = /\b(?:sk|pk|rk|ghp|gho|xox[a-z]|AKIA|AIza|eyJ)[\w-]{8,}/g
const JUMBLE = /\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{20,}/g

/** Without e-mail addresses, numbers as long as a telephone's, and what looks like a key. */
export function withoutPrivate(text: string): string {
  return text.replace(ADDRESS, ' ').replace(KEY, ' ').replace(JUMBLE, ' ').replace(LONG_NUMBER, ' ')
}

export function oneLine(text: string): string {
  return text.replace(/[\s"{}[\]<>|`*#_]+/g, ' ').trim()
}

/** At most so long, and ending with a whole word. */
export function shortened(text: string, characters: number): string {
  if (text.length <= characters) return text
  const cut = text.slice(0, characters + 1)
  const end = cut.lastIndexOf(' ')
  return (end > 0 ? cut.slice(0, end) : text.slice(0, characters)).replace(/[\s,;:.(-]+$/, '')
}

const NAME = "([A-Z][a-z'’]+(?: [A-Z][a-z'’]+)?)"
const NAMES = "([A-Z][\\w&'’]+(?: [A-Z][\\w&'’]+){0,2})"
const IS = `["']?\\s*(?:[:=]|is)?\\s*["']?`
const PERSON = new RegExp(`\\b(?:[Nn]ame|[Ll]ead|[Cc]ontact|[Pp]erson|[Ww]rite to|email to|message to|Dear)${IS}${NAME}`)
const COMPANY = new RegExp(`\\b(?:[Cc]ompany|[Oo]rgani[sz]ation|[Aa]ccount|[Ff]irm|works? at|at)${IS}${NAMES}`)
const PLACE = new RegExp(`\\b(?:[Cc]ity|[Ll]ocation|[Pp]lace|in|for|near|to)${IS}${NAME}`)
const COMMON = new Set(
  `about above after again also answer because been before being below between both could does each either every following from give have
  into just like make more most must need only other over please request should short some such tell than that their them then there these they
  this those through under user using very want what when where which while will with would write your assistant helpful words`.split(/\s+/),
)

export function significantWords(text: string): string[] {
  return (text.toLowerCase().match(/[a-z][a-z'-]{3,}/g) ?? []).filter((word) => !COMMON.has(word))
}

export function subjectOf(request: string): Subject {
  const text = withoutPrivate(request)
  const words = [...new Set(significantWords(text))]
  return {
    person: PERSON.exec(text)?.[1] ?? null,
    company: COMPANY.exec(text)?.[1] ?? null,
    place: PLACE.exec(text)?.[1] ?? null,
    topic: words.slice(0, 3).join(' ') || 'this',
    excerpt: shortened(oneLine(text), 120) || 'this',
  }
}
