import { AppError } from '../../shared/errors.ts'

/** The JSON of a KV-v2 store: what it answers, what it is sent, or the bare names and values. Errors name the key, never a value. */
export function parseKeyValueJson(text: string): [name: string, value: string][] {
  let parsed: unknown
  try {
    parsed = JSON.parse(text.replace(/^\ufeff/, ''), asWritten)
  } catch {
    throw new AppError('INVALID_INPUT', 'This is no JSON; expected what "vault kv get -format=json" prints, {"data": {…}} or {"NAME": "value"}.')
  }
  return Object.entries(pairsIn(parsed)).map(([name, value]) => {
    if (typeof value === 'string') return [name, value]
    if (typeof value === 'boolean') return [name, String(value)]
    throw new AppError('INVALID_INPUT', `The value of ${name.slice(0, 128)} is ${value === null ? 'null' : 'a list or an object'}; expected a text.`)
  })
}

/** A number as the text that it is: twenty digits are more than a number of JavaScript holds. */
function asWritten(_name: string, value: unknown, { source }: { readonly source?: string } = {}): unknown {
  return typeof value === 'number' ? source : value
}

function pairsIn(parsed: unknown): Record<string, unknown> {
  if (!isObject(parsed)) throw new AppError('INVALID_INPUT', 'The JSON is no object; expected {"data": {"data": {"NAME": "value"}}}, {"data": {…}} or {"NAME": "value"}.')
  const { data } = parsed
  if (!isObject(data)) return parsed
  return isObject(data.data) && isObject(data.metadata) ? data.data : data
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** As it is sent to `POST /v1/secret/data/…`. */
export function writeKeyValueJson(secrets: readonly { readonly name: string; readonly value: string }[]): string {
  return `${JSON.stringify({ data: Object.fromEntries(secrets.map(({ name, value }) => [name, value])) }, null, 2)}\n`
}
